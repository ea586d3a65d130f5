//! The outputs of a hub that all get the same values, each under its own bound.

use crate::channel::{
    bounded, dropping, sliding, ClosedFuture, Receiver, SendFuture, Sender, TrySendError,
};
use std::any::Any;
use std::future::{poll_fn, Future};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::pin::Pin;
use std::task::Poll;

/// How far one output of a hub may fall behind the others, and what happens then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// Each value must be taken before the next one comes: nobody is ever ahead. The same as `Wait(0)`.
    Lockstep,
    /// It may be this many values behind; then the others wait for it. Nothing is lost.
    Wait(usize),
    /// It may be this many values behind; then it misses the newest. It never holds the others up.
    DropNewest(usize),
    /// It may be this many values behind; then it misses the oldest. It never holds the others up.
    DropOldest(usize),
}

impl Bound {
    /// A channel under this bound.
    pub(super) fn channel<T>(self) -> (Sender<T>, Receiver<T>) {
        match self {
            Bound::Lockstep => bounded(0),
            Bound::Wait(capacity) => bounded(capacity),
            Bound::DropNewest(capacity) => dropping(capacity),
            Bound::DropOldest(capacity) => sliding(capacity),
        }
    }
}

/// Outputs that all get the same values.
#[derive(Debug)]
pub(super) struct Outlets<T> {
    senders: Vec<Sender<T>>,
}

impl<T> Outlets<T> {
    pub(super) fn new() -> Self {
        Outlets {
            senders: Vec::new(),
        }
    }

    pub(super) fn add(&mut self, sender: Sender<T>) {
        self.senders.push(sender);
    }

    pub(super) fn append(&mut self, mut others: Outlets<T>) {
        self.senders.append(&mut others.senders);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.senders.is_empty()
    }

    /// Any one of the outputs.
    pub(super) fn first(&self) -> Option<&Sender<T>> {
        self.senders.first()
    }

    /// Lets go of the outputs that nobody receives from any more.
    pub(super) fn remove_closed(&mut self) {
        self.senders.retain(|sender| !sender.is_closed());
    }

    /// A panic has ended the hub: every output's receiver gets it after what it was sent, the first one the original.
    pub(super) fn fail(self, payload: Box<dyn Any + Send>) {
        let message = message_of(&*payload);
        let mut original = Some(payload);
        for sender in self.senders {
            let payload = original.take().unwrap_or_else(|| Box::new(message.clone()));
            sender.fail(payload);
        }
    }
}

/// What a panic said, as far as it can be read.
fn message_of(payload: &(dyn Any + Send)) -> String {
    if let Some(message) = payload.downcast_ref::<&str>() {
        (*message).to_string()
    } else if let Some(message) = payload.downcast_ref::<String>() {
        message.clone()
    } else {
        "the hub's user code panicked".to_string()
    }
}

impl<T: Clone> Outlets<T> {
    /// Gives every output the value, as its bound allows, and waits for those that make the others wait. An output that
    /// nobody receives from any more, or that is closed meanwhile, is let go of.
    ///
    /// `Err` is a panic of `T::clone`.
    pub(super) async fn deliver(&mut self, value: T) -> Result<(), Box<dyn Any + Send>> {
        let mut blocked = Vec::new();
        let mut some_closed = false;
        let last = self.senders.len().saturating_sub(1);
        let mut value = Some(value);
        for (number, sender) in self.senders.iter().enumerate() {
            let copy = if number == last {
                value.take().expect("the last one gets the value itself")
            } else {
                let value = value.as_ref().expect("there until the last one");
                match catch_unwind(AssertUnwindSafe(|| value.clone())) {
                    Err(_) if seeded!("panicking-clone-is-swallowed") => continue,
                    copy => copy?,
                }
            };
            match sender.try_send(copy) {
                Ok(()) => {}
                Err(TrySendError::Closed(_)) => some_closed = true,
                Err(TrySendError::Full(_))
                    if seeded!("tee-loses-what-a-slow-tap-has-no-room-for") => {}
                Err(TrySendError::Full(copy)) => {
                    blocked.push(Blocked {
                        send: sender.send(copy),
                        closed: sender.closed(),
                    });
                }
            }
        }
        if !blocked.is_empty() {
            some_closed |= all_unblocked(&mut blocked).await;
        }
        drop(blocked);
        if some_closed {
            self.remove_closed();
        }
        Ok(())
    }
}

/// A send that waits for room, unless its output is closed.
struct Blocked<'a, T> {
    send: SendFuture<'a, T>,
    closed: ClosedFuture<'a, T>,
}

/// Waits until every send is done or given up because its output is closed: an explicit close by the receiver, who would
/// otherwise hold the others up with a value that it has not asked for. Says whether there was one.
async fn all_unblocked<T>(blocked: &mut Vec<Blocked<'_, T>>) -> bool {
    let mut some_closed = false;
    poll_fn(|context| {
        blocked.retain_mut(|output| match Pin::new(&mut output.send).poll(context) {
            Poll::Ready(Ok(())) => false,
            Poll::Ready(Err(_)) => {
                some_closed = true;
                false
            }
            Poll::Pending => {
                let closed = Pin::new(&mut output.closed).poll(context).is_ready();
                some_closed |= closed;
                !closed
            }
        });
        if blocked.is_empty() {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
    some_closed
}
