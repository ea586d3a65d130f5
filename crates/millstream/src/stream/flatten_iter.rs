//! The items of items that can be iterated over.

use super::budget::Turn;
use super::map_filter::{next_of, size_hint};
use futures_core::Stream;
use pin_project_lite::pin_project;
use std::fmt;
use std::pin::Pin;
use std::task::{ready, Context, Poll};

pin_project! {
    /// The items of a stream's items; made by [`flatten_iter`](super::MillstreamExt::flatten_iter).
    #[must_use = "streams do nothing unless polled"]
    pub struct FlattenIter<S, I: IntoIterator> {
        #[pin]
        stream: S,
        current: Option<I::IntoIter>,
    }
}

impl<S, I: IntoIterator> FlattenIter<S, I> {
    pub(super) fn new(stream: S) -> Self {
        FlattenIter {
            stream,
            current: None,
        }
    }

    /// The stream underneath, and what is left of the item being flattened.
    pub fn into_parts(self) -> (S, Option<I::IntoIter>) {
        (self.stream, self.current)
    }
}

impl<S, I> Stream for FlattenIter<S, I>
where
    S: Stream<Item = I>,
    I: IntoIterator,
{
    type Item = I::Item;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<I::Item>> {
        let mut this = self.project();
        let mut turn = Turn::new();
        loop {
            if let Some(item) = next_of(this.current) {
                return Poll::Ready(Some(item));
            }
            let Some(items) = ready!(this.stream.as_mut().poll_next(context)) else {
                return Poll::Ready(None);
            };
            *this.current = Some(items.into_iter());
            if turn.is_over(context) {
                return Poll::Pending;
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        size_hint(&self.stream, self.current.as_ref())
    }
}

impl<S, I: IntoIterator> fmt::Debug for FlattenIter<S, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FlattenIter")
            .field("within_an_item", &self.current.is_some())
            .finish_non_exhaustive()
    }
}
