//! Results up to and including the first error.

use futures_core::{FusedStream, Stream};
use pin_project_lite::pin_project;
use std::fmt;
use std::pin::Pin;
use std::task::{ready, Context, Poll};

pin_project! {
    /// Results until the first error; made by [`until_err`](super::MillstreamExt::until_err).
    #[must_use = "streams do nothing unless polled"]
    pub struct UntilErr<S> {
        #[pin]
        stream: S,
        ended: bool,
    }
}

impl<S> UntilErr<S> {
    pub(super) fn new(stream: S) -> Self {
        UntilErr {
            stream,
            ended: false,
        }
    }

    /// The stream underneath, with everything after the error.
    pub fn into_inner(self) -> S {
        self.stream
    }
}

impl<S, T, E> Stream for UntilErr<S>
where
    S: Stream<Item = Result<T, E>>,
{
    type Item = Result<T, E>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.project();
        if *this.ended {
            return Poll::Ready(None);
        }
        let item = ready!(this.stream.poll_next(context));
        *this.ended = !matches!(item, Some(Ok(_)));
        Poll::Ready(item)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        if self.ended {
            return (0, Some(0));
        }
        let (lower, upper) = self.stream.size_hint();
        (lower.min(1), upper)
    }
}

impl<S, T, E> FusedStream for UntilErr<S>
where
    S: Stream<Item = Result<T, E>>,
{
    fn is_terminated(&self) -> bool {
        self.ended
    }
}

impl<S> fmt::Debug for UntilErr<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UntilErr")
            .field("ended", &self.ended)
            .finish_non_exhaustive()
    }
}
