//! Many streams polled by need: only those that were woken, each in its turn.

use super::budget::Turn;
use crate::sync::{Arc, Lock};
use futures_core::Stream;
use std::collections::VecDeque;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, Wake, Waker};

/// The streams of an operator with many inputs, numbered by their slots.
///
/// Every slot has a waker of its own, which puts the slot in line. A poll goes through that line from the front and
/// puts a stream that had an item behind all others; so the cost of an item does not grow with the number of streams,
/// and one that is always ready takes turns with the rest.
pub(super) struct FanIn<S> {
    /// `None` where a stream has ended, and while one is being polled: one that panics is thus let go of.
    slots: Vec<Option<Pin<Box<S>>>>,
    /// The waker of each slot; kept when another stream moves in, for which an old wake is one poll too many.
    wakers: Vec<Waker>,
    /// Where each slot stands, so that none is in line twice.
    stands: Vec<Stand>,
    /// Slots without a stream.
    free: Vec<usize>,
    /// The slots whose turn it is. Behind them stand those in `woken`.
    line: VecDeque<usize>,
    woken: Arc<Woken>,
}

/// Where a slot stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stand {
    /// It waits to be woken, or is being polled, or is free.
    Aside,
    InLine,
    /// It had an item and was not resumed: a wake does not put it in line.
    Paused,
}

/// The slots that were woken since the last look, shared with the wakers.
struct Woken(Lock<WokenState>);

struct WokenState {
    slots: Vec<usize>,
    /// For each slot whether it is in `slots`.
    is_in: Vec<bool>,
    /// The task that waits for a slot to be woken.
    task: Option<Waker>,
}

/// The waker of one slot.
struct SlotWaker {
    woken: Arc<Woken>,
    slot: usize,
}

impl Wake for SlotWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let mut state = self.woken.0.lock();
        if mem::replace(&mut state.is_in[self.slot], true) {
            return;
        }
        state.slots.push(self.slot);
        let task = state.task.take();
        drop(state);
        if let Some(task) = task {
            task.wake();
        }
    }
}

/// What a slot had to say.
pub(super) enum Event<T> {
    Item(usize, T),
    Ended(usize),
}

impl<S> FanIn<S> {
    pub(super) fn new(streams: impl IntoIterator<Item = S>) -> Self {
        let mut fan_in = FanIn {
            slots: Vec::new(),
            wakers: Vec::new(),
            stands: Vec::new(),
            free: Vec::new(),
            line: VecDeque::new(),
            woken: Arc::new(Woken(Lock::new(WokenState {
                slots: Vec::new(),
                is_in: Vec::new(),
                task: None,
            }))),
        };
        for stream in streams {
            fan_in.insert(stream);
        }
        fan_in
    }

    /// Adds a stream, to be polled behind those that are in line.
    pub(super) fn insert(&mut self, stream: S) -> usize {
        let stream = Box::pin(stream);
        let slot = match self.free.pop() {
            Some(slot) => {
                self.slots[slot] = Some(stream);
                slot
            }
            None => {
                let slot = self.slots.len();
                self.slots.push(Some(stream));
                self.stands.push(Stand::Aside);
                self.wakers.push(Waker::from(Arc::new(SlotWaker {
                    woken: self.woken.clone(),
                    slot,
                })));
                self.woken.0.lock().is_in.push(false);
                slot
            }
        };
        // A free slot may be in line, woken by what its last stream left behind.
        if self.stands[slot] != Stand::InLine {
            self.resume(slot);
        }
        slot
    }

    /// How many streams have not ended.
    pub(super) fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    /// Whether there is a stream in the slot.
    pub(super) fn has(&self, slot: usize) -> bool {
        self.slots[slot].is_some()
    }

    /// The streams that have not ended.
    pub(super) fn streams(&self) -> impl Iterator<Item = &S> {
        self.slots.iter().flatten().map(|stream| &**stream)
    }

    /// For each slot its stream, unless that has ended. Slots of ended streams are used again by `insert`.
    pub(super) fn all_slots(&self) -> impl Iterator<Item = Option<&S>> {
        self.slots.iter().map(|stream| stream.as_deref())
    }

    /// Takes a stream out, pinned as it is.
    pub(super) fn take(&mut self, slot: usize) -> Option<Pin<Box<S>>> {
        let stream = self.slots[slot].take()?;
        self.free.push(slot);
        Some(stream)
    }

    /// Puts a slot in line that had an item and is not in it.
    pub(super) fn resume(&mut self, slot: usize) {
        self.stands[slot] = Stand::InLine;
        if seeded!("first-ready-stream-starves-its-siblings") {
            return self.line.push_front(slot);
        }
        self.line.push_back(slot);
    }

    /// Moves those that were woken into the line. If there is nobody in it then, the task will be woken when there is.
    fn look(&mut self, context: &Context<'_>) {
        let mut state = self.woken.0.lock();
        let WokenState { slots, is_in, .. } = &mut *state;
        for slot in slots.drain(..) {
            is_in[slot] = false;
            if self.stands[slot] == Stand::Aside && !(slot >= 32 && seeded!("more-than-32-streams"))
            {
                self.stands[slot] = Stand::InLine;
                self.line.push_back(slot);
            }
        }
        let mut old = None;
        if self.line.is_empty() {
            let known = state.task.as_ref();
            if !known.is_some_and(|task| task.will_wake(context.waker())) {
                drop(state);
                // A waker's clone is code of the runtime's, so it is not made under the lock.
                let task = context.waker().clone();
                state = self.woken.0.lock();
                if state.slots.is_empty() {
                    old = state.task.replace(task);
                } else {
                    drop(state);
                    task.wake();
                    return;
                }
            }
        }
        drop(state);
        drop(old);
    }
}

impl<S: Stream> FanIn<S> {
    /// The next event of any slot. A slot that had an item is not in line again before [`resume`](Self::resume) says
    /// so. `Ready(None)` when no stream is left.
    pub(super) fn poll_event(&mut self, context: &mut Context<'_>) -> Poll<Option<Event<S::Item>>> {
        let mut turn = Turn::new();
        self.look(context);
        loop {
            if self.line.is_empty() {
                self.look(context);
            }
            let Some(slot) = self.line.pop_front() else {
                break;
            };
            self.stands[slot] = Stand::Aside;
            if let Some(mut stream) = self.slots[slot].take() {
                let gone = Gone {
                    free: &mut self.free,
                    slot,
                };
                let waker = &self.wakers[slot];
                let polled = stream.as_mut().poll_next(&mut Context::from_waker(waker));
                match polled {
                    Poll::Ready(None) => {
                        drop(gone);
                        drop(stream);
                        return Poll::Ready(Some(Event::Ended(slot)));
                    }
                    Poll::Ready(Some(item)) => {
                        mem::forget(gone);
                        self.slots[slot] = Some(stream);
                        self.stands[slot] = Stand::Paused;
                        return Poll::Ready(Some(Event::Item(slot, item)));
                    }
                    Poll::Pending => {
                        mem::forget(gone);
                        self.slots[slot] = Some(stream);
                    }
                }
                if turn.is_over(context) {
                    return Poll::Pending;
                }
            }
        }
        if self.len() == 0 {
            return Poll::Ready(None);
        }
        Poll::Pending
    }
}

/// Enters a slot as free when the stream in it has ended or panicked.
struct Gone<'a> {
    free: &'a mut Vec<usize>,
    slot: usize,
}

impl Drop for Gone<'_> {
    fn drop(&mut self) {
        self.free.push(self.slot);
    }
}

impl<S> Drop for FanIn<S> {
    /// Lets go of the task's waker, which wakers of the slots elsewhere would keep alive.
    fn drop(&mut self) {
        let task = self.woken.0.lock().task.take();
        drop(task);
    }
}
