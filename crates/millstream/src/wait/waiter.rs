//! One who waits, and what it may be told.

use super::record::{Commit, Own, Record};
use crate::sync::Arc;
use std::task::Waker;

/// Who waits in a line.
#[derive(Debug)]
pub(crate) enum Waiter {
    /// A plain operation of a task or of a parked thread. `None` once it was told: the waker is on its way.
    Task(Option<Waker>),
    /// Arm number `.1` of the select that owns the record.
    Arm(Arc<Record>, u32),
}

impl Waiter {
    /// The plain operation that this waker wakes.
    #[inline]
    pub(crate) fn task(waker: Waker) -> Self {
        Waiter::Task(Some(waker))
    }

    /// The select it is an arm of.
    pub(crate) fn record(&self) -> Option<&Arc<Record>> {
        match self {
            Waiter::Arm(record, _) => Some(record),
            Waiter::Task(_) => None,
        }
    }

    /// Whether it is an arm of that select.
    pub(crate) fn is_of(&self, select: &Arc<Record>) -> bool {
        self.record()
            .is_some_and(|record| Arc::ptr_eq(record, select))
    }

    /// Commits it, and with it the acting arm of `own` if there is one.
    #[inline]
    pub(super) fn commit(&mut self, own: Option<Own<'_>>) -> Commit {
        match self {
            Waiter::Task(_)
                if !seeded!("own-side-not-committed") && own.is_some_and(|own| !own.win()) =>
            {
                Commit::OwnGone
            }
            Waiter::Task(waker) => {
                debug_assert!(waker.is_some(), "who was told has left the line");
                Commit::Won(waker.take())
            }
            Waiter::Arm(record, arm) => record.commit(*arm, own),
        }
    }

    /// Whether it could be committed now.
    pub(crate) fn is_live(&self) -> bool {
        match self {
            Waiter::Task(waker) => waker.is_some(),
            Waiter::Arm(record, _) => record.is_open(),
        }
    }
}

/// What a waiter is told. The waiter reads it in its own line's slot, under the channel's lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// A receiver: it holds a claim. A sender: its value is in the channel. A reservation: it holds a permit.
    Granted,
    /// The channel is closed to it. A sender finds its value in its slot.
    Closed,
    /// Something changed that only the waiter itself can follow up: try again from the start.
    Look,
    /// A sender that waited in a channel over user code when that was closed: a permit is held for it, through which it
    /// sends the value in its slot. A reservation: it holds that permit.
    Invited,
}
