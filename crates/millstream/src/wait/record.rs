//! The record that all arms of one select share: at most one of them can win it.

use crate::sync::{Arc, Lock};
use std::cmp::Ordering;
use std::collections::VecDeque;
use std::fmt;
use std::task::Waker;

/// What the owner of a record and its peers agree on.
///
/// | state | means | who moves it |
/// |---|---|---|
/// | `Open` | the owner waits; a peer may commit any arm | the owner, with its waker stored first |
/// | `Done(arm)` | that arm has won | a peer by [`commit`], or the owner by winning its own arm |
/// | `Idle` | the owner accepts nothing now: a `SelectSet` between messages, or a select that was given up | the owner |
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Open,
    Done(u32),
    Idle,
}

/// One select's commit word and its waker, under a small lock of their own.
///
/// This lock is a leaf: it is taken with at most one channel's lock held, and no channel lock is taken under
/// it. Where several records are needed at once they are locked in the order that [`Lock::precedes`] says.
pub struct Record {
    inner: Lock<Inner>,
    /// Whether the arms stay registered while the owner is busy (`SelectSet`), so that a peer which finds the
    /// owner busy leaves a hint.
    persistent: bool,
}

struct Inner {
    status: Status,
    /// Whom to wake when an arm wins; taken by the peer that commits it.
    waker: Option<Waker>,
    /// Arms whose entry is not in its channel's line, in the order in which they left it: what the owner of
    /// a `SelectSet` has to look at before it waits again.
    hints: VecDeque<u32>,
}

/// A registered select that acts on a channel itself: its record and the arm that acts.
#[derive(Clone, Copy, Debug)]
pub struct Own<'a> {
    pub(crate) record: &'a Arc<Record>,
    pub(crate) arm: u32,
}

/// How an attempt to commit a select arm ended.
pub(crate) enum Commit {
    /// The arm has won; its owner must be woken with this, after unlock.
    Won(Option<Waker>),
    /// The peer's select no longer accepts this arm.
    PeerGone,
    /// The acting select has itself been committed meanwhile.
    OwnGone,
}

impl Own<'_> {
    /// Makes the acting arm the winner of its own select, if no other arm has won.
    pub(crate) fn win(&self) -> bool {
        matches!(self.record.win(self.arm, true), Commit::Won(_))
    }
}

impl Inner {
    /// `Open` → `Done(arm)`, by the owner that `acts` or by a peer. A peer that is refused leaves a hint with a persistent
    /// owner, since the arm's entry is about to be unlinked.
    #[inline]
    fn decide(&mut self, arm: u32, acts: bool, persistent: bool) -> Commit {
        if self.status == Status::Open || seeded!("select-wins-twice") && !acts {
            self.status = Status::Done(arm);
            // The owner's waker stays where it is if it is awake: dropping it is user code.
            return Commit::Won(if acts { None } else { self.waker.take() });
        }
        if acts {
            return Commit::OwnGone;
        }
        if persistent && !seeded!("busy-set-gets-no-hint") {
            self.hints.push_back(arm);
        }
        Commit::PeerGone
    }
}

impl Record {
    /// A record that accepts nothing yet.
    pub(crate) fn new(persistent: bool) -> Arc<Self> {
        Arc::new(Record {
            inner: Lock::new(Inner {
                status: Status::Idle,
                waker: None,
                hints: VecDeque::new(),
            }),
            persistent,
        })
    }

    /// Starts to accept: stores the waker and opens. Returns the arms that need a look, oldest first, and a
    /// waker that must be dropped after every lock is released. A record that was won keeps its winner.
    pub(crate) fn open(&self, waker: Waker) -> (Status, VecDeque<u32>, Option<Waker>) {
        let mut inner = self.inner.lock();
        if let Status::Done(_) = inner.status {
            return (inner.status, VecDeque::new(), Some(waker));
        }
        inner.status = Status::Open;
        let old = inner.waker.replace(waker);
        (Status::Open, std::mem::take(&mut inner.hints), old)
    }

    /// What the owner finds when it is polled: the status, and whether the stored waker still is the right
    /// one. Touches no channel.
    pub(crate) fn poll(&self, waker: &Waker) -> (Status, bool) {
        let inner = self.inner.lock();
        let same = inner.waker.as_ref().is_some_and(|w| w.will_wake(waker));
        (inner.status, same)
    }

    /// Stops accepting and returns what the status was. `Done` stays: its winner still has to be settled.
    pub(crate) fn retire(&self) -> (Status, Option<Waker>) {
        let mut inner = self.inner.lock();
        let before = inner.status;
        if before == Status::Open && !seeded!("given-up-select-can-be-won") {
            inner.status = Status::Idle;
        }
        (before, inner.waker.take())
    }

    /// The owner has settled the winner and accepts nothing until it opens again.
    pub(crate) fn settle(&self) {
        self.inner.lock().status = Status::Idle;
    }

    /// Puts arms on the list of those to look at, before those that are on it already.
    ///
    /// The list becomes theirs, which has had room for all arms, so that none is made anew for each message.
    pub(crate) fn hint_first(&self, mut arms: VecDeque<u32>) {
        let mut inner = self.inner.lock();
        arms.append(&mut inner.hints);
        inner.hints = arms;
    }

    /// Puts an arm at the end of the list of those to look at.
    pub(crate) fn hint(&self, arm: u32) {
        self.inner.lock().hints.push_back(arm);
    }

    /// Whether an arm waits to be looked at.
    pub(crate) fn has_hints(&self) -> bool {
        !self.inner.lock().hints.is_empty()
    }

    /// Whether a peer could commit an arm of this select now.
    pub(crate) fn is_open(&self) -> bool {
        self.inner.lock().status == Status::Open
    }

    /// [`Record::is_open`] for a peer that unlinks the entry of `arm` if not.
    pub(crate) fn is_open_or_hint(&self, arm: u32) -> bool {
        let mut inner = self.inner.lock();
        let is_open = inner.status == Status::Open;
        if !is_open && self.persistent {
            inner.hints.push_back(arm);
        }
        is_open
    }

    /// Makes `arm` the winner. An owner that `acts` does so itself, and is awake.
    #[inline]
    pub(crate) fn win(&self, arm: u32, acts: bool) -> Commit {
        self.inner.lock().decide(arm, acts, self.persistent)
    }

    /// Commits `arm` of this select, and with it the acting arm of `own` if the peer is a registered select
    /// too: both in one step or neither.
    pub(crate) fn commit(self: &Arc<Self>, arm: u32, own: Option<Own<'_>>) -> Commit {
        let Some(own) = own else {
            return self.win(arm, false);
        };
        let own_first = own.record.inner.precedes(&self.inner);
        let (first, second) = if own_first {
            (own.record, self)
        } else {
            (self, own.record)
        };
        let mut first = first.inner.lock();
        let mut second = second.inner.lock();
        let (own_inner, peer_inner) = if own_first {
            (&mut first, &mut second)
        } else {
            (&mut second, &mut first)
        };
        if own_inner.status != Status::Open {
            return Commit::OwnGone;
        }
        let commit = peer_inner.decide(arm, false, self.persistent);
        if let Commit::Won(_) = commit {
            own_inner.status = Status::Done(own.arm);
        }
        commit
    }

    /// [`Record::win`] if at the same moment at least `needed` of the `others` accept, each as often as it is there; `None` if
    /// they do not. Each of them may be won a moment later, but none by counting on this one.
    pub(crate) fn win_beside(
        self: &Arc<Self>,
        arm: u32,
        acts: bool,
        needed: usize,
        others: Vec<&Arc<Record>>,
    ) -> Option<Commit> {
        let others = others.into_iter().map(|record| (record, 1));
        let mut records: Vec<_> = others.chain([(self, 0)]).collect();
        records.sort_unstable_by(|(one, _), (other, _)| one.order(other));
        records.dedup_by(|(again, more), (record, times)| {
            let is_same = Arc::ptr_eq(again, record);
            *times += if is_same { *more } else { 0 };
            is_same
        });
        let mut locked: Vec<_> = records
            .iter()
            .map(|(record, times)| (record, *times, record.inner.lock()))
            .collect();
        let open: usize = locked
            .iter()
            .filter(|(_, _, inner)| inner.status == Status::Open)
            .map(|(_, times, _)| times)
            .sum();
        let (_, _, own) = locked
            .iter_mut()
            .find(|(record, _, _)| Arc::ptr_eq(record, self))?;
        let is_too_few = open < needed && own.status == Status::Open;
        (!is_too_few).then(|| own.decide(arm, acts, self.persistent))
    }

    /// Which of two records is locked first.
    fn order(self: &Arc<Self>, other: &Arc<Self>) -> Ordering {
        if Arc::ptr_eq(self, other) {
            Ordering::Equal
        } else if self.inner.precedes(&other.inner) {
            Ordering::Less
        } else {
            Ordering::Greater
        }
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record").finish_non_exhaustive()
    }
}
