//! Something that happens once and that any number of tasks can wait for: the closing of a channel without values.

use super::{rendezvous, ClosedFuture, Receiver, Sender};
use futures_core::Stream;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

/// What is raised once.
pub(crate) struct Signal {
    closes: Sender<Infallible>,
    /// Kept so that the channel is not closed because nobody watches.
    watched: Receiver<Infallible>,
}

impl Signal {
    pub(crate) fn new() -> Self {
        let (closes, watched) = rendezvous();
        Signal { closes, watched }
    }

    pub(crate) fn raise(&self) {
        self.closes.close();
    }

    pub(crate) fn is_raised(&self) -> bool {
        self.closes.is_closed()
    }

    /// Somebody who waits for it and owns all that this takes.
    pub(crate) fn watch(&self) -> SignalWatch {
        SignalWatch(self.watched.clone())
    }

    /// Somebody who waits for it, also as an arm of a select.
    pub(crate) fn raised(&self) -> ClosedFuture<'_, Infallible> {
        self.closes.closed()
    }
}

/// One who waits for a signal; the waker goes with it.
pub(crate) struct SignalWatch(Receiver<Infallible>);

impl SignalWatch {
    pub(crate) fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
        match Pin::new(&mut self.0).poll_next(context) {
            Poll::Ready(None) => Poll::Ready(()),
            Poll::Ready(Some(never)) => match never {},
            Poll::Pending => Poll::Pending,
        }
    }
}
