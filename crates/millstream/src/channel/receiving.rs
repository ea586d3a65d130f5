//! The steps of a receiver: what the transitions under the lock need done around them, unlocked.

use super::forecast::Forecast;
use super::shared::Shared;
use super::state::{Acquire, State};
use crate::sync::Guard;
use crate::wait::{clone_waker, discard, wake, Key, Outcome, Waiter, Wakes};
use std::task::{Context, Poll, Waker};

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
        self.recv_step_in_full(state)
    }

    /// [`Shared::recv_step`] of a receiver that may have to do without a value.
    #[inline(never)]
    fn recv_step_in_full(&self, state: Guard<'_, State<T>>) -> RecvStep<T> {
        if state.is_calm_empty() {
            return RecvStep::Empty;
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
    ///
    /// Only the commonest case is here, to be a part of its caller; the others are calls with which this ends.
    #[inline(always)]
    pub(crate) fn poll_recv(
        &self,
        forecast: &Forecast,
        key: &mut Option<Key>,
        context: &mut Context<'_>,
    ) -> Poll<Option<T>> {
        if let Some(waiting) = *key {
            return self.poll_waiting_recv(waiting, forecast, key, context);
        }
        if forecast.is_to_wait() {
            return self.poll_recv_to_wait(forecast, key, context);
        }
        let Some(mut state) = self.state.try_lock() else {
            return self.poll_recv_locked(self.state.lock(), forecast, key, context);
        };
        if let Some(value) = state.take_calm() {
            forecast.expect(state.sequence.unclaimed() == 0);
            return Poll::Ready(Some(value));
        }
        self.poll_recv_locked(state, forecast, key, context)
    }

    /// [`Shared::poll_recv`] of a receiver that stands in line, and was granted a value if all is as usual.
    #[inline(never)]
    fn poll_waiting_recv(
        &self,
        waiting: Key,
        forecast: &Forecast,
        key: &mut Option<Key>,
        context: &mut Context<'_>,
    ) -> Poll<Option<T>> {
        let mut state = self.state.lock();
        if let Some(()) = state.receivers.remove_granted(waiting) {
            *key = None;
            let Some(value) = state.take_claimed_calm() else {
                return Poll::Ready(Some(self.take_claimed(state)));
            };
            forecast.expect(state.is_calm_empty());
            return Poll::Ready(Some(value));
        }
        self.resume_recv(state, waiting, forecast, key, context)
    }

    /// [`Shared::poll_recv`] of a receiver for which the lock has just been taken.
    #[inline(never)]
    fn poll_recv_locked<'s>(
        &'s self,
        mut state: Guard<'s, State<T>>,
        forecast: &Forecast,
        key: &mut Option<Key>,
        context: &mut Context<'_>,
    ) -> Poll<Option<T>> {
        if let Some((value, waker)) = state.take_met() {
            forecast.expect(state.is_calm_empty());
            drop(state);
            wake(waker);
            return Poll::Ready(Some(value));
        }
        if state.is_calm_empty() {
            drop(state);
            return self.poll_recv_to_wait(forecast, key, context);
        }
        if let Some(value) = state.take_calm() {
            forecast.expect(state.sequence.unclaimed() == 0);
            return Poll::Ready(Some(value));
        }
        self.start_recv(state, forecast, key, context)
    }

    /// [`Shared::poll_recv`] of a receiver that has to wait, as far as it knows.
    #[inline(never)]
    fn poll_recv_to_wait(
        &self,
        forecast: &Forecast,
        key: &mut Option<Key>,
        context: &mut Context<'_>,
    ) -> Poll<Option<T>> {
        // Cloning a waker is user code, so it is done unlocked, and then looked, or looked again.
        let waker = clone_waker(context);
        let mut state = self.state.lock();
        let waits = state.is_calm_empty();
        forecast.learn(waits);
        if seeded!("check-then-register") || waits {
            *key = Some(state.receivers.insert(Waiter::task(waker), ()));
            if seeded!("wakes-itself-for-ever") {
                drop(state);
                context.waker().wake_by_ref();
            }
            return Poll::Pending;
        }
        self.join_recv(state, waker, key, context)
    }

    /// [`Shared::poll_recv`] of a receiver that is not in line.
    #[inline(never)]
    fn start_recv<'s>(
        &'s self,
        mut state: Guard<'s, State<T>>,
        forecast: &Forecast,
        key: &mut Option<Key>,
        context: &mut Context<'_>,
    ) -> Poll<Option<T>> {
        if let Some((value, waker)) = state.take_letting_in() {
            forecast.expect(false);
            drop(state);
            wake(waker);
            return Poll::Ready(Some(value));
        }
        let step = self.recv_step_on(state, None);
        self.follow_up_recv(step, key, context)
    }

    /// [`Shared::poll_recv`] of a receiver that brings its waker.
    #[inline(never)]
    fn join_recv<'s>(
        &'s self,
        state: Guard<'s, State<T>>,
        waker: Waker,
        key: &mut Option<Key>,
        context: &mut Context<'_>,
    ) -> Poll<Option<T>> {
        let step = self.recv_step_on(state, Some(Waiter::task(waker)));
        self.follow_up_recv(step, key, context)
    }

    /// What a step of a receiver means to its poll; one that has to wait and has brought no waker, or has found that a
    /// store ran dry while it looked, brings one.
    fn follow_up_recv(
        &self,
        mut step: RecvStep<T>,
        key: &mut Option<Key>,
        context: &mut Context<'_>,
    ) -> Poll<Option<T>> {
        loop {
            match step {
                RecvStep::Value(value) => return Poll::Ready(Some(value)),
                RecvStep::Closed => return Poll::Ready(None),
                RecvStep::Waiting(waiting) => {
                    *key = Some(waiting);
                    return Poll::Pending;
                }
                RecvStep::Empty | RecvStep::Busy => {
                    let waiter = Waiter::task(clone_waker(context));
                    step = self.recv_step_on(self.state.lock(), Some(waiter));
                }
            }
        }
    }

    /// [`Shared::poll_recv`] of a receiver that stands in line.
    #[inline(never)]
    fn resume_recv<'s>(
        &'s self,
        state: Guard<'s, State<T>>,
        waiting: Key,
        forecast: &Forecast,
        key: &mut Option<Key>,
        context: &mut Context<'_>,
    ) -> Poll<Option<T>> {
        let told = self.when_told(state, waiting, context, |state| &mut state.receivers);
        let Some(state) = told else {
            return Poll::Pending;
        };
        *key = None;
        match self.finish_recv(state, waiting) {
            RecvOutcome::Value(value) => Poll::Ready(Some(value)),
            RecvOutcome::Closed => Poll::Ready(None),
            RecvOutcome::Look => self.start_recv(self.state.lock(), forecast, key, context),
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
    #[inline(never)]
    pub(crate) fn take_claimed(&self, mut state: Guard<'_, State<T>>) -> T {
        let mut wakes = Wakes::new();
        let value = state.take_claimed(&mut wakes);
        drop(state);
        wakes.fire();
        value
    }
}
