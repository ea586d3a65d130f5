//! A little state that one task waits on and others change.

use crate::sync::{Arc, Lock};
use std::ops::Deref;
use std::task::{Context, Waker};

/// Some state with the task that waits for it to change.
pub(super) struct Signal<X> {
    inner: Lock<Inner<X>>,
}

struct Inner<X> {
    state: X,
    task: Option<Waker>,
}

impl<X> Signal<X> {
    pub(super) fn new(state: X) -> Self {
        Signal {
            inner: Lock::new(Inner { state, task: None }),
        }
    }

    /// Looks at the state, or takes of it.
    pub(super) fn with<R>(&self, function: impl FnOnce(&mut X) -> R) -> R {
        function(&mut self.inner.lock().state)
    }

    /// Changes the state and wakes the task.
    pub(super) fn change<R>(&self, function: impl FnOnce(&mut X) -> R) -> R {
        let mut inner = self.inner.lock();
        let result = function(&mut inner.state);
        let task = inner.task.take();
        drop(inner);
        if let Some(task) = task {
            task.wake();
        }
        result
    }

    /// Looks at the state; if there is nothing in it yet, the task is woken by the next change.
    pub(super) fn look<R>(
        &self,
        context: &Context<'_>,
        function: impl FnOnce(&mut X) -> Option<R>,
    ) -> Option<R> {
        let waker = context.waker().clone();
        let mut inner = self.inner.lock();
        let result = function(&mut inner.state);
        // Whichever waker is not needed is dropped after unlock.
        let unneeded = match result {
            Some(_) => Some(waker),
            None => inner.task.replace(waker),
        };
        drop(inner);
        drop(unneeded);
        result
    }
}

/// The end of a signal that waits; it takes the task's waker with it when it goes.
pub(super) struct Waits<X>(pub(super) Arc<Signal<X>>);

impl<X> Deref for Waits<X> {
    type Target = Signal<X>;

    fn deref(&self) -> &Signal<X> {
        &self.0
    }
}

impl<X> Drop for Waits<X> {
    fn drop(&mut self) {
        let task = self.0.inner.lock().task.take();
        drop(task);
    }
}
