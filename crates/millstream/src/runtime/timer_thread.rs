//! Real time for the built-in runtime: one thread that sleeps until the first deadline and wakes who is due.

use crate::sync::unmodelled::thread::{self, Thread};
use crate::sync::unmodelled::OnceLock;
use std::time::Instant;

use super::sleepers::{Clock, Sleep, Sleepers};
use super::traits::{BoxFuture, Timer};
use crate::sync::contained;

/// How many tasks are woken for one turn of the lock.
const BATCH: usize = 64;

/// The queue and the thread, one of each in a process.
static TIMER_THREAD: TimerThread = TimerThread {
    sleepers: Sleepers::new(),
    thread: OnceLock::new(),
};

/// The timer of the built-in runtime.
pub(super) struct RealTime;

impl Timer for RealTime {
    fn now(&self) -> Instant {
        Instant::now()
    }

    fn sleep_until(&self, deadline: Instant) -> BoxFuture<'static, ()> {
        Box::pin(Sleep::new(&TIMER_THREAD, deadline))
    }
}

/// A queue of sleepers and the thread that wakes them.
struct TimerThread {
    sleepers: Sleepers,
    /// The thread, once there has been something to wait for.
    thread: OnceLock<Thread>,
}

impl TimerThread {
    /// The thread, which is started if there is none yet.
    fn thread(&'static self) -> &'static Thread {
        self.thread.get_or_init(|| {
            let started = thread::Builder::new()
                .name("millstream-timer".into())
                .spawn(move || self.run());
            match started {
                Ok(thread) => thread.thread().clone(),
                Err(error) => panic!("could not start the timer thread of millstream: {error}"),
            }
        })
    }

    /// What the thread does, for the rest of the process.
    fn run(&self) -> ! {
        let mut due = Vec::with_capacity(BATCH);
        loop {
            let now = Instant::now();
            let next_look = self.sleepers.take_due(now, &mut due);
            if due.is_empty() {
                // Whoever registers with a deadline before the next look unparks the thread. An unpark that comes
                // before the park makes the park return at once, so none is missed.
                match next_look {
                    Some(deadline) => thread::park_timeout(deadline.saturating_duration_since(now)),
                    None => thread::park(),
                }
            }
            for waker in due.drain(..) {
                // A waker that panics must not cost the others their time.
                contained(|| waker.wake());
            }
        }
    }
}

impl Clock for TimerThread {
    fn now(&self) -> Instant {
        Instant::now()
    }

    fn sleepers(&self) -> &Sleepers {
        &self.sleepers
    }

    /// Unparks the thread only if it would look too late. Most sleeps are timeouts, made and dropped without ever
    /// being the next to fire; such a one costs the thread nothing, or one look in vain. The thread reads the clock
    /// after it was unparked, so it overlooks nobody.
    fn registered(&self, _deadline: Instant, before_next_look: bool) -> bool {
        let thread = TIMER_THREAD.thread();
        if before_next_look {
            thread.unpark();
        }
        false
    }
}
