//! Arms that are not channels: a time, and what happens when nothing else can.

use super::arm::{Arm, Core, Registered};
use crate::runtime::{self, BoxFuture, Timer};
use crate::wait::Own;
use std::task::Context;
use std::time::{Duration, Instant};

/// Fires when its delay is over, counted from the first poll of the select.
pub struct TimerCore {
    /// `None` is an arm that is switched off.
    delay: Option<Duration>,
    /// When the delay is over, once the select was polled; stays `None` for a delay that never is.
    deadline: Option<Instant>,
    started: bool,
    /// Whether the delay is over in async code: a sleep that has ended is not polled again, even if an arm that
    /// then found nothing was quicker.
    is_over: bool,
    /// The runtime's timer, in async code.
    sleep: Option<BoxFuture<'static, ()>>,
}

impl TimerCore {
    pub(super) fn new(delay: Option<Duration>) -> Self {
        TimerCore {
            delay,
            deadline: None,
            started: false,
            is_over: false,
            sleep: None,
        }
    }
}

impl Arm for TimerCore {
    fn is_on(&self) -> bool {
        self.delay.is_some()
    }

    fn attempt(&mut self, _patient: bool) -> bool {
        false
    }

    fn register(&mut self, _own: Own<'_>) -> Registered {
        Registered::Waiting
    }

    fn withdraw(&mut self) {}

    fn finish(&mut self) -> bool {
        true
    }

    fn is_due(&mut self, context: Option<&mut Context<'_>>) -> bool {
        let Some(delay) = self.delay else {
            return false;
        };
        let Some(context) = context else {
            // A thread waits by its own clock: it needs no runtime.
            if !self.started {
                self.started = true;
                self.deadline = Instant::now().checked_add(delay);
            }
            return self
                .deadline
                .is_some_and(|deadline| deadline <= Instant::now());
        };
        if !self.started {
            self.started = true;
            let runtime = runtime::current();
            self.deadline = runtime.now().checked_add(delay);
            self.sleep = self.deadline.map(|deadline| runtime.sleep_until(deadline));
        }
        if let Some(sleep) = &mut self.sleep {
            if sleep.as_mut().poll(context).is_ready() {
                self.is_over = true;
                self.sleep = None;
            }
        }
        self.is_over
    }

    fn deadline(&self) -> Option<Instant> {
        self.deadline
    }
}

impl Core for TimerCore {
    type Output = ();

    fn take(&mut self) {}
}

/// Fires when no other arm is ready at once.
pub struct DefaultCore {
    pub(super) on: bool,
}

impl Arm for DefaultCore {
    fn is_on(&self) -> bool {
        self.on
    }

    fn attempt(&mut self, _patient: bool) -> bool {
        false
    }

    fn register(&mut self, _own: Own<'_>) -> Registered {
        Registered::Waiting
    }

    fn withdraw(&mut self) {}

    fn finish(&mut self) -> bool {
        true
    }
}

impl Core for DefaultCore {
    type Output = ();

    fn take(&mut self) {}
}
