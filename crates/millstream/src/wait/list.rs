//! A line of waiters: first in, first served, with slots that their owners find again by key.

use super::record::{Commit, Own, Record};
use super::waiter::{Outcome, Waiter};
use super::wakes::Wakes;
use crate::sync::{Arc, DroppedUnlocked};
use std::task::Waker;
use std::time::{Duration, Instant};

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
    blocked: Option<Duration>,
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
    /// `None` in a vacant slot.
    content: Option<(Waiter, P)>,
    /// When it was inserted, if the line keeps times.
    since: Option<Instant>,
}

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
            blocked: timed.then_some(Duration::ZERO),
        }
    }

    /// Whether nobody is in the line, live or not.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.head == NONE
    }

    /// How long the waiters of this line have waited, those that still wait included.
    pub(crate) fn blocked(&self) -> Option<Duration> {
        let so_far = self.blocked?;
        let now = Instant::now();
        let waiting: Duration = self
            .linked()
            .filter_map(|slot| slot.since)
            .map(|since| now.saturating_duration_since(since))
            .sum();
        Some(so_far + waiting)
    }

    /// Puts a waiter at the end of the line.
    pub(crate) fn insert(&mut self, waiter: Waiter, payload: P) -> Key {
        let index = if self.vacant == NONE {
            let index = u32::try_from(self.slots.len()).expect("fewer than 2^32 waiters");
            assert!(index != NONE, "fewer than 2^32 - 1 waiters");
            self.slots.push(Slot {
                generation: 0,
                previous: NONE,
                next: NONE,
                linked: false,
                outcome: None,
                content: None,
                since: None,
            });
            index
        } else {
            let index = self.vacant;
            self.vacant = self.slots[index as usize].next;
            index
        };
        let tail = self.tail;
        let since = self.blocked.map(|_| Instant::now());
        let slot = &mut self.slots[index as usize];
        slot.previous = tail;
        slot.next = NONE;
        slot.linked = true;
        slot.outcome = None;
        slot.content = Some((waiter, payload));
        slot.since = since;
        let generation = slot.generation;
        if tail == NONE {
            self.head = index;
        } else {
            self.slots[tail as usize].next = index;
        }
        self.tail = index;
        Key { index, generation }
    }

    /// What the slot says, and whether `waker` is the one it would wake.
    #[inline]
    pub(crate) fn poll(&self, key: Key, waker: &Waker) -> Polled {
        let slot = self.slot(key);
        match (&slot.outcome, &slot.content) {
            (Some(outcome), _) => Polled::Told(*outcome),
            (None, Some((Waiter::Task(own), _))) if own.will_wake(waker) => Polled::Waiting,
            _ => Polled::StaleWaker,
        }
    }

    /// Stores another waker, if the waiter still waits. Returns the waker that is left over either way, to be
    /// dropped after unlock.
    pub(crate) fn replace_waker(&mut self, key: Key, waker: Waker) -> Waker {
        let slot = self.slot_mut(key);
        match (&slot.outcome, &mut slot.content) {
            (None, Some((Waiter::Task(own), _))) => std::mem::replace(own, waker),
            _ => waker,
        }
    }

    /// Takes the slot out and gives it free. Only its owner may, and does so exactly once.
    pub(crate) fn remove(&mut self, key: Key) -> Removed<P> {
        self.unlink(key.index);
        let vacant = self.vacant;
        let slot = self.slot_mut(key);
        let (waiter, payload) = slot.content.take().expect("a slot that is in use");
        let outcome = slot.outcome.take();
        slot.generation = slot.generation.wrapping_add(1);
        slot.next = vacant;
        self.vacant = key.index;
        Removed {
            outcome,
            payload,
            _waiter: DroppedUnlocked::new(waiter),
        }
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
        let mut index = if seeded!("last-come-first-served") {
            self.tail
        } else {
            self.head
        };
        while index != NONE {
            let slot = &mut self.slots[index as usize];
            let next = slot.next;
            let (waiter, payload) = slot.content.as_mut().expect("a linked slot is in use");
            if !accepts(waiter, payload)
                || !seeded!("select-meets-itself")
                    && own.is_some_and(|own| waiter.is_of(own.record))
            {
                index = next;
                continue;
            }
            let commit = match waiter {
                Waiter::Task(_)
                    if !seeded!("own-side-not-committed") && own.is_some_and(|own| !own.win()) =>
                {
                    Commit::OwnGone
                }
                Waiter::Task(_) => match std::mem::replace(waiter, Waiter::Told) {
                    Waiter::Task(waker) => Commit::Won(Some(waker)),
                    _ => unreachable!("matched above"),
                },
                Waiter::Arm(record, arm) => record.commit(*arm, own),
                Waiter::Told => unreachable!("who was told has left the line"),
            };
            match commit {
                Commit::Won(waker) => {
                    slot.outcome = Some(outcome);
                    self.unlink(index);
                    if let Some(waker) = waker {
                        wakes.push(waker);
                    }
                    let content = self.slots[index as usize].content.as_mut();
                    return Next::Committed(&mut content.expect("a slot that is in use").1);
                }
                Commit::PeerGone if seeded!("stale-entry-freed-with-its-value") => {
                    slot.content = None;
                    self.unlink(index);
                }
                Commit::PeerGone => self.unlink(index),
                Commit::OwnGone => return Next::OwnGone,
            }
            index = next;
        }
        Next::Nobody
    }

    /// Tells everybody in the line the same and empties it.
    pub(crate) fn commit_all(&mut self, outcome: Outcome, wakes: &mut Wakes) {
        while let Next::Committed(_) = self.commit_next(None, outcome, wakes, |_, _| true) {}
    }

    /// The payloads of the live waiters, first in line first, without those of the select `except`.
    pub(crate) fn live<'a>(
        &'a self,
        except: Option<&'a Arc<Record>>,
    ) -> impl Iterator<Item = &'a P> + 'a {
        self.linked().filter_map(move |slot| {
            let (waiter, payload) = slot.content.as_ref()?;
            let is_excepted = except.is_some_and(|record| waiter.is_of(record));
            (waiter.is_live() && !is_excepted).then_some(payload)
        })
    }

    /// Whatever the waiters have brought, those included that were told something and have not come back yet.
    pub(crate) fn payloads(&self) -> impl Iterator<Item = &P> + '_ {
        let contents = self.slots.iter().filter_map(|slot| slot.content.as_ref());
        contents.map(|(_, payload)| payload)
    }

    /// How many live waiters there are, without those of the select `except`. The others are unlinked on the
    /// way, as by [`WaitList::commit_next`]: a set that opens again must come back to what was decided without it.
    pub(crate) fn count_live(&mut self, except: Option<&Arc<Record>>) -> usize {
        let mut live = 0;
        let mut index = self.head;
        while index != NONE {
            let slot = &self.slots[index as usize];
            let next = slot.next;
            match &slot.content {
                Some((Waiter::Arm(record, arm), _)) if !record.is_open_or_hint(*arm) => {
                    self.unlink(index);
                }
                Some((waiter, _)) => {
                    live += usize::from(!except.is_some_and(|record| waiter.is_of(record)));
                }
                None => {}
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

    /// Takes a slot out of the line, if it is in it, and counts the time it spent there.
    fn unlink(&mut self, index: u32) {
        let slot = &mut self.slots[index as usize];
        if !slot.linked {
            return;
        }
        slot.linked = false;
        let (previous, next) = (slot.previous, slot.next);
        if let (Some(blocked), Some(since)) = (&mut self.blocked, slot.since.take()) {
            *blocked += since.elapsed();
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

    fn slot(&self, key: Key) -> &Slot<P> {
        let slot = &self.slots[key.index as usize];
        debug_assert_eq!(slot.generation, key.generation, "a key outlived its slot");
        slot
    }

    fn slot_mut(&mut self, key: Key) -> &mut Slot<P> {
        let slot = &mut self.slots[key.index as usize];
        debug_assert_eq!(slot.generation, key.generation, "a key outlived its slot");
        slot
    }
}
