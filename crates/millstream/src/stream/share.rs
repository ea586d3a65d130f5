//! One stream for many consumers, each item for exactly one of them.

use super::common_source::{Common, Turned};
use crate::sync::Arc;
use futures_core::Stream;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

/// A consumer of a stream that has others; made by [`share`](super::MillstreamExt::share), and by cloning.
#[must_use = "streams do nothing unless polled"]
pub struct Share<S> {
    common: Arc<Common<S, ()>>,
    handle: u64,
}

impl<S> Share<S> {
    pub(super) fn new(stream: S) -> Self {
        let common = Arc::new(Common::new(stream, ()));
        Share {
            handle: common.new_handle(),
            common,
        }
    }
}

impl<S: Stream> Stream for Share<S> {
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<S::Item>> {
        match self
            .common
            .turn(self.handle, context, |()| true, |(), item| item)
        {
            Turned::Item(item) => Poll::Ready(Some(item)),
            Turned::Ended => Poll::Ready(None),
            Turned::Wait | Turned::Unwanted => Poll::Pending,
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        // The others may take what there is.
        self.common.size_hint()
    }
}

impl<S> Clone for Share<S> {
    /// Another consumer of the same stream.
    fn clone(&self) -> Self {
        Share {
            handle: self.common.new_handle(),
            common: self.common.clone(),
        }
    }
}

impl<S> Drop for Share<S> {
    fn drop(&mut self) {
        self.common.stop_waiting(self.handle);
    }
}

impl<S> fmt::Debug for Share<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Share")
            .field("handle", &self.handle)
            .finish_non_exhaustive()
    }
}
