//! `broadcast`: one task sends, four tasks receive everything, and nobody is more than 64 values behind.

use std::future::Future;
use std::time::Instant;

use crate::cell::{Cells, Peer, Run, Spec, Tally, Unit};
use crate::cells::runtimes::{Executes, Spawns, Tokio, TokioThread, TokioWorkers};
use crate::peers::{kanal, loole, millstream};

mod by_hand;
mod peers;
mod tee;

pub fn enter_all(cells: &mut Cells) {
    enter::<tee::MillstreamTee>(cells, tee::MillstreamTee::PEER);
    enter::<by_hand::Four<millstream::Millstream>>(cells, by_hand::MILLSTREAM);
    enter::<by_hand::Four<kanal::Async>>(cells, by_hand::KANAL);
    enter::<by_hand::Four<loole::Loole>>(cells, by_hand::LOOLE);
    enter::<peers::Fibre>(cells, peers::Fibre::PEER);
    enter::<peers::Postage>(cells, peers::Postage::PEER);
    enter::<peers::AsyncBroadcast>(cells, peers::AsyncBroadcast::PEER);
    enter::<peers::ThrottledTokio>(cells, peers::ThrottledTokio::PEER);
}

const OUTLETS: usize = 4;
const CAPACITY: usize = 64;

/// A peer's way to give every value to four tasks.
trait Broadcast: 'static {
    type Inlet: Send + 'static;
    type Outlet: Send + 'static;

    /// Called in a task, so that it can spawn what it needs.
    fn open() -> (Self::Inlet, [Self::Outlet; OUTLETS]);

    /// Sends to all; waits while one of them is too far behind. `false` if nobody listens.
    fn send(inlet: &mut Self::Inlet, value: usize) -> impl Future<Output = bool> + Send;

    /// Receives the next value, or `None` behind the last.
    fn recv(outlet: &mut Self::Outlet) -> impl Future<Output = Option<usize>> + Send;
}

fn enter<B: Broadcast>(cells: &mut Cells, peer: Peer) {
    enter_on::<TokioThread, B>(cells, peer);
    enter_on::<TokioWorkers, B>(cells, peer);
}

fn enter_on<E: Executes, B: Broadcast>(cells: &mut Cells, peer: Peer) {
    let spec = Spec {
        name: format!("broadcast/{}", E::NAME),
        unit: Unit::Message,
        messages: 300_000,
    };
    cells.enter(spec, peer, |messages| {
        E::run(Box::pin(exchange::<B>(messages)))
    });
}

/// # Panics
///
/// When the four have not all received the same.
async fn exchange<B: Broadcast>(messages: usize) -> Run {
    let (inlet, outlets) = B::open();
    let started = Instant::now();
    let consuming = outlets.map(|outlet| Tokio::spawn(consume::<B>(outlet)));
    let producing = Tokio::spawn(produce::<B>(inlet, messages));
    producing.await;
    let mut tallies = Vec::new();
    for task in consuming {
        tallies.push(task.await);
    }
    let elapsed = started.elapsed();
    let received = tallies[0];
    assert!(
        tallies.iter().all(|&tally| tally == received),
        "one consumer got other values than the rest: {tallies:?}"
    );
    Run { elapsed, received }
}

async fn produce<B: Broadcast>(mut inlet: B::Inlet, messages: usize) {
    for value in 0..messages {
        if !B::send(&mut inlet, value).await {
            return;
        }
    }
}

async fn consume<B: Broadcast>(mut outlet: B::Outlet) -> Tally {
    let mut tally = Tally::default();
    let mut next = 0;
    while let Some(value) = B::recv(&mut outlet).await {
        assert_eq!(value, next, "values come in the order of their sends");
        next += 1;
        tally.add(value);
    }
    tally
}
