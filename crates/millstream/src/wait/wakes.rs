//! Wake-ups that are owed: collected under a lock, fired after it is released.

use crate::sync::about_to_run_user_code;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::task::{Context, Waker};

/// The wakers that an operation owes a wake-up.
///
/// A waker is user code. It is never run while a lock is held, since it may come back to the very channel
/// that woke it; it is collected here and fired after unlock. A waker that panics has been reported by the
/// panic hook by the time the panic is caught here; it costs neither the other waiters their wake-up nor the
/// caller the value that is in its hands.
#[must_use = "a collected wake-up must be fired, or its waiter sleeps for ever"]
#[derive(Default)]
pub(crate) struct Wakes {
    /// The first waker, inline: most operations wake one waiter or none.
    first: Option<Waker>,
    /// All further ones, boxed so that the many operations that have none carry one word.
    #[allow(clippy::box_collection)]
    more: Option<Box<Vec<Waker>>>,
}

impl Wakes {
    /// No wake-ups.
    #[inline]
    pub(crate) fn new() -> Self {
        Wakes::default()
    }

    /// Adds a wake-up.
    #[inline]
    pub(crate) fn push(&mut self, waker: Waker) {
        if self.first.is_none() {
            self.first = Some(waker);
        } else {
            self.more.get_or_insert_with(Box::default).push(waker);
        }
    }

    /// Fires every wake-up, in the order in which they were collected. No lock may be held.
    #[inline]
    pub(crate) fn fire(self) {
        about_to_run_user_code();
        if self.first.is_none() {
            // Nothing was collected, so there is nothing to drop either; most operations end here.
            std::mem::forget(self);
        }
    }

    fn fire_all(&mut self) {
        about_to_run_user_code();
        if let Some(first) = self.first.take() {
            if seeded!("panicking-waker-leaves-others-asleep") {
                first.wake();
            } else {
                guarded(|| first.wake());
            }
        }
        for waker in self.more.take().into_iter().flat_map(|more| *more) {
            guarded(|| waker.wake());
        }
    }
}

impl Drop for Wakes {
    /// Firing, and what an unwinding operation still owes.
    fn drop(&mut self) {
        self.fire_all();
    }
}

/// Clones the waker of a poll, which is user code.
pub(crate) fn clone_waker(context: &Context<'_>) -> Waker {
    about_to_run_user_code();
    context.waker().clone()
}

/// Drops a waiter or waker that was not needed after all. Dropping it is user code, whose panic must not cost what the
/// caller has in hand.
pub(crate) fn discard<W>(unneeded: Option<W>) {
    if let Some(unneeded) = unneeded {
        guarded(|| drop(unneeded));
    }
}

/// Runs user code whose panic must not disturb what the caller is in the middle of.
pub(crate) fn guarded(code: impl FnOnce()) {
    about_to_run_user_code();
    if let Err(payload) = catch_unwind(AssertUnwindSafe(code)) {
        // The payload is user data whose drop may panic in its turn.
        if let Err(second) = catch_unwind(AssertUnwindSafe(move || drop(payload))) {
            std::mem::forget(second);
        }
    }
}
