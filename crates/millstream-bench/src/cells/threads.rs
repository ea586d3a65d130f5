//! `threads`: producers and consumers that are threads, waiting with the blocking forms; `crowd`: ten times as many of them as the machine has processors.

use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use super::several::Ends;
use crate::cell::{capacity_name, Cells, Run, Spec, Tally, Unit};
use crate::payload::{Block, Payload};
use crate::peers::{BlockingChannel, IntoOption};
use crate::probe::{Probe, Seen};

const CAPACITIES: [Option<usize>; 4] = [Some(0), Some(1), Some(64), None];

pub fn enter_one_to_one<C: BlockingChannel>(cells: &mut Cells) {
    enter::<usize, C>(
        cells,
        "threads/1p1c",
        &CAPACITIES,
        "",
        |sender, receiver| (vec![sender], vec![receiver]),
    );
}

pub fn enter_many_to_many<C: BlockingChannel<Sender: Clone, Receiver: Clone>>(cells: &mut Cells) {
    enter::<usize, C>(
        cells,
        "threads/2p2c",
        &CAPACITIES,
        "",
        |sender, receiver| (vec![sender; 2], vec![receiver; 2]),
    );
    enter::<usize, C>(
        cells,
        "threads/4p4c",
        &CAPACITIES,
        "",
        |sender, receiver| (vec![sender; 4], vec![receiver; 4]),
    );
}

/// Enters a peer in the cells whose messages are larger than a number.
pub fn enter_blocks<C: BlockingChannel<Block<64>> + BlockingChannel<Block<1024>>>(
    cells: &mut Cells,
) {
    enter_block::<Block<64>, C>(cells, "/64-bytes");
    enter_block::<Block<1024>, C>(cells, "/1024-bytes");
}

fn enter_block<T: Payload, C: BlockingChannel<T>>(cells: &mut Cells, size: &str) {
    enter::<T, C>(
        cells,
        "threads/1p1c",
        &[Some(64)],
        size,
        |sender, receiver| (vec![sender], vec![receiver]),
    );
}

/// Enters a peer in the cells of one shape: `ends` makes handles for all threads out of the first two.
fn enter<T: Payload, C: BlockingChannel<T>>(
    cells: &mut Cells,
    shape: &str,
    capacities: &[Option<usize>],
    size: &str,
    ends: fn(C::Sender, C::Receiver) -> Ends<C, T>,
) {
    for &capacity in capacities {
        if C::new(capacity).is_some() {
            let spec = Spec {
                name: format!("{shape}/{}{size}", capacity_name(capacity)),
                unit: Unit::Message,
                // With next to no room, a peer that puts a thread to sleep for every message takes some 20 µs for each.
                messages: match capacity {
                    Some(0 | 1) => 20_000,
                    _ => 500_000,
                },
            };
            cells.enter(spec, C::PEER, move |messages| {
                let (sender, receiver) = C::new(capacity).expect("asked on entering");
                let (senders, receivers) = ends(sender, receiver);
                run::<T, C>(senders, receivers, messages)
            });
        }
    }
}

/// Enters a peer in the cells with ten threads to a processor, compared with one thread to a processor.
pub fn enter_crowd<C: BlockingChannel<Sender: Clone, Receiver: Clone>>(cells: &mut Cells) {
    let processors = thread::available_parallelism().map_or(1, usize::from);
    let (crowd, few) = (5 * processors, processors.div_ceil(2));
    for capacity in [Some(0), Some(64)] {
        if C::new(capacity).is_some() {
            let spec = Spec {
                name: format!("crowd/{}", capacity_name(capacity)),
                unit: Unit::Message,
                // A peer that spins for others that do not run takes up to half a millisecond for each.
                messages: if capacity == Some(0) { 5_000 } else { 100_000 },
            };
            cells
                .enter(spec, C::PEER, move |messages| {
                    run_with::<C>(crowd, capacity, messages)
                })
                .probe(move |messages| {
                    let idle = run_with::<C>(few, capacity, messages);
                    Probe {
                        received: idle.received,
                        seen: Seen::Idle(idle.elapsed),
                    }
                });
        }
    }
}

fn run_with<C: BlockingChannel<Sender: Clone, Receiver: Clone>>(
    each: usize,
    capacity: Option<usize>,
    messages: usize,
) -> Run {
    let (sender, receiver) = C::new(capacity).expect("asked on entering");
    run::<usize, C>(vec![sender; each], vec![receiver; each], messages)
}

/// The stretch of time in which a thread worked.
#[derive(Clone, Copy)]
struct Stretch {
    started: Instant,
    ended: Instant,
}

fn run<T: Payload, C: BlockingChannel<T>>(
    senders: Vec<C::Sender>,
    receivers: Vec<C::Receiver>,
    messages: usize,
) -> Run {
    let barrier = &Barrier::new(senders.len() + receivers.len());
    let producers = senders.len();
    let mut received = Tally::default();
    let mut stretches = Vec::new();
    thread::scope(|scope| {
        let consuming: Vec<_> = receivers
            .into_iter()
            .map(|receiver| scope.spawn(move || timed(barrier, || consume::<T, C>(receiver))))
            .collect();
        let producing: Vec<_> = senders
            .into_iter()
            .enumerate()
            .map(|(first, sender)| {
                scope.spawn(move || {
                    timed(barrier, || {
                        produce::<T, C>(sender, first, producers, messages);
                    })
                })
            })
            .collect();
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
fn produce<T: Payload, C: BlockingChannel<T>>(
    mut sender: C::Sender,
    first: usize,
    step: usize,
    messages: usize,
) {
    for number in (first..messages).step_by(step) {
        let sent = C::send_blocking(&mut sender, T::numbered(number));
        if sent.into_option().is_none() {
            return;
        }
    }
}

/// Receives until the last producer has gone.
fn consume<T: Payload, C: BlockingChannel<T>>(mut receiver: C::Receiver) -> Tally {
    let mut tally = Tally::default();
    while let Some(value) = C::recv_blocking(&mut receiver).into_option() {
        tally.add(value.number());
    }
    tally
}
