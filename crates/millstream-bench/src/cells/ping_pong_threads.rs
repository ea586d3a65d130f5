//! `ping-pong-threads`: two threads hand a value to and fro over two channels, so that every message waits for a thread that waits for it.

use std::thread;
use std::time::Instant;

use crate::cell::{capacity_name, Cells, Run, Spec, Tally, Unit};
use crate::peers::{BlockingChannel, IntoOption};
use crate::probe::{Latencies, Probe};

pub fn enter<C: BlockingChannel>(cells: &mut Cells) {
    for capacity in [Some(0), Some(1)] {
        if C::new(capacity).is_some() {
            let spec = Spec {
                name: format!("ping-pong-threads/{}", capacity_name(capacity)),
                unit: Unit::RoundTrip,
                // A peer that puts a thread to sleep for every message takes some 20 µs for each.
                messages: 10_000,
            };
            cells
                .enter(spec, C::PEER, move |messages| {
                    with_answers::<C, Run>(capacity, |ping, ponged| {
                        let started = Instant::now();
                        let received = ask::<C>(ping, ponged, messages, || ());
                        Run {
                            elapsed: started.elapsed(),
                            received,
                        }
                    })
                })
                .probe(move |messages| {
                    with_answers::<C, Probe>(capacity, |ping, ponged| {
                        let mut latencies = Latencies::new();
                        let received = ask::<C>(ping, ponged, messages, || latencies.lap());
                        Probe::of_latencies(received, latencies)
                    })
                });
        }
    }
}

/// Does something beside a thread that answers, once that thread runs.
fn with_answers<C: BlockingChannel, R>(
    capacity: Option<usize>,
    asking: impl FnOnce(C::Sender, C::Receiver) -> R,
) -> R {
    let (mut ping, pinged) = C::new(capacity).expect("asked on entering");
    let (pong, mut ponged) = C::new(capacity).expect("asked on entering");
    thread::scope(|scope| {
        scope.spawn(|| answer::<C>(pinged, pong));
        C::send_blocking(&mut ping, 0)
            .into_option()
            .expect("the answering thread listens");
        C::recv_blocking(&mut ponged)
            .into_option()
            .expect("the answering thread answers");
        asking(ping, ponged)
    })
}

/// Sends each number when the one before has come back.
fn ask<C: BlockingChannel>(
    mut ping: C::Sender,
    mut ponged: C::Receiver,
    messages: usize,
    mut after_each: impl FnMut(),
) -> Tally {
    let mut tally = Tally::default();
    for value in 0..messages {
        if C::send_blocking(&mut ping, value).into_option().is_none() {
            break;
        }
        match C::recv_blocking(&mut ponged).into_option() {
            Some(value) => tally.add(value),
            None => break,
        }
        after_each();
    }
    tally
}

/// Sends back what comes, until the asking thread has gone.
fn answer<C: BlockingChannel>(mut pinged: C::Receiver, mut pong: C::Sender) {
    while let Some(value) = C::recv_blocking(&mut pinged).into_option() {
        if C::send_blocking(&mut pong, value).into_option().is_none() {
            return;
        }
    }
}
