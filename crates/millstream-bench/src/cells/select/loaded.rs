//! `select-loaded`: eight producer tasks keep eight channels filled, and one task selects over them.

use std::time::Instant;

use super::{Selecting, WAYS};
use crate::cell::{Cells, Run, Spec, Tally, Unit};
use crate::cells::runtimes::{Executes, Spawns, Tokio, TokioThread, TokioWorkers};
use crate::cells::several::several;
use crate::peers::{AsyncChannel, IntoOption, SenderOf};

pub fn enter<S: Selecting>(cells: &mut Cells, family: &str) {
    enter_on::<TokioThread, S>(cells, family);
    enter_on::<TokioWorkers, S>(cells, family);
}

fn enter_on<E: Executes, S: Selecting>(cells: &mut Cells, family: &str) {
    let spec = Spec {
        name: format!("select-loaded{family}/{}", E::NAME),
        unit: Unit::Message,
        messages: 200_000,
    };
    cells.enter(spec, S::PEER, |messages| {
        E::run(Box::pin(exchange::<S>(messages)))
    });
}

async fn exchange<S: Selecting>(messages: usize) -> Run {
    let (senders, receivers) = several::<S::Channel>(WAYS, 64);
    let started = Instant::now();
    let consuming = Tokio::spawn(async move {
        let mut tally = Tally::default();
        S::receive(receivers, messages, |value| tally.add(value)).await;
        tally
    });
    let producing: Vec<_> = senders
        .into_iter()
        .enumerate()
        .map(|(first, sender)| Tokio::spawn(produce::<S>(sender, first, messages)))
        .collect();
    let received = consuming.await;
    let elapsed = started.elapsed();
    for task in producing {
        task.await;
    }
    Run { elapsed, received }
}

/// Sends this producer's share of the numbers, and hands the sender back, so that its channel stays open; a send that fails shows in the tally.
async fn produce<S: Selecting>(
    mut sender: SenderOf<S::Channel>,
    first: usize,
    messages: usize,
) -> SenderOf<S::Channel> {
    for value in (first..messages).step_by(WAYS) {
        let sent = S::Channel::send(&mut sender, value).await;
        if sent.into_option().is_none() {
            break;
        }
    }
    sender
}
