//! Arms that receive, or claim what they could receive.

use super::arm::{sealed::Sealed, Arm, Core, Registered, Selectable};
use super::handle::ReceiverRef;
use crate::channel::{
    Acquire, Claim, ClaimFuture, ClaimStep, Receiver, RecvError, RecvFuture, RecvOutcome, RecvStep,
    State, Way,
};
use crate::sync::Guard;
use crate::wait::{Key, Own, Waiter, Wakes};
use std::mem;

/// A receive as an arm.
pub struct RecvCore<H: ReceiverRef> {
    line: ReceiverLine<H>,
    result: Option<Result<H::Item, RecvError>>,
}

/// A claim as an arm.
pub struct ClaimCore<'a, T> {
    line: ReceiverLine<&'a Receiver<T>>,
    result: Option<Result<Claim<'a, T>, RecvError>>,
}

/// An arm's place in the line of a channel's receivers.
struct ReceiverLine<H: ReceiverRef> {
    handle: H,
    place: Place,
}

/// Where an arm is registered.
#[derive(Clone, Copy)]
enum Place {
    Nowhere,
    InLine(Key),
    /// It won its own select while registering: it holds a claim.
    Claimed(Way),
    /// It won its own select while registering: the channel is closed.
    Closed,
}

impl<H: ReceiverRef> ReceiverLine<H> {
    #[inline(always)]
    fn new(handle: H) -> Self {
        ReceiverLine {
            handle,
            place: Place::Nowhere,
        }
    }

    fn join(&mut self, own: Own<'_>) -> Registered {
        let Some(receiver) = self.handle.receiver() else {
            return Registered::Waiting;
        };
        receiver.release_parked();
        let mut state = receiver.shared.state.lock();
        if state.is_calm_empty() {
            // What the rest would come to in the commonest case, for more.
            let waiter = Waiter::Arm(own.record.clone(), own.arm);
            self.place = Place::InLine(state.receivers.insert(waiter, ()));
            return Registered::Waiting;
        }
        let mut wakes = Wakes::new();
        let (place, registered) = match state.acquire(Some(own), &mut wakes) {
            Acquire::Claimed(way) => (Place::Claimed(way), Registered::Won),
            Acquire::Closed => (Place::Closed, Registered::Won),
            Acquire::Empty | Acquire::Busy => {
                let waiter = Waiter::Arm(own.record.clone(), own.arm);
                let key = state.receivers.insert(waiter, ());
                state.receiver_joined(&mut wakes);
                (Place::InLine(key), Registered::Waiting)
            }
            Acquire::OwnGone => (Place::Nowhere, Registered::OwnGone),
            Acquire::Look => (Place::Nowhere, Registered::Look),
            Acquire::Pull(_) | Acquire::Replay(_) => {
                unreachable!("a registered select runs no user code")
            }
        };
        drop(state);
        wakes.fire();
        self.place = place;
        registered
    }

    /// Inlined, so that the compiler sees what an arm that never stood in line has to do when it is dropped: nothing.
    #[inline(always)]
    fn leave(&mut self) {
        let place = mem::replace(&mut self.place, Place::Nowhere);
        if let Place::Nowhere | Place::Closed = place {
            return;
        }
        let Some(receiver) = self.handle.receiver() else {
            return;
        };
        match place {
            Place::InLine(key) => receiver.shared.cancel_recv(key),
            Place::Claimed(way) => receiver.shared.release_claim(way),
            Place::Nowhere | Place::Closed => {}
        }
    }

    /// Leaves the line as a winner: `granted` does something with the claim. `None` means to look again.
    fn conclude<'s, V>(
        &'s mut self,
        granted: impl FnOnce(&'s Receiver<H::Item>, Guard<'s, State<H::Item>>, Way) -> V,
    ) -> Option<Result<V, RecvError>> {
        let place = mem::replace(&mut self.place, Place::Nowhere);
        let receiver = self.handle.receiver().expect("an arm that is on");
        let shared = &receiver.shared;
        match place {
            Place::InLine(key) => {
                let granted = |state| granted(receiver, state, Way::Queued);
                match shared.finish_line(shared.state.lock(), key, granted) {
                    RecvOutcome::Value(value) => Some(Ok(value)),
                    RecvOutcome::Closed => Some(Err(RecvError)),
                    RecvOutcome::Look => None,
                }
            }
            Place::Claimed(way) => Some(Ok(granted(receiver, shared.state.lock(), way))),
            Place::Closed => {
                shared.raise_failure();
                Some(Err(RecvError))
            }
            Place::Nowhere => None,
        }
    }
}

impl<H: ReceiverRef> Drop for ReceiverLine<H> {
    /// An arm that is dropped leaves its line.
    #[inline(always)]
    fn drop(&mut self) {
        self.leave();
    }
}

impl<H: ReceiverRef> RecvCore<H> {
    #[inline(always)]
    pub(super) fn new(handle: H) -> Self {
        RecvCore {
            line: ReceiverLine::new(handle),
            result: None,
        }
    }

    /// Whether the result that the arm has is the end of its channel.
    pub(super) fn has_ended(&self) -> bool {
        matches!(self.result, Some(Err(RecvError)))
    }
}

impl<H: ReceiverRef> Arm for RecvCore<H> {
    fn is_on(&self) -> bool {
        self.line.handle.receiver().is_some()
    }

    fn attempt(&mut self, patient: bool) -> bool {
        let Some(receiver) = self.line.handle.receiver() else {
            return false;
        };
        if let Some(value) = receiver.conclude_parked() {
            self.result = Some(Ok(value));
            return true;
        }
        loop {
            self.result = Some(match receiver.shared.recv_step() {
                RecvStep::Value(value) => Ok(value),
                RecvStep::Closed => Err(RecvError),
                RecvStep::Busy if patient => {
                    receiver.shared.wait_for_store();
                    continue;
                }
                RecvStep::Empty | RecvStep::Busy => return false,
                RecvStep::Waiting(_) => unreachable!("it brought no waiter"),
            });
            return true;
        }
    }

    fn register(&mut self, own: Own<'_>) -> Registered {
        self.line.join(own)
    }

    fn withdraw(&mut self) {
        self.line.leave();
    }

    fn finish(&mut self) -> bool {
        self.result =
            self.line
                .conclude(|receiver, mut state, _| match state.take_claimed_calm() {
                    Some(value) => value,
                    None => receiver.shared.take_claimed(state),
                });
        self.result.is_some()
    }
}

impl<H: ReceiverRef> Core for RecvCore<H> {
    type Output = Result<H::Item, RecvError>;

    fn take(&mut self) -> Self::Output {
        self.result.take().expect("an arm that has its result")
    }
}

impl<'a, T> Arm for ClaimCore<'a, T> {
    fn is_on(&self) -> bool {
        true
    }

    fn attempt(&mut self, patient: bool) -> bool {
        let receiver: &'a Receiver<T> = self.line.handle;
        receiver.release_parked();
        loop {
            self.result = Some(match receiver.claim_step(None) {
                ClaimStep::Claimed(claim) => Ok(claim),
                ClaimStep::Closed => Err(RecvError),
                ClaimStep::Busy if patient => {
                    receiver.shared.wait_for_store();
                    continue;
                }
                ClaimStep::Empty | ClaimStep::Busy => return false,
                ClaimStep::Waiting(_) => unreachable!("it brought no waiter"),
            });
            return true;
        }
    }

    fn register(&mut self, own: Own<'_>) -> Registered {
        self.line.join(own)
    }

    fn withdraw(&mut self) {
        self.line.leave();
    }

    fn finish(&mut self) -> bool {
        let receiver: &'a Receiver<T> = self.line.handle;
        let concluded = self.line.conclude(|_, _, way| way);
        self.result = concluded.map(|claimed| claimed.map(|way| Claim::counted(receiver, way)));
        self.result.is_some()
    }
}

impl<'a, T> Core for ClaimCore<'a, T> {
    type Output = Result<Claim<'a, T>, RecvError>;

    fn take(&mut self) -> Self::Output {
        self.result.take().expect("an arm that has its result")
    }
}

impl<T> Sealed for RecvFuture<'_, T> {}

impl<'a, T> Selectable for RecvFuture<'a, T> {
    type Output = Result<T, RecvError>;
    type Core = RecvCore<&'a Receiver<T>>;

    #[inline(always)]
    fn into_core(self) -> Self::Core {
        RecvCore::new(self.receiver())
    }
}

impl<T> Sealed for ClaimFuture<'_, T> {}

impl<'a, T> Selectable for ClaimFuture<'a, T> {
    type Output = Result<Claim<'a, T>, RecvError>;
    type Core = ClaimCore<'a, T>;

    #[inline(always)]
    fn into_core(self) -> Self::Core {
        ClaimCore {
            line: ReceiverLine::new(self.receiver()),
            result: None,
        }
    }
}
