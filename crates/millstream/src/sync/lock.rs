//! A lock of one word whose release is a plain store: the cheapest that keeps short critical sections apart.
//!
//! A channel operation is two or three dozen instructions under this lock, so what it costs is mostly the
//! lock itself. `std::sync::Mutex` needs an atomic read-modify-write to release, because it must learn
//! whether somebody sleeps on it. Here nobody sleeps *on* the lock: a thread that finds it taken looks again
//! for a moment, then gives its processor away, then sleeps for a short fixed time before it looks again.
//! The holder therefore owes nobody a wake-up and releases with a store. This is right only because no user
//! code ever runs under the lock (so it is held for nanoseconds, unless its thread is preempted), and it is
//! why the lock is private to the crate.
//!
//! There is no poisoning: nothing that runs under the lock is meant to panic.

#![allow(unsafe_code)]

use super::atomic::{AtomicBool, Ordering};
use super::held::{gave_lock_back, took_lock};
use super::{nap, pause, thread, SPINS};
use std::fmt;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::time::Duration;

/// The pause after the first look at a taken lock; each further one is twice as long, up to the longest. Two processors that
/// take the lock by turns pay for moving it each time; whoever waits for a moment leaves the other several turns in a row.
const FIRST_PAUSE: u32 = 4;
const LONGEST_PAUSE: u32 = 64;
/// How often a waiting thread yields before it starts to sleep.
const YIELDS: u32 = 16;
/// The first sleep of a thread that waits for a preempted holder; each further one is twice as long.
const FIRST_NAP: Duration = Duration::from_micros(20);
/// The longest sleep between two looks at the lock.
const LONGEST_NAP: Duration = Duration::from_millis(1);

/// The number of the next lock. It is std's on purpose: no part of what a model explores.
#[cfg(any(loom, shuttle))]
static NEXT: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);

/// A value that one thread at a time may touch.
///
/// | `held` | means | who moves it |
/// |---|---|---|
/// | `false` | free | [`Lock::lock`] sets it to `true` by compare-and-swap (acquire) |
/// | `true` | taken | dropping the [`Guard`] sets it to `false` by a store (release) |
pub(crate) struct Lock<T> {
    /// Whether a `Guard` exists.
    held: AtomicBool,
    /// The protected value; touched only through a `Guard`.
    value: Cell<T>,
    /// Which lock this is, counted in the order in which they are made. A model must replay a run exactly,
    /// and an address may differ from run to run.
    #[cfg(any(loom, shuttle))]
    number: usize,
}

// SAFETY: a `Lock` hands `&mut T` to one thread at a time, which is the same as sending the `T` from thread
// to thread; `held` makes the hand-over an acquire/release pair.
unsafe impl<T: Send> Sync for Lock<T> {}
// SAFETY: moving the lock moves the value.
unsafe impl<T: Send> Send for Lock<T> {}

// Nothing that runs under the lock panics half way through a change, so a panic elsewhere leaves the value whole.
impl<T> std::panic::UnwindSafe for Lock<T> {}
impl<T> std::panic::RefUnwindSafe for Lock<T> {}

impl<T> Lock<T> {
    /// A free lock over `value`.
    pub(crate) fn new(value: T) -> Self {
        Lock {
            held: AtomicBool::new(false),
            value: Cell::new(value),
            #[cfg(any(loom, shuttle))]
            number: NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed),
        }
    }

    /// Whether this lock is taken first where both are needed: the order is total, and the same for everyone.
    #[inline]
    #[cfg(not(any(loom, shuttle)))]
    pub(crate) fn precedes(&self, other: &Self) -> bool {
        std::ptr::from_ref(self) < std::ptr::from_ref(other)
    }

    #[cfg(any(loom, shuttle))]
    pub(crate) fn precedes(&self, other: &Self) -> bool {
        self.number < other.number
    }

    /// Waits until the lock is free and takes it.
    #[inline]
    pub(crate) fn lock(&self) -> Guard<'_, T> {
        if !self.acquire() {
            self.wait();
        }
        took_lock();
        Guard {
            lock: self,
            not_send: PhantomData,
        }
    }

    /// Takes the lock if it is free.
    #[inline]
    pub(crate) fn try_lock(&self) -> Option<Guard<'_, T>> {
        if !self.acquire() {
            return None;
        }
        took_lock();
        Some(Guard {
            lock: self,
            not_send: PhantomData,
        })
    }

    /// One attempt to take the lock.
    #[inline]
    fn acquire(&self) -> bool {
        // Acquire pairs with the release store in `Guard::drop`: what the last holder wrote is visible.
        self.held
            .compare_exchange(false, true, Ordering::Acquire, Ordering::Relaxed)
            .is_ok()
    }

    /// The slow way in: look again, then yield, then sleep in short steps.
    #[cold]
    fn wait(&self) {
        let mut rounds = 0u32;
        let mut moment = FIRST_PAUSE;
        let mut length = FIRST_NAP;
        loop {
            if !self.held.load(Ordering::Relaxed) && self.acquire() {
                return;
            }
            if rounds < SPINS {
                pause(moment);
                moment = (moment * 2).min(LONGEST_PAUSE);
            } else if rounds < SPINS + YIELDS {
                thread::yield_now();
            } else {
                nap(length);
                length = (length * 2).min(LONGEST_NAP);
            }
            rounds = rounds.saturating_add(1);
        }
    }
}

impl<T> fmt::Debug for Lock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lock").finish_non_exhaustive()
    }
}

/// The right to the value of a [`Lock`]; dropping it gives the lock free.
pub(crate) struct Guard<'a, T> {
    /// The lock that is held.
    lock: &'a Lock<T>,
    /// A guard stays on its thread: a lock that travels is a lock held for long.
    not_send: PhantomData<*const ()>,
}

impl<T> Deref for Guard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: `held` is true and this guard set it, so no other reference to the value exists.
        unsafe { &*self.lock.value.pointer() }
    }
}

impl<T> DerefMut for Guard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: `held` is true and this guard set it, so no other reference to the value exists.
        unsafe { &mut *self.lock.value.pointer() }
    }
}

impl<T> Drop for Guard<'_, T> {
    #[inline]
    fn drop(&mut self) {
        gave_lock_back();
        // Release pairs with the acquire in `Lock::acquire`.
        let ordering = match seeded!("lock-released-relaxed") {
            true => Ordering::Relaxed,
            false => Ordering::Release,
        };
        self.lock.held.store(false, ordering);
    }
}

/// `UnsafeCell`, or loom's, which checks at each access that the accesses are ordered.
#[cfg(not(loom))]
struct Cell<T>(std::cell::UnsafeCell<T>);
#[cfg(loom)]
struct Cell<T>(loom::cell::UnsafeCell<T>);

#[cfg(not(loom))]
impl<T> Cell<T> {
    fn new(value: T) -> Self {
        Cell(std::cell::UnsafeCell::new(value))
    }

    #[inline]
    fn pointer(&self) -> *mut T {
        self.0.get()
    }
}

#[cfg(loom)]
impl<T> Cell<T> {
    fn new(value: T) -> Self {
        Cell(loom::cell::UnsafeCell::new(value))
    }

    fn pointer(&self) -> *mut T {
        self.0.with_mut(|pointer| pointer)
    }
}
