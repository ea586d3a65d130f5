//! `tokio-1t`, `tokio-2w`, `smol-1t`, `smol-2t`: producer and consumer tasks, one or four of each.

use std::time::Instant;

use super::runtimes::{Executes, SmolThread, SmolThreads, Spawns, TokioThread, TokioWorkers};
use super::several::Ends;
use crate::cell::{capacity_name, Cells, Run, Spec, Tally, Unit};
use crate::payload::{Block, Payload};
use crate::peers::{AsyncChannel, IntoOption};

const CAPACITIES: [Option<usize>; 4] = [Some(0), Some(1), Some(64), None];
/// What the larger messages go through.
const ROOMY: [Option<usize>; 1] = [Some(64)];
const MESSAGES: usize = 200_000;

pub fn enter_one_to_one<C: AsyncChannel>(cells: &mut Cells) {
    enter::<TokioThread, usize, C>(cells, "1p1c", &CAPACITIES, "", one_each);
    enter::<TokioWorkers, usize, C>(cells, "1p1c", &CAPACITIES, "", one_each);
    enter::<SmolThread, usize, C>(cells, "1p1c", &CAPACITIES, "", one_each);
}

pub fn enter_many_to_one<C: AsyncChannel<Sender: Clone>>(cells: &mut Cells) {
    let ends = |sender, receiver| (vec![sender; 4], vec![receiver]);
    enter::<TokioWorkers, usize, C>(cells, "4p1c", &CAPACITIES, "", ends);
}

pub fn enter_many_to_many<C: AsyncChannel<Sender: Clone, Receiver: Clone>>(cells: &mut Cells) {
    let ends = |sender, receiver| (vec![sender; 4], vec![receiver; 4]);
    enter::<TokioWorkers, usize, C>(cells, "4p4c", &CAPACITIES, "", ends);
    enter::<SmolThreads, usize, C>(cells, "4p4c", &CAPACITIES, "", ends);
}

/// Enters a peer in the cells whose messages are larger than a number, in the shapes where moving them may tell.
pub fn enter_blocks<C: AsyncChannel<Block<64>> + AsyncChannel<Block<1024>>>(cells: &mut Cells) {
    enter::<TokioThread, Block<64>, C>(cells, "1p1c", &ROOMY, "/64-bytes", one_each);
    enter::<TokioThread, Block<1024>, C>(cells, "1p1c", &ROOMY, "/1024-bytes", one_each);
    enter::<TokioWorkers, Block<64>, C>(cells, "1p1c", &ROOMY, "/64-bytes", one_each);
    enter::<TokioWorkers, Block<1024>, C>(cells, "1p1c", &ROOMY, "/1024-bytes", one_each);
}

fn one_each<S, R>(sender: S, receiver: R) -> (Vec<S>, Vec<R>) {
    (vec![sender], vec![receiver])
}

/// Enters a peer in the cells of one shape: `ends` makes handles for all tasks out of the first two.
fn enter<E: Executes, T: Payload, C: AsyncChannel<T>>(
    cells: &mut Cells,
    shape: &str,
    capacities: &[Option<usize>],
    size: &str,
    ends: fn(C::Sender, C::Receiver) -> Ends<C, T>,
) {
    for &capacity in capacities {
        if C::new(capacity).is_some() {
            let spec = Spec {
                name: format!("{}/{shape}/{}{size}", E::NAME, capacity_name(capacity)),
                unit: Unit::Message,
                messages: MESSAGES,
            };
            cells.enter(spec, C::PEER, move |messages| {
                let (sender, receiver) = C::new(capacity).expect("asked on entering");
                let (senders, receivers) = ends(sender, receiver);
                let exchange = exchange::<E::Spawner, T, C>(senders, receivers, messages);
                E::run(Box::pin(exchange))
            });
        }
    }
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
