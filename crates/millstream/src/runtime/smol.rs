//! The adapter for smol: its global executor, and the timers of its reactor.

use std::time::Instant;

use super::task::{Contained, Entered};
use super::traits::{BoxFuture, Timer};

/// Spawns a task on smol's global executor.
pub(super) fn spawn(task: Entered) {
    ::smol::spawn(Contained::new(task)).detach();
}

/// The timer of smol's reactor.
pub(super) struct Smol;

impl Timer for Smol {
    fn now(&self) -> Instant {
        Instant::now()
    }

    fn sleep_until(&self, deadline: Instant) -> BoxFuture<'static, ()> {
        Box::pin(async move {
            ::smol::Timer::at(deadline).await;
        })
    }
}
