//! One channel, shared by its handles: the lock, the counts of handles, and the operations on top of [`State`].

use super::state::{Acquire, Failure, Leftovers, Offer, State};
use crate::sync::atomic::{AtomicUsize, Ordering};
use crate::sync::{unmodelled, Arc, Guard, Lock};
use crate::wait::{clone_waker, discard, guarded, Key, Outcome, Polled, WaitList, Waiter, Wakes};
use std::any::Any;
use std::panic::{catch_unwind, resume_unwind, AssertUnwindSafe};
use std::task::{Context, Poll};

/// What every handle of one channel points to.
pub(crate) struct Shared<T> {
    pub(crate) state: Lock<State<T>>,
    /// How many `Sender`s there are. When it falls to 0 it never rises again.
    pub(crate) senders: AtomicUsize,
    /// How many `Receiver`s there are. When it falls to 0 it never rises again.
    pub(crate) receivers: AtomicUsize,
    /// Whether everyone gets the one value; copied out of the state, where it never changes.
    pub(crate) is_promise: bool,
    /// The name and the stages it was given when it was made.
    pub(crate) label: Option<Arc<super::stats::Label>>,
}

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

    /// The attempt in its commonest case; `false` means to make it in full.
    #[inline]
    fn attempt_calm(&mut self, state: &mut State<T>) -> bool {
        match self {
            Request::Send(value) => state.offer_calm(value),
            Request::Reserve => false,
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
    /// A channel with one handle on either side.
    pub(crate) fn new(state: State<T>, label: Option<Arc<super::stats::Label>>) -> Arc<Self> {
        Arc::new(Shared {
            is_promise: state.maker.is_some(),
            state: Lock::new(state),
            senders: AtomicUsize::new(1),
            receivers: AtomicUsize::new(1),
            label,
        })
    }

    /// One attempt of a sender that does not wait.
    #[inline]
    pub(crate) fn send_step(&self, request: &mut Request<'_, T>) -> SendStep {
        let mut state = self.state.lock();
        if request.attempt_calm(&mut state) {
            return SendStep::Done;
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
    #[inline]
    pub(crate) fn poll_request(
        &self,
        request: &mut Request<'_, T>,
        key: &mut Option<Key>,
        context: &mut Context<'_>,
    ) -> Poll<Result<(), ()>> {
        if key.is_some() {
            return self.resume_request(request, key, context);
        }
        let mut state = self.state.lock();
        if request.attempt_calm(&mut state) {
            return Poll::Ready(Ok(()));
        }
        self.start_request(state, request, key, context)
    }

    /// [`Shared::poll_request`] of a sender that is not in line, where it is more than putting a value down.
    #[inline(never)]
    fn start_request<'s>(
        &'s self,
        state: Guard<'s, State<T>>,
        request: &mut Request<'_, T>,
        key: &mut Option<Key>,
        context: &mut Context<'_>,
    ) -> Poll<Result<(), ()>> {
        let mut step = if state.is_calm_full() {
            drop(state);
            // Cloning a waker is user code, so it is done unlocked, and then looked again.
            let waiter = Waiter::Task(clone_waker(context));
            let mut state = self.state.lock();
            if state.is_calm_full() {
                *key = Some(state.senders.insert(waiter, request.payload()));
                return Poll::Pending;
            }
            self.send_step_on(state, request, Some(waiter))
        } else {
            self.send_step_on(state, request, None)
        };
        if let SendStep::Full | SendStep::Busy = step {
            let waiter = Waiter::Task(clone_waker(context));
            step = self.send_step_on(self.state.lock(), request, Some(waiter));
        }
        match step {
            SendStep::Done => Poll::Ready(Ok(())),
            SendStep::Closed => Poll::Ready(Err(())),
            SendStep::Waiting(waiting) => {
                *key = Some(waiting);
                Poll::Pending
            }
            SendStep::Full | SendStep::Busy => unreachable!("whoever brings a waiter waits"),
        }
    }

    /// [`Shared::poll_request`] of a sender that stands in line.
    #[inline(never)]
    fn resume_request(
        &self,
        request: &mut Request<'_, T>,
        key: &mut Option<Key>,
        context: &mut Context<'_>,
    ) -> Poll<Result<(), ()>> {
        let waiting = key.expect("it stands in line");
        let Some(mut state) = self.when_told(waiting, context, |state| &mut state.senders) else {
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

    /// One attempt of a receiver that does not wait.
    #[inline]
    pub(crate) fn recv_step(&self) -> RecvStep<T> {
        let mut state = self.state.lock();
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
            if state.is_calm_empty() {
                *key = Some(state.receivers.insert(waiter, ()));
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

    /// Looks at a slot: hands out the lock if the waiter was told something, `None` if it waits on. A waker
    /// that has changed is replaced.
    #[inline]
    pub(crate) fn when_told<P>(
        &self,
        key: Key,
        context: &mut Context<'_>,
        line: impl Fn(&mut State<T>) -> &mut WaitList<P>,
    ) -> Option<Guard<'_, State<T>>> {
        let mut state = self.state.lock();
        match line(&mut state).poll(key, context.waker()) {
            Polled::Told(_) => return Some(state),
            Polled::Waiting => return None,
            Polled::StaleWaker => drop(state),
        }
        // Cloning a waker is user code, so it is done unlocked; the waiter may be told something meanwhile.
        let waker = clone_waker(context);
        let mut state = self.state.lock();
        let left_over = line(&mut state).replace_waker(key, waker);
        if let Polled::Told(_) = line(&mut state).poll(key, context.waker()) {
            // The waker that is left over must not be dropped under the lock that is handed out.
            drop(state);
            drop(left_over);
            return Some(self.state.lock());
        }
        drop(state);
        drop(left_over);
        None
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

    /// No new sends from here on.
    pub(crate) fn close(&self) -> bool {
        let mut wakes = Wakes::new();
        let closed = self.state.lock().close(&mut wakes);
        wakes.fire();
        closed
    }

    /// Closes the channel because the code that feeds it has panicked: after everything that is on its way, the first
    /// receiver to come to the end gets the panic.
    pub(crate) fn fail(&self, payload: Box<dyn Any + Send>) {
        let mut wakes = Wakes::new();
        let mut state = self.state.lock();
        let unwanted = state.failure.replace(Failure(payload));
        state.close(&mut wakes);
        drop(state);
        wakes.fire();
        if let Some(Failure(payload)) = unwanted {
            guarded(|| drop(payload));
        }
    }

    /// Called by whoever is about to report the end of the channel: if a panic ended it, that comes out here.
    #[cold]
    pub(crate) fn raise_failure(&self) {
        let mut state = self.state.lock();
        let failure = state.failure.take();
        drop(state);
        if let Some(Failure(payload)) = failure {
            resume_unwind(payload);
        }
    }

    /// A sender handle is gone; the last one closes the channel.
    pub(crate) fn drop_sender(&self) {
        // AcqRel: what other handles did before they went happens before the close.
        if self.senders.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.close();
        }
    }

    /// A receiver handle is gone; with the last one the values go too.
    pub(crate) fn drop_receiver(&self) {
        if self.receivers.fetch_sub(1, Ordering::AcqRel) != 1 {
            return;
        }
        let mut wakes = Wakes::new();
        let leftovers = self.state.lock().abandon(&mut wakes);
        wakes.fire();
        leftovers.discard();
    }

    /// Adds a handle to `count`, unless there is none left to add to.
    pub(crate) fn upgrade(count: &AtomicUsize) -> bool {
        let mut now = count.load(Ordering::Relaxed);
        while now != 0 {
            match count.compare_exchange_weak(now, now + 1, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return true,
                Err(changed) => now = changed,
            }
        }
        false
    }
}

impl<T> Leftovers<T> {
    /// Drops everything, each value by itself: one that panics in its `Drop` does not leak the others. The
    /// first panic comes out at the end.
    fn discard(self) {
        let mut first = None;
        let mut attempt = |code: &mut dyn FnMut()| {
            if let Err(payload) = catch_unwind(AssertUnwindSafe(code)) {
                match first {
                    None => first = Some(payload),
                    Some(_) => guarded(|| drop(payload)),
                }
            }
        };
        for value in self.values {
            let mut value = Some(value);
            attempt(&mut || drop(value.take()));
        }
        let (mut store, mut promise) = (self.store, self.promise);
        attempt(&mut || drop(store.take()));
        attempt(&mut || drop(promise.take()));
        if let (Some(payload), false) = (first, unmodelled::thread::panicking()) {
            resume_unwind(payload);
        }
    }
}
