//! Waiting for a channel to close, or to be closed and drained.

use super::shared::Shared;
use super::state::{Event, State};
use crate::sync::Guard;
use crate::wait::{clone_waker, Key, Waiter};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Waits until the channel takes no more values; made by [`Sender::closed`](crate::Sender::closed).
///
/// Polled again after it was ready, it is ready again.
#[must_use = "it does nothing until it is awaited"]
pub struct ClosedFuture<'a, T>(Watch<'a, T>);

/// Waits until the channel is closed and drained; made by [`Receiver::drained`](crate::Receiver::drained).
///
/// Polled again after it was ready, it is ready again.
#[must_use = "it does nothing until it is awaited"]
pub struct DrainedFuture<'a, T>(Watch<'a, T>);

impl<'a, T> ClosedFuture<'a, T> {
    pub(crate) fn watched(&self) -> Watched<'a, T> {
        self.0.watched
    }

    pub(super) fn new(shared: &'a Shared<T>) -> Self {
        ClosedFuture(Watch::new(shared, Event::Closed, |state| state.closed))
    }
}

impl<'a, T> DrainedFuture<'a, T> {
    pub(crate) fn watched(&self) -> Watched<'a, T> {
        self.0.watched
    }

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

/// An event of a channel that, once it has happened, has happened for good.
pub(crate) struct Watched<'a, T> {
    shared: &'a Shared<T>,
    event: Event,
    has_happened: fn(&mut State<T>) -> bool,
}

impl<T> Clone for Watched<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Watched<'_, T> {}

impl<'a, T> Watched<'a, T> {
    pub(crate) fn lock(&self) -> Guard<'a, State<T>> {
        self.shared.state.lock()
    }

    pub(crate) fn event(&self) -> Event {
        self.event
    }

    pub(crate) fn has_happened_in(&self, state: &mut State<T>) -> bool {
        (self.has_happened)(state)
    }
}

/// Waits for an event of a channel.
pub(super) struct Watch<'a, T> {
    watched: Watched<'a, T>,
    key: Option<Key>,
}

impl<'a, T> Watch<'a, T> {
    pub(super) fn new(
        shared: &'a Shared<T>,
        event: Event,
        has_happened: fn(&mut State<T>) -> bool,
    ) -> Self {
        Watch {
            watched: Watched {
                shared,
                event,
                has_happened,
            },
            key: None,
        }
    }

    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if let Some(key) = self.key {
            let shared = self.watched.shared;
            let state = shared.state.lock();
            let told = shared.when_told(state, key, context, |state| &mut state.watchers);
            let Some(state) = told else {
                return Poll::Pending;
            };
            drop(state);
            self.leave();
        }
        let mut waiter = None;
        loop {
            let mut state = self.watched.lock();
            if self.watched.has_happened_in(&mut state) {
                drop(state);
                drop(waiter);
                return Poll::Ready(());
            }
            if let Some(waiter) = waiter.take() {
                self.key = Some(state.watchers.insert(waiter, self.watched.event));
                return Poll::Pending;
            }
            drop(state);
            waiter = Some(Waiter::task(clone_waker(context)));
        }
    }

    fn leave(&mut self) {
        if let Some(key) = self.key.take() {
            let mut state = self.watched.lock();
            let removed = state.watchers.remove(key);
            if seeded!("waker-dropped-under-the-lock") {
                return drop(removed);
            }
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
