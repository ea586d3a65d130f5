//! Several streams of all the items of one.

use super::common_source::{Common, Turned};
use crate::sync::Arc;
use futures_core::Stream;
use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

/// One of the streams that all see every item of one; made by [`fork`](super::MillstreamExt::fork) and
/// [`fork_unbounded`](super::MillstreamExt::fork_unbounded), and by cloning.
///
/// An *active* fork asks the source for items that no fork has seen yet. A *passive* one only sees what some active fork
/// has asked for: it can keep count of what goes by without causing it. When the last active fork is dropped the source
/// is too, and passive forks end after what has gone by.
#[must_use = "streams do nothing unless polled"]
pub struct Fork<S: Stream> {
    common: Arc<Common<S, Items<S::Item>>>,
    handle: u64,
    /// Whether it may be among those that wait.
    waits: bool,
}

/// The items that some fork has still to see.
struct Items<T> {
    /// Shared, so that no item is cloned under the lock.
    items: VecDeque<Arc<T>>,
    /// The number of the first of them, counted from the start of the source.
    first: u64,
    /// The most items to keep.
    limit: Option<usize>,
    forks: Vec<Position>,
}

/// Where a fork stands.
#[derive(Clone, Copy)]
struct Position {
    handle: u64,
    /// The number of the item it will see next.
    next: u64,
    is_active: bool,
}

/// What a fork finds when it looks for its next item.
enum Look<T> {
    /// The item; whether it made room; and the items that nobody has to see any more, to be dropped after unlock.
    Item(Arc<T>, bool),
    /// It has seen everything, and may ask the source for more.
    Drive,
    /// It has seen everything, but the slowest fork is too far behind.
    Full,
    /// It is passive, and has seen everything; whether there is an active one.
    Passive(bool),
}

impl<T> Items<T> {
    fn position(&mut self, handle: u64) -> Option<&mut Position> {
        self.forks.iter_mut().find(|fork| fork.handle == handle)
    }

    fn look(&mut self, handle: u64) -> Look<T> {
        let (first, end) = (self.first, self.first + self.items.len() as u64);
        let is_full = self.limit.is_some_and(|limit| self.items.len() >= limit);
        let has_active = self.forks.iter().any(|fork| fork.is_active);
        let Some(fork) = self.position(handle) else {
            unreachable!("a fork has a position while it lives");
        };
        if fork.next == end {
            return match (fork.is_active, is_full) {
                (true, true) => Look::Full,
                (true, false) => Look::Drive,
                (false, _) => Look::Passive(has_active),
            };
        }
        let at = (fork.next - first) as usize;
        fork.next += 1;
        let was_slowest = at == 0;
        let item = self.items[at].clone();
        // The clone in hand keeps the item alive, so nothing is dropped here.
        let freed = was_slowest && self.trim(&mut Vec::new()) > 0;
        Look::Item(item, freed)
    }

    /// Whether a fork has seen everything, and the bound allows for more.
    fn may_ask(&mut self, handle: u64) -> bool {
        let end = self.first + self.items.len() as u64;
        let is_full = self.limit.is_some_and(|limit| self.items.len() >= limit);
        !is_full && self.position(handle).is_some_and(|fork| fork.next == end)
    }

    /// Moves what every fork has seen into `seen`, and says how many they were.
    fn trim(&mut self, seen: &mut Vec<Arc<T>>) -> usize {
        let end = self.first + self.items.len() as u64;
        let slowest = self.forks.iter().map(|fork| fork.next).min().unwrap_or(end);
        let count = (slowest - self.first) as usize;
        self.first = slowest;
        seen.extend(self.items.drain(..count));
        count
    }
}

impl<S: Stream> Fork<S> {
    pub(super) fn new(stream: S, limit: Option<usize>) -> Self {
        assert!(limit != Some(0), "a fork must be allowed to keep an item");
        let items = Items {
            items: VecDeque::new(),
            first: 0,
            limit,
            forks: Vec::new(),
        };
        let common = Arc::new(Common::new(stream, items));
        Self::join(common, 0, true)
    }

    /// A fork at a position.
    fn join(common: Arc<Common<S, Items<S::Item>>>, next: u64, is_active: bool) -> Self {
        let handle = common.new_handle();
        common.with(|items| {
            items.forks.push(Position {
                handle,
                next,
                is_active,
            });
        });
        Fork {
            common,
            handle,
            waits: false,
        }
    }

    fn position(&self) -> Position {
        self.common.with(|items| match items.position(self.handle) {
            Some(position) => *position,
            None => unreachable!("a fork has a position while it lives"),
        })
    }

    /// Another fork at the position of this one, which asks the source for more.
    pub fn active(&self) -> Self {
        Self::join(self.common.clone(), self.position().next, true)
    }

    /// Another fork at the position of this one, which sees only what active ones have asked for.
    pub fn passive(&self) -> Self {
        Self::join(self.common.clone(), self.position().next, false)
    }

    /// Whether this fork asks the source for more.
    pub fn is_active(&self) -> bool {
        self.position().is_active
    }

    /// How many items this fork could have without asking the source.
    pub fn available(&self) -> usize {
        let next = self.position().next;
        self.common
            .with(|items| (items.first + items.items.len() as u64 - next) as usize)
    }

    fn look(&self) -> Look<S::Item> {
        self.common.with(|items| items.look(self.handle))
    }
}

impl<S> Stream for Fork<S>
where
    S: Stream,
    S::Item: Clone,
{
    type Item = S::Item;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let this = &mut *self;
        let common = &this.common;
        let (mut waiting, mut last_look) = (false, false);
        loop {
            match this.look() {
                Look::Item(item, freed) => {
                    if freed {
                        common.wake_others(this.handle);
                    } else if this.waits {
                        common.stop_waiting(this.handle);
                    }
                    this.waits = false;
                    // The last fork to see an item has it without a clone.
                    let item = Arc::try_unwrap(item).unwrap_or_else(|shared| (*shared).clone());
                    return Poll::Ready(Some(item));
                }
                _ if last_look => return Poll::Ready(None),
                Look::Drive => {
                    let wants = |items: &mut Items<S::Item>| items.may_ask(this.handle);
                    let keep =
                        |items: &mut Items<S::Item>, item| items.items.push_back(Arc::new(item));
                    match common.turn(this.handle, context, wants, keep) {
                        Turned::Item(()) => {}
                        // Another fork has had an item since the look.
                        Turned::Unwanted => this.waits = true,
                        // Or an item, and then the end.
                        Turned::Ended => last_look = true,
                        Turned::Wait => {
                            this.waits = true;
                            return Poll::Pending;
                        }
                    }
                }
                Look::Passive(has_active) if !has_active || common.is_over() => last_look = true,
                Look::Full | Look::Passive(_) => {
                    if waiting {
                        this.waits = true;
                        return Poll::Pending;
                    }
                    // One more look, for what changed before it waited.
                    common.wait(this.handle, context);
                    waiting = true;
                }
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let available = self.available();
        let upper = self.common.size_hint().1.map(|_| self.available());
        (available, upper)
    }
}

impl<S: Stream> Clone for Fork<S> {
    /// Another fork at the position of this one, active or passive like it.
    fn clone(&self) -> Self {
        let position = self.position();
        Self::join(self.common.clone(), position.next, position.is_active)
    }
}

impl<S: Stream> Drop for Fork<S> {
    fn drop(&mut self) {
        self.common.stop_waiting(self.handle);
        let mut seen = Vec::new();
        let active_left = self.common.with(|items| {
            items.forks.retain(|fork| fork.handle != self.handle);
            items.trim(&mut seen);
            items.forks.iter().any(|fork| fork.is_active)
        });
        if !active_left {
            self.common.end();
        } else if !seen.is_empty() {
            self.common.wake_others(self.handle);
        }
    }
}

impl<S: Stream> fmt::Debug for Fork<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let position = self.position();
        f.debug_struct("Fork")
            .field("is_active", &position.is_active)
            .field("position", &position.next)
            .finish_non_exhaustive()
    }
}
