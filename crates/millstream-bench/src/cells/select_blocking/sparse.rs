//! `select-sparse/threads`: one message at a time is under way, on one of eight channels.

use std::hint::spin_loop;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use super::{send, Selecting, WAYS};
use crate::cell::{Cells, Run, Spec, Tally, Unit};
use crate::cells::several::several;
use crate::cells::slot::way;

pub fn enter<S: Selecting>(cells: &mut Cells, family: &str) {
    let spec = Spec {
        name: format!("select-sparse{family}/threads"),
        unit: Unit::Message,
        messages: 10_000,
    };
    cells.enter(spec, S::PEER, run::<S>);
}

fn run<S: Selecting>(messages: usize) -> Run {
    let (mut senders, receivers) = several::<S::Channel>(WAYS, 1);
    let received = &AtomicUsize::new(0);
    thread::scope(|scope| {
        let feeding = scope.spawn(move || {
            for value in 0..messages {
                send::<S>(&mut senders[way(value, WAYS)], value);
                wait_until(|| received.load(Ordering::Acquire) > value);
            }
            // Handed back, so that the channels stay open.
            senders
        });
        let mut tally = Tally::default();
        let mut started = None;
        S::receive(receivers, messages, |value| {
            // By the first message both threads are running.
            started.get_or_insert_with(Instant::now);
            tally.add(value);
            received.store(value + 1, Ordering::Release);
        });
        let elapsed = started.expect("there were messages").elapsed();
        feeding.join().expect("the feeding thread does not panic");
        Run {
            elapsed,
            received: tally,
        }
    })
}

/// Waits without sleeping, because waking this thread up would cost more than what is measured.
fn wait_until(condition: impl Fn() -> bool) {
    let mut rounds = 0;
    while !condition() {
        if rounds < 100 {
            rounds += 1;
            spin_loop();
        } else {
            thread::yield_now();
        }
    }
}
