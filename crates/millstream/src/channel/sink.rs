//! A sender as a sink.

use super::error::SendError;
use super::permit::{Permit, ReserveFuture};
use super::sender::Sender;
use crate::wait::Key;
use futures_sink::Sink;
use std::fmt;
use std::pin::Pin;
use std::task::{ready, Context, Poll};

/// A `Sink` over a sender; made by [`Sender::sink`](crate::Sender::sink).
///
/// `poll_ready` reserves a place, `start_send` uses it and never waits, `poll_flush` has nothing to do, and
/// `poll_close` closes the channel.
///
/// # Cancel safety
///
/// Nothing is held but a place: dropping the sink gives it up.
pub struct SendSink<T> {
    sender: Sender<T>,
    key: Option<Key>,
    /// Whether a permit was granted and not used.
    has_permit: bool,
}

impl<T> SendSink<T> {
    pub(super) fn new(sender: Sender<T>) -> Self {
        SendSink {
            sender,
            key: None,
            has_permit: false,
        }
    }

    /// The sender underneath.
    pub fn sender(&self) -> &Sender<T> {
        &self.sender
    }

    /// Leaves the line, and passes on what was granted.
    fn give_up(&mut self) {
        ReserveFuture::give_up(&self.sender, self.key.take());
        drop(self.take_permit());
    }

    /// The permit, as the object that gives it up when dropped.
    fn take_permit(&mut self) -> Option<Permit<'_, T>> {
        std::mem::take(&mut self.has_permit).then(|| Permit::new(&self.sender))
    }
}

impl<T> Sink<T> for SendSink<T> {
    type Error = SendError<Option<T>>;

    fn poll_ready(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Result<(), Self::Error>> {
        let this = &mut *self;
        if this.has_permit {
            return Poll::Ready(Ok(()));
        }
        let granted = ready!(ReserveFuture::poll_with(
            &this.sender,
            &mut this.key,
            context
        ));
        this.has_permit = granted.is_ok();
        Poll::Ready(granted.map_err(|()| SendError(None)))
    }

    /// Sends through the place that `poll_ready` reserved.
    ///
    /// # Panics
    ///
    /// If `poll_ready` has not said `Ready(Ok)` before.
    fn start_send(mut self: Pin<&mut Self>, value: T) -> Result<(), Self::Error> {
        let permit = self
            .take_permit()
            .expect("start_send was called before poll_ready said Ready(Ok)");
        permit
            .send(value)
            .map_err(|SendError(value)| SendError(Some(value)))
    }

    fn poll_flush(
        self: Pin<&mut Self>,
        _context: &mut Context<'_>,
    ) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(
        mut self: Pin<&mut Self>,
        _context: &mut Context<'_>,
    ) -> Poll<Result<(), Self::Error>> {
        // Neither a place nor a turn will be used, and receivers would wait for both.
        self.give_up();
        self.sender.close();
        Poll::Ready(Ok(()))
    }
}

impl<T> Drop for SendSink<T> {
    fn drop(&mut self) {
        self.give_up();
    }
}

impl<T> fmt::Debug for SendSink<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SendSink")
            .field("has_permit", &self.has_permit)
            .finish_non_exhaustive()
    }
}
