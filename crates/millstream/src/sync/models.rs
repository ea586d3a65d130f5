//! Models of the lock and of the parker, which loom runs under every schedule: run by `ci/loom`.

use super::atomic::{AtomicU32, AtomicUsize, Ordering};
use super::lock::Lock;
use super::{Arc, Parker};
use loom::model::Builder;
use loom::thread;
use std::task::Waker;
use std::time::{Duration, Instant};

fn explore(preemptions: usize, model: impl Fn() + Send + Sync + 'static) {
    let mut builder = Builder::new();
    builder.preemption_bound.get_or_insert(preemptions);
    builder.check(model);
}

/// A value whose reads and writes order nothing by themselves: unless something else orders them, loom also
/// runs the read that finds the old value.
struct Unordered(AtomicU32);

impl Unordered {
    fn new() -> Arc<Self> {
        Arc::new(Unordered(AtomicU32::new(0)))
    }

    fn set(&self, value: u32) {
        self.0.store(value, Ordering::Relaxed);
    }

    fn get(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Adds one, in two steps that must not come apart.
fn add_one(lock: &Lock<usize>) {
    let mut count = lock.lock();
    let before = *count;
    *count = before + 1;
}

#[test]
fn a_lock_keeps_two_threads_apart() {
    explore(3, || {
        let lock = Arc::new(Lock::new(0));
        let other = thread::spawn({
            let lock = lock.clone();
            move || add_one(&lock)
        });
        add_one(&lock);
        other.join().unwrap();
        assert_eq!(*lock.lock(), 2);
    });
}

// Two at a time contend, as two that wait would take turns in looking while the third does nothing: a
// schedule without end, and without interest.
#[test]
fn a_lock_passes_from_thread_to_thread_to_thread() {
    explore(3, || {
        let lock = Arc::new(Lock::new(0));
        let [one, other] = [lock.clone(), lock.clone()].map(|lock| {
            thread::spawn(move || {
                add_one(&lock);
            })
        });
        one.join().unwrap();
        add_one(&lock);
        other.join().unwrap();
        assert_eq!(*lock.lock(), 3);
    });
}

#[test]
fn what_was_written_under_a_lock_is_seen_under_it() {
    explore(3, || {
        let shared = Arc::new((Lock::new(false), Unordered::new()));
        let writer = thread::spawn({
            let shared = shared.clone();
            move || {
                let mut written = shared.0.lock();
                shared.1.set(7);
                *written = true;
            }
        });
        let written = *shared.0.lock();
        if written {
            assert_eq!(shared.1.get(), 7);
        }
        writer.join().unwrap();
    });
}

#[test]
fn one_of_two_locks_is_taken_first_by_everyone() {
    explore(2, || {
        let locks = Arc::new([Lock::new(0), Lock::new(0)]);
        let both = |one: &Lock<i32>, other: &Lock<i32>| {
            let (first, second) = match one.precedes(other) {
                true => (one, other),
                false => (other, one),
            };
            let mut first = first.lock();
            let mut second = second.lock();
            *first += 1;
            *second += 1;
        };
        let thread = thread::spawn({
            let locks = locks.clone();
            move || both(&locks[1], &locks[0])
        });
        both(&locks[0], &locks[1]);
        thread.join().unwrap();
        assert_eq!((*locks[0].lock(), *locks[1].lock()), (2, 2));
    });
}

#[test]
fn a_wake_up_before_the_wait_is_kept() {
    explore(3, || {
        let parker = Arc::new(Parker::new());
        Waker::from(parker.clone()).wake();
        assert!(parker.park(None));
    });
}

#[test]
fn a_wake_up_at_any_moment_ends_the_wait_and_shows_what_came_before_it() {
    explore(3, || {
        let parker = Arc::new(Parker::new());
        let value = Unordered::new();
        let waking = thread::spawn({
            let (waker, value) = (Waker::from(parker.clone()), value.clone());
            move || {
                value.set(7);
                waker.wake();
            }
        });
        assert!(parker.park(None));
        assert_eq!(value.get(), 7);
        waking.join().unwrap();
    });
}

#[test]
fn of_two_wake_ups_each_is_seen() {
    explore(3, || {
        let parker = Arc::new(Parker::new());
        let values = [Unordered::new(), Unordered::new()];
        let done = Arc::new(AtomicUsize::new(0));
        let threads = values.clone().map(|value| {
            let (waker, done) = (Waker::from(parker.clone()), done.clone());
            thread::spawn(move || {
                value.set(7);
                done.fetch_add(1, Ordering::Release);
                waker.wake();
            })
        });
        // Two wake-ups may become one, but the last of them is never lost.
        while done.load(Ordering::Acquire) < 2 {
            assert!(parker.park(None));
        }
        assert_eq!((values[0].get(), values[1].get()), (7, 7));
        for thread in threads {
            thread.join().unwrap();
        }
    });
}

#[test]
fn a_wake_up_that_meets_a_deadline_is_not_lost() {
    explore(3, || {
        let parker = Arc::new(Parker::new());
        let value = Unordered::new();
        let waking = thread::spawn({
            let (waker, value) = (Waker::from(parker.clone()), value.clone());
            move || {
                value.set(7);
                waker.wake();
            }
        });
        // In a model, a deadline that has passed passes at any moment.
        let passed = Instant::now() - Duration::from_secs(1);
        if !parker.park(Some(passed)) {
            // One wake-up is still to come, and no second one.
            assert!(parker.park(None));
        }
        assert_eq!(value.get(), 7);
        waking.join().unwrap();
    });
}
