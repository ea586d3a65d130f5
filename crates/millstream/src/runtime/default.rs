//! The built-in runtime's workers: threads that run the tasks of one process-wide executor.

use crate::sync::unmodelled::thread::{self, Thread};
use crate::sync::unmodelled::{Arc, OnceLock};
use std::future::{pending, Future};
use std::num::NonZeroUsize;
use std::pin::pin;
use std::task::{Context, Wake, Waker};

use async_executor::Executor;

use super::task::{Contained, Entered};
use crate::sync::contained;

/// Holds the tasks and says which is to run next.
static EXECUTOR: Executor<'static> = Executor::new();

/// Set once there are threads to run the tasks.
static WORKERS: OnceLock<()> = OnceLock::new();

/// Spawns a task on the built-in runtime.
pub(super) fn spawn(task: Entered) {
    WORKERS.get_or_init(start_workers);
    EXECUTOR.spawn(Contained::new(task)).detach();
}

/// Starts a worker for every processor. It is enough if one could be started.
fn start_workers() {
    let wanted = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    for number in 0..wanted {
        let started = thread::Builder::new()
            .name(format!("millstream-{number}"))
            .spawn(|| work());
        if let Err(error) = started {
            assert!(
                number > 0,
                "could not start a worker thread of millstream: {error}"
            );
            break;
        }
    }
}

/// What a worker does, for the rest of the process.
fn work() -> ! {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut cx = Context::from_waker(&waker);
    loop {
        let mut run = pin!(EXECUTOR.run(pending::<()>()));
        // Tasks contain their panics themselves. This is for what is left, such as a waker that panics when the
        // executor drops it: the worker then begins anew, and the executor hands on the tasks it had taken.
        while contained(|| run.as_mut().poll(&mut cx)).is_some() {
            thread::park();
        }
    }
}

/// A waker that unparks a worker. A wake before the park makes the park return at once.
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.unpark();
    }
}
