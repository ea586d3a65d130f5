//! The last item of each burst, when it has been quiet for some time.

use super::budget::Turn;
use super::clock::Clock;
use futures_core::Stream;
use pin_project_lite::pin_project;
use std::fmt;
use std::pin::Pin;
use std::task::{ready, Context, Poll};
use std::time::Duration;

pin_project! {
    /// The last item of each burst; made by [`debounce`](super::MillstreamExt::debounce).
    #[must_use = "streams do nothing unless polled"]
    pub struct Debounce<S: Stream> {
        #[pin]
        stream: S,
        quiet: Duration,
        clock: Clock,
        // The newest item, until it has been quiet for long enough.
        newest: Option<S::Item>,
        ended: bool,
    }
}

impl<S: Stream> Debounce<S> {
    pub(super) fn new(stream: S, quiet: Duration) -> Self {
        Debounce {
            stream,
            quiet,
            clock: Clock::default(),
            newest: None,
            ended: false,
        }
    }

    /// The stream underneath, and the item that waits for quiet.
    pub fn into_parts(self) -> (S, Option<S::Item>) {
        (self.stream, self.newest)
    }
}

impl<S: Stream> Stream for Debounce<S> {
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let mut this = self.project();
        let mut turn = Turn::new();
        let mut came = false;
        while !*this.ended {
            match this.stream.as_mut().poll_next(context) {
                Poll::Ready(Some(item)) => {
                    *this.newest = Some(item);
                    came = true;
                }
                Poll::Ready(None) => *this.ended = true,
                Poll::Pending => break,
            }
            if !*this.ended && turn.is_over(context) {
                // The quiet begins with the last item of this turn, in case none follows.
                this.clock.sleep(*this.quiet);
                return Poll::Pending;
            }
        }
        if *this.ended {
            this.clock.stop();
            return Poll::Ready(this.newest.take());
        }
        if this.newest.is_none() {
            return Poll::Pending;
        }
        if came {
            // One timer for all the items that came at once.
            this.clock.sleep(*this.quiet);
        }
        ready!(this.clock.poll(context));
        Poll::Ready(this.newest.take())
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let (lower, upper) = if self.ended {
            (0, Some(0))
        } else {
            self.stream.size_hint()
        };
        let here = usize::from(self.newest.is_some());
        (
            here.max(lower.min(1)),
            upper.and_then(|upper| upper.checked_add(here)),
        )
    }
}

impl<S: Stream> fmt::Debug for Debounce<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Debounce")
            .field("quiet", &self.quiet)
            .field("waiting", &self.newest.is_some())
            .finish_non_exhaustive()
    }
}
