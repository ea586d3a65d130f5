//! `select-loaded/threads` and `select-crowded/threads`: a producer thread for all of eight channels, or one for each, keeps them filled, and one thread selects over them.

use std::sync::Barrier;
use std::thread;
use std::time::Instant;

use super::{send, Selecting, WAYS};
use crate::cell::{Cells, Run, Spec, Tally, Unit};
use crate::cells::several::several;

pub fn enter<S: Selecting>(cells: &mut Cells, family: &str) {
    for (crowd, producers) in [("loaded", 1), ("crowded", WAYS)] {
        let spec = Spec {
            name: format!("select-{crowd}{family}/threads"),
            unit: Unit::Message,
            messages: 100_000,
        };
        cells.enter(spec, S::PEER, move |messages| run::<S>(producers, messages));
    }
}

fn run<S: Selecting>(producers: usize, messages: usize) -> Run {
    let (mut senders, receivers) = several::<S::Channel>(WAYS, 64);
    let barrier = &Barrier::new(producers + 1);
    thread::scope(|scope| {
        let producing: Vec<_> = (0..producers)
            .map(|first| {
                let mut senders: Vec<_> = senders.drain(..WAYS / producers).collect();
                scope.spawn(move || {
                    barrier.wait();
                    let mut share = (first..messages).step_by(producers);
                    while share.len() > 0 {
                        for (sender, value) in senders.iter_mut().zip(&mut share) {
                            send::<S>(sender, value);
                        }
                    }
                    // Handed back, so that the channels stay open.
                    senders
                })
            })
            .collect();
        let mut received = Tally::default();
        barrier.wait();
        let started = Instant::now();
        S::receive(receivers, messages, |value| received.add(value));
        let elapsed = started.elapsed();
        for thread in producing {
            thread.join().expect("a producer does not panic");
        }
        Run { elapsed, received }
    })
}
