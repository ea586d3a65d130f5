//! An end as a stream of what its peer sends.

use super::end::End;
use super::error::Ended;
use futures_core::{FusedStream, Stream};
use std::pin::Pin;
use std::task::{ready, Context, Poll};

/// The stream ends when the peer was closed. If it was dropped or has failed, that is the last item: a stream that is cut
/// off does not look like one that has ended.
///
/// The task's waker stays in the end until its next operation, or until it is dropped.
impl<S, R> Stream for End<S, R> {
    type Item = Result<R, Ended>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.told {
            return Poll::Ready(None);
        }
        let received = ready!(self.poll_recv(context));
        self.told = received.is_err();
        Poll::Ready(match received {
            Err(Ended::Closed) => None,
            other => Some(other),
        })
    }
}

impl<S, R> FusedStream for End<S, R> {
    fn is_terminated(&self) -> bool {
        self.told
    }
}
