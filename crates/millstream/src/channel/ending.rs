//! The end of a channel: closing, running dry, and being left by every receiver.

use super::state::{Event, Source, State};
use crate::buffer::{Replay, Store};
use crate::sync::{contained, unmodelled, Arc};
use crate::wait::{Next, Outcome, Wakes};
use std::collections::VecDeque;
use std::panic::{catch_unwind, resume_unwind, AssertUnwindSafe};

impl<T> State<T> {
    /// After something left a closed channel: if that was the last, tells everyone who waits for the end.
    pub(crate) fn settle(&mut self, wakes: &mut Wakes) {
        if self.closed && self.is_finished() {
            self.receivers.commit_all(Outcome::Closed, wakes);
            // Nobody in this line is live, but a `SelectSet` that is busy must learn of the end.
            self.senders.commit_all(Outcome::Closed, wakes);
            self.tell_watchers(Event::Drained, wakes);
        }
    }

    /// No new sends from here on; what is on its way stays good. `false` if it was closed already.
    pub(crate) fn close(&mut self, wakes: &mut Wakes) -> bool {
        if self.closed {
            return false;
        }
        self.closed = true;
        self.plain = false;
        self.tell_watchers(Event::Closed, wakes);
        if self.is_drained() {
            self.tell_watchers(Event::Drained, wakes);
        }
        if !seeded!("close-wakes-nobody") {
            self.settle(wakes);
        }
        true
    }

    /// The last receiver is gone: senders get their values back, and what lies here comes out to be dropped
    /// after unlock.
    pub(crate) fn abandon(&mut self, wakes: &mut Wakes) -> Leftovers<T> {
        self.closed = true;
        self.plain = false;
        self.abandoned = true;
        self.senders.commit_all(Outcome::Closed, wakes);
        // Only a receive that was leaked can still stand in this line.
        self.receivers.commit_all(Outcome::Closed, wakes);
        self.tell_watchers(Event::Closed, wakes);
        self.tell_watchers(Event::Drained, wakes);
        let store = match std::mem::replace(&mut self.source, Source::Gone) {
            Source::Home(store, _) => Some(store),
            Source::None => {
                self.source = Source::None;
                None
            }
            // Whoever has it finds the channel abandoned and drops it.
            Source::Out(..) | Source::Gone => None,
        };
        Leftovers {
            values: if seeded!("values-outlive-the-receivers") {
                VecDeque::new()
            } else {
                self.sequence.clear()
            },
            store,
            promise: self.promise.take(),
        }
    }

    /// Whether nothing can be received any more, now or later.
    pub(crate) fn is_finished(&mut self) -> bool {
        if !self.closed {
            return false;
        }
        if self.abandoned {
            return true;
        }
        let store_is_spent = match &self.source {
            Source::None | Source::Gone => true,
            Source::Home(_, shape) => !shape.ready,
            Source::Out(..) => false,
        };
        store_is_spent
            && self.promise.is_none()
            && self.sequence.is_spent()
            && self.senders.count_live(None) == 0
    }

    /// Whether everything that will ever be received has been: for a promise, whose value is never used up,
    /// that is when it closes.
    pub(crate) fn is_drained(&mut self) -> bool {
        self.is_finished() || self.closed && self.maker.is_some()
    }

    /// Tells everyone who waits for `event`.
    pub(crate) fn tell_watchers(&mut self, event: Event, wakes: &mut Wakes) {
        if self.watchers.is_empty() {
            return;
        }
        while let Next::Committed(_) =
            self.watchers
                .commit_next(None, Outcome::Granted, wakes, |_, awaited| {
                    *awaited == event
                })
        {}
    }
}

/// What is left in a channel that nobody will receive from: to be dropped after unlock.
pub(crate) struct Leftovers<T> {
    pub(crate) values: VecDeque<T>,
    pub(crate) store: Option<Box<dyn Store<T>>>,
    pub(crate) promise: Option<Arc<dyn Replay<T>>>,
}

impl<T> Leftovers<T> {
    /// Drops everything, each value by itself: one that panics in its `Drop` does not leak the others. The
    /// first panic comes out at the end.
    pub(super) fn discard(self) {
        let mut first = None;
        let mut attempt = |code: &mut dyn FnMut()| {
            if seeded!("panicking-drop-leaks-the-rest") && first.is_some() {
                return;
            }
            if let Err(payload) = catch_unwind(AssertUnwindSafe(code)) {
                match first {
                    None => first = Some(payload),
                    Some(_) => {
                        contained(|| drop(payload));
                    }
                }
            }
        };
        for value in self.values {
            if seeded!("value-dropped-twice") {
                crate::sync::drop_a_copy(&value);
            }
            let mut value = Some(value);
            attempt(&mut || drop(value.take()));
            if seeded!("panicking-drop-leaks-the-rest") {
                std::mem::forget(value);
            }
        }
        // Few channels have either.
        if let mut store @ Some(_) = self.store {
            attempt(&mut || drop(store.take()));
        }
        if let mut promise @ Some(_) = self.promise {
            attempt(&mut || drop(promise.take()));
        }
        if let (Some(payload), false) = (first, unmodelled::thread::panicking()) {
            resume_unwind(payload);
        }
    }
}
