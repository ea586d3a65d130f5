//! Items at least some time apart.

use super::clock::Clock;
use futures_core::Stream;
use pin_project_lite::pin_project;
use std::fmt;
use std::pin::Pin;
use std::task::{ready, Context, Poll};
use std::time::Duration;

pin_project! {
    /// Items at least some time apart; made by [`throttle`](super::MillstreamExt::throttle).
    #[must_use = "streams do nothing unless polled"]
    pub struct Throttle<S> {
        #[pin]
        stream: S,
        distance: Duration,
        clock: Clock,
    }
}

impl<S> Throttle<S> {
    pub(super) fn new(stream: S, distance: Duration) -> Self {
        Throttle {
            stream,
            distance,
            clock: Clock::default(),
        }
    }

    /// The stream underneath.
    pub fn into_inner(self) -> S {
        self.stream
    }
}

impl<S: Stream> Stream for Throttle<S> {
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let this = self.project();
        ready!(this.clock.poll(context));
        let item = ready!(this.stream.poll_next(context));
        if item.is_some() && !this.distance.is_zero() {
            this.clock.sleep(*this.distance);
        }
        Poll::Ready(item)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.stream.size_hint()
    }
}

impl<S> fmt::Debug for Throttle<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Throttle")
            .field("distance", &self.distance)
            .finish_non_exhaustive()
    }
}
