//! An arm that sends.

use super::arm::{sealed::Sealed, Arm, Core, Registered, Selectable};
use super::handle::SenderRef;
use crate::channel::{LeftLine, Offer, Request, SendError, SendFuture, SendStep, Sender};
use crate::wait::{Key, Own, Waiter, Wakes};
use std::borrow::BorrowMut;

/// A send as an arm. `V` is where the value lies while it is not in the channel: the arm's own `Option`, or
/// the caller's by `&mut`, which is how a losing arm gives its value back.
pub struct SendCore<H: SenderRef, V: BorrowMut<Option<H::Item>>> {
    handle: H,
    value: V,
    place: Place,
    result: Option<Result<(), SendError<H::Item>>>,
}

/// Where an arm is registered.
#[derive(Clone, Copy)]
enum Place {
    Nowhere,
    InLine(Key),
    /// It won its own select while registering: the channel has the value.
    Sent,
    /// It won its own select while registering: the channel is closed.
    Closed,
}

impl<H: SenderRef, V: BorrowMut<Option<H::Item>>> SendCore<H, V> {
    #[inline(always)]
    pub(super) fn new(handle: H, value: V) -> Self {
        SendCore {
            handle,
            value,
            place: Place::Nowhere,
            result: None,
        }
    }

    fn refused(&mut self) -> Option<Result<(), SendError<H::Item>>> {
        let value = self.value.borrow_mut().take();
        Some(Err(SendError(value.expect("a refused value is back"))))
    }
}

impl<H: SenderRef, V: BorrowMut<Option<H::Item>>> Arm for SendCore<H, V> {
    /// An arm without a value has nothing to send, unless it was sent already and only has to say so.
    fn is_on(&self) -> bool {
        self.result.is_some() || self.handle.sender().is_some() && self.value.borrow().is_some()
    }

    fn attempt(&mut self, patient: bool) -> bool {
        if self.result.is_some() {
            return true;
        }
        if !self.is_on() {
            return false;
        }
        let Some(sender) = self.handle.sender() else {
            return false;
        };
        loop {
            let mut request = Request::Send(self.value.borrow_mut());
            self.result = match sender.shared.send_step(&mut request) {
                SendStep::Done => Some(Ok(())),
                SendStep::Closed => self.refused(),
                SendStep::Busy if patient => {
                    sender.shared.wait_for_store();
                    continue;
                }
                SendStep::Full | SendStep::Busy => return false,
                SendStep::Waiting(_) => unreachable!("it brought no waiter"),
            };
            return true;
        }
    }

    fn register(&mut self, own: Own<'_>) -> Registered {
        if !self.is_on() {
            return Registered::Waiting;
        }
        let Some(sender) = self.handle.sender() else {
            return Registered::Waiting;
        };
        let value = self.value.borrow_mut();
        let mut state = sender.shared.state.lock();
        if state.is_calm_full() {
            // What the rest would come to in the commonest case, for more.
            let waiter = Waiter::Arm(own.record.clone(), own.arm);
            self.place = Place::InLine(state.senders.insert(waiter, value.take()));
            return Registered::Waiting;
        }
        let mut wakes = Wakes::new();
        let offer = state.offer(value, Some(own), &mut wakes);
        let (place, registered) = match &offer {
            Offer::Sent(_) => (Place::Sent, Registered::Won),
            Offer::Closed => (Place::Closed, Registered::Won),
            Offer::Full | Offer::Busy => {
                let waiter = Waiter::Arm(own.record.clone(), own.arm);
                let key = state.senders.insert(waiter, value.take());
                (Place::InLine(key), Registered::Waiting)
            }
            Offer::OwnGone => (Place::Nowhere, Registered::OwnGone),
            Offer::Look => (Place::Nowhere, Registered::Look),
            Offer::Push(_) => unreachable!("a registered select runs no user code"),
        };
        drop(state);
        self.place = place;
        wakes.fire();
        // A value that the policy dropped for this one is dropped here, outside the lock.
        drop(offer);
        registered
    }

    /// Inlined, so that the compiler sees what an arm that never stood in line has to do when it is dropped: nothing.
    #[inline(always)]
    fn withdraw(&mut self) {
        let Place::InLine(key) = std::mem::replace(&mut self.place, Place::Nowhere) else {
            return;
        };
        let sender = self.handle.sender().expect("an arm that is on");
        match sender.shared.leave_senders(key) {
            LeftLine::Granted => {}
            LeftLine::Withdrawn(value) | LeftLine::Closed(value) => {
                if seeded!("losing-arm-drops-its-value") {
                    return drop(value);
                }
                *self.value.borrow_mut() = value;
            }
        }
    }

    fn finish(&mut self) -> bool {
        let place = std::mem::replace(&mut self.place, Place::Nowhere);
        let sender = self.handle.sender().expect("an arm that is on");
        self.result = match place {
            Place::InLine(key) => match sender.shared.conclude_send(key) {
                LeftLine::Granted => Some(Ok(())),
                LeftLine::Closed(value) => {
                    *self.value.borrow_mut() = value;
                    self.refused()
                }
                LeftLine::Withdrawn(value) => {
                    *self.value.borrow_mut() = value;
                    None
                }
            },
            Place::Sent => Some(Ok(())),
            Place::Closed => self.refused(),
            Place::Nowhere => None,
        };
        self.result.is_some()
    }
}

impl<H: SenderRef, V: BorrowMut<Option<H::Item>>> Core for SendCore<H, V> {
    type Output = Result<(), SendError<H::Item>>;

    fn take(&mut self) -> Self::Output {
        self.result.take().expect("an arm that has its result")
    }
}

impl<H: SenderRef, V: BorrowMut<Option<H::Item>>> Drop for SendCore<H, V> {
    /// An arm that is dropped leaves its line.
    #[inline(always)]
    fn drop(&mut self) {
        self.withdraw();
    }
}

impl<T> Sealed for SendFuture<'_, T> {}

impl<'a, T> Selectable for SendFuture<'a, T> {
    type Output = Result<(), SendError<T>>;
    type Core = SendCore<&'a Sender<T>, Option<T>>;

    #[inline(always)]
    fn into_core(self) -> Self::Core {
        let (sender, value) = self.into_parts();
        let was_sent = value.is_none();
        let mut core = SendCore::new(sender, value);
        core.result = was_sent.then_some(Ok(()));
        core
    }
}
