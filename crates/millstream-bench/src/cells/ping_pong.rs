//! `ping-pong`: two tasks on one thread hand a value to and fro over two channels, so that every message waits for a task to be woken.

use std::time::Instant;

use tokio::runtime::Builder;

use crate::cell::{capacity_name, Cells, Run, Spec, Tally, Unit};
use crate::peers::{AsyncChannel, IntoOption};

pub fn enter<C: AsyncChannel>(cells: &mut Cells) {
    for capacity in [Some(0), Some(1)] {
        if C::new(capacity).is_some() {
            let spec = Spec {
                name: format!("ping-pong/{}", capacity_name(capacity)),
                unit: Unit::RoundTrip,
                messages: 100_000,
            };
            cells.enter::<C>(spec, move |messages| run::<C>(capacity, messages));
        }
    }
}

fn run<C: AsyncChannel>(capacity: Option<usize>, messages: usize) -> Run {
    let (ping, pinged) = C::new(capacity).expect("the peer was asked when it entered");
    let (pong, ponged) = C::new(capacity).expect("the peer was asked when it entered");
    let runtime = Builder::new_current_thread()
        .build()
        .expect("the runtime starts");
    runtime.block_on(async move {
        let started = Instant::now();
        let answering = tokio::spawn(answer::<C>(pinged, pong));
        let asking = tokio::spawn(ask::<C>(ping, ponged, messages));
        let received = asking.await.expect("the asking task does not panic");
        answering.await.expect("the answering task does not panic");
        Run {
            elapsed: started.elapsed(),
            received,
        }
    })
}

/// Sends each number when the one before has come back.
async fn ask<C: AsyncChannel>(ping: C::Sender, mut ponged: C::Receiver, messages: usize) -> Tally {
    let mut tally = Tally::default();
    for value in 0..messages {
        if C::send(&ping, value).await.into_option().is_none() {
            break;
        }
        match C::recv(&mut ponged).await.into_option() {
            Some(value) => tally.add(value),
            None => break,
        }
    }
    tally
}

/// Sends back what comes, until the asking task has gone.
async fn answer<C: AsyncChannel>(mut pinged: C::Receiver, pong: C::Sender) {
    while let Some(value) = C::recv(&mut pinged).await.into_option() {
        if C::send(&pong, value).await.into_option().is_none() {
            return;
        }
    }
}
