//! Channels whose values go through user code or are given more than once: custom buffers, iterators, promises.
//!
//! User code is *checked out*: taken from the state under the lock, called unlocked, brought back. Whoever
//! comes meanwhile stands in line and is told to look again when the store is back; nobody is committed to a
//! value that only user code could produce. A panic in it closes the channel.

use super::closing::Watch;
use super::shared::Shared;
use super::state::{Acquire, Event, Offer, Source, State, Way};
use crate::buffer::{Replay, Shape, Store};
use crate::sync::{about_to_run_user_code, contained, thread};
use crate::wait::{block_on, Next, Outcome, Own, Wakes};
use std::future::poll_fn;
use std::panic::{catch_unwind, resume_unwind, AssertUnwindSafe};

impl<T> State<T> {
    /// [`State::offer`] for a channel over user code or a promise. It is open, or the caller would not ask.
    #[cold]
    pub(super) fn offer_special(
        &mut self,
        value: &mut Option<T>,
        own: Option<Own<'_>>,
        wakes: &mut Wakes,
    ) -> Offer<T> {
        if let Some(maker) = self.maker {
            if own.is_some_and(|own| !own.win()) {
                return Offer::OwnGone;
            }
            if self.promise.is_some() {
                self.counts.dropped += 1;
                return Offer::Sent(value.take());
            }
            self.promise = value.take().map(maker);
            self.receivers.commit_all(Outcome::Look, wakes);
            return Offer::Sent(None);
        }
        match &self.source {
            // A permit that is out holds the one place that the buffer says it has.
            Source::Home(_, shape) if !shape.room || self.sequence.permits() > 0 => Offer::Full,
            // A registered select goes back to its first pass, where it may run user code.
            Source::Home(..) if own.is_some() => Offer::Look,
            Source::Home(..) => Offer::Push(self.check_out()),
            Source::Out(..) => Offer::Busy,
            Source::None | Source::Gone => Offer::Closed,
        }
    }

    /// [`State::acquire`] for a channel over user code or a promise, with nothing unclaimed at hand.
    #[cold]
    pub(super) fn acquire_special(
        &mut self,
        own: Option<Own<'_>>,
        wakes: &mut Wakes,
    ) -> Acquire<T> {
        let available = match &self.source {
            Source::Home(_, shape) => shape.ready,
            Source::Out(..) => return Acquire::Busy,
            Source::None | Source::Gone => self.promise.is_some(),
        };
        if available && own.is_some() {
            return Acquire::Look;
        }
        if let Some(promise) = &self.promise {
            self.counts.buffered += 1;
            return Acquire::Replay(promise.clone());
        }
        if available {
            return Acquire::Pull(self.check_out());
        }
        if self.is_finished() {
            self.settle(wakes);
            return match own {
                Some(own) if !own.win() => Acquire::OwnGone,
                _ => Acquire::Closed,
            };
        }
        Acquire::Empty
    }

    /// Room in a store means that the senders in line may try again themselves. In a closed channel that would be
    /// too late: there, those who waited before it closed are let in one by one.
    pub(super) fn refill_special(&mut self, wakes: &mut Wakes) {
        let has_room = matches!(&self.source, Source::Home(_, shape) if shape.room);
        if !has_room || self.sequence.permits() > 0 {
            return;
        }
        if !self.closed {
            return self.senders.commit_all(Outcome::Look, wakes);
        }
        let next = self
            .senders
            .commit_next(None, Outcome::Invited, wakes, |_, _| true);
        if let Next::Committed(_) = next {
            self.sequence.grant();
        }
    }

    fn check_out(&mut self) -> Box<dyn Store<T>> {
        match std::mem::replace(&mut self.source, Source::Gone) {
            Source::Home(store, shape) => {
                self.source = Source::Out(thread::current().id(), shape);
                store
            }
            _ => unreachable!("the caller has seen it at home"),
        }
    }

    /// Brings the store back, or hands it out again to be dropped if nobody wants it any more.
    fn check_in(
        &mut self,
        store: Box<dyn Store<T>>,
        shape: Shape,
        wakes: &mut Wakes,
    ) -> Option<Box<dyn Store<T>>> {
        if self.abandoned {
            self.source = Source::Gone;
            self.tell_watchers(Event::StoreHome, wakes);
            return Some(store);
        }
        self.source = Source::Home(store, shape);
        if shape.ready {
            self.receivers.commit_all(Outcome::Look, wakes);
        }
        self.refill_special(wakes);
        self.tell_watchers(Event::StoreHome, wakes);
        self.settle(wakes);
        None
    }

    /// The store's code has panicked: the channel is closed, and everyone is told.
    fn break_store(&mut self, wakes: &mut Wakes) {
        self.source = Source::Gone;
        self.senders.commit_all(Outcome::Closed, wakes);
        self.tell_watchers(Event::StoreHome, wakes);
        self.close(wakes);
        self.settle(wakes);
    }
}

impl<T> Shared<T> {
    /// Runs user code on a store that was checked out, and brings it back. A panic in it comes out here,
    /// after the channel was closed and everyone was told.
    fn with_store<R>(
        &self,
        mut store: Box<dyn Store<T>>,
        code: impl FnOnce(&mut dyn Store<T>) -> (R, Shape),
        bring: impl FnOnce(&mut State<T>, &mut R),
    ) -> R {
        about_to_run_user_code();
        let ran = catch_unwind(AssertUnwindSafe(|| code(&mut *store)));
        let mut wakes = Wakes::new();
        match ran {
            Ok((mut result, shape)) => {
                let mut state = self.state.lock();
                bring(&mut state, &mut result);
                let unwanted = state.check_in(store, shape, &mut wakes);
                drop(state);
                wakes.fire();
                drop(unwanted);
                result
            }
            Err(payload) => {
                self.state.lock().break_store(&mut wakes);
                wakes.fire();
                contained(|| drop(store));
                resume_unwind(payload)
            }
        }
    }

    /// Runs the store's push, unlocked.
    pub(super) fn push(&self, store: Box<dyn Store<T>>, value: T) {
        let dropped = self.with_store(
            store,
            |store| (store.push(value), store.shape()),
            |state, dropped| state.counts.dropped += u64::from(dropped.is_some()),
        );
        drop(dropped);
    }

    /// Runs the store's pop, unlocked.
    pub(super) fn pull(&self, store: Box<dyn Store<T>>) -> Option<T> {
        self.with_store(store, pop, |state, value| {
            state.counts.buffered += u64::from(value.is_some());
            // Older values may lie in the channel, claimed by others: these come first, and a claim is a right to any.
            if state.sequence.len() > 0 {
                *value = value.take().map(|value| {
                    state.sequence.push_claimed(value);
                    state.sequence.take_claimed()
                });
            }
        })
    }

    /// Runs the store's pop, unlocked, and puts the value down where any receiver could take it, claimed. This is one
    /// step with bringing the store back, so that nobody finds the end in between. `false` if there was no value.
    pub(super) fn pull_to_claim(&self, store: Box<dyn Store<T>>) -> bool {
        let mut is_claimed = false;
        self.with_store(store, pop, |state, value| {
            if let Some(value) = value.take() {
                state.sequence.push_claimed(value);
                state.counts.buffered += 1;
                is_claimed = true;
            }
        });
        is_claimed
    }

    /// Clones a promise's value, unlocked. It was counted as delivered when it was found.
    pub(super) fn replay(&self, promise: &dyn Replay<T>) -> T {
        let ran = catch_unwind(AssertUnwindSafe(|| promise.replay()));
        ran.unwrap_or_else(|payload| {
            self.state.lock().counts.undo(Way::Buffered);
            resume_unwind(payload)
        })
    }

    /// Whether the calling thread runs the store's code: then it can only be that code which calls.
    pub(super) fn is_reentered(&self) -> bool {
        let state = self.state.lock();
        matches!(&state.source, Source::Out(holder, _) if *holder == thread::current().id())
    }

    /// Said by whoever finds the store out, unlocked, before it waits for it.
    pub(super) fn refuse_reentry(&self) {
        assert!(
            !self.is_reentered(),
            "a buffer or iterator used the channel that it serves: it may not send to, receive from or wait for that \
             channel from inside its own methods"
        );
    }

    /// Waits until the store is back, for operations that answer at once: the store's code is a short call.
    pub(crate) fn wait_for_store(&self) {
        let is_back = |state: &mut State<T>| !matches!(state.source, Source::Out(..));
        let mut watch = Watch::new(self, Event::StoreHome, is_back);
        block_on(poll_fn(|context| watch.poll(context)));
    }
}

/// A store's pop, and what it looks like then.
fn pop<T>(store: &mut dyn Store<T>) -> (Option<T>, Shape) {
    let value = store.pop();
    let mut shape = store.shape();
    // What it gives counts, not what it says it has: or a buffer that errs would be asked for ever.
    shape.ready &= value.is_some();
    (value, shape)
}
