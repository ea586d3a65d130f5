//! `merge`: streams of one type become one, and one of them at a time has an item.
//!
//! The streams are the same for all peers, and cost as little as streams between two tasks can: what differs is the merge.

use std::pin::pin;
use std::sync::Arc;
use std::time::Instant;

use futures::{Stream, StreamExt};
use futures_concurrency::stream::Merge;

use crate::cell::{Cells, Peer, Run, Spec, Tally, Unit};
use crate::cells::runtimes::{Executes, Spawns, Tokio, TokioThread};
use crate::cells::slot::{way, Numbers, Slot};
use crate::peers::{millstream::Millstream, Channel, Standing};

const ONE_STREAM: Peer = Peer::of("std", "one-stream").standing(Standing::Floor(
    "all items in one stream, with nothing to merge",
));

pub fn enter_all(cells: &mut Cells) {
    enter(
        cells,
        <Millstream as Channel>::PEER,
        millstream::prelude::merge,
    );
    enter(cells, Peer::sound("futures-buffered"), |streams| {
        streams
            .into_iter()
            .collect::<futures_buffered::MergeBounded<_>>()
    });
    enter(
        cells,
        Peer::of("futures", "futures-select-all"),
        futures::stream::select_all,
    );
    enter(
        cells,
        Peer::of("tokio-stream", "tokio-streammap"),
        |streams| {
            let map: tokio_stream::StreamMap<_, _> = streams.into_iter().enumerate().collect();
            map.map(|(_, number)| number)
        },
    );
    enter(cells, Peer::sound("futures-concurrency"), |streams| {
        streams.merge()
    });
    // Every number is put where the one stream takes it from.
    enter(cells, ONE_STREAM, |streams: Vec<Numbers>| {
        streams.into_iter().next().expect("there is one")
    });
}

fn enter<M>(cells: &mut Cells, peer: Peer, merge: impl Fn(Vec<Numbers>) -> M + Copy + 'static)
where
    M: Stream<Item = usize> + Send + 'static,
{
    for streams in [4, 64, 1024] {
        let spec = Spec {
            name: format!("merge/{streams}"),
            unit: Unit::Item,
            // Some peers look at every stream for every item.
            messages: if streams < 1024 { 200_000 } else { 20_000 },
        };
        let is_merged = peer != ONE_STREAM;
        cells.enter(spec, peer, move |messages| {
            let slots: Vec<_> = (0..streams).map(|_| Slot::new()).collect();
            let numbers = slots.iter().cloned().map(Numbers).collect();
            let merged = merge(numbers);
            let used = if is_merged { streams } else { 1 };
            TokioThread::run(Box::pin(exchange(slots, used, merged, messages)))
        });
    }
}

async fn exchange(
    slots: Vec<Arc<Slot>>,
    used: usize,
    merged: impl Stream<Item = usize> + Send + 'static,
    messages: usize,
) -> Run {
    let received = Slot::new();
    let acknowledged = received.clone();
    let feeding = Tokio::spawn(async move {
        for value in 0..messages {
            slots[way(value, used)].put(value);
            acknowledged.take().await;
        }
    });
    let consuming = Tokio::spawn(async move {
        let mut merged = pin!(merged);
        let mut tally = Tally::default();
        let mut started = None;
        for _ in 0..messages {
            let value = merged.next().await.expect("the streams do not end");
            // By the first item every stream has been looked at for the first time.
            started.get_or_insert_with(Instant::now);
            tally.add(value);
            received.put(value);
        }
        Run {
            elapsed: started.expect("there were items").elapsed(),
            received: tally,
        }
    });
    let run = consuming.await;
    feeding.await;
    run
}
