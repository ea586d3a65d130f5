//! What a scope and its tasks share: who is alive, what went wrong first, and the signals that end things.

use super::nesting::{Hold, Outer};
use crate::channel::{Signal, SignalWatch};
use crate::sync::{Arc, Lock};
use std::any::Any;
use std::panic::{catch_unwind, AssertUnwindSafe};

/// Why a scope does not end well.
pub(super) enum Failure<E> {
    Error(E),
    Panic(Box<dyn Any + Send>),
}

/// See the module. Nothing of the user's is in it but an error.
pub(super) struct Core<E> {
    state: Lock<State<E>>,
    /// Raised by the first failure: the body ends.
    pub(super) failed: Signal,
    /// Raised by a failure, a cancellation, and at the end: ordinary tasks end.
    pub(super) cancelled: Signal,
    /// Raised when the grace is over or the scope is dropped: cooperative tasks end too.
    pub(super) cut: Signal,
}

struct State<E> {
    /// How many members have not ended, and inner scopes' tasks with them.
    live: usize,
    /// Raised when `live` falls to 0; there only if somebody waits for that.
    idle: Option<Signal>,
    failure: Option<Failure<E>>,
    /// Set when the scope is ready: nobody comes in any more.
    ended: bool,
    /// The scope that this one is a part of.
    outer: Option<Arc<dyn Outer>>,
}

impl<E> Core<E> {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Core {
            state: Lock::new(State {
                live: 0,
                idle: None,
                failure: None,
                ended: false,
                outer: None,
            }),
            failed: Signal::new(),
            cancelled: Signal::new(),
            cut: Signal::new(),
        })
    }

    pub(super) fn set_outer(&self, outer: Option<Arc<dyn Outer>>) {
        let before = std::mem::replace(&mut self.state.lock().outer, outer);
        drop(before);
    }

    /// A new member; `None` if it comes too late.
    pub(super) fn enter(self: &Arc<Self>) -> Option<Membership<E>> {
        if self.cancelled.is_raised() {
            return None;
        }
        self.enter_late()
    }

    /// A new member, even of a scope that was cancelled; `None` if it has ended.
    fn enter_late(self: &Arc<Self>) -> Option<Membership<E>> {
        let outer = {
            let mut state = self.state.lock();
            if state.ended {
                return None;
            }
            state.live += 1;
            state.outer.clone()
        };
        let mut membership = Membership {
            core: self.clone(),
            outer: None,
        };
        membership.outer = outer.and_then(Outer::hold);
        Some(membership)
    }

    fn leave(&self) {
        let idle = {
            let mut state = self.state.lock();
            state.live -= 1;
            if state.live > 0 {
                return;
            }
            state.idle.take()
        };
        if let Some(idle) = idle {
            idle.raise();
        }
    }

    /// The first failure is kept; any one cancels the rest.
    pub(super) fn fail(&self, failure: Failure<E>) {
        let unwanted = {
            let mut state = self.state.lock();
            if state.failure.is_none() && !state.ended {
                state.failure = Some(failure);
                None
            } else {
                Some(failure)
            }
        };
        self.failed.raise();
        self.cancelled.raise();
        // Of two failures the first is the cause; what the destructor of the second throws is not even that.
        if let Err(thrown) = catch_unwind(AssertUnwindSafe(|| drop(unwanted))) {
            std::mem::forget(thrown);
        }
    }

    /// Ends the scope if no member is left: `None` if one is, else what went wrong.
    pub(super) fn finish(&self) -> Option<Option<Failure<E>>> {
        let failure = {
            let mut state = self.state.lock();
            if state.live > 0 {
                return None;
            }
            state.ended = true;
            state.failure.take()
        };
        // For those who wait for it from outside.
        self.cancelled.raise();
        Some(failure)
    }

    /// Ends everything because nobody waits for the scope any more.
    pub(super) fn abandon(&self) {
        if seeded!("dropped-scope-leaves-its-tasks") {
            return;
        }
        self.cancelled.raise();
        self.cut.raise();
    }

    /// Somebody who waits until there is no member; `None` if there is none now.
    pub(super) fn idle(&self) -> Option<SignalWatch> {
        // Made and, if it is not needed, dropped without the lock.
        let mut fresh = Some(Signal::new());
        let mut state = self.state.lock();
        if state.live == 0 {
            return None;
        }
        if state.idle.is_none() {
            state.idle = fresh.take();
        }
        state.idle.as_ref().map(Signal::watch)
    }
}

impl<E: Send + 'static> Outer for Core<E> {
    fn hold(self: Arc<Self>) -> Option<Hold> {
        // A scope that is being cancelled waits for the tasks of inner scopes no less.
        self.enter_late()
            .map(|membership| Box::new(membership) as Hold)
    }
}

/// Counts as a member until it is dropped.
pub(super) struct Membership<E> {
    core: Arc<Core<E>>,
    /// Membership of the scopes around this one.
    outer: Option<Hold>,
}

impl<E> Drop for Membership<E> {
    fn drop(&mut self) {
        self.core.leave();
        drop(self.outer.take());
    }
}
