//! A clock that stands still until it is set, and then wakes whoever is due.

use crate::sync::unmodelled::{Mutex, MutexGuard, PoisonError};
use std::panic::{catch_unwind, resume_unwind, AssertUnwindSafe};
use std::time::Instant;

use crate::runtime::sleepers::{Clock, Sleepers};

/// How many tasks are woken for one turn of the queue's lock.
const BATCH: usize = 64;

/// A clock that is set by hand.
pub(super) struct VirtualClock {
    /// What the clock shows.
    time: Mutex<Instant>,
    /// Who waits for it.
    sleepers: Sleepers,
}

impl VirtualClock {
    pub(super) fn new(time: Instant) -> Self {
        Self {
            time: Mutex::new(time),
            sleepers: Sleepers::new(),
        }
    }

    /// No user code runs under the lock, so there is no panic that could leave it half changed.
    fn lock(&self) -> MutexGuard<'_, Instant> {
        self.time.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the clock shows.
    pub(super) fn time(&self) -> Instant {
        *self.lock()
    }

    /// The first deadline somebody waits for.
    pub(super) fn first_deadline(&self) -> Option<Instant> {
        self.sleepers.first_deadline()
    }

    /// How many are waiting.
    pub(super) fn waiting(&self) -> usize {
        self.sleepers.len()
    }

    /// Sets the clock to `time`, unless it shows a later one, and wakes everyone who is due then.
    ///
    /// A panic of a waker is passed on when all have been woken.
    pub(super) fn set(&self, time: Instant) {
        {
            let mut shown = self.lock();
            *shown = time.max(*shown);
        }
        let mut due = Vec::with_capacity(BATCH);
        let mut panic = None;
        loop {
            self.sleepers.take_due(time, &mut due);
            if due.is_empty() {
                break;
            }
            for waker in due.drain(..) {
                let woken = catch_unwind(AssertUnwindSafe(|| waker.wake()));
                panic = panic.or(woken.err());
            }
        }
        if let Some(payload) = panic {
            resume_unwind(payload);
        }
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> Instant {
        self.time()
    }

    fn sleepers(&self) -> &Sleepers {
        &self.sleepers
    }

    /// The clock may have been set, on another thread, after the sleeper looked at it and before it was in the queue.
    fn registered(&self, deadline: Instant, _before_next_look: bool) -> bool {
        self.time() >= deadline
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn it_does_not_go_back() {
        let start = Instant::now();
        let clock = VirtualClock::new(start);
        clock.set(start + Duration::from_secs(2));
        clock.set(start + Duration::from_secs(1));
        assert_eq!(clock.time(), start + Duration::from_secs(2));
    }

    #[test]
    fn a_sleeper_that_comes_too_late_for_it_is_told() {
        let start = Instant::now();
        let clock = VirtualClock::new(start);
        let deadline = start + Duration::from_secs(1);
        assert!(!clock.registered(deadline, true));
        clock.set(deadline);
        assert!(clock.registered(deadline, true));
        assert!(clock.registered(deadline, false));
    }
}
