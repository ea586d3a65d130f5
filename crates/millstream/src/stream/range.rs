//! The items of a range, or of any iterator, as a stream that gives way.

use super::cooperate::Cooperate;
use futures_core::Stream;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

/// The items of an iterator; made by [`from_range`].
#[derive(Clone)]
#[must_use = "streams do nothing unless polled"]
pub struct FromRange<I> {
    items: I,
}

/// A stream of the items of a range, or of anything else that can be iterated over.
///
/// Nothing is taken from the iterator before it is asked for, so an endless range is fine. After every 128 items in a
/// row it gives way to sibling tasks, so that a pipe over an endless range that lets nothing through does not take the
/// thread for itself.
///
/// The idea is aiochan's `from_range`; for items that several tasks share, make a channel of the iterator with
/// [`from_iter`](crate::from_iter).
///
/// # Examples
///
/// ```
/// use millstream::prelude::*;
///
/// # millstream::block_on(async {
/// let evens: Vec<u32> = from_range((0..).step_by(2)).take(3).collect().await;
/// assert_eq!(evens, [0, 2, 4]);
/// # });
/// ```
pub fn from_range<I: IntoIterator>(range: I) -> Cooperate<FromRange<I::IntoIter>> {
    Cooperate::new(FromRange {
        items: range.into_iter(),
    })
}

// The iterator is only called, never pinned.
impl<I> Unpin for FromRange<I> {}

impl<I: Iterator> Stream for FromRange<I> {
    type Item = I::Item;

    #[inline]
    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<I::Item>> {
        Poll::Ready(self.items.next())
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.items.size_hint()
    }
}

impl<I> fmt::Debug for FromRange<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FromRange").finish_non_exhaustive()
    }
}
