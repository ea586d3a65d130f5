//! One end of a pair.

use super::error::{Ended, SendFailure};
use super::pair::Half;
use super::recv::RecvFuture;
use super::send::SendFuture;
use crate::block_on;
use crate::sync::Arc;
use std::error::Error;
use std::fmt;

/// A pair of ends: the first sends `A` and receives `B`, the second the other way round (sav.channels' `create`).
///
/// Either may start. The ends can be in different tasks, or on threads.
///
/// # Examples
///
/// ```
/// let (mut here, mut there) = millstream::duplex::duplex::<&str, ()>();
/// let thread = std::thread::spawn(move || {
///     let greeting = there.recv_blocking().unwrap();
///     there.close();
///     greeting
/// });
/// here.send_blocking("hello").unwrap();
/// assert_eq!(thread.join().unwrap(), "hello");
/// ```
pub fn duplex<A, B>() -> (End<A, B>, End<B, A>) {
    let (left, right) = Half::new_pair();
    (End::new(left), End::new(right))
}

/// One end of a [`duplex`] pair: sends `S`, receives `R`.
///
/// An end is used from one task at a time, which `&mut self` sees to. It is a `Stream` of what the peer sends. Dropping it
/// without [`close`](Self::close) or [`fail`](Self::fail) is seen by the peer as [`Ended::Abandoned`].
pub struct End<S, R> {
    pub(super) half: Half<S, R>,
    /// As a stream it has told the end.
    pub(super) told: bool,
}

// Nothing in it is ever pinned: values lie in the pair, on the heap, and are moved.
impl<S, R> Unpin for End<S, R> {}

impl<S, R> End<S, R> {
    fn new(half: Half<S, R>) -> Self {
        End { half, told: false }
    }

    /// Sends a value, and waits until the peer has dealt with it.
    ///
    /// The peer has dealt with a value when it does the next thing with its end: receives, sends or closes it.
    ///
    /// # Errors
    ///
    /// [`SendFailure::Refused`] gives the value back if the peer has gone or goes before it took it.
    /// [`SendFailure::Unanswered`] says that the peer took it, and was dropped or failed with it in hand.
    /// [`SendFailure::Crossed`] gives it back if the peer is sending too and its value waits here to be received.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped before the peer took the value, it was not sent, and is dropped with the future. If it is
    /// dropped later, the value was sent, and only the waiting is over. The pair is as good as before.
    pub fn send(&mut self, value: S) -> SendFuture<'_, S, R> {
        SendFuture::new(self, value)
    }

    /// Receives the next value, and thereby lets the peer go on that waits for the last one to be dealt with.
    ///
    /// # Errors
    ///
    /// How the peer went, once it has; each call says so then.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a value is taken only by the poll that returns it. That the last value was dealt with stays said.
    pub fn recv(&mut self) -> RecvFuture<'_, S, R> {
        RecvFuture::new(self)
    }

    /// [`send`](Self::send) on a thread.
    ///
    /// # Errors
    ///
    /// As for [`send`](Self::send).
    ///
    /// # Blocking
    ///
    /// Blocks the calling thread until the peer has dealt with the value or has gone.
    pub fn send_blocking(&mut self, value: S) -> Result<(), SendFailure<S>> {
        block_on(self.send(value))
    }

    /// [`recv`](Self::recv) on a thread.
    ///
    /// # Errors
    ///
    /// As for [`recv`](Self::recv).
    ///
    /// # Blocking
    ///
    /// Blocks the calling thread until the peer sends or has gone.
    pub fn recv_blocking(&mut self) -> Result<R, Ended> {
        block_on(self.recv())
    }

    /// How the peer went, if it has. A value of it may still be here to be received.
    pub fn peer_ended(&self) -> Option<Ended> {
        self.half.with(|view| view.peer.ended.clone())
    }

    /// Ends this end in good order: what was received was dealt with, and nothing more will be sent.
    ///
    /// The peer sees [`Ended::Closed`]; a send of it that this end has not taken gives its value back.
    pub fn close(self) {
        self.half.end(Ended::Closed);
    }

    /// Gives up with an error: the peer sees [`Ended::Failed`] with it, now and whenever it asks.
    pub fn fail(self, error: impl Into<Box<dyn Error + Send + Sync>>) {
        self.half.end(Ended::Failed(Arc::from(error.into())));
    }
}

impl<S, R> Drop for End<S, R> {
    fn drop(&mut self) {
        self.half.end(Ended::Abandoned);
    }
}

impl<S, R> fmt::Debug for End<S, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("End")
            .field("peer_ended", &self.peer_ended())
            .finish_non_exhaustive()
    }
}
