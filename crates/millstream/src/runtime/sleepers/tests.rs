//! Tests of the queue of sleepers, with clocks made for them.

use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;
use std::task::Wake;
use std::time::Duration;

use super::*;

/// A waker that counts.
#[derive(Default)]
struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

fn waker() -> (Arc<Count>, Waker) {
    let count = Arc::new(Count::default());
    (count.clone(), Waker::from(count))
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[test]
fn a_deadline_is_announced_only_if_it_comes_before_the_next_look() {
    let sleepers = Sleepers::new();
    let start = Instant::now();
    let announced = |after| {
        let (_, before_next_look, _) =
            sleepers.register(start + seconds(after), None, Waker::noop().clone());
        before_next_look
    };

    assert!(announced(10), "nobody was going to look");
    assert!(!announced(20));
    assert!(!announced(10), "the look at 10 serves both");
    assert!(announced(5));

    let mut due = Vec::with_capacity(8);
    assert_eq!(
        sleepers.take_due(start + seconds(5), &mut due),
        Some(start + seconds(5)),
        "whoever found somebody looks again at once"
    );
    assert_eq!(due.len(), 1);
    assert!(!announced(6), "the look that is under way will see it");

    due.clear();
    assert_eq!(
        sleepers.take_due(start + seconds(5), &mut due),
        Some(start + seconds(6))
    );
    assert!(due.is_empty());
    assert!(!announced(7));
}

#[test]
fn the_next_look_stays_when_its_sleeper_goes() {
    let sleepers = Sleepers::new();
    let start = Instant::now();
    let register = |after| sleepers.register(start + seconds(after), None, Waker::noop().clone());

    let (number, _, _) = register(10);
    sleepers.remove(start + seconds(10), number);
    let (_, before_next_look, _) = register(11);
    assert!(!before_next_look);

    let mut due = Vec::with_capacity(8);
    assert_eq!(
        sleepers.take_due(start + seconds(10), &mut due),
        Some(start + seconds(11)),
        "the look in vain finds out when the next one is needed"
    );
    assert_eq!(
        sleepers.take_due(start + seconds(11), &mut due),
        Some(start + seconds(11))
    );
    due.clear();
    assert_eq!(sleepers.take_due(start + seconds(11), &mut due), None);
}

#[test]
fn those_due_are_taken_in_order_and_by_the_batch() {
    let sleepers = Sleepers::new();
    let start = Instant::now();
    let mut counts = Vec::new();
    for after in [3, 1, 2, 1] {
        let (count, waker) = waker();
        sleepers.register(start + seconds(after), None, waker);
        counts.push(count);
    }

    let woken = |batch: &mut Vec<Waker>| {
        batch.drain(..).for_each(Waker::wake);
        let woken = |count: &Arc<Count>| count.0.load(Ordering::Relaxed);
        counts.iter().map(woken).collect::<Vec<_>>()
    };
    let mut batch = Vec::with_capacity(1);
    assert_eq!(batch.capacity(), 1);
    for expected in [[0, 1, 0, 0], [0, 1, 0, 1], [0, 1, 1, 1], [1, 1, 1, 1]] {
        sleepers.take_due(start + seconds(3), &mut batch);
        assert_eq!(woken(&mut batch), expected);
    }
    assert_eq!(sleepers.len(), 0);
}

/// A clock that jumps to the deadline between the sleeper's look at it and the sleeper's arrival in the queue.
struct Jumping {
    start: Instant,
    sleepers: Sleepers,
    looks: AtomicUsize,
}

impl Clock for Jumping {
    fn now(&self) -> Instant {
        let looks = self.looks.fetch_add(1, Ordering::Relaxed);
        self.start + if looks == 0 { seconds(0) } else { seconds(10) }
    }

    fn sleepers(&self) -> &Sleepers {
        &self.sleepers
    }

    fn registered(&self, deadline: Instant, _before_next_look: bool) -> bool {
        self.now() >= deadline
    }
}

#[test]
fn a_deadline_that_passes_during_registration_is_not_missed() {
    let clock = Arc::new(Jumping {
        start: Instant::now(),
        sleepers: Sleepers::new(),
        looks: AtomicUsize::new(0),
    });
    let (count, waker) = waker();
    let mut sleep = Sleep::new(clock.clone(), clock.start + seconds(10));
    let mut cx = Context::from_waker(&waker);
    assert!(Pin::new(&mut sleep).poll(&mut cx).is_ready());
    assert_eq!(clock.sleepers.len(), 0);
    drop(waker);
    assert_eq!(Arc::strong_count(&count), 1, "the waker was released");
}

/// A clock that stands still.
struct Still {
    start: Instant,
    sleepers: Sleepers,
}

impl Clock for Still {
    fn now(&self) -> Instant {
        self.start
    }

    fn sleepers(&self) -> &Sleepers {
        &self.sleepers
    }

    fn registered(&self, _deadline: Instant, _before_next_look: bool) -> bool {
        false
    }
}

#[test]
fn another_waker_replaces_the_old_one_and_keeps_the_place() {
    let clock = Arc::new(Still {
        start: Instant::now(),
        sleepers: Sleepers::new(),
    });
    let deadline = clock.start + seconds(1);
    let (old, old_waker) = waker();
    let (new, new_waker) = waker();
    let (other, other_waker) = waker();
    let mut first = Sleep::new(clock.clone(), deadline);
    let mut second = Sleep::new(clock.clone(), deadline);
    let poll = |sleep: &mut Sleep<_>, waker| {
        assert!(Pin::new(sleep)
            .poll(&mut Context::from_waker(waker))
            .is_pending());
    };
    poll(&mut first, &old_waker);
    poll(&mut second, &other_waker);
    poll(&mut first, &new_waker);
    poll(&mut first, &new_waker);
    assert_eq!(clock.sleepers.len(), 2);
    drop(old_waker);
    assert_eq!(Arc::strong_count(&old), 1, "the old waker was released");

    let mut due = Vec::with_capacity(1);
    clock.sleepers.take_due(deadline, &mut due);
    due.drain(..).for_each(Waker::wake);
    assert_eq!(new.0.load(Ordering::Relaxed), 1);
    assert_eq!(other.0.load(Ordering::Relaxed), 0);

    drop(second);
    drop(other_waker);
    assert_eq!(clock.sleepers.len(), 0);
    assert_eq!(
        Arc::strong_count(&other),
        1,
        "a dropped sleep releases its waker"
    );
}

/// A waker that, when it is dropped for good, looks at the queue it was in.
struct Reentering(Arc<Still>);

thread_local! {
    static REENTERED: Cell<usize> = const { Cell::new(0) };
}

impl Wake for Reentering {
    fn wake(self: Arc<Self>) {}
}

impl Drop for Reentering {
    fn drop(&mut self) {
        REENTERED.set(REENTERED.get() + 1 + self.0.sleepers.len());
    }
}

#[test]
fn wakers_are_dropped_outside_the_lock() {
    let clock = Arc::new(Still {
        start: Instant::now(),
        sleepers: Sleepers::new(),
    });
    let mut sleep = Sleep::new(clock.clone(), clock.start + seconds(1));
    let mut poll_with_a_new_waker = || {
        let waker = Waker::from(Arc::new(Reentering(clock.clone())));
        let mut cx = Context::from_waker(&waker);
        assert!(Pin::new(&mut sleep).poll(&mut cx).is_pending());
    };
    poll_with_a_new_waker();
    poll_with_a_new_waker();
    assert_eq!(REENTERED.get(), 2, "replaced while one sleeper was there");
    drop(sleep);
    assert_eq!(REENTERED.get(), 3, "dropped when none was left");
}
