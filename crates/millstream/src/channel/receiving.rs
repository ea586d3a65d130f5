//! The steps of a receiver: what the transitions under the lock need done around them, unlocked.

use super::shared::Shared;
use super::state::{Acquire, State};
use crate::sync::Guard;
use crate::wait::{clone_waker, discard, Key, Outcome, Waiter, Wakes};
use std::task::{Context, Poll};

/// How one step of a receiver ended.
pub(crate) enum RecvStep<T> {
    Value(T),
    Closed,
    Empty,
    /// Somebody runs the code of this channel's store.
    Busy,
    /// The waiter that was given stands in line.
    Waiting(Key),
}

/// What a receiver that stood in line came away with.
pub(crate) enum RecvOutcome<T> {
    Value(T),
    Closed,
    /// It has to try again.
    Look,
}

impl<T> Shared<T> {
    /// One attempt of a receiver that does not wait.
    #[inline]
    pub(crate) fn recv_step(&self) -> RecvStep<T> {
        let mut state = self.state.lock();
        if seeded!("try-recv-empty-behind-a-claim") && state.sequence.claims() > 0 {
            return RecvStep::Empty;
        }
        if let Some(value) = state.take_calm() {
            return RecvStep::Value(value);
        }
        self.recv_step_on(state, None)
    }

    /// One attempt of a receiver; if it has to wait and brings a waiter, it joins the line in the same step.
    #[inline(never)]
    fn recv_step_on<'s>(
        &'s self,
        mut state: Guard<'s, State<T>>,
        waiter: Option<Waiter>,
    ) -> RecvStep<T> {
        let mut wakes = Wakes::new();
        let acquired = state.acquire(None, &mut wakes);
        if let Acquire::Claimed(_) = acquired {
            let value = state.take_claimed(&mut wakes);
            drop(state);
            wakes.fire();
            discard(waiter);
            return RecvStep::Value(value);
        }
        let waits = matches!(acquired, Acquire::Empty | Acquire::Busy);
        let (key, unused) = match waiter {
            Some(waiter) if waits => {
                let key = state.receivers.insert(waiter, ());
                state.receiver_joined(&mut wakes);
                (Some(key), None)
            }
            unused => (None, unused),
        };
        drop(state);
        discard(unused);
        wakes.fire();
        match acquired {
            Acquire::Empty | Acquire::Busy if key.is_some() => {
                RecvStep::Waiting(key.expect("just made"))
            }
            Acquire::Empty => RecvStep::Empty,
            Acquire::Busy => {
                self.refuse_reentry();
                RecvStep::Busy
            }
            Acquire::Closed => {
                self.raise_failure();
                RecvStep::Closed
            }
            Acquire::Pull(store) => match self.pull(store) {
                Some(value) => RecvStep::Value(value),
                // It has run dry, and its shape says so now: the next look tells whether that is the end.
                None => self.recv_step(),
            },
            Acquire::Replay(promise) => RecvStep::Value(self.replay(&*promise)),
            Acquire::Claimed(_) | Acquire::OwnGone | Acquire::Look => {
                unreachable!("handled above, or no select acts")
            }
        }
    }

    /// One attempt of a receiver that does not wait for a value. `None` inside means closed.
    #[inline]
    pub(crate) fn try_recv(&self) -> Option<Option<T>> {
        loop {
            match self.recv_step() {
                RecvStep::Value(value) => return Some(Some(value)),
                RecvStep::Closed => return Some(None),
                RecvStep::Empty => return None,
                RecvStep::Busy => self.wait_for_store(),
                RecvStep::Waiting(_) => unreachable!("it brought no waiter"),
            }
        }
    }

    /// Polls a receiver: attempts, or stands in line under `key`. `None` means closed.
    #[inline]
    pub(crate) fn poll_recv(
        &self,
        key: &mut Option<Key>,
        context: &mut Context<'_>,
    ) -> Poll<Option<T>> {
        if key.is_some() {
            return self.resume_recv(key, context);
        }
        let mut state = self.state.lock();
        if let Some(value) = state.take_calm() {
            return Poll::Ready(Some(value));
        }
        self.start_recv(state, key, context)
    }

    /// [`Shared::poll_recv`] of a receiver that is not in line, where it is more than taking a value up.
    #[inline(never)]
    fn start_recv<'s>(
        &'s self,
        state: Guard<'s, State<T>>,
        key: &mut Option<Key>,
        context: &mut Context<'_>,
    ) -> Poll<Option<T>> {
        let mut step = if state.is_calm_empty() {
            drop(state);
            // Cloning a waker is user code, so it is done unlocked, and then looked again.
            let waiter = Waiter::Task(clone_waker(context));
            let mut state = self.state.lock();
            if seeded!("check-then-register") || state.is_calm_empty() {
                *key = Some(state.receivers.insert(waiter, ()));
                if seeded!("wakes-itself-for-ever") {
                    drop(state);
                    context.waker().wake_by_ref();
                }
                return Poll::Pending;
            }
            self.recv_step_on(state, Some(waiter))
        } else {
            self.recv_step_on(state, None)
        };
        while let RecvStep::Empty | RecvStep::Busy = step {
            let waiter = Waiter::Task(clone_waker(context));
            step = self.recv_step_on(self.state.lock(), Some(waiter));
        }
        match step {
            RecvStep::Value(value) => Poll::Ready(Some(value)),
            RecvStep::Closed => Poll::Ready(None),
            RecvStep::Waiting(waiting) => {
                *key = Some(waiting);
                Poll::Pending
            }
            RecvStep::Empty | RecvStep::Busy => unreachable!("the loop ends when it is neither"),
        }
    }

    /// [`Shared::poll_recv`] of a receiver that stands in line.
    #[inline(never)]
    fn resume_recv(&self, key: &mut Option<Key>, context: &mut Context<'_>) -> Poll<Option<T>> {
        let waiting = key.expect("it stands in line");
        let Some(state) = self.when_told(waiting, context, |state| &mut state.receivers) else {
            return Poll::Pending;
        };
        *key = None;
        match self.finish_recv(state, waiting) {
            RecvOutcome::Value(value) => Poll::Ready(Some(value)),
            RecvOutcome::Closed => Poll::Ready(None),
            RecvOutcome::Look => self.start_recv(self.state.lock(), key, context),
        }
    }

    /// Takes a receiver out of the line, and the value last.
    pub(crate) fn finish_recv(&self, state: Guard<'_, State<T>>, key: Key) -> RecvOutcome<T> {
        self.finish_line(state, key, |state| self.take_claimed(state))
    }

    /// Takes a receiver out of the line; `granted` does something with the claim if it has one.
    pub(crate) fn finish_line<'s, V>(
        &'s self,
        mut state: Guard<'s, State<T>>,
        key: Key,
        granted: impl FnOnce(Guard<'s, State<T>>) -> V,
    ) -> RecvOutcome<V> {
        let removed = state.receivers.remove(key);
        match removed.outcome {
            Some(Outcome::Granted) => RecvOutcome::Value(granted(state)),
            Some(Outcome::Closed) => {
                drop(state);
                self.raise_failure();
                RecvOutcome::Closed
            }
            Some(Outcome::Look | Outcome::Invited) | None => {
                // Before the waiter that was removed, whose waker is user code.
                drop(state);
                RecvOutcome::Look
            }
        }
    }

    /// Turns a claim into the value.
    pub(crate) fn take_claimed(&self, mut state: Guard<'_, State<T>>) -> T {
        let mut wakes = Wakes::new();
        let value = state.take_claimed(&mut wakes);
        drop(state);
        wakes.fire();
        value
    }
}
