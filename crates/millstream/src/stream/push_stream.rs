//! A stream to push into at any time, whose waiting items can be looked at.

use crate::channel::{unbounded, Receiver, Sender};
use futures_core::{FusedStream, Stream};
use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

/// The items that were pushed; made by [`push_stream`], or around any receiver.
#[must_use = "streams do nothing unless polled"]
pub struct PushStream<T> {
    items: Receiver<T>,
    /// What was taken out of the channel to be looked at.
    looked_at: VecDeque<T>,
}

/// A stream with an end to push into.
///
/// It is an unbounded channel. Push by [`try_send`](Sender::try_send), which never finds it full, from anywhere and at
/// any time; stop by [`close`](Sender::close), after which what was pushed still comes; and any number of pushing ends
/// is had by cloning. What a channel does not have is a look at the items that wait, and that is what [`PushStream`]
/// adds. For many consumers use the channel itself, or [`share`](super::MillstreamExt::share).
///
/// The idea is aiter's `push_aiter`.
///
/// # Examples
///
/// ```
/// use millstream::prelude::*;
///
/// # millstream::block_on(async {
/// let (push, mut items) = push_stream();
/// push.try_send(1).unwrap();
/// push.try_send(2).unwrap();
/// assert_eq!(items.available().collect::<Vec<_>>(), [&1, &2]);
/// push.close();
/// assert_eq!(items.collect::<Vec<_>>().await, [1, 2], "a look takes nothing");
/// # });
/// ```
pub fn push_stream<T>() -> (Sender<T>, PushStream<T>) {
    let (tx, rx) = unbounded();
    (tx, PushStream::new(rx))
}

impl<T> PushStream<T> {
    /// Makes the items of a channel ones that can be looked at.
    pub fn new(items: Receiver<T>) -> Self {
        PushStream {
            items,
            looked_at: VecDeque::new(),
        }
    }

    /// The items that could be had now without waiting, which stay where they are.
    ///
    /// They are this stream's from now on: another receiver of the same channel does not get them.
    pub fn available(&mut self) -> impl Iterator<Item = &T> {
        self.looked_at.extend(self.items.drain());
        self.looked_at.iter()
    }

    /// Whether an item could be had now without waiting.
    pub fn is_item_available(&self) -> bool {
        self.is_len_at_least(1)
    }

    /// Whether at least `n` items could be had now; 0 are always there.
    pub fn is_len_at_least(&self, n: usize) -> bool {
        n.saturating_sub(self.looked_at.len()) <= self.items.len()
    }

    /// Whether nothing more can be pushed. Items may still be there.
    pub fn is_stopped(&self) -> bool {
        self.items.is_closed()
    }

    /// The receiver, and what was looked at and not taken.
    pub fn into_parts(self) -> (Receiver<T>, VecDeque<T>) {
        (self.items, self.looked_at)
    }
}

// Items are moved and never pinned.
impl<T> Unpin for PushStream<T> {}

impl<T> Stream for PushStream<T> {
    type Item = T;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T>> {
        match self.looked_at.pop_front() {
            Some(item) => Poll::Ready(Some(item)),
            None => Pin::new(&mut self.items).poll_next(context),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let (lower, upper) = self.items.size_hint();
        let here = self.looked_at.len();
        (
            lower.saturating_add(here),
            upper.and_then(|upper| upper.checked_add(here)),
        )
    }
}

impl<T> FusedStream for PushStream<T> {
    fn is_terminated(&self) -> bool {
        self.looked_at.is_empty() && self.items.is_terminated()
    }
}

impl<T> fmt::Debug for PushStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PushStream")
            .field("looked_at", &self.looked_at.len())
            .field("items", &self.items)
            .finish()
    }
}
