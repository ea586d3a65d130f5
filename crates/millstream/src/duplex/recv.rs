//! The future of one receive.

use super::end::End;
use super::error::Ended;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Receives one value; made by [`End::recv`].
///
/// # Panics
///
/// If polled again after it was ready.
#[must_use = "a receive does nothing until it is awaited"]
pub struct RecvFuture<'a, S, R> {
    end: &'a mut End<S, R>,
    done: bool,
}

impl<'a, S, R> RecvFuture<'a, S, R> {
    pub(super) fn new(end: &'a mut End<S, R>) -> Self {
        RecvFuture { end, done: false }
    }
}

impl<S, R> End<S, R> {
    /// One look for a value.
    pub(super) fn poll_recv(&mut self, context: &mut Context<'_>) -> Poll<Result<R, Ended>> {
        let waker = context.waker().clone();
        let (result, after) = self.half.with(|mut view| {
            // Whoever asks for the next value has dealt with the last.
            let news = view.incoming.move_on();
            let result = match view.incoming.take() {
                Some(value) => Some(Ok(value)),
                None => view.peer.ended.clone().map(Err),
            };
            let after = view.settle(waker, result.is_none(), news);
            (result, after)
        });
        after.fire();
        result.map_or(Poll::Pending, Poll::Ready)
    }
}

impl<S, R> Future for RecvFuture<'_, S, R> {
    type Output = Result<R, Ended>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        assert!(!self.done, "RecvFuture was polled after it was ready");
        let polled = self.end.poll_recv(context);
        self.done = polled.is_ready();
        polled
    }
}

impl<S, R> Drop for RecvFuture<'_, S, R> {
    fn drop(&mut self) {
        if !self.done {
            self.end.half.stop_waiting();
        }
    }
}

impl<S, R> fmt::Debug for RecvFuture<'_, S, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecvFuture")
            .field("done", &self.done)
            .finish_non_exhaustive()
    }
}
