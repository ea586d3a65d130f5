//! Giving way: a stream that is always ready lets sibling tasks run now and then.

use super::budget::TURN;
use futures_core::{FusedStream, Stream};
use pin_project_lite::pin_project;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

pin_project! {
    /// A stream that gives way after every 128 items in a row; made by
    /// [`cooperate`](super::MillstreamExt::cooperate).
    #[derive(Clone)]
    #[must_use = "streams do nothing unless polled"]
    pub struct Cooperate<S> {
        #[pin]
        stream: S,
        // Items since the last `Pending`.
        in_a_row: u32,
    }
}

impl<S> Cooperate<S> {
    pub(super) fn new(stream: S) -> Self {
        Cooperate {
            stream,
            in_a_row: 0,
        }
    }

    /// The stream underneath.
    pub fn into_inner(self) -> S {
        self.stream
    }
}

impl<S: Stream> Stream for Cooperate<S> {
    type Item = S::Item;

    #[inline]
    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let this = self.project();
        if *this.in_a_row == TURN {
            *this.in_a_row = 0;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        let polled = this.stream.poll_next(context);
        match polled {
            Poll::Ready(_) => *this.in_a_row += 1,
            Poll::Pending => *this.in_a_row = 0,
        }
        polled
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.stream.size_hint()
    }
}

impl<S: FusedStream> FusedStream for Cooperate<S> {
    fn is_terminated(&self) -> bool {
        self.stream.is_terminated()
    }
}

impl<S> fmt::Debug for Cooperate<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cooperate")
            .field("in_a_row", &self.in_a_row)
            .finish_non_exhaustive()
    }
}
