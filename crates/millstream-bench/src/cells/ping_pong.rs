//! `ping-pong`: two tasks hand a value to and fro over two channels, so that every message waits for a task to be woken, on one thread and on two workers.

use std::time::Instant;

use super::runtimes::{Executes, Spawns, TokioThread, TokioWorkers};
use crate::cell::{capacity_name, Cells, Run, Spec, Tally, Unit};
use crate::peers::{AsyncChannel, IntoOption};
use crate::probe::{Latencies, Probe};

pub fn enter<C: AsyncChannel>(cells: &mut Cells) {
    enter_on::<TokioThread, C>(cells, "ping-pong");
    enter_on::<TokioWorkers, C>(cells, "ping-pong-2w");
}

fn enter_on<E: Executes, C: AsyncChannel>(cells: &mut Cells, name: &str) {
    for capacity in [Some(0), Some(1)] {
        if C::new(capacity).is_some() {
            let spec = Spec {
                name: format!("{name}/{}", capacity_name(capacity)),
                unit: Unit::RoundTrip,
                messages: 100_000,
            };
            cells
                .enter(spec, C::PEER, move |messages| {
                    E::run(Box::pin(play::<E::Spawner, C>(capacity, messages)))
                })
                .probe(move |messages| {
                    E::run(Box::pin(time_each::<E::Spawner, C>(capacity, messages)))
                });
        }
    }
}

async fn play<S: Spawns, C: AsyncChannel>(capacity: Option<usize>, messages: usize) -> Run {
    let (ping, pinged) = C::new(capacity).expect("asked on entering");
    let (pong, ponged) = C::new(capacity).expect("asked on entering");
    let started = Instant::now();
    let answering = S::spawn(answer::<C>(pinged, pong));
    let asking = S::spawn(ask::<C>(ping, ponged, messages, || ()));
    let received = asking.await;
    answering.await;
    Run {
        elapsed: started.elapsed(),
        received,
    }
}

async fn time_each<S: Spawns, C: AsyncChannel>(capacity: Option<usize>, messages: usize) -> Probe {
    let (ping, pinged) = C::new(capacity).expect("asked on entering");
    let (pong, ponged) = C::new(capacity).expect("asked on entering");
    let answering = S::spawn(answer::<C>(pinged, pong));
    let asking = S::spawn(async move {
        let mut latencies = Latencies::new();
        let received = ask::<C>(ping, ponged, messages, || latencies.lap()).await;
        Probe::of_latencies(received, latencies)
    });
    let probe = asking.await;
    answering.await;
    probe
}

/// Sends each number when the one before has come back.
async fn ask<C: AsyncChannel>(
    mut ping: C::Sender,
    mut ponged: C::Receiver,
    messages: usize,
    mut after_each: impl FnMut() + Send,
) -> Tally {
    let mut tally = Tally::default();
    for value in 0..messages {
        if C::send(&mut ping, value).await.into_option().is_none() {
            break;
        }
        match C::recv(&mut ponged).await.into_option() {
            Some(value) => tally.add(value),
            None => break,
        }
        after_each();
    }
    tally
}

/// Sends back what comes, until the asking task has gone.
async fn answer<C: AsyncChannel>(mut pinged: C::Receiver, mut pong: C::Sender) {
    while let Some(value) = C::recv(&mut pinged).await.into_option() {
        if C::send(&mut pong, value).await.into_option().is_none() {
            return;
        }
    }
}
