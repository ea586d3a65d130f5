//! The streams of a stream merged into one, a bounded number of them at once.

use super::fan_in::{Event, FanIn};
use super::merge::sum_of_hints;
use futures_core::{FusedStream, Stream};
use pin_project_lite::pin_project;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

pin_project! {
    /// The items of a stream's streams; made by [`merge_all`](super::MillstreamExt::merge_all).
    #[must_use = "streams do nothing unless polled"]
    pub struct MergeAll<S: Stream> {
        #[pin]
        streams: S,
        at_once: usize,
        inputs: FanIn<S::Item>,
        ended: bool,
    }
}

impl<S: Stream> MergeAll<S> {
    pub(super) fn new(streams: S, at_once: usize) -> Self {
        assert!(at_once > 0, "merge_all needs at least one stream at once");
        MergeAll {
            streams,
            at_once,
            inputs: FanIn::new([]),
            ended: false,
        }
    }
}

impl<S> Stream for MergeAll<S>
where
    S: Stream,
    S::Item: Stream,
{
    type Item = <S::Item as Stream>::Item;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut this = self.project();
        // Of each poll this many streams are started at most: beyond that, those that run come first.
        let mut starts = 0;
        loop {
            let mut waits_for_more = false;
            while !*this.ended && this.inputs.len() < *this.at_once {
                if starts == super::budget::TURN {
                    context.waker().wake_by_ref();
                    waits_for_more = true;
                    break;
                }
                match this.streams.as_mut().poll_next(context) {
                    Poll::Ready(Some(stream)) => {
                        this.inputs.insert(stream);
                        starts += 1;
                    }
                    Poll::Ready(None) => *this.ended = true,
                    Poll::Pending => {
                        waits_for_more = true;
                        break;
                    }
                }
            }
            match this.inputs.poll_event(context) {
                Poll::Ready(Some(Event::Item(slot, item))) => {
                    this.inputs.resume(slot);
                    return Poll::Ready(Some(item));
                }
                // There is a place again.
                Poll::Ready(Some(Event::Ended(_))) => {}
                Poll::Ready(None) if *this.ended => return Poll::Ready(None),
                Poll::Ready(None) if waits_for_more => return Poll::Pending,
                Poll::Ready(None) => {}
                Poll::Pending => return Poll::Pending,
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let (lower, upper) = sum_of_hints(self.inputs.streams());
        let is_last = self.ended || self.streams.size_hint().1 == Some(0);
        (lower, if is_last { upper } else { None })
    }
}

impl<S> FusedStream for MergeAll<S>
where
    S: Stream,
    S::Item: Stream,
{
    fn is_terminated(&self) -> bool {
        self.ended && self.inputs.len() == 0
    }
}

impl<S: Stream> fmt::Debug for MergeAll<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MergeAll")
            .field("at_once", &self.at_once)
            .field("inputs", &self.inputs.len())
            .field("ended", &self.ended)
            .finish_non_exhaustive()
    }
}
