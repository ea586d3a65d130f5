//! The steps of a sender: what the transitions under the lock need done around them, unlocked.

use super::forecast::Forecast;
use super::shared::Shared;
use super::state::{Offer, State};
use crate::sync::Guard;
use crate::wait::{clone_waker, discard, wake, Key, Outcome, Waiter, Wakes};
use std::task::{Context, Poll, Waker};

/// Why a send was refused; the value is still with the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    Full,
    Closed,
}

/// How one step of a sender ended.
pub(crate) enum SendStep {
    /// The channel has the value, or the permit is granted.
    Done,
    Closed,
    Full,
    /// Somebody runs the code of this channel's store.
    Busy,
    /// The waiter that was given stands in line.
    Waiting(Key),
}

impl SendStep {
    /// What the step of a sender that waits if it must means to its poll.
    fn polled(self, key: &mut Option<Key>) -> Poll<Result<(), ()>> {
        match self {
            SendStep::Done => Poll::Ready(Ok(())),
            SendStep::Closed => Poll::Ready(Err(())),
            SendStep::Waiting(waiting) => {
                *key = Some(waiting);
                Poll::Pending
            }
            SendStep::Full | SendStep::Busy => unreachable!("whoever brings a waiter waits"),
        }
    }
}

/// What a sender wants.
pub(crate) enum Request<'a, T> {
    /// To send the value, which is taken out once the channel has it.
    Send(&'a mut Option<T>),
    /// A permit.
    Reserve,
}

impl<T> Request<'_, T> {
    #[inline]
    fn attempt(&mut self, state: &mut State<T>, wakes: &mut Wakes) -> Offer<T> {
        match self {
            Request::Send(value) => state.offer(value, None, wakes),
            Request::Reserve => state.reserve(None),
        }
    }

    /// The attempt in its commonest case: whether that took the last place. `None` means to make it in full.
    #[inline]
    fn attempt_calm(&mut self, state: &mut State<T>) -> Option<bool> {
        match self {
            Request::Send(value) => state.offer_calm(value),
            Request::Reserve => None,
        }
    }

    /// The attempt where a plain receive is first in line: whom to wake. `None` means to make it in full.
    #[inline]
    fn attempt_met(&mut self, state: &mut State<T>) -> Option<Waker> {
        match self {
            Request::Send(value) => state.offer_met(value),
            Request::Reserve => None,
        }
    }

    /// What the sender leaves in its slot while it waits.
    fn payload(&mut self) -> Option<T> {
        match self {
            Request::Send(value) => value.take(),
            Request::Reserve => None,
        }
    }

    /// Takes back what was in the slot.
    fn restore(&mut self, payload: Option<T>) {
        if let Request::Send(value) = self {
            **value = payload;
        }
    }

    fn take(&mut self) -> T {
        match self {
            Request::Send(value) => value.take().expect("a send has its value"),
            Request::Reserve => unreachable!("a reservation does not push"),
        }
    }
}

impl<T> Shared<T> {
    /// Sends in the commonest case, in which nobody needs to be told and the lock is free; gives the value back in all others.
    #[inline]
    pub(crate) fn send_calm(&self, value: T) -> Result<(), T> {
        match self.state.try_lock() {
            Some(mut state) => state.send_calm(value),
            None => Err(value),
        }
    }

    /// One attempt of a sender that does not wait.
    #[inline]
    pub(crate) fn send_step(&self, request: &mut Request<'_, T>) -> SendStep {
        let mut state = self.state.lock();
        if request.attempt_calm(&mut state).is_some() {
            return SendStep::Done;
        }
        self.send_step_in_full(state, request)
    }

    /// [`Shared::send_step`] of a sender that may have to do without a place.
    #[inline(never)]
    fn send_step_in_full(
        &self,
        state: Guard<'_, State<T>>,
        request: &mut Request<'_, T>,
    ) -> SendStep {
        if state.is_calm_full() {
            return SendStep::Full;
        }
        self.send_step_on(state, request, None)
    }

    /// One attempt of a sender; if it has to wait and brings a waiter, it joins the line in the same step.
    #[inline(never)]
    fn send_step_on<'s>(
        &'s self,
        mut state: Guard<'s, State<T>>,
        request: &mut Request<'_, T>,
        waiter: Option<Waiter>,
    ) -> SendStep {
        let mut wakes = Wakes::new();
        let offer = request.attempt(&mut state, &mut wakes);
        if seeded!("wake-under-the-lock") {
            std::mem::take(&mut wakes).fire();
        }
        if let Offer::Sent(None) = offer {
            drop(state);
            discard(waiter);
            wakes.fire();
            return SendStep::Done;
        }
        let waits = matches!(offer, Offer::Full | Offer::Busy);
        let (key, unused) = match waiter {
            Some(waiter) if waits => (Some(state.senders.insert(waiter, request.payload())), None),
            unused => (None, unused),
        };
        drop(state);
        discard(unused);
        wakes.fire();
        match offer {
            Offer::Sent(dropped) => {
                drop(dropped);
                SendStep::Done
            }
            Offer::Closed => SendStep::Closed,
            Offer::Full | Offer::Busy if key.is_some() => {
                SendStep::Waiting(key.expect("just made"))
            }
            Offer::Full => SendStep::Full,
            Offer::Busy => {
                self.refuse_reentry();
                SendStep::Busy
            }
            Offer::Push(store) => {
                self.push(store, request.take());
                SendStep::Done
            }
            Offer::OwnGone | Offer::Look => unreachable!("no select acts"),
        }
    }

    /// One attempt of a sender that does not wait for room. Waits for a short call of user code if need be.
    #[inline]
    pub(crate) fn try_request(&self, request: &mut Request<'_, T>) -> Result<(), Refused> {
        loop {
            match self.send_step(request) {
                SendStep::Done => return Ok(()),
                SendStep::Closed => return Err(Refused::Closed),
                SendStep::Full => return Err(Refused::Full),
                SendStep::Busy => self.wait_for_store(),
                SendStep::Waiting(_) => unreachable!("it brought no waiter"),
            }
        }
    }

    /// Polls a sender: attempts, or stands in line under `key`. `Err` means closed, with the value back.
    ///
    /// Only the commonest case is here, to be a part of its caller; the others are calls with which this ends.
    #[inline(always)]
    pub(crate) fn poll_request(
        &self,
        forecast: &Forecast,
        request: &mut Request<'_, T>,
        key: &mut Option<Key>,
        context: &mut Context<'_>,
    ) -> Poll<Result<(), ()>> {
        if let Some(waiting) = *key {
            return self.poll_waiting_request(waiting, forecast, request, key, context);
        }
        if forecast.is_to_wait() {
            return self.poll_request_to_wait(forecast, request, key, context);
        }
        let Some(mut state) = self.state.try_lock() else {
            return self.poll_request_locked(self.state.lock(), forecast, request, key, context);
        };
        if state.sequence.has_memory_at_hand() {
            if let Some(was_last) = request.attempt_calm(&mut state) {
                forecast.expect(was_last);
                return Poll::Ready(Ok(()));
            }
        }
        self.poll_request_locked(state, forecast, request, key, context)
    }

    /// [`Shared::poll_request`] of a sender that stands in line, and was granted what it waited for if all is as usual.
    #[inline(never)]
    fn poll_waiting_request(
        &self,
        waiting: Key,
        forecast: &Forecast,
        request: &mut Request<'_, T>,
        key: &mut Option<Key>,
        context: &mut Context<'_>,
    ) -> Poll<Result<(), ()>> {
        let mut state = self.state.lock();
        if let Some(taken) = state.senders.remove_granted(waiting) {
            *key = None;
            forecast.expect(state.is_calm_full());
            drop(state);
            debug_assert!(taken.is_none(), "who was granted has nothing left to send");
            return Poll::Ready(Ok(()));
        }
        self.resume_request(state, waiting, request, key, context)
    }

    /// [`Shared::poll_request`] of a sender for which the lock has just been taken.
    #[inline(never)]
    fn poll_request_locked<'s>(
        &'s self,
        mut state: Guard<'s, State<T>>,
        forecast: &Forecast,
        request: &mut Request<'_, T>,
        key: &mut Option<Key>,
        context: &mut Context<'_>,
    ) -> Poll<Result<(), ()>> {
        if let Some(waker) = request.attempt_met(&mut state) {
            forecast.expect(state.is_calm_full());
            drop(state);
            wake(waker);
            return Poll::Ready(Ok(()));
        }
        if state.is_calm_full() {
            drop(state);
            return self.poll_request_to_wait(forecast, request, key, context);
        }
        if let Some(was_last) = request.attempt_calm(&mut state) {
            forecast.expect(was_last);
            return Poll::Ready(Ok(()));
        }
        self.start_request(state, request, key, context)
    }

    /// [`Shared::poll_request`] of a sender that has to wait, as far as it knows.
    #[inline(never)]
    fn poll_request_to_wait(
        &self,
        forecast: &Forecast,
        request: &mut Request<'_, T>,
        key: &mut Option<Key>,
        context: &mut Context<'_>,
    ) -> Poll<Result<(), ()>> {
        // Cloning a waker is user code, so it is done unlocked, and then looked, or looked again.
        let waker = clone_waker(context);
        let mut state = self.state.lock();
        let waits = state.is_calm_full();
        forecast.learn(waits);
        if waits {
            let payload = request.payload();
            *key = Some(state.senders.insert(Waiter::task(waker), payload));
            return Poll::Pending;
        }
        self.join_request(state, waker, request, key)
    }

    /// [`Shared::poll_request`] of a sender that is not in line.
    #[inline(never)]
    fn start_request<'s>(
        &'s self,
        state: Guard<'s, State<T>>,
        request: &mut Request<'_, T>,
        key: &mut Option<Key>,
        context: &mut Context<'_>,
    ) -> Poll<Result<(), ()>> {
        match self.send_step_on(state, request, None) {
            SendStep::Full | SendStep::Busy => {
                let waker = clone_waker(context);
                self.join_request(self.state.lock(), waker, request, key)
            }
            step => step.polled(key),
        }
    }

    /// [`Shared::poll_request`] of a sender that brings its waker.
    #[inline(never)]
    fn join_request<'s>(
        &'s self,
        state: Guard<'s, State<T>>,
        waker: Waker,
        request: &mut Request<'_, T>,
        key: &mut Option<Key>,
    ) -> Poll<Result<(), ()>> {
        self.send_step_on(state, request, Some(Waiter::task(waker)))
            .polled(key)
    }

    /// [`Shared::poll_request`] of a sender that stands in line.
    #[inline(never)]
    fn resume_request<'s>(
        &'s self,
        state: Guard<'s, State<T>>,
        waiting: Key,
        request: &mut Request<'_, T>,
        key: &mut Option<Key>,
        context: &mut Context<'_>,
    ) -> Poll<Result<(), ()>> {
        let told = self.when_told(state, waiting, context, |state| &mut state.senders);
        let Some(mut state) = told else {
            return Poll::Pending;
        };
        *key = None;
        let removed = state.senders.remove(waiting);
        drop(state);
        let mut payload = removed.payload;
        match removed.outcome {
            Some(Outcome::Granted) => return Poll::Ready(Ok(())),
            Some(Outcome::Invited) => {
                payload = payload.and_then(|value| self.use_permit(value).err());
                if payload.is_none() {
                    return Poll::Ready(Ok(()));
                }
            }
            Some(Outcome::Closed | Outcome::Look) | None => {}
        }
        request.restore(payload);
        if let Some(Outcome::Closed | Outcome::Invited) = removed.outcome {
            return Poll::Ready(Err(()));
        }
        self.start_request(self.state.lock(), request, key, context)
    }

    /// A permit sends its value. `Err` gives it back: no receiver is left.
    pub(crate) fn use_permit(&self, value: T) -> Result<(), T> {
        let mut value = Some(value);
        loop {
            let mut wakes = Wakes::new();
            let mut state = self.state.lock();
            let offer = state.use_permit(&mut value, &mut wakes);
            drop(state);
            wakes.fire();
            match offer {
                Offer::Sent(dropped) => {
                    drop(dropped);
                    return Ok(());
                }
                Offer::Push(store) => {
                    self.push(store, value.take().expect("a permit sends a value"));
                    return Ok(());
                }
                Offer::Busy => {
                    if self.is_reentered() {
                        // It will not be used, and the end of the channel would wait for it.
                        self.drop_permit();
                    }
                    self.refuse_reentry();
                    self.wait_for_store();
                }
                Offer::Closed => return value.map_or(Ok(()), Err),
                Offer::Full | Offer::OwnGone | Offer::Look => {
                    unreachable!("a permit's place was granted, and no select acts")
                }
            }
        }
    }
}
