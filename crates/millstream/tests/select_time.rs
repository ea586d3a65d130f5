//! Selects with a time limit, by the runtime's clock and by a thread's own.

mod common;

use common::{now, Bell};
use millstream::runtime::{BoxFuture, Handle, Manual, Spawn, Timer};
use millstream::{Buffer, Receiver, Select, Sender};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_timer_fires_when_nothing_else_has() {
    let mut manual = Manual::new();
    let _entered = manual.enter();
    let (tx, rx) = millstream::bounded::<u32>(1);
    let bell = Bell::new();
    let select = || {
        Select::new()
            .recv(&rx, |_| "received")
            .after(SECOND, || "late")
    };
    let mut waits = select();
    bell.waits(&mut waits);
    assert_eq!(manual.sleepers(), 1);
    manual.advance(SECOND / 2);
    bell.waits(&mut waits);
    manual.advance(SECOND / 2);
    assert_eq!(bell.rings(), 1);
    assert_eq!(bell.gets(&mut waits), "late");
    // A timer that loses is cleaned up.
    let mut wins = select();
    bell.waits(&mut wins);
    tx.try_send(1).unwrap();
    assert_eq!(bell.gets(&mut wins), "received");
    drop(wins);
    assert_eq!(manual.sleepers(), 0);
}

#[test]
fn a_timer_loses_to_an_arm_that_is_ready() {
    let mut manual = Manual::new();
    let _entered = manual.enter();
    let (tx, rx) = millstream::bounded(1);
    let bell = Bell::new();
    tx.try_send(1).unwrap();
    let zero = Duration::ZERO;
    assert_eq!(
        now(Select::new()
            .after(zero, || 0)
            .recv(&rx, |value| value.unwrap())),
        1
    );
    assert_eq!(
        now(Select::new()
            .after(zero, || 0)
            .recv(&rx, |value| value.unwrap())),
        0
    );
    // Both happen before it is polled again.
    let mut select = Select::new()
        .after(SECOND, || 0)
        .recv(&rx, |value| value.unwrap());
    bell.waits(&mut select);
    manual.advance(SECOND);
    tx.try_send(2).unwrap();
    assert_eq!(bell.gets(&mut select), 2);
}

#[test]
fn of_several_timers_the_first_that_is_due_wins() {
    let mut manual = Manual::new();
    let _entered = manual.enter();
    let bell = Bell::new();
    let mut select = Select::new()
        .after(3 * SECOND, || 3)
        .after(None, || 0)
        .after(2 * SECOND, || 2)
        .after(Duration::MAX, || 9);
    bell.waits(&mut select);
    manual.advance(2 * SECOND);
    assert_eq!(bell.gets(&mut select), 2);
}

#[test]
fn the_longest_delay_never_ends() {
    let manual = Manual::new();
    let _entered = manual.enter();
    let (tx, rx) = millstream::bounded(1);
    let bell = Bell::new();
    let mut select = Select::new()
        .after(Duration::MAX, || 0)
        .recv(&rx, |value| value.unwrap());
    bell.waits(&mut select);
    tx.try_send(1).unwrap();
    assert_eq!(bell.gets(&mut select), 1);
    tx.try_send(2).unwrap();
    let blocking = Select::new()
        .after(Duration::MAX, || 0)
        .recv(&rx, |value| value.unwrap());
    assert_eq!(blocking.wait(), 2);
}

#[test]
fn a_thread_goes_by_its_own_clock() {
    // The runtime's clock stands still, and is not asked.
    let manual = Manual::new();
    let _entered = manual.enter();
    let (_tx, rx) = millstream::bounded::<u32>(1);
    let delay = Duration::from_millis(5);
    let since = Instant::now();
    let won = Select::new()
        .recv(&rx, |_| 0)
        .after(3600 * SECOND, || 2)
        .after(delay, || 1)
        .wait();
    assert!(since.elapsed() >= delay);
    assert_eq!((won, manual.sleepers()), (1, 0));
}

/// A runtime whose sleeps do something when they are polled, end at once, and must not be polled again.
struct Mischief(Sender<u32>, Receiver<u32>);

impl Spawn for Mischief {
    fn spawn(&self, _task: BoxFuture<'static, ()>) {
        unreachable!("a select spawns nothing")
    }
}

impl Timer for Mischief {
    fn now(&self) -> Instant {
        Instant::now()
    }

    fn sleep_until(&self, _deadline: Instant) -> BoxFuture<'static, ()> {
        Box::pin(Once {
            polls: 0,
            channel: (self.0.clone(), self.1.clone()),
        })
    }
}

struct Once {
    polls: u32,
    channel: (Sender<u32>, Receiver<u32>),
}

impl Future for Once {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<()> {
        self.polls += 1;
        match self.polls {
            // When the select starts there is nothing to it.
            1 => Poll::Pending,
            2 => {
                // The arm is told to look, and what it is to look for is taken away.
                let (tx, rx) = &self.channel;
                tx.try_send(1).unwrap();
                rx.try_recv().unwrap();
                Poll::Ready(())
            }
            _ => panic!("a sleep was polled after it had ended"),
        }
    }
}

#[test]
fn a_timer_that_is_due_beside_an_arm_that_finds_nothing_is_not_asked_again() {
    struct One(Option<u32>);
    impl Buffer<u32> for One {
        fn len(&self) -> usize {
            usize::from(self.0.is_some())
        }
        fn is_full(&self) -> bool {
            self.0.is_some()
        }
        fn push(&mut self, value: u32) -> Option<u32> {
            self.0.replace(value)
        }
        fn pop(&mut self) -> Option<u32> {
            self.0.take()
        }
    }
    let (tx, rx) = millstream::with_buffer(One(None));
    let runtime = Handle::new(Mischief(tx, rx.clone()));
    let _entered = runtime.enter();
    let bell = Bell::new();
    let mut select = Select::new()
        .recv(&rx, |_| "received")
        .after(SECOND, || "late");
    let won = std::iter::repeat_with(|| bell.poll(&mut select))
        .take(3)
        .find(Poll::is_ready);
    assert_eq!(won, Some(Poll::Ready("late")));
}
