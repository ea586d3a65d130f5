//! The two traits a runtime consists of: it spawns tasks, and it measures time.

use crate::sync::unmodelled::Arc;
use std::future::{pending, Future};
use std::pin::Pin;
use std::time::{Duration, Instant};

/// A boxed future that can move between threads.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Runs tasks in the background.
///
/// Code that uses a runtime should spawn through a [`Handle`](super::Handle), which makes the runtime the current one
/// whenever the task is polled. An implementation of this trait need not do that itself.
pub trait Spawn: Send + Sync {
    /// Starts `task` and returns at once; the task goes on by itself until it ends.
    ///
    /// A runtime that has been shut down drops the task, as it drops those that it did not finish.
    /// A panic in one task must not keep the others from running.
    fn spawn(&self, task: BoxFuture<'static, ()>);
}

/// Tells the time, and wakes tasks at a later one.
///
/// A timer may measure real time or a time of its own, as a test clock does. Deadlines are therefore made from
/// [`now`](Timer::now) and never from `Instant::now()`.
pub trait Timer: Send + Sync {
    /// The current time of this timer.
    fn now(&self) -> Instant;

    /// A future that ends when this timer reaches `deadline`, and never earlier.
    ///
    /// It may be polled under any executor. It may end somewhat later than at the deadline, by as much as the timer is
    /// coarse; tokio's counts in milliseconds. But if the deadline has passed when this is called, the future ends
    /// when it is first polled.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future releases its waker; nothing else has happened.
    fn sleep_until(&self, deadline: Instant) -> BoxFuture<'static, ()>;

    /// A future that ends when `duration` has passed, counted from this call.
    ///
    /// A duration that ends after the last instant the platform can name, such as [`Duration::MAX`], never ends.
    ///
    /// # Cancel safety
    ///
    /// As for [`sleep_until`](Timer::sleep_until).
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        match self.now().checked_add(duration) {
            Some(deadline) => self.sleep_until(deadline),
            None => Box::pin(pending()),
        }
    }
}

impl<S: Spawn + ?Sized> Spawn for Arc<S> {
    fn spawn(&self, task: BoxFuture<'static, ()>) {
        (**self).spawn(task);
    }
}

impl<T: Timer + ?Sized> Timer for Arc<T> {
    fn now(&self) -> Instant {
        (**self).now()
    }

    fn sleep_until(&self, deadline: Instant) -> BoxFuture<'static, ()> {
        (**self).sleep_until(deadline)
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        (**self).sleep(duration)
    }
}

/// What spawns and also measures time. Implemented for everything that does both.
pub trait Runtime: Spawn + Timer {}

impl<R: Spawn + Timer + ?Sized> Runtime for R {}
