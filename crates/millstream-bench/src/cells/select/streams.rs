//! Merges of other crates, over tokio's mpsc as a stream: what their users would write for a select over many receivers.

use std::pin::pin;

use futures::{Stream, StreamExt};
use futures_concurrency::stream::Merge;
use tokio::sync::mpsc::Receiver;
use tokio_stream::wrappers::ReceiverStream;
use tokio_stream::StreamMap;

use super::Selecting;
use crate::cell::Peer;
use crate::peers::tokio_mpsc::Bounded;

pub struct TokioStreamMap;

impl Selecting for TokioStreamMap {
    const PEER: Peer = Peer::of("tokio-stream", "tokio-streammap");
    type Channel = Bounded;

    async fn receive(
        receivers: Vec<Receiver<usize>>,
        count: usize,
        then: impl FnMut(usize) + Send,
    ) {
        let map: StreamMap<_, _> = streams(receivers).enumerate().collect();
        take(map.map(|(_, value)| value), count, then).await;
    }
}

pub struct FuturesConcurrency;

impl Selecting for FuturesConcurrency {
    const PEER: Peer = Peer::sound("futures-concurrency");
    type Channel = Bounded;

    async fn receive(
        receivers: Vec<Receiver<usize>>,
        count: usize,
        then: impl FnMut(usize) + Send,
    ) {
        let streams: Vec<_> = streams(receivers).collect();
        take(streams.merge(), count, then).await;
    }
}

pub struct FuturesBuffered;

impl Selecting for FuturesBuffered {
    const PEER: Peer = Peer::sound("futures-buffered");
    type Channel = Bounded;

    async fn receive(
        receivers: Vec<Receiver<usize>>,
        count: usize,
        then: impl FnMut(usize) + Send,
    ) {
        let merged: futures_buffered::MergeBounded<_> = streams(receivers).collect();
        take(merged, count, then).await;
    }
}

pub struct SelectAll;

impl Selecting for SelectAll {
    const PEER: Peer = Peer::of("futures", "futures-select-all");
    type Channel = Bounded;

    async fn receive(
        receivers: Vec<Receiver<usize>>,
        count: usize,
        then: impl FnMut(usize) + Send,
    ) {
        take(futures::stream::select_all(streams(receivers)), count, then).await;
    }
}

fn streams(receivers: Vec<Receiver<usize>>) -> impl Iterator<Item = ReceiverStream<usize>> {
    receivers.into_iter().map(ReceiverStream::new)
}

async fn take(
    merged: impl Stream<Item = usize> + Send,
    count: usize,
    mut then: impl FnMut(usize) + Send,
) {
    let mut merged = pin!(merged);
    for _ in 0..count {
        then(merged.next().await.expect("the channels are open"));
    }
}
