//! Lists of items, closed by their number or by time.

use super::budget::Turn;
use super::clock::Clock;
use futures_core::Stream;
use pin_project_lite::pin_project;
use std::fmt;
use std::mem;
use std::pin::Pin;
use std::task::{ready, Context, Poll};
use std::time::Duration;

pin_project! {
    /// Lists of items, closed by number or time; made by [`batch`](super::MillstreamExt::batch).
    #[must_use = "streams do nothing unless polled"]
    pub struct Batch<S: Stream> {
        #[pin]
        stream: S,
        most: usize,
        within: Duration,
        // Sleeps while there is an item in the list.
        clock: Clock,
        items: Vec<S::Item>,
        ended: bool,
    }
}

impl<S: Stream> Batch<S> {
    pub(super) fn new(stream: S, most: usize, within: Duration) -> Self {
        assert!(most > 0, "a batch holds at least one item");
        Batch {
            stream,
            most,
            within,
            clock: Clock::default(),
            items: Vec::new(),
            ended: false,
        }
    }

    /// The stream underneath, and the list that has begun.
    pub fn into_parts(self) -> (S, Vec<S::Item>) {
        (self.stream, self.items)
    }
}

impl<S: Stream> Stream for Batch<S> {
    type Item = Vec<S::Item>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut this = self.project();
        let mut turn = Turn::new();
        while !*this.ended {
            match this.stream.as_mut().poll_next(context) {
                Poll::Ready(Some(item)) => {
                    if this.items.is_empty() && *this.most > 1 {
                        this.clock.sleep(*this.within);
                    }
                    this.items.push(item);
                    if this.items.len() == *this.most {
                        this.clock.stop();
                        return Poll::Ready(Some(mem::take(this.items)));
                    }
                }
                Poll::Ready(None) => *this.ended = true,
                Poll::Pending => {
                    if this.items.is_empty() {
                        return Poll::Pending;
                    }
                    ready!(this.clock.poll(context));
                    return Poll::Ready(Some(mem::take(this.items)));
                }
            }
            if !*this.ended && turn.is_over(context) {
                // A source that is always ready must not keep a list open beyond its time.
                ready!(this.clock.poll(context));
                return Poll::Ready(Some(mem::take(this.items)));
            }
        }
        this.clock.stop();
        let last = mem::take(this.items);
        Poll::Ready(if last.is_empty() { None } else { Some(last) })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let (lower, upper) = if self.ended {
            (0, Some(0))
        } else {
            self.stream.size_hint()
        };
        let here = self.items.len();
        (
            lower.saturating_add(here).div_ceil(self.most),
            upper.and_then(|upper| upper.checked_add(usize::from(here > 0))),
        )
    }
}

impl<S: Stream> fmt::Debug for Batch<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batch")
            .field("most", &self.most)
            .field("within", &self.within)
            .field("here", &self.items.len())
            .finish_non_exhaustive()
    }
}
