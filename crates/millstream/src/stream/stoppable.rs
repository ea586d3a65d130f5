//! A stream that can be stopped from outside, also while somebody waits for it.

use super::signal::{Signal, Waits};
use crate::sync::Arc;
use futures_core::Stream;
use pin_project_lite::pin_project;
use std::fmt;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll};

pin_project! {
    /// A stream that can be stopped; made by [`stoppable`](super::MillstreamExt::stoppable).
    #[must_use = "streams do nothing unless polled"]
    pub struct Stoppable<S> {
        #[pin]
        stream: S,
        stopped: Waits<bool>,
    }
}

/// Stops a stream; made by [`stoppable`](super::MillstreamExt::stoppable).
///
/// Dropping it does not stop the stream.
#[derive(Clone)]
pub struct Stopper {
    stopped: Arc<Signal<bool>>,
}

impl Stopper {
    /// Ends the stream now: whoever waits for it is woken. `false` if it was stopped before.
    pub fn stop(&self) -> bool {
        self.stopped.change(|stopped| !mem::replace(stopped, true))
    }

    /// Whether the stream was stopped.
    pub fn is_stopped(&self) -> bool {
        self.stopped.with(|stopped| *stopped)
    }
}

impl<S> Stoppable<S> {
    pub(super) fn new(stream: S) -> (Self, Stopper) {
        let stopped = Arc::new(Signal::new(false));
        let stopper = Stopper {
            stopped: stopped.clone(),
        };
        let stopped = Waits(stopped);
        (Stoppable { stream, stopped }, stopper)
    }

    /// The stream underneath, with everything that was not yielded before the stop.
    pub fn into_inner(self) -> S {
        self.stream
    }
}

impl<S: Stream> Stream for Stoppable<S> {
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let this = self.project();
        if this.stopped.with(|stopped| *stopped) {
            return Poll::Ready(None);
        }
        let polled = this.stream.poll_next(context);
        if polled.is_pending() {
            let stopped = this.stopped.look(context, |stopped| stopped.then_some(()));
            if stopped.is_some() {
                return Poll::Ready(None);
            }
        }
        polled
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        if self.stopped.with(|stopped| *stopped) {
            return (0, Some(0));
        }
        (0, self.stream.size_hint().1)
    }
}

impl<S> fmt::Debug for Stoppable<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stoppable")
            .field("stopped", &self.stopped.with(|stopped| *stopped))
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Stopper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stopper")
            .field("stopped", &self.is_stopped())
            .finish()
    }
}
