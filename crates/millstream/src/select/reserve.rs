//! An arm that waits for a permit: how one value is offered to several channels at once.

use super::arm::{sealed::Sealed, Arm, Core, Registered, Selectable};
use crate::channel::{
    LeftLine, Offer, Permit, Request, ReserveFuture, SendError, SendStep, Sender,
};
use crate::wait::{Key, Own, Waiter};

/// A reservation as an arm.
pub struct ReserveCore<'a, T> {
    sender: &'a Sender<T>,
    place: Place,
    result: Option<Result<Permit<'a, T>, SendError<()>>>,
}

/// Where an arm is registered.
#[derive(Clone, Copy)]
enum Place {
    Nowhere,
    InLine(Key),
    /// It won its own select while registering: a permit is granted to it.
    Granted,
    /// It won its own select while registering: the channel is closed.
    Closed,
}

impl<'a, T> ReserveCore<'a, T> {
    #[inline(always)]
    pub(super) fn new(sender: &'a Sender<T>) -> Self {
        ReserveCore {
            sender,
            place: Place::Nowhere,
            result: None,
        }
    }

    /// Leaves the line with what was granted, or nothing.
    fn conclude(&mut self) -> Option<Result<Permit<'a, T>, SendError<()>>> {
        match std::mem::replace(&mut self.place, Place::Nowhere) {
            Place::InLine(key) => match self.sender.shared.leave_senders(key) {
                LeftLine::Granted => Some(Ok(Permit::new(self.sender))),
                LeftLine::Closed(_) => Some(Err(SendError(()))),
                LeftLine::Withdrawn(_) => None,
            },
            Place::Granted => Some(Ok(Permit::new(self.sender))),
            Place::Closed => Some(Err(SendError(()))),
            Place::Nowhere => None,
        }
    }
}

impl<T> Arm for ReserveCore<'_, T> {
    fn is_on(&self) -> bool {
        true
    }

    fn attempt(&mut self, patient: bool) -> bool {
        loop {
            self.result = Some(match self.sender.shared.send_step(&mut Request::Reserve) {
                SendStep::Done => Ok(Permit::new(self.sender)),
                SendStep::Closed => Err(SendError(())),
                SendStep::Busy if patient => {
                    self.sender.shared.wait_for_store();
                    continue;
                }
                SendStep::Full | SendStep::Busy => return false,
                SendStep::Waiting(_) => unreachable!("it brought no waiter"),
            });
            return true;
        }
    }

    fn register(&mut self, own: Own<'_>) -> Registered {
        let mut state = self.sender.shared.state.lock();
        let (place, registered) = match state.reserve(Some(own)) {
            Offer::Sent(_) => (Place::Granted, Registered::Won),
            Offer::Closed => (Place::Closed, Registered::Won),
            Offer::OwnGone => (Place::Nowhere, Registered::OwnGone),
            Offer::Full | Offer::Busy => {
                let waiter = Waiter::Arm(own.record.clone(), own.arm);
                let key = state.senders.insert(waiter, None);
                (Place::InLine(key), Registered::Waiting)
            }
            Offer::Look | Offer::Push(_) => unreachable!("a reservation runs no user code"),
        };
        drop(state);
        self.place = place;
        registered
    }

    fn withdraw(&mut self) {
        // A permit that was granted is dropped, which passes its place on.
        drop(self.conclude());
    }

    fn finish(&mut self) -> bool {
        self.result = self.conclude();
        self.result.is_some()
    }
}

impl<'a, T> Core for ReserveCore<'a, T> {
    type Output = Result<Permit<'a, T>, SendError<()>>;

    fn take(&mut self) -> Self::Output {
        self.result.take().expect("an arm that has its result")
    }
}

impl<T> Drop for ReserveCore<'_, T> {
    /// An arm that is dropped leaves its line.
    fn drop(&mut self) {
        self.withdraw();
    }
}

impl<T> Sealed for ReserveFuture<'_, T> {}

impl<'a, T> Selectable for ReserveFuture<'a, T> {
    type Output = Result<Permit<'a, T>, SendError<()>>;
    type Core = ReserveCore<'a, T>;

    #[inline(always)]
    fn into_core(self) -> Self::Core {
        ReserveCore::new(self.sender())
    }
}
