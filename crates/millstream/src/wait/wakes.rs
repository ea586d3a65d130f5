//! Wake-ups that are owed: collected under a lock, fired after it is released.

use crate::sync::{about_to_run_user_code, contained};
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
            self.push_further(waker);
        }
    }

    #[cold]
    fn push_further(&mut self, waker: Waker) {
        self.more.get_or_insert_with(Box::default).push(waker);
    }

    /// Fires every wake-up, in the order in which they were collected. No lock may be held.
    #[inline]
    pub(crate) fn fire(self) {
        drop(self);
    }

    /// Fires all wake-ups but the first.
    #[cold]
    fn fire_further(more: Vec<Waker>) {
        for waker in more {
            contained(|| waker.wake());
        }
    }
}

impl Drop for Wakes {
    /// Firing, and what an unwinding operation still owes.
    #[inline]
    fn drop(&mut self) {
        about_to_run_user_code();
        // Most operations have collected nothing, or one wake-up.
        if let Some(first) = self.first.take() {
            wake(first);
        }
        if let Some(more) = self.more.take() {
            Wakes::fire_further(*more);
        }
    }
}

/// Fires the only wake-up of an operation, or the first. No lock may be held.
#[inline]
pub(crate) fn wake(waker: Waker) {
    if seeded!("panicking-waker-leaves-others-asleep") {
        waker.wake();
    } else {
        contained(|| waker.wake());
    }
}

/// Clones the waker of a poll, which is user code.
#[inline]
pub(crate) fn clone_waker(context: &Context<'_>) -> Waker {
    about_to_run_user_code();
    context.waker().clone()
}

/// Drops a waiter or waker that was not needed after all. Dropping it is user code, whose panic must not cost what the
/// caller has in hand.
#[inline]
pub(crate) fn discard<W>(unneeded: Option<W>) {
    if let Some(unneeded) = unneeded {
        contained(|| drop(unneeded));
    }
}
