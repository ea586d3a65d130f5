//! Waiting for a channel to close, or to be closed and drained.

use super::shared::Shared;
use super::state::{Event, State};
use crate::wait::{clone_waker, Key, Waiter};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Waits until the channel takes no more values; made by [`Sender::closed`](crate::Sender::closed).
#[must_use = "it does nothing until it is awaited"]
pub struct ClosedFuture<'a, T>(Watch<'a, T>);

/// Waits until the channel is closed and drained; made by [`Receiver::drained`](crate::Receiver::drained).
#[must_use = "it does nothing until it is awaited"]
pub struct DrainedFuture<'a, T>(Watch<'a, T>);

impl<'a, T> ClosedFuture<'a, T> {
    pub(super) fn new(shared: &'a Shared<T>) -> Self {
        ClosedFuture(Watch::new(shared, Event::Closed, |state| state.closed))
    }
}

impl<'a, T> DrainedFuture<'a, T> {
    pub(super) fn new(shared: &'a Shared<T>) -> Self {
        DrainedFuture(Watch::new(shared, Event::Drained, State::is_drained))
    }
}

impl<T> Future for ClosedFuture<'_, T> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        self.0.poll(context)
    }
}

impl<T> Future for DrainedFuture<'_, T> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        self.0.poll(context)
    }
}

impl<T> fmt::Debug for ClosedFuture<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClosedFuture").finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for DrainedFuture<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DrainedFuture").finish_non_exhaustive()
    }
}

/// Waits for an event of a channel that, once it has happened, has happened for good.
pub(super) struct Watch<'a, T> {
    shared: &'a Shared<T>,
    event: Event,
    has_happened: fn(&State<T>) -> bool,
    key: Option<Key>,
}

impl<'a, T> Watch<'a, T> {
    pub(super) fn new(
        shared: &'a Shared<T>,
        event: Event,
        has_happened: fn(&State<T>) -> bool,
    ) -> Self {
        Watch {
            shared,
            event,
            has_happened,
            key: None,
        }
    }

    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if let Some(key) = self.key {
            let told = self
                .shared
                .when_told(key, context, |state| &mut state.watchers);
            let Some(state) = told else {
                return Poll::Pending;
            };
            drop(state);
            self.leave();
        }
        let mut waiter = None;
        loop {
            let mut state = self.shared.state.lock();
            if (self.has_happened)(&state) {
                drop(state);
                drop(waiter);
                return Poll::Ready(());
            }
            if let Some(waiter) = waiter.take() {
                self.key = Some(state.watchers.insert(waiter, self.event));
                return Poll::Pending;
            }
            drop(state);
            waiter = Some(Waiter::Task(clone_waker(context)));
        }
    }

    fn leave(&mut self) {
        if let Some(key) = self.key.take() {
            let mut state = self.shared.state.lock();
            let removed = state.watchers.remove(key);
            drop(state);
            drop(removed);
        }
    }
}

impl<T> Drop for Watch<'_, T> {
    fn drop(&mut self) {
        self.leave();
    }
}
