//! The adapter for tokio: tasks and time of one tokio runtime.

use std::time::Instant;

use ::tokio::runtime::Handle;
use ::tokio::time;

use super::task::Entered;
use super::traits::{BoxFuture, Timer};

/// A tokio runtime.
#[derive(Clone)]
pub(super) struct Tokio(Handle);

impl Tokio {
    pub(super) fn new(handle: Handle) -> Self {
        Self(handle)
    }

    /// The tokio runtime this thread is in, if it is in one.
    pub(super) fn of_this_thread() -> Option<Self> {
        Handle::try_current().ok().map(Self)
    }

    /// Spawns a task. Its panics are left to tokio, which contains them and lets the user decide more.
    pub(super) fn spawn(&self, task: Entered) {
        drop(self.0.spawn(task));
    }
}

impl Timer for Tokio {
    fn now(&self) -> Instant {
        // A paused clock belongs to its runtime, and tokio reads the clock of the runtime that the thread is in.
        let _entered = self.0.enter();
        time::Instant::now().into_std()
    }

    fn sleep_until(&self, deadline: Instant) -> BoxFuture<'static, ()> {
        // A sleep is bound here to the runtime that drives it, and can then be polled anywhere.
        let _entered = self.0.enter();
        Box::pin(time::sleep_until(time::Instant::from_std(deadline)))
    }
}
