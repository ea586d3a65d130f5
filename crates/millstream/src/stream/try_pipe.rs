//! Any pipe over the good items of a stream of results: the first error ends it and comes out at its end.

use crate::sync::{Arc, Lock};
use futures_core::Stream;
use pin_project_lite::pin_project;
use std::fmt;
use std::pin::Pin;
use std::task::{ready, Context, Poll};

pin_project! {
    /// The good items of a stream of results; what [`try_pipe`](super::MillstreamExt::try_pipe) hands to its closure.
    ///
    /// It ends at the first error.
    #[must_use = "streams do nothing unless polled"]
    pub struct Values<S, E> {
        #[pin]
        stream: S,
        // Where the error goes; shared with the pipe around.
        error: Arc<Lock<Option<E>>>,
        ended: bool,
    }
}

impl<S, T, E> Stream for Values<S, E>
where
    S: Stream<Item = Result<T, E>>,
{
    type Item = T;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T>> {
        let this = self.project();
        if *this.ended {
            return Poll::Ready(None);
        }
        match ready!(this.stream.poll_next(context)) {
            Some(Ok(value)) => return Poll::Ready(Some(value)),
            // The place is empty: only this stream fills it, and only once.
            Some(Err(error)) => *this.error.lock() = Some(error),
            None => {}
        }
        *this.ended = true;
        Poll::Ready(None)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        if self.ended {
            return (0, Some(0));
        }
        (0, self.stream.size_hint().1)
    }
}

impl<S, E> fmt::Debug for Values<S, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Values")
            .field("ended", &self.ended)
            .finish_non_exhaustive()
    }
}

pin_project! {
    /// What a pipe makes of the good items, and then the error; made by
    /// [`try_pipe`](super::MillstreamExt::try_pipe).
    #[must_use = "streams do nothing unless polled"]
    pub struct TryPipe<P, E> {
        #[pin]
        pipe: P,
        error: Arc<Lock<Option<E>>>,
        ended: bool,
    }
}

impl<P, E> TryPipe<P, E> {
    pub(super) fn new<S>(stream: S, build: impl FnOnce(Values<S, E>) -> P) -> Self {
        let error = Arc::new(Lock::new(None));
        let values = Values {
            stream,
            error: error.clone(),
            ended: false,
        };
        TryPipe {
            pipe: build(values),
            error,
            ended: false,
        }
    }
}

impl<P, E> TryPipe<P, E> {
    /// A pipe whose error is found in `error` when it has ended.
    pub(super) fn over(pipe: P, error: Arc<Lock<Option<E>>>) -> Self {
        TryPipe {
            pipe,
            error,
            ended: false,
        }
    }
}

impl<P: Stream, E> Stream for TryPipe<P, E> {
    type Item = Result<P::Item, E>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.project();
        if *this.ended {
            return Poll::Ready(None);
        }
        if let Some(item) = ready!(this.pipe.poll_next(context)) {
            return Poll::Ready(Some(Ok(item)));
        }
        *this.ended = true;
        let error = this.error.lock().take();
        Poll::Ready(error.map(Err))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        if self.ended {
            return (0, Some(0));
        }
        let (lower, upper) = self.pipe.size_hint();
        (lower, upper.and_then(|upper| upper.checked_add(1)))
    }
}

impl<P, E> fmt::Debug for TryPipe<P, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TryPipe")
            .field("ended", &self.ended)
            .finish_non_exhaustive()
    }
}
