//! Runs of items with the same key, each as one item.

use super::budget::Turn;
use futures_core::Stream;
use pin_project_lite::pin_project;
use std::fmt;
use std::pin::Pin;
use std::task::{ready, Context, Poll};

/// A key and the items that have it.
pub type Run<K, T> = (K, Vec<T>);

pin_project! {
    /// Runs with their keys; made by [`group_by`](super::MillstreamExt::group_by).
    #[must_use = "streams do nothing unless polled"]
    pub struct GroupBy<S: Stream, K, F> {
        #[pin]
        stream: S,
        key: F,
        // The run that has begun, until an item of another key or the end.
        run: Option<(K, Vec<S::Item>)>,
        ended: bool,
    }
}

impl<S: Stream, K, F> GroupBy<S, K, F> {
    pub(super) fn new(stream: S, key: F) -> Self {
        GroupBy {
            stream,
            key,
            run: None,
            ended: false,
        }
    }

    /// The stream underneath, and the run that has begun.
    pub fn into_parts(self) -> (S, Option<Run<K, S::Item>>) {
        (self.stream, self.run)
    }
}

impl<S, K, F> Stream for GroupBy<S, K, F>
where
    S: Stream,
    K: PartialEq,
    F: FnMut(&S::Item) -> K,
{
    type Item = (K, Vec<S::Item>);

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut this = self.project();
        let mut turn = Turn::new();
        while !*this.ended {
            match ready!(this.stream.as_mut().poll_next(context)) {
                Some(item) => {
                    let key = (this.key)(&item);
                    if let Some(full) = add(this.run, key, item) {
                        return Poll::Ready(Some(full));
                    }
                }
                None => *this.ended = true,
            }
            if !*this.ended && turn.is_over(context) {
                return Poll::Pending;
            }
        }
        Poll::Ready(this.run.take())
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        size_hint(self.ended, &self.stream, self.run.is_some())
    }
}

/// Adds an item to the run, or begins a new one and returns the old.
fn add<K: PartialEq, T>(run: &mut Option<(K, Vec<T>)>, key: K, item: T) -> Option<(K, Vec<T>)> {
    match run {
        Some((current, items)) if *current == key => {
            items.push(item);
            None
        }
        _ => run.replace((key, vec![item])),
    }
}

/// At least one run if there is an item at all, and at most one for each item.
fn size_hint(ended: bool, stream: &impl Stream, begun: bool) -> (usize, Option<usize>) {
    let (lower, upper) = if ended {
        (0, Some(0))
    } else {
        stream.size_hint()
    };
    let begun = usize::from(begun);
    (
        begun.max(lower.min(1)),
        upper.and_then(|upper| upper.checked_add(begun)),
    )
}

impl<S: Stream, K: fmt::Debug, F> fmt::Debug for GroupBy<S, K, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GroupBy")
            .field("key", &self.run.as_ref().map(|(key, _)| key))
            .finish_non_exhaustive()
    }
}

pin_project! {
    /// Runs with their keys until the first error; made by
    /// [`try_group_by`](super::MillstreamExt::try_group_by).
    #[must_use = "streams do nothing unless polled"]
    pub struct TryGroupBy<S, K, T, E, F> {
        #[pin]
        stream: S,
        key: F,
        run: Option<(K, Vec<T>)>,
        // What ended the stream, until the run before it has been yielded.
        error: Option<E>,
        ended: bool,
    }
}

impl<S, K, T, E, F> TryGroupBy<S, K, T, E, F> {
    pub(super) fn new(stream: S, key: F) -> Self {
        TryGroupBy {
            stream,
            key,
            run: None,
            error: None,
            ended: false,
        }
    }
}

impl<S, K, T, E, F> Stream for TryGroupBy<S, K, T, E, F>
where
    S: Stream<Item = Result<T, E>>,
    K: PartialEq,
    F: FnMut(&T) -> Result<K, E>,
{
    type Item = Result<(K, Vec<T>), E>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut this = self.project();
        let mut turn = Turn::new();
        while !*this.ended {
            let Some(item) = ready!(this.stream.as_mut().poll_next(context)) else {
                *this.ended = true;
                break;
            };
            match item.and_then(|item| Ok(((this.key)(&item)?, item))) {
                Ok((key, item)) => {
                    if let Some(full) = add(this.run, key, item) {
                        return Poll::Ready(Some(Ok(full)));
                    }
                }
                Err(error) => {
                    *this.error = Some(error);
                    *this.ended = true;
                    break;
                }
            }
            if turn.is_over(context) {
                return Poll::Pending;
            }
        }
        let last = this.run.take().map(Ok);
        Poll::Ready(last.or_else(|| this.error.take().map(Err)))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let (lower, upper) = size_hint(self.ended, &self.stream, self.run.is_some());
        let error = usize::from(self.error.is_some());
        (
            lower + error,
            upper.and_then(|upper| upper.checked_add(error)),
        )
    }
}

impl<S, K: fmt::Debug, T, E, F> fmt::Debug for TryGroupBy<S, K, T, E, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TryGroupBy")
            .field("key", &self.run.as_ref().map(|(key, _)| key))
            .finish_non_exhaustive()
    }
}
