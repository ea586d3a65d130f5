//! Any number of items for each one: mapped to something iterable, and flattened.

use super::budget::Turn;
use futures_core::Stream;
use pin_project_lite::pin_project;
use std::fmt;
use std::pin::Pin;
use std::task::{ready, Context, Poll};

pin_project! {
    /// The items of what a function made of each item; made by
    /// [`map_filter`](super::MillstreamExt::map_filter).
    #[must_use = "streams do nothing unless polled"]
    pub struct MapFilter<S, I: IntoIterator, F> {
        #[pin]
        stream: S,
        function: F,
        current: Option<I::IntoIter>,
    }
}

impl<S, I: IntoIterator, F> MapFilter<S, I, F> {
    pub(super) fn new(stream: S, function: F) -> Self {
        MapFilter {
            stream,
            function,
            current: None,
        }
    }

    /// The stream underneath, and what is left of the items being flattened.
    pub fn into_parts(self) -> (S, Option<I::IntoIter>) {
        (self.stream, self.current)
    }
}

impl<S, I, F> Stream for MapFilter<S, I, F>
where
    S: Stream,
    I: IntoIterator,
    F: FnMut(S::Item) -> I,
{
    type Item = I::Item;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<I::Item>> {
        let mut this = self.project();
        let mut turn = Turn::new();
        loop {
            if let Some(item) = next_of(this.current) {
                return Poll::Ready(Some(item));
            }
            let Some(item) = ready!(this.stream.as_mut().poll_next(context)) else {
                return Poll::Ready(None);
            };
            *this.current = Some((this.function)(item).into_iter());
            if turn.is_over(context) {
                return Poll::Pending;
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        size_hint(&self.stream, self.current.as_ref())
    }
}

/// The next item of the current iterator, which is dropped at its end.
pub(super) fn next_of<I: Iterator>(current: &mut Option<I>) -> Option<I::Item> {
    let item = current.as_mut()?.next();
    if item.is_none() {
        *current = None;
    }
    item
}

/// What is left of the current iterator is certain; how many items the others have is not known.
pub(super) fn size_hint<I: Iterator>(
    stream: &impl Stream,
    current: Option<&I>,
) -> (usize, Option<usize>) {
    let (lower, upper) = current.map_or((0, Some(0)), Iterator::size_hint);
    let is_last = stream.size_hint().1 == Some(0);
    (lower, if is_last { upper } else { None })
}

impl<S, I: IntoIterator, F> fmt::Debug for MapFilter<S, I, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MapFilter")
            .field("within_an_item", &self.current.is_some())
            .finish_non_exhaustive()
    }
}

pin_project! {
    /// The items of what a function made of each item, until the first error; made by
    /// [`try_map_filter`](super::MillstreamExt::try_map_filter).
    #[must_use = "streams do nothing unless polled"]
    pub struct TryMapFilter<S, I: IntoIterator, F> {
        #[pin]
        stream: S,
        function: F,
        current: Option<I::IntoIter>,
        failed: bool,
    }
}

impl<S, I: IntoIterator, F> TryMapFilter<S, I, F> {
    pub(super) fn new(stream: S, function: F) -> Self {
        TryMapFilter {
            stream,
            function,
            current: None,
            failed: false,
        }
    }
}

impl<S, T, E, I, F> Stream for TryMapFilter<S, I, F>
where
    S: Stream<Item = Result<T, E>>,
    I: IntoIterator,
    F: FnMut(T) -> Result<I, E>,
{
    type Item = Result<I::Item, E>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut this = self.project();
        let mut turn = Turn::new();
        while !*this.failed {
            if let Some(item) = next_of(this.current) {
                return Poll::Ready(Some(Ok(item)));
            }
            let Some(item) = ready!(this.stream.as_mut().poll_next(context)) else {
                return Poll::Ready(None);
            };
            match item.and_then(&mut *this.function) {
                Ok(items) => *this.current = Some(items.into_iter()),
                Err(error) => {
                    *this.failed = true;
                    return Poll::Ready(Some(Err(error)));
                }
            }
            if turn.is_over(context) {
                return Poll::Pending;
            }
        }
        Poll::Ready(None)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        if self.failed {
            return (0, Some(0));
        }
        size_hint(&self.stream, self.current.as_ref())
    }
}

impl<S, I: IntoIterator, F> fmt::Debug for TryMapFilter<S, I, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TryMapFilter")
            .field("failed", &self.failed)
            .finish_non_exhaustive()
    }
}
