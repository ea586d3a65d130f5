//! The right to take one value, which can be given back: the dual of a permit.

use super::error::{RecvError, SendError};
use super::permit::Permit;
use super::receiver::Receiver;
use super::state::{Acquire, Way};
use crate::buffer::Replay;
use crate::sync::Arc;
use crate::wait::{clone_waker, discard, Key, Outcome, Waiter, Wakes};
use std::fmt;
use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll};

/// The right to take one value of a channel; made by [`Receiver::claim`].
///
/// The value is still in the channel. [`take`](Claim::take) takes it; dropping the claim leaves it there for the next
/// receiver in line. So whoever must find a place for a value before it takes it, loses nothing. A claim that is kept,
/// or leaked, withholds one value, whichever is the last then, and the news of the end.
#[must_use = "a claim that is dropped gives its turn up"]
pub struct Claim<'a, T> {
    receiver: &'a Receiver<T>,
    /// How the value is counted, unless it is given back.
    way: Way,
    right: Right<T>,
}

enum Right<T> {
    /// A claim is counted in the channel, and the value lies there.
    Counted,
    /// The value was taken out to be looked at, and goes back to the front if it is not taken for good.
    InHand(T),
    /// The value that was taken out does not come back.
    LetGo,
    /// A promise's value is for everyone: there is nothing to count.
    Promise(Arc<dyn Replay<T>>),
    /// It was used.
    Used,
}

impl<'a, T> Claim<'a, T> {
    pub(crate) fn counted(receiver: &'a Receiver<T>, way: Way) -> Self {
        Claim {
            receiver,
            way,
            right: Right::Counted,
        }
    }

    /// Takes the value.
    pub fn take(mut self) -> T {
        match mem::replace(&mut self.right, Right::Used) {
            Right::Counted => {
                let shared = &self.receiver.shared;
                shared.take_claimed(shared.state.lock())
            }
            Right::InHand(value) => {
                self.right = Right::LetGo;
                value
            }
            Right::Promise(value) => self.receiver.shared.replay(&*value),
            Right::LetGo | Right::Used => unreachable!("taking uses the claim up"),
        }
    }

    /// Looks at the value, without taking it for good: if the claim is dropped after this, the value goes back to the
    /// front of the channel, where it came from.
    pub fn peek(&mut self) -> &T {
        let value = self.lift();
        self.right = Right::InHand(value);
        match &self.right {
            Right::InHand(value) => value,
            _ => unreachable!("it was just put there"),
        }
    }

    /// Moves the value to another channel, through a permit for it.
    ///
    /// # Errors
    ///
    /// The claim, with the value where it was, if the other channel's last receiver is gone.
    pub fn send_to(mut self, permit: Permit<'_, T>) -> Result<(), Self> {
        let value = self.lift();
        match permit.send(value) {
            Ok(()) => Ok(()),
            Err(SendError(value)) => {
                self.right = Right::InHand(value);
                Err(self)
            }
        }
    }

    /// The receiver that the claim is on.
    pub fn receiver(&self) -> &'a Receiver<T> {
        self.receiver
    }

    /// Takes the value out, and leaves the claim as it is when the value does not come back.
    fn lift(&mut self) -> T {
        match mem::replace(&mut self.right, Right::LetGo) {
            Right::Counted => self.receiver.shared.take_in_hand(),
            Right::InHand(value) => value,
            Right::Promise(value) => self.receiver.shared.replay(&*value),
            Right::LetGo | Right::Used => unreachable!("letting go uses the claim up"),
        }
    }
}

impl<T> Drop for Claim<'_, T> {
    fn drop(&mut self) {
        let shared = &self.receiver.shared;
        match mem::replace(&mut self.right, Right::Used) {
            Right::Counted => shared.release_claim(self.way),
            Right::InHand(value) => shared.put_back(value, self.way),
            Right::LetGo => shared.let_go(),
            Right::Promise(_) => shared.state.lock().counts.undo(self.way),
            Right::Used => {}
        }
    }
}

impl<T> fmt::Debug for Claim<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Claim").finish_non_exhaustive()
    }
}

/// Waits for a claim; made by [`Receiver::claim`].
///
/// # Panics
///
/// If polled again after it was ready.
#[must_use = "a claim is made when this is awaited"]
pub struct ClaimFuture<'a, T> {
    receiver: &'a Receiver<T>,
    key: Option<Key>,
    done: bool,
}

impl<'a, T> ClaimFuture<'a, T> {
    pub(super) fn new(receiver: &'a Receiver<T>) -> Self {
        ClaimFuture {
            receiver,
            key: None,
            done: false,
        }
    }

    pub(crate) fn receiver(&self) -> &'a Receiver<T> {
        self.receiver
    }
}

/// How one step towards a claim ended.
pub(crate) enum ClaimStep<'a, T> {
    Claimed(Claim<'a, T>),
    Closed,
    Empty,
    /// Somebody runs the code of this channel's store.
    Busy,
    /// The waiter that was given stands in line.
    Waiting(Key),
}

impl<T> Receiver<T> {
    /// One attempt to claim a value; if it has to wait and brings a waiter, it joins the line in the same step.
    pub(crate) fn claim_step(&self, waiter: Option<Waiter>) -> ClaimStep<'_, T> {
        let mut wakes = Wakes::new();
        let mut state = self.shared.state.lock();
        let acquired = state.acquire(None, &mut wakes);
        let step = match (&acquired, waiter) {
            (Acquire::Claimed(way), unused) => {
                drop(state);
                wakes.fire();
                discard(unused);
                return ClaimStep::Claimed(Claim::counted(self, *way));
            }
            (Acquire::Empty | Acquire::Busy, Some(waiter)) => {
                let key = state.receivers.insert(waiter, ());
                state.receiver_joined(&mut wakes);
                ClaimStep::Waiting(key)
            }
            (Acquire::Empty, None) => ClaimStep::Empty,
            (Acquire::Busy, None) => ClaimStep::Busy,
            (_, unused) => {
                drop(state);
                discard(unused);
                wakes.fire();
                return self.claim_special(acquired);
            }
        };
        drop(state);
        wakes.fire();
        if let ClaimStep::Busy = step {
            self.shared.refuse_reentry();
        }
        step
    }

    /// Claims what is not simply at hand, or finds the end.
    fn claim_special(&self, acquired: Acquire<T>) -> ClaimStep<'_, T> {
        match acquired {
            Acquire::Pull(store) => {
                if self.shared.pull_to_claim(store) {
                    ClaimStep::Claimed(Claim::counted(self, Way::Buffered))
                } else {
                    // It has run dry, and its shape says so now: the next look tells whether that is the end.
                    self.claim_step(None)
                }
            }
            Acquire::Replay(value) => ClaimStep::Claimed(Claim {
                receiver: self,
                way: Way::Buffered,
                right: Right::Promise(value),
            }),
            Acquire::Closed => {
                self.shared.raise_failure();
                ClaimStep::Closed
            }
            _ => unreachable!("the caller has seen to it, or no select acts"),
        }
    }
}

impl<'a, T> Future for ClaimFuture<'a, T> {
    type Output = Result<Claim<'a, T>, RecvError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        assert!(!self.done, "ClaimFuture was polled after it was ready");
        let this = &mut *self;
        let receiver = this.receiver;
        if this.key.is_none() {
            this.key = receiver.take_parked();
        }
        if let Some(key) = this.key {
            let shared = &receiver.shared;
            let state = shared.state.lock();
            let told = shared.when_told(state, key, context, |state| &mut state.receivers);
            let Some(mut state) = told else {
                return Poll::Pending;
            };
            this.key = None;
            let removed = state.receivers.remove(key);
            drop(state);
            match removed.outcome {
                Some(Outcome::Granted) => {
                    this.done = true;
                    return Poll::Ready(Ok(Claim::counted(receiver, Way::Queued)));
                }
                // The end is found, and reported, by the step below.
                Some(Outcome::Closed | Outcome::Look | Outcome::Invited) | None => {}
            }
        }
        let mut step = receiver.claim_step(None);
        while let ClaimStep::Empty | ClaimStep::Busy = step {
            step = receiver.claim_step(Some(Waiter::task(clone_waker(context))));
        }
        let result = match step {
            ClaimStep::Claimed(claim) => Ok(claim),
            ClaimStep::Closed => Err(RecvError),
            ClaimStep::Waiting(key) => {
                this.key = Some(key);
                return Poll::Pending;
            }
            ClaimStep::Empty | ClaimStep::Busy => unreachable!("the loop ends when it is neither"),
        };
        this.done = true;
        Poll::Ready(result)
    }
}

impl<T> Drop for ClaimFuture<'_, T> {
    fn drop(&mut self) {
        if let Some(key) = self.key.take() {
            self.receiver.shared.cancel_recv(key);
        }
    }
}

impl<T> fmt::Debug for ClaimFuture<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClaimFuture")
            .field("waiting", &self.key.is_some())
            .finish_non_exhaustive()
    }
}
