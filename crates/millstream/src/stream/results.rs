//! Functions that can fail, over results: the first error ends the stream.

use super::budget::Turn;
use futures_core::Stream;
use pin_project_lite::pin_project;
use std::fmt;
use std::pin::Pin;
use std::task::{ready, Context, Poll};

pin_project! {
    /// What a function that can fail makes of each value; made by [`try_map`](super::MillstreamExt::try_map).
    #[must_use = "streams do nothing unless polled"]
    pub struct TryMap<S, F> {
        #[pin]
        stream: S,
        function: F,
        failed: bool,
    }
}

pin_project! {
    /// The values that a function which can fail lets pass; made by [`try_filter`](super::BaseExt::try_filter).
    #[must_use = "streams do nothing unless polled"]
    pub struct TryFilter<S, F> {
        #[pin]
        stream: S,
        predicate: F,
        failed: bool,
    }
}

impl<S, F> TryMap<S, F> {
    pub(super) fn new(stream: S, function: F) -> Self {
        TryMap {
            stream,
            function,
            failed: false,
        }
    }
}

impl<S, F> TryFilter<S, F> {
    pub(super) fn new(stream: S, predicate: F) -> Self {
        TryFilter {
            stream,
            predicate,
            failed: false,
        }
    }
}

impl<S, T, U, E, F> Stream for TryMap<S, F>
where
    S: Stream<Item = Result<T, E>>,
    F: FnMut(T) -> Result<U, E>,
{
    type Item = Result<U, E>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.project();
        if *this.failed {
            return Poll::Ready(None);
        }
        let item = ready!(this.stream.poll_next(context));
        let item = item.map(|item| item.and_then(this.function));
        *this.failed = matches!(item, Some(Err(_)));
        Poll::Ready(item)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        if self.failed {
            return (0, Some(0));
        }
        let (lower, upper) = self.stream.size_hint();
        (lower.min(1), upper)
    }
}

impl<S, T, E, F> Stream for TryFilter<S, F>
where
    S: Stream<Item = Result<T, E>>,
    F: FnMut(&T) -> Result<bool, E>,
{
    type Item = Result<T, E>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut this = self.project();
        let mut turn = Turn::new();
        while !*this.failed {
            let Some(item) = ready!(this.stream.as_mut().poll_next(context)) else {
                return Poll::Ready(None);
            };
            match item.and_then(|item| Ok(((this.predicate)(&item)?, item))) {
                Ok((true, item)) => return Poll::Ready(Some(Ok(item))),
                Ok((false, _)) => {}
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
        (0, self.stream.size_hint().1)
    }
}

impl<S, F> fmt::Debug for TryMap<S, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TryMap")
            .field("failed", &self.failed)
            .finish_non_exhaustive()
    }
}

impl<S, F> fmt::Debug for TryFilter<S, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TryFilter")
            .field("failed", &self.failed)
            .finish_non_exhaustive()
    }
}
