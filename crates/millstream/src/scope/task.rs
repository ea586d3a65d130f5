//! The value that a task of a scope will have.

use crate::block_on;
use crate::channel::Receiver;
use futures_core::Stream;
use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

/// The value of a task in a scope; a future. Dropping it does not end the task, which belongs to the scope.
///
/// # Errors
///
/// [`Cancelled`], if the task has no value: it was cancelled, came too late, failed or panicked. What went wrong comes out
/// of the scope.
///
/// # Panics
///
/// If polled again after it was ready.
///
/// # Cancel safety
///
/// Cancel safe: the value stays in the task until a poll takes it.
#[derive(Debug)]
pub struct Task<T> {
    value: Option<Receiver<T>>,
}

/// The task has no value; what went wrong, if anything did, comes out of its scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cancelled;

impl<T> Task<T> {
    pub(super) fn new(value: Receiver<T>) -> Self {
        Task { value: Some(value) }
    }

    /// Waits for the value on the calling thread.
    ///
    /// # Errors
    ///
    /// As for the future.
    ///
    /// # Blocking
    ///
    /// Blocks the calling thread. In the body of the scope this would keep the scope itself from going on.
    pub fn wait(self) -> Result<T, Cancelled> {
        block_on(self)
    }

    /// Whether the task has ended and this is ready.
    pub fn is_ready(&self) -> bool {
        self.value
            .as_ref()
            .is_none_or(|value| !value.is_empty() || value.is_closed())
    }
}

impl<T> Future for Task<T> {
    type Output = Result<T, Cancelled>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let receiver = self
            .value
            .as_mut()
            .expect("Task was polled after it was ready");
        let polled = Pin::new(receiver).poll_next(context);
        polled.map(|value| {
            self.value = None;
            value.ok_or(Cancelled)
        })
    }
}

impl fmt::Display for Cancelled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the task was cancelled or failed, so it has no value")
    }
}

impl Error for Cancelled {}
