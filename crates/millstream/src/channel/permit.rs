//! The right to send one value: what makes a send that loses nothing when it is cancelled.

use super::cancel::LeftLine;
use super::error::SendError;
use super::sender::Sender;
use super::sending::Request;
use crate::wait::Key;
use std::fmt;
use std::future::Future;
use std::mem::ManuallyDrop;
use std::pin::Pin;
use std::task::{Context, Poll};

/// The right to send one value; made by [`Sender::reserve`].
///
/// Dropping it passes the place to the next sender in line. At capacity 0 a permit is granted when a receiver
/// waits, but that receiver is not held: if it leaves, or another sender meets it first, the permit's value
/// waits in the channel for the next one. A permit that is leaked withholds its place, and the news of the end.
#[must_use = "a permit that is dropped gives its place up"]
pub struct Permit<'a, T> {
    sender: &'a Sender<T>,
}

impl<'a, T> Permit<'a, T> {
    pub(crate) fn new(sender: &'a Sender<T>) -> Self {
        Permit { sender }
    }

    /// Sends the value. Never waits for room, and works on a channel that was closed after the permit was
    /// granted.
    ///
    /// # Errors
    ///
    /// [`SendError`] with the value if the last receiver is gone.
    pub fn send(self, value: T) -> Result<(), SendError<T>> {
        // From here on the permit is used, not dropped.
        let this = ManuallyDrop::new(self);
        this.sender.shared.use_permit(value).map_err(SendError)
    }

    /// The sender that the permit is for.
    pub fn sender(&self) -> &'a Sender<T> {
        self.sender
    }
}

impl<T> Drop for Permit<'_, T> {
    fn drop(&mut self) {
        self.sender.shared.drop_permit();
    }
}

impl<T> fmt::Debug for Permit<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Permit").finish_non_exhaustive()
    }
}

/// Waits for a permit; made by [`Sender::reserve`].
///
/// # Panics
///
/// If polled again after it was ready.
#[must_use = "a reservation does nothing until it is awaited"]
pub struct ReserveFuture<'a, T> {
    sender: &'a Sender<T>,
    key: Option<Key>,
    done: bool,
}

impl<'a, T> ReserveFuture<'a, T> {
    pub(super) fn new(sender: &'a Sender<T>) -> Self {
        ReserveFuture {
            sender,
            key: None,
            done: false,
        }
    }

    pub(crate) fn sender(&self) -> &'a Sender<T> {
        self.sender
    }

    /// Polls a reservation whose place in line is kept by the caller. `Err` means closed.
    pub(super) fn poll_with(
        sender: &Sender<T>,
        key: &mut Option<Key>,
        context: &mut Context<'_>,
    ) -> Poll<Result<(), ()>> {
        let request = &mut Request::Reserve;
        sender
            .shared
            .poll_request(&sender.forecast, request, key, context)
    }

    /// Leaves the line; a permit that was granted by then passes on.
    pub(super) fn give_up(sender: &Sender<T>, key: Option<Key>) {
        if let Some(key) = key {
            if seeded!("granted-permit-lost-on-cancel") {
                drop(sender.shared.leave_senders(key));
            } else if let LeftLine::Granted = sender.shared.leave_senders(key) {
                drop(Permit::new(sender));
            }
        }
    }
}

impl<'a, T> Future for ReserveFuture<'a, T> {
    type Output = Result<Permit<'a, T>, SendError<()>>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        assert!(!self.done, "ReserveFuture was polled after it was ready");
        let this = &mut *self;
        match Self::poll_with(this.sender, &mut this.key, context) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(granted) => {
                this.done = true;
                Poll::Ready(match granted {
                    Ok(()) => Ok(Permit::new(this.sender)),
                    Err(()) => Err(SendError(())),
                })
            }
        }
    }
}

impl<T> Drop for ReserveFuture<'_, T> {
    fn drop(&mut self) {
        Self::give_up(self.sender, self.key.take());
    }
}

impl<T> fmt::Debug for ReserveFuture<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReserveFuture")
            .field("waiting", &self.key.is_some())
            .finish_non_exhaustive()
    }
}
