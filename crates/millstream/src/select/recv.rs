//! An arm that receives.

use super::arm::{sealed::Sealed, Arm, Core, Registered, Selectable};
use super::handle::ReceiverRef;
use crate::channel::{Acquire, Receiver, RecvError, RecvFuture, RecvOutcome, RecvStep};
use crate::wait::{Key, Own, Waiter, Wakes};

/// A receive as an arm.
pub struct RecvCore<H: ReceiverRef> {
    handle: H,
    place: Place,
    result: Option<Result<H::Item, RecvError>>,
}

/// Where an arm is registered.
#[derive(Clone, Copy)]
enum Place {
    Nowhere,
    InLine(Key),
    /// It won its own select while registering: it holds a claim.
    Claimed,
    /// It won its own select while registering: the channel is closed.
    Closed,
}

impl<H: ReceiverRef> RecvCore<H> {
    pub(super) fn new(handle: H) -> Self {
        RecvCore {
            handle,
            place: Place::Nowhere,
            result: None,
        }
    }
}

impl<H: ReceiverRef> Arm for RecvCore<H> {
    fn is_on(&self) -> bool {
        self.handle.receiver().is_some()
    }

    fn attempt(&mut self, patient: bool) -> bool {
        let Some(receiver) = self.handle.receiver() else {
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
        let Some(receiver) = self.handle.receiver() else {
            return Registered::Waiting;
        };
        receiver.release_parked();
        let mut wakes = Wakes::new();
        let mut state = receiver.shared.state.lock();
        let (place, registered) = match state.acquire(Some(own), &mut wakes) {
            Acquire::Claimed => (Place::Claimed, Registered::Won),
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

    fn withdraw(&mut self) {
        let place = std::mem::replace(&mut self.place, Place::Nowhere);
        let Some(receiver) = self.handle.receiver() else {
            return;
        };
        match place {
            Place::InLine(key) => receiver.shared.cancel_recv(key),
            Place::Claimed => receiver.shared.release_claim(),
            Place::Nowhere | Place::Closed => {}
        }
    }

    fn finish(&mut self) -> bool {
        let place = std::mem::replace(&mut self.place, Place::Nowhere);
        let receiver = self.handle.receiver().expect("an arm that is on");
        let outcome = match place {
            Place::InLine(key) => receiver.shared.conclude_recv(key),
            Place::Claimed => RecvOutcome::Value(receiver.shared.take_claimed()),
            Place::Closed => {
                receiver.shared.raise_failure();
                RecvOutcome::Closed
            }
            Place::Nowhere => RecvOutcome::Look,
        };
        self.result = match outcome {
            RecvOutcome::Value(value) => Some(Ok(value)),
            RecvOutcome::Closed => Some(Err(RecvError)),
            RecvOutcome::Look => None,
        };
        self.result.is_some()
    }
}

impl<H: ReceiverRef> Core for RecvCore<H> {
    type Output = Result<H::Item, RecvError>;

    fn take(&mut self) -> Self::Output {
        self.result.take().expect("an arm that has its result")
    }
}

impl<H: ReceiverRef> Drop for RecvCore<H> {
    /// An arm that is dropped leaves its line.
    fn drop(&mut self) {
        self.withdraw();
    }
}

impl<T> Sealed for RecvFuture<'_, T> {}

impl<'a, T> Selectable for RecvFuture<'a, T> {
    type Output = Result<T, RecvError>;
    type Core = RecvCore<&'a Receiver<T>>;

    fn into_core(self) -> Self::Core {
        RecvCore::new(self.receiver())
    }
}
