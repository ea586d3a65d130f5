//! The lock as loom's models see it: loom's own mutex, on which a thread that waits takes no steps.
//!
//! A thread that waits for the [lock](super::lock) of one word looks again and again, and each look would be
//! a step to explore, in every order with every step of the others. That lock has models of its own, next to
//! it; what is built on it is explored over this one, which promises the same.

use loom::sync::{Mutex, MutexGuard};
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The number of the next lock. It is std's on purpose: no part of what a model explores.
static NEXT: AtomicUsize = AtomicUsize::new(0);

/// See [`Lock`](super::lock::Lock).
pub(crate) struct Lock<T> {
    value: Mutex<T>,
    /// Which lock this is, counted in the order in which they are made. A model must replay a run exactly,
    /// and an address may differ from run to run.
    number: usize,
}

/// See [`Guard`](super::lock::Guard).
pub(crate) type Guard<'a, T> = MutexGuard<'a, T>;

impl<T> std::panic::UnwindSafe for Lock<T> {}
impl<T> std::panic::RefUnwindSafe for Lock<T> {}

impl<T> Lock<T> {
    pub(crate) fn new(value: T) -> Self {
        Lock {
            value: Mutex::new(value),
            number: NEXT.fetch_add(1, Ordering::Relaxed),
        }
    }

    pub(crate) fn lock(&self) -> Guard<'_, T> {
        self.value.lock().expect("nothing panics under the lock")
    }

    pub(crate) fn try_lock(&self) -> Option<Guard<'_, T>> {
        self.value.try_lock().ok()
    }

    pub(crate) fn precedes(&self, other: &Self) -> bool {
        self.number < other.number
    }
}

impl<T> fmt::Debug for Lock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lock").finish_non_exhaustive()
    }
}
