//! `threads`: producers and consumers that are threads, waiting with the blocking forms.

use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use crate::cell::{capacity_name, Cells, Run, Spec, Tally, Unit};
use crate::peers::{BlockingChannel, IntoOption};

const CAPACITIES: [Option<usize>; 4] = [Some(0), Some(1), Some(64), None];

pub fn enter_one_to_one<C: BlockingChannel>(cells: &mut Cells) {
    for capacity in CAPACITIES {
        if C::new(capacity).is_some() {
            cells.enter::<C>(spec("threads/1p1c", capacity), move |messages| {
                let (sender, receiver) = C::new(capacity).expect("asked on entering");
                run::<C>(sender, vec![receiver], 1, messages)
            });
        }
    }
}

pub fn enter_many_to_many<C: BlockingChannel<Receiver: Clone>>(cells: &mut Cells) {
    for capacity in CAPACITIES {
        if C::new(capacity).is_some() {
            cells.enter::<C>(spec("threads/4p4c", capacity), move |messages| {
                let (sender, receiver) = C::new(capacity).expect("asked on entering");
                run::<C>(sender, vec![receiver; 4], 4, messages)
            });
        }
    }
}

fn spec(shape: &str, capacity: Option<usize>) -> Spec {
    // With next to no room, a peer that puts a thread to sleep for every message takes some 20 µs for each.
    let messages = match capacity {
        Some(0 | 1) => 20_000,
        _ => 500_000,
    };
    Spec {
        name: format!("{shape}/{}", capacity_name(capacity)),
        unit: Unit::Message,
        messages,
    }
}

/// The stretch of time in which a thread worked.
#[derive(Clone, Copy)]
struct Stretch {
    started: Instant,
    ended: Instant,
}

fn run<C: BlockingChannel>(
    sender: C::Sender,
    receivers: Vec<C::Receiver>,
    producers: usize,
    messages: usize,
) -> Run {
    let barrier = &Barrier::new(producers + receivers.len());
    let mut received = Tally::default();
    let mut stretches = Vec::new();
    thread::scope(|scope| {
        let consuming: Vec<_> = receivers
            .into_iter()
            .map(|receiver| scope.spawn(move || timed(barrier, || consume::<C>(receiver))))
            .collect();
        let producing: Vec<_> = (0..producers)
            .map(|first| {
                let sender = sender.clone();
                scope.spawn(move || {
                    timed(barrier, || produce::<C>(sender, first, producers, messages))
                })
            })
            .collect();
        drop(sender);
        for thread in producing {
            let ((), stretch) = thread.join().expect("a producer does not panic");
            stretches.push(stretch);
        }
        for thread in consuming {
            let (tally, stretch) = thread.join().expect("a consumer does not panic");
            received.merge(tally);
            stretches.push(stretch);
        }
    });
    Run {
        elapsed: first_to_last(&stretches),
        received,
    }
}

/// Waits for the other threads, so that starting them is not timed, and times the work from inside: the thread that started them may wake much later than they do.
fn timed<R>(barrier: &Barrier, work: impl FnOnce() -> R) -> (R, Stretch) {
    barrier.wait();
    let started = Instant::now();
    let result = work();
    let stretch = Stretch {
        started,
        ended: Instant::now(),
    };
    (result, stretch)
}

fn first_to_last(stretches: &[Stretch]) -> Duration {
    let started = stretches.iter().map(|stretch| stretch.started).min();
    let ended = stretches.iter().map(|stretch| stretch.ended).max();
    ended.expect("threads ran") - started.expect("threads ran")
}

/// Sends this producer's share of the numbers; a send that fails shows in the tally.
fn produce<C: BlockingChannel>(sender: C::Sender, first: usize, step: usize, messages: usize) {
    for value in (first..messages).step_by(step) {
        if C::send_blocking(&sender, value).into_option().is_none() {
            return;
        }
    }
}

/// Receives until the last producer has gone.
fn consume<C: BlockingChannel>(mut receiver: C::Receiver) -> Tally {
    let mut tally = Tally::default();
    while let Some(value) = C::recv_blocking(&mut receiver).into_option() {
        tally.add(value);
    }
    tally
}
