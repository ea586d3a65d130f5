//! Arms that wait for a channel to close, or to be closed and drained.

use super::arm::{sealed::Sealed, Arm, Core, Registered, Selectable};
use crate::channel::{ClosedFuture, DrainedFuture, Watched};
use crate::wait::{Key, Own, Waiter};

/// An event of a channel as an arm.
pub struct WatchCore<'a, T> {
    watched: Watched<'a, T>,
    key: Option<Key>,
}

impl<T> Arm for WatchCore<'_, T> {
    fn is_on(&self) -> bool {
        true
    }

    fn attempt(&mut self, _patient: bool) -> bool {
        self.watched.has_happened_in(&mut self.watched.lock())
    }

    fn register(&mut self, own: Own<'_>) -> Registered {
        let mut state = self.watched.lock();
        if !self.watched.has_happened_in(&mut state) {
            let waiter = Waiter::Arm(own.record.clone(), own.arm);
            self.key = Some(state.watchers.insert(waiter, self.watched.event()));
            return Registered::Waiting;
        }
        if own.win() {
            Registered::Won
        } else {
            Registered::OwnGone
        }
    }

    fn withdraw(&mut self) {
        if let Some(key) = self.key.take() {
            let mut state = self.watched.lock();
            let removed = state.watchers.remove(key);
            drop(state);
            drop(removed);
        }
    }

    fn finish(&mut self) -> bool {
        self.withdraw();
        // What has happened has happened for good.
        true
    }
}

impl<T> Core for WatchCore<'_, T> {
    type Output = ();

    fn take(&mut self) {}
}

impl<T> Drop for WatchCore<'_, T> {
    /// An arm that is dropped leaves its line.
    fn drop(&mut self) {
        self.withdraw();
    }
}

impl<'a, T> WatchCore<'a, T> {
    fn new(watched: Watched<'a, T>) -> Self {
        WatchCore { watched, key: None }
    }
}

impl<T> Sealed for ClosedFuture<'_, T> {}

impl<'a, T> Selectable for ClosedFuture<'a, T> {
    type Output = ();
    type Core = WatchCore<'a, T>;

    fn into_core(self) -> Self::Core {
        WatchCore::new(self.watched())
    }
}

impl<T> Sealed for DrainedFuture<'_, T> {}

impl<'a, T> Selectable for DrainedFuture<'a, T> {
    type Output = ();
    type Core = WatchCore<'a, T>;

    fn into_core(self) -> Self::Core {
        WatchCore::new(self.watched())
    }
}
