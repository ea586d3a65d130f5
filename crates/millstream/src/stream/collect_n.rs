//! The next few items as a list, leaving the rest in the stream.

use super::budget::Turn;
use futures_core::Stream;
use std::fmt;
use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Collects a number of items; made by [`collect_n`](super::MillstreamExt::collect_n).
#[must_use = "nothing is collected until this is awaited"]
pub struct CollectN<'a, S: Stream + ?Sized> {
    stream: &'a mut S,
    items: Vec<S::Item>,
    wanted: usize,
}

/// Collects a number of items into a list of the caller; made by
/// [`collect_n_into`](super::MillstreamExt::collect_n_into).
#[must_use = "nothing is collected until this is awaited"]
pub struct CollectNInto<'a, S: Stream + ?Sized> {
    stream: &'a mut S,
    items: &'a mut Vec<S::Item>,
    /// How many are still to come.
    wanted: usize,
    collected: usize,
}

impl<'a, S: Stream + ?Sized> CollectN<'a, S> {
    pub(super) fn new(stream: &'a mut S, wanted: usize) -> Self {
        CollectN {
            stream,
            items: Vec::new(),
            wanted,
        }
    }
}

impl<'a, S: Stream + ?Sized> CollectNInto<'a, S> {
    pub(super) fn new(stream: &'a mut S, items: &'a mut Vec<S::Item>, wanted: usize) -> Self {
        CollectNInto {
            stream,
            items,
            wanted,
            collected: 0,
        }
    }
}

// Items are moved and never pinned, and the stream is borrowed.
impl<S: Stream + ?Sized> Unpin for CollectN<'_, S> {}
impl<S: Stream + ?Sized> Unpin for CollectNInto<'_, S> {}

/// Moves items into the list until it has grown by `wanted`, or the stream ends.
fn poll_collect<S: Stream + Unpin + ?Sized>(
    stream: &mut S,
    items: &mut Vec<S::Item>,
    wanted: &mut usize,
    context: &mut Context<'_>,
) -> Poll<()> {
    let mut turn = Turn::new();
    while *wanted > 0 {
        // Room is made before anything is taken: a failing allocation must not find an item in hand.
        items.reserve(1);
        match Pin::new(&mut *stream).poll_next(context) {
            Poll::Ready(Some(item)) => items.push(item),
            Poll::Ready(None) => {
                *wanted = 0;
                break;
            }
            Poll::Pending => return Poll::Pending,
        }
        *wanted -= 1;
        if *wanted > 0 && turn.is_over(context) {
            return Poll::Pending;
        }
    }
    Poll::Ready(())
}

impl<S: Stream + Unpin + ?Sized> Future for CollectN<'_, S> {
    type Output = Vec<S::Item>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        poll_collect(this.stream, &mut this.items, &mut this.wanted, context)
            .map(|()| mem::take(&mut this.items))
    }
}

impl<S: Stream + Unpin + ?Sized> Future for CollectNInto<'_, S> {
    type Output = usize;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<usize> {
        let this = &mut *self;
        let before = this.items.len();
        let polled = poll_collect(this.stream, this.items, &mut this.wanted, context);
        this.collected += this.items.len() - before;
        polled.map(|()| this.collected)
    }
}

impl<S: Stream + ?Sized> fmt::Debug for CollectN<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CollectN")
            .field("collected", &self.items.len())
            .field("wanted", &self.wanted)
            .finish_non_exhaustive()
    }
}

impl<S: Stream + ?Sized> fmt::Debug for CollectNInto<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CollectNInto")
            .field("collected", &self.collected)
            .field("wanted", &self.wanted)
            .finish_non_exhaustive()
    }
}
