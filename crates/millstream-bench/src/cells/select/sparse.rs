//! `select-sparse` and `select-wide`: one message at a time is under way, on one of 8 channels or of up to 1,000.
//!
//! What an arm takes in memory, its channel not counted, is told for `select-wide`. The next message is sent when the one before has been received, so every one finds the selecting task waiting on all of the channels.

use std::sync::Arc;
use std::time::Instant;

use super::{Selecting, WAYS};
use crate::cell::{Cells, Run, Spec, Tally, Unit};
use crate::cells::runtimes::{Executes, Spawns, Tokio, TokioThread, TokioWorkers};
use crate::cells::several::several;
use crate::cells::slot::{way, Slot};
use crate::counting::Count;
use crate::peers::{AsyncChannel, IntoOption, SenderOf};
use crate::probe::Probe;

pub fn enter<S: Selecting>(cells: &mut Cells, family: &str) {
    enter_on::<TokioThread, S>(cells, family);
    enter_on::<TokioWorkers, S>(cells, family);
}

fn enter_on<E: Executes, S: Selecting>(cells: &mut Cells, family: &str) {
    let spec = Spec {
        name: format!("select-sparse{family}/{}", E::NAME),
        unit: Unit::Message,
        messages: 100_000,
    };
    cells.enter(spec, S::PEER, |messages| {
        E::run(Box::pin(exchange::<S>(WAYS, messages, None))).0
    });
}

/// Enters a peer that can receive from any number of channels.
pub fn enter_wide<S: Selecting>(cells: &mut Cells) {
    for ways in [8, 64, 1000] {
        let spec = Spec {
            name: format!("select-wide/{ways}"),
            unit: Unit::Message,
            // Some peers look at every channel for every message.
            messages: if ways < 1000 { 100_000 } else { 10_000 },
        };
        cells
            .enter(spec, S::PEER, move |messages| {
                TokioThread::run(Box::pin(exchange::<S>(ways, messages, None))).0
            })
            .probe(move |messages| {
                let count = Count::start();
                let exchange = exchange::<S>(ways, messages, Some(count));
                let (run, bytes) = TokioThread::run(Box::pin(exchange));
                Probe::of_bytes(run.received, bytes, ways)
            });
    }
}

/// Returns what the arms take besides, in bytes, if there is something to count them with.
async fn exchange<S: Selecting>(
    ways: usize,
    messages: usize,
    count: Option<Count>,
) -> (Run, usize) {
    let (senders, receivers) = several::<S::Channel>(ways, 1);
    let received = Slot::new();
    let feeding = Tokio::spawn(feed::<S>(senders, received.clone(), messages));
    let consuming = Tokio::spawn(async move {
        let bytes = || count.as_ref().map_or(0, Count::bytes);
        let before = bytes();
        let mut tally = Tally::default();
        // By the first message every channel has been looked at, and all arms wait.
        let mut first = None;
        let then = |value| {
            first.get_or_insert_with(|| (Instant::now(), bytes()));
            tally.add(value);
            received.put(value);
        };
        S::receive(receivers, messages, then).await;
        let (started, with_arms) = first.expect("there were messages");
        let run = Run {
            elapsed: started.elapsed(),
            received: tally,
        };
        (run, with_arms.saturating_sub(before))
    });
    let run = consuming.await;
    feeding.await;
    run
}

/// Sends each number when the one before has been received, and hands the senders back, so that their channels stay open.
async fn feed<S: Selecting>(
    mut senders: Vec<SenderOf<S::Channel>>,
    received: Arc<Slot>,
    messages: usize,
) -> Vec<SenderOf<S::Channel>> {
    for value in 0..messages {
        let way = way(value, senders.len());
        let sent = S::Channel::send(&mut senders[way], value).await;
        if sent.into_option().is_none() {
            break;
        }
        received.take().await;
    }
    senders
}
