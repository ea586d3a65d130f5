//! A queue of sleeping tasks in the order of their deadlines, for whichever clock is to wake them.

#[cfg(test)]
mod tests;

use crate::sync::unmodelled::{Mutex, MutexGuard, PoisonError};
use std::collections::BTreeMap;
use std::future::Future;
use std::ops::Deref;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

/// A clock that has a queue of sleepers and wakes those whose deadline it has reached.
pub(super) trait Clock: Send + Sync + 'static {
    /// The current time. It never goes back.
    fn now(&self) -> Instant;

    /// The queue.
    fn sleepers(&self) -> &Sleepers;

    /// Called after a sleeper has been put in the queue, and told whether its deadline comes before the
    /// [next look](Sleepers::take_due) at the queue. Returns whether the clock reached the deadline in the meantime and
    /// may have overlooked the new sleeper.
    fn registered(&self, deadline: Instant, before_next_look: bool) -> bool;
}

/// The sleeping tasks of one clock.
///
/// Wakers are cloned, woken and dropped by the callers, outside the lock: all three run code of the user's executor.
pub(super) struct Sleepers(Mutex<Waiting>);

/// What the lock is for.
struct Waiting {
    /// The number of the last sleeper; among equal deadlines, the lower number is woken first.
    last_number: u64,
    /// Whom to wake, by deadline and number.
    wakers: BTreeMap<(Instant, u64), Waker>,
    /// When the clock will look for due sleepers without being told to; `None` for not at all.
    next_look: Option<Instant>,
}

impl Waiting {
    /// The deadline of the first sleeper.
    fn first_deadline(&self) -> Option<Instant> {
        let (&(deadline, _), _) = self.wakers.first_key_value()?;
        Some(deadline)
    }
}

impl Sleepers {
    pub(super) const fn new() -> Self {
        Self(Mutex::new(Waiting {
            last_number: 0,
            wakers: BTreeMap::new(),
            next_look: None,
        }))
    }

    /// The lock guards no user code, so there is no panic that could leave it half changed.
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The deadline of the first sleeper.
    pub(super) fn first_deadline(&self) -> Option<Instant> {
        self.lock().first_deadline()
    }

    /// How many are asleep.
    pub(super) fn len(&self) -> usize {
        self.lock().wakers.len()
    }

    /// Moves sleepers whose deadline is not after `now` into `due`, first deadline first, until its capacity is used
    /// up. The bound keeps a crowd that is due at once from holding the lock against those who register.
    ///
    /// Returns when to look next, `None` if nobody sleeps: at once if somebody was found, else at the first deadline.
    /// A clock that moves by itself has to look then, also if that sleeper has gone by that time, for others that
    /// registered with a later deadline rely on it.
    pub(super) fn take_due(&self, now: Instant, due: &mut Vec<Waker>) -> Option<Instant> {
        let mut waiting = self.lock();
        while due.len() < due.capacity() {
            match waiting.wakers.first_entry() {
                Some(first) if first.key().0 <= now => due.push(first.remove()),
                _ => break,
            }
        }
        waiting.next_look = if due.is_empty() {
            waiting.first_deadline()
        } else {
            Some(now)
        };
        waiting.next_look
    }

    /// Puts a sleeper in the queue, or gives the one that is there under `number` another waker; its place stays the
    /// same. Returns its number, whether its deadline comes before the next look, and the waker that is not needed any
    /// more. In the former case the next look is from now on at this deadline, and the caller tells the clock so.
    fn register(
        &self,
        deadline: Instant,
        number: Option<u64>,
        waker: Waker,
    ) -> (u64, bool, Option<Waker>) {
        let mut waiting = self.lock();
        let number = number.unwrap_or_else(|| {
            waiting.last_number += 1;
            waiting.last_number
        });
        let replaced = waiting.wakers.insert((deadline, number), waker);
        let before_next_look = waiting.next_look.is_none_or(|look| deadline < look);
        if before_next_look {
            waiting.next_look = Some(deadline);
        }
        (number, before_next_look, replaced)
    }

    /// Takes a sleeper out of the queue. Returns its waker, unless it was taken to be woken.
    fn remove(&self, deadline: Instant, number: u64) -> Option<Waker> {
        if seeded!("timer-waker-dropped-under-the-lock") {
            self.lock()
                .wakers
                .retain(|key, _| *key != (deadline, number));
            return None;
        }
        self.lock().wakers.remove(&(deadline, number))
    }

    /// Whether this sleeper is in the queue with a waker that wakes the same task as `waker`.
    fn holds(&self, deadline: Instant, number: u64, waker: &Waker) -> bool {
        let waiting = self.lock();
        let held = waiting.wakers.get(&(deadline, number));
        held.is_some_and(|held| held.will_wake(waker))
    }
}

/// A future that ends when its clock reaches the deadline.
///
/// Whether it has ended is read off the clock alone. That the queue has let go of it only means that it was woken.
pub(super) struct Sleep<C>
where
    C: Deref<Target: Clock>,
{
    clock: C,
    deadline: Instant,
    /// The number in the clock's queue, from the first poll that had to wait.
    number: Option<u64>,
}

impl<C: Deref<Target: Clock>> Sleep<C> {
    pub(super) fn new(clock: C, deadline: Instant) -> Self {
        Self {
            clock,
            deadline,
            number: None,
        }
    }

    /// Leaves the queue; the waker is dropped here, after the lock was released.
    fn deregister(&mut self) {
        if let Some(number) = self.number.take() {
            drop(self.clock.sleepers().remove(self.deadline, number));
        }
    }
}

impl<C: Deref<Target: Clock> + Unpin> Future for Sleep<C> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.get_mut();
        if this.clock.now() >= this.deadline {
            this.deregister();
            return Poll::Ready(());
        }
        let sleepers = this.clock.sleepers();
        if let Some(number) = this.number {
            if sleepers.holds(this.deadline, number, cx.waker()) {
                return Poll::Pending;
            }
        }
        let waker = cx.waker().clone();
        let (number, before_next_look, replaced) =
            sleepers.register(this.deadline, this.number, waker);
        this.number = Some(number);
        drop(replaced);
        if this.clock.registered(this.deadline, before_next_look) {
            this.deregister();
            return Poll::Ready(());
        }
        Poll::Pending
    }
}

impl<C: Deref<Target: Clock>> Drop for Sleep<C> {
    fn drop(&mut self) {
        self.deregister();
    }
}
