//! One channel, shared by its handles: the lock, the counts of handles, and the operations on top of [`State`].

use super::state::{Failure, State};
use crate::sync::atomic::{AtomicUsize, Ordering};
use crate::sync::{contained, Arc, Guard, Lock};
use crate::wait::{clone_waker, Key, Polled, WaitList, Wakes};
use std::any::Any;
use std::panic::resume_unwind;
use std::task::Context;

/// What every handle of one channel points to.
pub(crate) struct Shared<T> {
    pub(crate) state: Lock<State<T>>,
    /// How many `Sender`s there are. When it falls to 0 it never rises again.
    pub(crate) senders: AtomicUsize,
    /// How many `Receiver`s there are. When it falls to 0 it never rises again.
    pub(crate) receivers: AtomicUsize,
    /// Whether everyone gets the one value; copied out of the state, where it never changes.
    pub(crate) is_promise: bool,
    /// Whether more than one value can lie here, so that threads at work need not meet for each; never changes either.
    pub(crate) is_deep: bool,
    /// The name and the stages it was given when it was made.
    pub(crate) label: Option<Arc<super::stats::Label>>,
}

impl<T> Shared<T> {
    /// A channel with one handle on either side.
    pub(crate) fn new(state: State<T>, label: Option<Arc<super::stats::Label>>) -> Arc<Self> {
        Arc::new(Shared {
            is_promise: state.maker.is_some(),
            is_deep: state.sequence.limits().capacity > 1,
            state: Lock::new(state),
            senders: AtomicUsize::new(1),
            receivers: AtomicUsize::new(1),
            label,
        })
    }

    /// Looks at a slot: hands out the lock if the waiter was told something, `None` if it waits on. A waker
    /// that has changed is replaced.
    #[inline]
    pub(crate) fn when_told<'s, P>(
        &'s self,
        mut state: Guard<'s, State<T>>,
        key: Key,
        context: &mut Context<'_>,
        line: impl Fn(&mut State<T>) -> &mut WaitList<P>,
    ) -> Option<Guard<'s, State<T>>> {
        match line(&mut state).poll(key, context.waker()) {
            Polled::Told(_) => return Some(state),
            Polled::Waiting => return None,
            Polled::StaleWaker => drop(state),
        }
        // Cloning a waker is user code, so it is done unlocked; the waiter may be told something meanwhile.
        let waker = clone_waker(context);
        let mut state = self.state.lock();
        let left_over = line(&mut state).replace_waker(key, waker);
        if seeded!("waker-stored-without-looking-again") {
            return None;
        }
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
            contained(|| drop(payload));
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
