//! `tokio-1t`, `tokio-2w`, `smol-1t`, `smol-2t`: producer and consumer tasks, one or four of each.

use std::time::Instant;

use super::runtimes::{Executes, SmolThread, SmolThreads, Spawns, TokioThread, TokioWorkers};
use crate::cell::{capacity_name, Cells, Run, Spec, Tally, Unit};
use crate::payload::{Block, Payload};
use crate::peers::{AsyncChannel, IntoOption};

const CAPACITIES: [Option<usize>; 4] = [Some(0), Some(1), Some(64), None];
const MESSAGES: usize = 200_000;

pub fn enter_one_to_one<C: AsyncChannel>(cells: &mut Cells) {
    enter_pair::<TokioThread, C>(cells);
    enter_pair::<TokioWorkers, C>(cells);
    enter_pair::<SmolThread, C>(cells);
}

pub fn enter_many_to_one<C: AsyncChannel<Sender: Clone>>(cells: &mut Cells) {
    for capacity in CAPACITIES {
        if C::new(capacity).is_some() {
            let spec = spec::<TokioWorkers>("4p1c", capacity, "");
            cells.enter(spec, C::PEER, move |messages| {
                let (sender, receiver) = C::new(capacity).expect("asked on entering");
                run::<TokioWorkers, usize, C>(vec![sender; 4], vec![receiver], messages)
            });
        }
    }
}

pub fn enter_many_to_many<C: AsyncChannel<Sender: Clone, Receiver: Clone>>(cells: &mut Cells) {
    enter_fours::<TokioWorkers, C>(cells);
    enter_fours::<SmolThreads, C>(cells);
}

/// Enters a peer in the cells whose messages are larger than a number, in the shapes where moving them may tell.
pub fn enter_blocks<C: AsyncChannel<Block<64>> + AsyncChannel<Block<1024>>>(cells: &mut Cells) {
    enter_block::<TokioThread, Block<64>, C>(cells, "/64-bytes");
    enter_block::<TokioThread, Block<1024>, C>(cells, "/1024-bytes");
    enter_block::<TokioWorkers, Block<64>, C>(cells, "/64-bytes");
    enter_block::<TokioWorkers, Block<1024>, C>(cells, "/1024-bytes");
}

fn enter_pair<E: Executes, C: AsyncChannel>(cells: &mut Cells) {
    for capacity in CAPACITIES {
        if C::new(capacity).is_some() {
            let spec = spec::<E>("1p1c", capacity, "");
            cells.enter(spec, C::PEER, move |messages| {
                let (sender, receiver) = C::new(capacity).expect("asked on entering");
                run::<E, usize, C>(vec![sender], vec![receiver], messages)
            });
        }
    }
}

fn enter_fours<E: Executes, C: AsyncChannel<Sender: Clone, Receiver: Clone>>(cells: &mut Cells) {
    for capacity in CAPACITIES {
        if C::new(capacity).is_some() {
            let spec = spec::<E>("4p4c", capacity, "");
            cells.enter(spec, C::PEER, move |messages| {
                let (sender, receiver) = C::new(capacity).expect("asked on entering");
                run::<E, usize, C>(vec![sender; 4], vec![receiver; 4], messages)
            });
        }
    }
}

fn enter_block<E: Executes, T: Payload, C: AsyncChannel<T>>(cells: &mut Cells, size: &str) {
    let capacity = Some(64);
    if C::new(capacity).is_some() {
        let spec = spec::<E>("1p1c", capacity, size);
        cells.enter(spec, C::PEER, move |messages| {
            let (sender, receiver) = C::new(capacity).expect("asked on entering");
            run::<E, T, C>(vec![sender], vec![receiver], messages)
        });
    }
}

fn spec<E: Executes>(shape: &str, capacity: Option<usize>, size: &str) -> Spec {
    Spec {
        name: format!("{}/{shape}/{}{size}", E::NAME, capacity_name(capacity)),
        unit: Unit::Message,
        messages: MESSAGES,
    }
}

fn run<E: Executes, T: Payload, C: AsyncChannel<T>>(
    senders: Vec<C::Sender>,
    receivers: Vec<C::Receiver>,
    messages: usize,
) -> Run {
    let exchange = exchange::<E::Spawner, T, C>(senders, receivers, messages);
    E::run(Box::pin(exchange))
}

async fn exchange<S: Spawns, T: Payload, C: AsyncChannel<T>>(
    senders: Vec<C::Sender>,
    receivers: Vec<C::Receiver>,
    messages: usize,
) -> Run {
    let started = Instant::now();
    let consuming: Vec<_> = receivers
        .into_iter()
        .map(|receiver| S::spawn(consume::<T, C>(receiver)))
        .collect();
    let producers = senders.len();
    let producing: Vec<_> = senders
        .into_iter()
        .enumerate()
        .map(|(first, sender)| S::spawn(produce::<T, C>(sender, first, producers, messages)))
        .collect();
    let mut received = Tally::default();
    for task in producing {
        task.await;
    }
    for task in consuming {
        received.merge(task.await);
    }
    Run {
        elapsed: started.elapsed(),
        received,
    }
}

/// Sends this producer's share of the numbers; a send that fails shows in the tally.
async fn produce<T: Payload, C: AsyncChannel<T>>(
    mut sender: C::Sender,
    first: usize,
    step: usize,
    messages: usize,
) {
    for number in (first..messages).step_by(step) {
        let sent = C::send(&mut sender, T::numbered(number)).await;
        if sent.into_option().is_none() {
            return;
        }
    }
}

/// Receives until the last producer has gone.
async fn consume<T: Payload, C: AsyncChannel<T>>(mut receiver: C::Receiver) -> Tally {
    let mut tally = Tally::default();
    while let Some(value) = C::recv(&mut receiver).await.into_option() {
        tally.add(value.number());
    }
    tally
}
