//! A line of waiters: first in, first served, with slots that their owners find again by key.

use super::record::{Commit, Own, Record};
use super::times::Times;
use super::waiter::{Outcome, Waiter};
use super::wakes::Wakes;
use crate::sync::{Arc, DroppedUnlocked};
use std::task::Waker;
use std::time::Duration;

/// The index that stands for "no slot".
const NONE: u32 = u32::MAX;

/// Where a waiter finds its slot again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    index: u32,
    generation: u32,
}

impl Key {
    /// The key as a number that is never 0, so that 0 can stand for "none" in an atomic.
    pub(crate) fn to_bits(self) -> u64 {
        (u64::from(self.generation) << 32 | u64::from(self.index)) + 1
    }

    /// The key that [`Key::to_bits`] made this number of.
    pub(crate) fn from_bits(bits: u64) -> Option<Key> {
        let bits = bits.checked_sub(1)?;
        Some(Key {
            index: bits as u32,
            generation: (bits >> 32) as u32,
        })
    }
}

/// A line of waiters, each with a payload that only the list's user understands.
///
/// The slots live in a vector that keeps its memory, so a warm line allocates nothing. A slot belongs to the
/// waiter that inserted it until that waiter removes it; peers only unlink it from the line and leave an
/// outcome. That is why a future needs no pinning and no pointer into the channel: it keeps a key.
#[derive(Debug)]
pub(crate) struct WaitList<P> {
    slots: Vec<Slot<P>>,
    /// The first vacant slot; vacant slots are chained by `next`.
    vacant: u32,
    /// The waiter that is served next.
    head: u32,
    /// The waiter that came last.
    tail: u32,
    /// How long waiters waited in this line, kept only where somebody wants to see it.
    times: Option<Box<Times>>,
}

#[derive(Debug)]
struct Slot<P> {
    /// Told apart by this: the waiters that used the slot one after the other.
    generation: u32,
    previous: u32,
    next: u32,
    /// Whether the slot is in the line.
    linked: bool,
    outcome: Option<Outcome>,
    /// `Task(None)` in a vacant slot.
    waiter: Waiter,
    /// `None` in a vacant slot.
    payload: Option<P>,
}

/// Said of the payload of a slot that is not vacant.
const IN_USE: &str = "a slot that is in use";

/// What a waiter's slot says when the waiter is polled.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Polled {
    /// It was told this; the slot must be removed.
    Told(Outcome),
    /// It waits on, and its waker is the right one.
    Waiting,
    /// It waits on, but under another waker.
    StaleWaker,
}

/// What committing the next waiter came to.
pub(crate) enum Next<'a, P> {
    /// A waiter was committed; this is its payload.
    Committed(&'a mut P),
    /// Nobody who could be committed waits.
    Nobody,
    /// The acting select has been committed meanwhile and must not act any more.
    OwnGone,
}

/// What comes out of a slot. The waiter may hold a waker: drop it after unlock.
#[derive(Debug)]
pub(crate) struct Removed<P> {
    pub(crate) outcome: Option<Outcome>,
    pub(crate) payload: P,
    /// Only there to be dropped with the rest.
    _waiter: DroppedUnlocked<Waiter>,
}

impl<P> WaitList<P> {
    /// An empty line; `timed` says whether it keeps the time that waiters spend in it.
    pub(crate) fn new(timed: bool) -> Self {
        WaitList {
            slots: Vec::new(),
            vacant: NONE,
            head: NONE,
            tail: NONE,
            times: timed.then(Box::default),
        }
    }

    /// Whether nobody is in the line, live or not.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.head == NONE
    }

    /// How long the waiters of this line have waited, those that still wait included.
    pub(crate) fn blocked(&self) -> Option<Duration> {
        self.times.as_ref().map(|times| times.sum())
    }

    /// Puts a waiter at the end of the line.
    #[inline(always)]
    pub(crate) fn insert(&mut self, waiter: Waiter, payload: P) -> Key {
        if self.vacant == NONE {
            self.grow();
        }
        let index = self.vacant;
        let previous = self.tail;
        let slot = &mut self.slots[index as usize];
        self.vacant = slot.next;
        slot.previous = previous;
        slot.next = NONE;
        slot.linked = true;
        // The slot is vacant, so that there is nothing to drop; to look for it costs as much as all the rest.
        let vacant = std::mem::replace(&mut slot.waiter, waiter);
        debug_assert!(matches!(vacant, Waiter::Task(None)), "a vacant slot");
        std::mem::forget(vacant);
        slot.payload = Some(payload);
        let generation = slot.generation;
        self.tail = index;
        if previous == NONE {
            self.head = index;
        } else {
            self.slots[previous as usize].next = index;
        }
        if let Some(times) = &mut self.times {
            times.start(index);
        }
        Key { index, generation }
    }

    /// Makes a vacant slot.
    #[cold]
    fn grow(&mut self) {
        let index = u32::try_from(self.slots.len()).expect("fewer than 2^32 waiters");
        assert!(index != NONE, "fewer than 2^32 - 1 waiters");
        self.slots.push(Slot {
            generation: 0,
            previous: NONE,
            next: self.vacant,
            linked: false,
            outcome: None,
            waiter: Waiter::Task(None),
            payload: None,
        });
        self.vacant = index;
    }

    /// What the slot says, and whether `waker` is the one it would wake.
    #[inline]
    pub(crate) fn poll(&self, key: Key, waker: &Waker) -> Polled {
        let slot = self.slot(key);
        match (slot.outcome, &slot.waiter) {
            (Some(outcome), _) => Polled::Told(outcome),
            (None, Waiter::Task(Some(own))) if own.will_wake(waker) => Polled::Waiting,
            _ => Polled::StaleWaker,
        }
    }

    /// Stores another waker, if the waiter still waits. Returns the waker that is left over either way, to be
    /// dropped after unlock.
    pub(crate) fn replace_waker(&mut self, key: Key, waker: Waker) -> Waker {
        let slot = self.slot_mut(key);
        match (slot.outcome, &mut slot.waiter) {
            (None, Waiter::Task(Some(own))) => std::mem::replace(own, waker),
            _ => waker,
        }
    }

    /// Takes the slot out and gives it free. Only its owner may, and does so exactly once.
    #[inline]
    pub(crate) fn remove(&mut self, key: Key) -> Removed<P> {
        if self.slot(key).linked {
            self.unlink(key.index);
        }
        let slot = self.slot_mut(key);
        let outcome = slot.outcome;
        let waiter = match &mut slot.waiter {
            Waiter::Task(None) => None,
            waiter => Some(std::mem::replace(waiter, Waiter::Task(None))),
        };
        Removed {
            outcome,
            payload: self.vacate(key),
            _waiter: DroppedUnlocked::new(waiter),
        }
    }

    /// Takes the slot of a plain operation out if it was granted what it waited for: then nothing in it is user code
    /// but the payload. [`WaitList::remove`] would do the same.
    #[inline]
    pub(crate) fn remove_granted(&mut self, key: Key) -> Option<P> {
        let slot = self.slot(key);
        let is_plain = matches!(slot.waiter, Waiter::Task(None));
        (is_plain && slot.outcome == Some(Outcome::Granted)).then(|| self.vacate(key))
    }

    /// Gives a slot free that is not in the line any more, and holds no waker.
    #[inline]
    fn vacate(&mut self, key: Key) -> P {
        let vacant = std::mem::replace(&mut self.vacant, key.index);
        let slot = self.slot_mut(key);
        slot.outcome = None;
        slot.generation = slot.generation.wrapping_add(1);
        slot.next = vacant;
        slot.payload.take().expect(IN_USE)
    }

    /// Commits the first live waiter whose payload `accepts` and which is not the acting select's own.
    ///
    /// Waiters that turn out to be dead (another arm of their select has won) are unlinked on the way; their
    /// slots, and what is in them, stay with their owners.
    #[inline]
    pub(crate) fn commit_next(
        &mut self,
        own: Option<Own<'_>>,
        outcome: Outcome,
        wakes: &mut Wakes,
        mut accepts: impl FnMut(&Waiter, &P) -> bool,
    ) -> Next<'_, P> {
        self.commit_next_by(own, outcome, wakes, |waiter, payload| {
            accepts(waiter, payload).then(|| waiter.commit(own))
        })
    }

    /// [`WaitList::commit_next`] where `commit` does it, or passes a waiter over.
    #[inline]
    fn commit_next_by(
        &mut self,
        own: Option<Own<'_>>,
        outcome: Outcome,
        wakes: &mut Wakes,
        mut commit: impl FnMut(&mut Waiter, &P) -> Option<Commit>,
    ) -> Next<'_, P> {
        let mut index = if seeded!("last-come-first-served") {
            self.tail
        } else {
            self.head
        };
        // `NONE` is beyond every slot.
        while let Some(slot) = self.slots.get_mut(index as usize) {
            let next = slot.next;
            let payload = slot.payload.as_ref().expect(IN_USE);
            let is_own = !seeded!("select-meets-itself")
                && own.is_some_and(|own| slot.waiter.is_of(own.record));
            let committed = match is_own {
                true => None,
                false => commit(&mut slot.waiter, payload),
            };
            let waker = match committed {
                Some(Commit::Won(waker)) => waker,
                Some(Commit::OwnGone) => return Next::OwnGone,
                Some(Commit::PeerGone) => {
                    if seeded!("stale-entry-freed-with-its-value") {
                        slot.payload = None;
                    }
                    self.unlink(index);
                    index = next;
                    continue;
                }
                None => {
                    index = next;
                    continue;
                }
            };
            slot.outcome = Some(outcome);
            self.unlink(index);
            if let Some(waker) = waker {
                wakes.push(waker);
            }
            let payload = self.slots[index as usize].payload.as_mut();
            return Next::Committed(payload.expect(IN_USE));
        }
        Next::Nobody
    }

    /// Commits the first in line in the commonest case: a plain operation, whose payload `accepts`. Returns whom to wake,
    /// after unlock. [`WaitList::commit_next`] would do the same; `None` means to ask there.
    #[inline]
    pub(crate) fn commit_plain(
        &mut self,
        accepts: impl FnOnce(&P) -> bool,
    ) -> Option<(Waker, &mut P)> {
        // `NONE` is beyond every slot.
        let slot = self.slots.get_mut(self.head as usize)?;
        let Waiter::Task(waker) = &mut slot.waiter else {
            return None;
        };
        if seeded!("last-come-first-served") || !accepts(slot.payload.as_ref()?) {
            return None;
        }
        let waker = waker.take()?;
        slot.outcome = Some(Outcome::Granted);
        let index = self.head;
        self.unlink(index);
        Some((waker, self.slots[index as usize].payload.as_mut()?))
    }

    /// Commits the first live waiter whose payload `accepts` and beside which more than `least` others wait in the line
    /// `beside`, at the same moment and without those of its own select.
    pub(crate) fn commit_next_beside<Q>(
        &mut self,
        beside: &mut WaitList<Q>,
        least: usize,
        outcome: Outcome,
        wakes: &mut Wakes,
        accepts: impl Fn(&P) -> bool,
    ) -> Next<'_, P> {
        self.commit_next_by(None, outcome, wakes, |waiter, payload| {
            if !accepts(payload) || beside.count_live(waiter.record()) <= least {
                return None;
            }
            match waiter {
                Waiter::Task(_) => Some(waiter.commit(None)),
                Waiter::Arm(record, arm) => beside.win_beside(record, *arm, false, least),
            }
        })
    }

    /// Makes an arm of a select the winner if more than `least` others wait in this line at the same moment; `None` if they
    /// do not.
    pub(crate) fn win_beside(
        &self,
        record: &Arc<Record>,
        arm: u32,
        acts: bool,
        least: usize,
    ) -> Option<Commit> {
        let records = || self.linked().map(|slot| slot.waiter.record());
        // Those who are not selects stay as long as the channel is locked.
        let needed = (least + 1).saturating_sub(records().filter(Option::is_none).count());
        if needed == 0 || seeded!("reserved-by-each-other") {
            return Some(record.win(arm, acts));
        }
        let selects = records().flatten();
        let others = selects.filter(|select| !Arc::ptr_eq(select, record));
        record.win_beside(arm, acts, needed, others.collect())
    }

    /// Tells everybody in the line the same and empties it.
    pub(crate) fn commit_all(&mut self, outcome: Outcome, wakes: &mut Wakes) {
        while !self.is_empty() {
            // Those who are passed over have left the line as well.
            let _ = self.commit_next(None, outcome, wakes, |_, _| true);
        }
    }

    /// The payloads of the live waiters, first in line first, without those of the select `except`.
    pub(crate) fn live<'a>(
        &'a self,
        except: Option<&'a Arc<Record>>,
    ) -> impl Iterator<Item = &'a P> + 'a {
        self.linked().filter_map(move |slot| {
            let is_excepted = except.is_some_and(|record| slot.waiter.is_of(record));
            let is_meant = slot.waiter.is_live() && !is_excepted;
            slot.payload.as_ref().filter(|_| is_meant)
        })
    }

    /// Whatever the waiters have brought, those included that were told something and have not come back yet.
    pub(crate) fn payloads(&self) -> impl Iterator<Item = &P> + '_ {
        self.slots.iter().filter_map(|slot| slot.payload.as_ref())
    }

    /// How many live waiters there are, without those of the select `except`. The others are unlinked on the
    /// way, as by [`WaitList::commit_next`]: a set that opens again must come back to what was decided without it.
    pub(crate) fn count_live(&mut self, except: Option<&Arc<Record>>) -> usize {
        let mut live = 0;
        let mut index = self.head;
        while index != NONE {
            let slot = &self.slots[index as usize];
            let next = slot.next;
            match &slot.waiter {
                Waiter::Arm(record, arm) if !record.is_open_or_hint(*arm) => {
                    self.unlink(index);
                }
                waiter => {
                    live += usize::from(!except.is_some_and(|record| waiter.is_of(record)));
                }
            }
            index = next;
        }
        live
    }

    /// The slots that are in the line, in order.
    fn linked(&self) -> impl Iterator<Item = &Slot<P>> + '_ {
        let mut index = self.head;
        std::iter::from_fn(move || {
            let slot = self.slots.get(index as usize)?;
            index = slot.next;
            Some(slot)
        })
    }

    /// Takes a slot out of the line that it is in, and counts the time it spent there.
    #[inline]
    fn unlink(&mut self, index: u32) {
        let slot = &mut self.slots[index as usize];
        debug_assert!(slot.linked, "only what is in the line can leave it");
        slot.linked = false;
        let (previous, next) = (slot.previous, slot.next);
        if let Some(times) = &mut self.times {
            times.stop(index);
        }
        if previous == NONE {
            self.head = next;
        } else {
            self.slots[previous as usize].next = next;
        }
        if next == NONE {
            self.tail = previous;
        } else {
            self.slots[next as usize].previous = previous;
        }
    }

    #[inline]
    fn slot(&self, key: Key) -> &Slot<P> {
        let slot = &self.slots[key.index as usize];
        debug_assert_eq!(slot.generation, key.generation, "a key outlived its slot");
        slot
    }

    #[inline]
    fn slot_mut(&mut self, key: Key) -> &mut Slot<P> {
        let slot = &mut self.slots[key.index as usize];
        debug_assert_eq!(slot.generation, key.generation, "a key outlived its slot");
        slot
    }
}
