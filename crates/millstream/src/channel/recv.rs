//! The future of one receive.

use super::error::{RecvError, RecvTimeoutError};
use super::receiver::Receiver;
use super::receiving::RecvOutcome;
use crate::wait::Key;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Receives the next value; made by [`Receiver::recv`].
///
/// # Panics
///
/// If polled again after it was ready.
#[must_use = "a receive does nothing until it is awaited"]
pub struct RecvFuture<'a, T> {
    receiver: &'a Receiver<T>,
    key: Option<Key>,
    done: bool,
}

impl<'a, T> RecvFuture<'a, T> {
    #[inline]
    pub(super) fn new(receiver: &'a Receiver<T>) -> Self {
        RecvFuture {
            receiver,
            key: None,
            done: false,
        }
    }

    #[inline]
    pub(crate) fn receiver(&self) -> &'a Receiver<T> {
        self.receiver
    }

    /// Stops waiting because the time is up; takes the value all the same if it was granted by then.
    pub(crate) fn give_up(mut self) -> Result<T, RecvTimeoutError> {
        match self.key.take() {
            None => Err(RecvTimeoutError::Timeout),
            Some(_) if seeded!("stale-waiter-after-a-timeout") => Err(RecvTimeoutError::Timeout),
            Some(key) => match self.receiver.shared.conclude_recv(key) {
                RecvOutcome::Value(value) => Ok(value),
                RecvOutcome::Closed => Err(RecvTimeoutError::Closed),
                RecvOutcome::Look => Err(RecvTimeoutError::Timeout),
            },
        }
    }
}

impl<T> Future for RecvFuture<'_, T> {
    type Output = Result<T, RecvError>;

    #[inline(always)]
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        assert!(!self.done, "RecvFuture was polled after it was ready");
        let this = &mut *self;
        if this.key.is_none() {
            this.key = this.receiver.take_parked();
        }
        let receiver = this.receiver;
        match receiver
            .shared
            .poll_recv(&receiver.forecast, &mut this.key, context)
        {
            Poll::Pending => Poll::Pending,
            Poll::Ready(value) => {
                this.done = true;
                Poll::Ready(value.ok_or(RecvError))
            }
        }
    }
}

impl<T> Drop for RecvFuture<'_, T> {
    #[inline]
    fn drop(&mut self) {
        if seeded!("leaked-waiter") {
            return;
        }
        if let Some(key) = self.key.take() {
            self.receiver.shared.cancel_recv(key);
        }
    }
}

impl<T> fmt::Debug for RecvFuture<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecvFuture")
            .field("waiting", &self.key.is_some())
            .finish_non_exhaustive()
    }
}
