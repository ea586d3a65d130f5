//! The one place where synchronisation comes from: std, or loom or shuttle when a model is being explored.
//!
//! Everything else in the crate names `crate::sync`, so that a model sees every lock, every atomic access
//! and every parked thread. `Arc` is always std's: reference counts are not what the models are about, and
//! std's `Arc` is the one that `Wake` and unsized values need.

#[macro_use]
mod seeded;
mod contained;
mod held;
#[cfg_attr(loom, allow(dead_code))] // Only its own models use it there: see `modelled_lock`.
mod lock;
#[cfg(loom)]
mod modelled_lock;
#[cfg(all(test, loom))]
mod models;
mod parker;
mod patience;

pub(crate) use contained::contained;
pub(crate) use held::{about_to_run_user_code, DroppedUnlocked};
#[cfg(not(loom))]
pub(crate) use lock::{Guard, Lock};
#[cfg(loom)]
pub(crate) use modelled_lock::{Guard, Lock};
pub(crate) use parker::Parker;
pub(crate) use patience::Patience;
pub(crate) use seeded::drop_a_copy;
#[cfg(millstream_seeded)]
pub(crate) use seeded::is_on;

pub(crate) use std::sync::{Arc, Weak};

/// What no decision of a channel depends on, so that no model has to see it: counters, the list of names, runtimes.
pub(crate) mod unmodelled {
    pub(crate) use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
    #[cfg(feature = "runtime")]
    pub(crate) use std::sync::OnceLock;
    pub(crate) use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
    pub(crate) use std::thread;
    pub(crate) use std::thread_local;
}

#[cfg(not(any(loom, shuttle)))]
mod source {
    pub(crate) use std::sync::atomic;
    pub(crate) use std::thread;

    /// Lets a moment pass in a waiting loop: this many times what the processor calls one.
    pub(crate) fn pause(length: u32) {
        for _ in 0..length {
            std::hint::spin_loop();
        }
    }

    /// How often a waiting loop looks again before it gives the processor away.
    pub(crate) const SPINS: u32 = 8;

    /// Sleeps for a moment; used where the thread that is waited for can only be off the processor.
    pub(crate) fn nap(length: std::time::Duration) {
        thread::sleep(length);
    }
}

#[cfg(loom)]
mod source {
    pub(crate) use loom::sync::atomic;
    pub(crate) use loom::thread;

    pub(crate) fn pause(_length: u32) {
        loom::thread::yield_now();
    }

    pub(crate) const SPINS: u32 = 1;

    pub(crate) fn nap(_length: std::time::Duration) {
        loom::thread::yield_now();
    }
}

#[cfg(all(shuttle, not(loom)))]
mod source {
    pub(crate) use shuttle::sync::atomic;
    pub(crate) use shuttle::thread;

    pub(crate) fn pause(_length: u32) {
        shuttle::thread::yield_now();
    }

    pub(crate) const SPINS: u32 = 1;

    pub(crate) fn nap(_length: std::time::Duration) {
        shuttle::thread::yield_now();
    }
}

pub(crate) use source::{atomic, nap, pause, thread, SPINS};

/// A number below `bound` that differs from call to call, for fairness and not for secrecy.
///
/// A model must be able to replay a run. Shuttle draws its numbers with the schedule; under loom it is always
/// 0, and the models start their selects at each arm by writing the arms in another order.
#[cfg(not(any(loom, shuttle)))]
pub(crate) fn random_below(bound: usize) -> usize {
    fastrand::usize(..bound)
}

#[cfg(loom)]
pub(crate) fn random_below(_bound: usize) -> usize {
    0
}

#[cfg(all(shuttle, not(loom)))]
pub(crate) fn random_below(bound: usize) -> usize {
    use shuttle::rand::Rng;
    shuttle::rand::thread_rng().gen_range(0..bound)
}
