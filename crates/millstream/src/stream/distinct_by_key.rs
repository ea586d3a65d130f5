//! Items whose key differs from that of the one before them.

use super::budget::Turn;
use super::distinct::at_most;
use futures_core::Stream;
use pin_project_lite::pin_project;
use std::fmt;
use std::pin::Pin;
use std::task::{ready, Context, Poll};

pin_project! {
    /// Items whose key differs from their predecessor's; made by
    /// [`distinct_by_key`](super::MillstreamExt::distinct_by_key).
    #[must_use = "streams do nothing unless polled"]
    pub struct DistinctByKey<S, K, F> {
        #[pin]
        stream: S,
        key: F,
        last: Option<K>,
    }
}

impl<S, K, F> DistinctByKey<S, K, F> {
    pub(super) fn new(stream: S, key: F) -> Self {
        DistinctByKey {
            stream,
            key,
            last: None,
        }
    }

    /// The stream underneath.
    pub fn into_inner(self) -> S {
        self.stream
    }
}

impl<S, K, F> Stream for DistinctByKey<S, K, F>
where
    S: Stream,
    K: PartialEq,
    F: FnMut(&S::Item) -> K,
{
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let mut this = self.project();
        let mut turn = Turn::new();
        loop {
            let Some(item) = ready!(this.stream.as_mut().poll_next(context)) else {
                return Poll::Ready(None);
            };
            let key = Some((this.key)(&item));
            if *this.last != key {
                *this.last = key;
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

impl<S, K: fmt::Debug, F> fmt::Debug for DistinctByKey<S, K, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DistinctByKey")
            .field("last", &self.last)
            .finish_non_exhaustive()
    }
}

pin_project! {
    /// Items whose key differs from their predecessor's, until the first error; made by
    /// [`try_distinct_by_key`](super::MillstreamExt::try_distinct_by_key).
    #[must_use = "streams do nothing unless polled"]
    pub struct TryDistinctByKey<S, K, F> {
        #[pin]
        stream: S,
        key: F,
        last: Option<K>,
        failed: bool,
    }
}

impl<S, K, F> TryDistinctByKey<S, K, F> {
    pub(super) fn new(stream: S, key: F) -> Self {
        TryDistinctByKey {
            stream,
            key,
            last: None,
            failed: false,
        }
    }
}

impl<S, K, T, E, F> Stream for TryDistinctByKey<S, K, F>
where
    S: Stream<Item = Result<T, E>>,
    K: PartialEq,
    F: FnMut(&T) -> Result<K, E>,
{
    type Item = Result<T, E>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut this = self.project();
        let mut turn = Turn::new();
        while !*this.failed {
            let Some(item) = ready!(this.stream.as_mut().poll_next(context)) else {
                return Poll::Ready(None);
            };
            match item.and_then(|item| Ok((Some((this.key)(&item)?), item))) {
                Ok((key, _)) if *this.last == key => {}
                Ok((key, item)) => {
                    *this.last = key;
                    return Poll::Ready(Some(Ok(item)));
                }
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
        at_most(&self.stream, self.last.is_none())
    }
}

impl<S, K: fmt::Debug, F> fmt::Debug for TryDistinctByKey<S, K, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TryDistinctByKey")
            .field("last", &self.last)
            .field("failed", &self.failed)
            .finish_non_exhaustive()
    }
}
