//! The future of one send.

use super::cancel::LeftLine;
use super::error::{SendError, SendTimeoutError};
use super::sender::Sender;
use super::sending::Request;
use crate::wait::Key;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Sends one value; made by [`Sender::send`].
///
/// # Panics
///
/// If polled again after it was ready.
#[must_use = "a send does nothing until it is awaited"]
pub struct SendFuture<'a, T> {
    sender: &'a Sender<T>,
    /// The value, until the channel has it; while it waits it lies in the channel.
    value: Option<T>,
    key: Option<Key>,
}

// The value is only ever moved, never pinned.
impl<T> Unpin for SendFuture<'_, T> {}

impl<'a, T> SendFuture<'a, T> {
    #[inline]
    pub(super) fn new(sender: &'a Sender<T>, value: T) -> Self {
        SendFuture {
            sender,
            value: Some(value),
            key: None,
        }
    }

    /// Takes the future apart: the value if it was not sent, `None` if it was.
    #[inline]
    pub(crate) fn into_parts(mut self) -> (&'a Sender<T>, Option<T>) {
        if let Some(key) = self.key.take() {
            match self.sender.shared.leave_senders(key) {
                LeftLine::Granted => {}
                LeftLine::Withdrawn(value) | LeftLine::Closed(value) => self.value = value,
            }
        }
        (self.sender, self.value.take())
    }

    /// Stops waiting because the time is up, and says whether the value was sent, which dropping the future does not.
    pub(crate) fn give_up(mut self) -> Result<(), SendTimeoutError<T>> {
        const HAS_VALUE: &str = "a send that was not done has its value";
        let Some(key) = self.key.take() else {
            return Err(SendTimeoutError::Timeout(
                self.value.take().expect(HAS_VALUE),
            ));
        };
        match self.sender.shared.conclude_send(key) {
            LeftLine::Granted => Ok(()),
            LeftLine::Withdrawn(value) => Err(SendTimeoutError::Timeout(value.expect(HAS_VALUE))),
            LeftLine::Closed(value) => Err(SendTimeoutError::Closed(value.expect(HAS_VALUE))),
        }
    }
}

impl<T> Future for SendFuture<'_, T> {
    type Output = Result<(), SendError<T>>;

    #[inline(always)]
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        assert!(
            this.value.is_some() || this.key.is_some(),
            "SendFuture was polled after it was ready"
        );
        let mut request = Request::Send(&mut this.value);
        let sender = this.sender;
        match sender
            .shared
            .poll_request(&sender.forecast, &mut request, &mut this.key, context)
        {
            Poll::Pending => Poll::Pending,
            Poll::Ready(Ok(())) => Poll::Ready(Ok(())),
            Poll::Ready(Err(())) => {
                let value = this.value.take().expect("a refused value comes back");
                Poll::Ready(Err(SendError(value)))
            }
        }
    }
}

impl<T> Drop for SendFuture<'_, T> {
    #[inline]
    fn drop(&mut self) {
        if seeded!("dropped-send-is-sent") {
            return;
        }
        if let Some(key) = self.key.take() {
            // A value that comes back is dropped here, outside the lock.
            drop(self.sender.shared.leave_senders(key));
        }
    }
}

impl<T> fmt::Debug for SendFuture<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SendFuture")
            .field("waiting", &self.key.is_some())
            .finish_non_exhaustive()
    }
}
