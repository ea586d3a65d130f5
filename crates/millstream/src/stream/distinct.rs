//! Items that differ from the one before them.

use super::budget::Turn;
use futures_core::Stream;
use pin_project_lite::pin_project;
use std::fmt;
use std::pin::Pin;
use std::task::{ready, Context, Poll};

pin_project! {
    /// Items that differ from their predecessor; made by [`distinct`](super::MillstreamExt::distinct).
    #[must_use = "streams do nothing unless polled"]
    pub struct Distinct<S: Stream> {
        #[pin]
        stream: S,
        last: Option<S::Item>,
    }
}

impl<S: Stream> Distinct<S> {
    pub(super) fn new(stream: S) -> Self {
        Distinct { stream, last: None }
    }

    /// The stream underneath.
    pub fn into_inner(self) -> S {
        self.stream
    }
}

impl<S> Stream for Distinct<S>
where
    S: Stream,
    S::Item: PartialEq + Clone,
{
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let mut this = self.project();
        let mut turn = Turn::new();
        loop {
            let Some(item) = ready!(this.stream.as_mut().poll_next(context)) else {
                return Poll::Ready(None);
            };
            if this.last.as_ref() != Some(&item) {
                *this.last = Some(item.clone());
                return Poll::Ready(Some(item));
            }
            if turn.is_over(context) {
                return Poll::Pending;
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        at_most(&self.stream, self.last.is_none())
    }
}

/// Every item may be equal to its predecessor, but the first of all has none.
pub(super) fn at_most(stream: &impl Stream, at_start: bool) -> (usize, Option<usize>) {
    let (lower, upper) = stream.size_hint();
    (if at_start { lower.min(1) } else { 0 }, upper)
}

impl<S: Stream> fmt::Debug for Distinct<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Distinct").finish_non_exhaustive()
    }
}
