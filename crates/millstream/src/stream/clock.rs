//! The time of the runtime that an operator is first polled on.

use crate::runtime::{self, BoxFuture, Handle, Timer};
use std::task::{Context, Poll};
use std::time::Duration;

/// One sleep at a time, on the runtime that was current when the first was begun.
#[derive(Default)]
pub(super) struct Clock {
    runtime: Option<Handle>,
    sleep: Option<BoxFuture<'static, ()>>,
}

impl Clock {
    fn runtime(&mut self) -> &Handle {
        self.runtime.get_or_insert_with(runtime::current)
    }

    /// Begins to sleep, instead of the sleep there was.
    pub(super) fn sleep(&mut self, duration: Duration) {
        self.sleep = Some(self.runtime().sleep(duration));
    }

    /// Stops sleeping.
    pub(super) fn stop(&mut self) {
        self.sleep = None;
    }

    /// Whether it sleeps no longer, or never began to.
    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if let Some(sleep) = &mut self.sleep {
            std::task::ready!(sleep.as_mut().poll(context));
            self.sleep = None;
        }
        Poll::Ready(())
    }
}
