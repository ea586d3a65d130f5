//! What a case may ask of a channel, so that the same case runs against millstream and against its peers.
//!
//! A [`Family`] opens channels; [`SendEnd`] and [`ReceiveEnd`] are their two ends. Whatever a channel does not offer it
//! refuses with [`Absent`], and the case becomes not applicable. The methods translate and add nothing: no retries, no
//! guards, no memory of their own.

use std::fmt;
use std::time::Duration;

use crate::drive::Boxed;
use crate::verdict::{Absent, Offer};

/// How a channel holds values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// No capacity: a send completes when a receiver takes part.
    Rendezvous,
    /// Up to so many values, then senders wait.
    Bounded(usize),
    /// Any number of values.
    Unbounded,
    /// Up to so many values, then the newest is dropped.
    Dropping(usize),
    /// Up to so many values, then the oldest is dropped.
    Sliding(usize),
}

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rendezvous => f.write_str("rendezvous"),
            Self::Bounded(n) => write!(f, "bounded({n})"),
            Self::Unbounded => f.write_str("unbounded"),
            Self::Dropping(n) => write!(f, "dropping({n})"),
            Self::Sliding(n) => write!(f, "sliding({n})"),
        }
    }
}

/// Why a send did not take place. The value is there when the channel gives it back.
#[derive(Debug)]
pub enum Refused<T> {
    /// No room, now or within the time given.
    Full(Option<T>),
    /// The channel is closed.
    Closed(Option<T>),
}

/// Why a receive brought nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// No value, now or within the time given.
    Empty,
    /// Closed, and nothing left.
    Closed,
}

/// The output of a waiting send: an error may hold the value.
pub type Sent<T> = Result<(), Option<T>>;

/// The output of a waiting receive: an error means closed.
pub type Received<T> = Result<T, Missing>;

/// Both ends of a new channel of family `F`.
pub type Ends<F, T> = (<F as Family>::Sender<T>, <F as Family>::Receiver<T>);

/// The sending end of a channel.
pub trait SendEnd<T: Send + 'static>: Clone + Send + Sync + 'static {
    /// Sends without waiting.
    ///
    /// # Errors
    ///
    /// When there is no room, and when the channel is closed.
    fn try_send(&self, value: T) -> Result<(), Refused<T>>;

    /// A send that waits as a task.
    ///
    /// # Errors
    ///
    /// When the channel has no async send.
    fn send(&self, _value: T) -> Offer<Boxed<'_, Sent<T>>> {
        Err(Absent("an async send"))
    }

    /// A send that waits as a thread.
    ///
    /// # Errors
    ///
    /// When the channel has no blocking send.
    fn send_blocking(&self, _value: T) -> Offer<Sent<T>> {
        Err(Absent("a blocking send"))
    }

    /// A send that waits as a thread, for a time.
    ///
    /// # Errors
    ///
    /// When the channel has no blocking send with a timeout.
    fn send_timeout(&self, _value: T, _limit: Duration) -> Offer<Result<(), Refused<T>>> {
        Err(Absent("a blocking send with a timeout"))
    }

    /// Takes a slot without waiting; `None` when there is no room.
    ///
    /// # Errors
    ///
    /// When the channel has no permits.
    fn try_reserve(&self) -> Offer<Option<Box<dyn Permit<T> + '_>>> {
        Err(Absent("permits"))
    }
}

/// A slot that was reserved. Dropping it gives the slot back.
pub trait Permit<T> {
    /// Puts the value into the slot.
    ///
    /// # Errors
    ///
    /// When no receiver is left.
    fn send(self: Box<Self>, value: T) -> Sent<T>;
}

/// The receiving end of a channel.
///
/// The methods take `&mut self` because one of the peers wants it; a case uses a clone for every receive that waits.
pub trait ReceiveEnd<T: Send + 'static>: Send + Sized + 'static {
    /// Receives without waiting.
    ///
    /// # Errors
    ///
    /// When there is no value, and when there will be none.
    fn try_recv(&mut self) -> Received<T>;

    /// A second handle of the same channel.
    ///
    /// # Errors
    ///
    /// When the channel has a single consumer.
    fn try_clone(&self) -> Offer<Self> {
        Err(Absent("a second receiver"))
    }

    /// A receive that waits as a task.
    ///
    /// # Errors
    ///
    /// When the channel has no async receive.
    fn recv(&mut self) -> Offer<Boxed<'_, Received<T>>> {
        Err(Absent("an async receive"))
    }

    /// A receive that waits as a thread.
    ///
    /// # Errors
    ///
    /// When the channel has no blocking receive.
    fn recv_blocking(&mut self) -> Offer<Received<T>> {
        Err(Absent("a blocking receive"))
    }

    /// A receive that waits as a thread, for a time.
    ///
    /// # Errors
    ///
    /// When the channel has no blocking receive with a timeout.
    fn recv_timeout(&mut self, _limit: Duration) -> Offer<Received<T>> {
        Err(Absent("a blocking receive with a timeout"))
    }

    /// Closes the channel for new sends. What is buffered stays good; a channel whose close throws it away refuses.
    ///
    /// # Errors
    ///
    /// When the channel has no such close.
    fn close(&mut self) -> Offer<()> {
        Err(Absent("an explicit close that keeps what is buffered"))
    }
}

/// A kind of channel: millstream or one of its peers.
pub trait Family: Copy + fmt::Debug + Send + Sync + 'static {
    /// The sending end.
    type Sender<T: Send + 'static>: SendEnd<T>;
    /// The receiving end.
    type Receiver<T: Send + 'static>: ReceiveEnd<T>;

    /// What the column of the table is called.
    fn name(&self) -> &'static str;

    /// A new channel.
    ///
    /// # Errors
    ///
    /// When the family does not have this policy.
    fn open<T: Send + 'static>(&self, policy: Policy) -> Offer<Ends<Self, T>>;

    /// A channel of one value that everybody receives.
    ///
    /// # Errors
    ///
    /// When the family has none.
    fn promise<T: Clone + Send + Sync + 'static>(&self) -> Offer<Ends<Self, T>> {
        Err(Absent("a promise"))
    }

    /// A select over two sends, as this family's users write it: says which arm won and what it brought.
    ///
    /// # Errors
    ///
    /// When the family cannot be selected over as tasks.
    fn select_send<'a, T: Send + 'static>(
        &self,
        _first: (&'a Self::Sender<T>, T),
        _second: (&'a Self::Sender<T>, T),
    ) -> Offer<Boxed<'a, (usize, Sent<T>)>> {
        Err(Absent("an async select over sends"))
    }

    /// A select over two receives, as this family's users write it: says which arm won and what it brought.
    ///
    /// # Errors
    ///
    /// When the family cannot be selected over as tasks.
    fn select_receive<'a, T: Send + 'static>(
        &self,
        _first: &'a mut Self::Receiver<T>,
        _second: &'a mut Self::Receiver<T>,
    ) -> Offer<Boxed<'a, (usize, Received<T>)>> {
        Err(Absent("an async select over receives"))
    }
}
