//! Waiting on a plain thread, with the interpreter free for others meanwhile.

use crate::leaving;
use crate::outcome::{Outcome, Pending};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

/// How long the main thread waits before it looks whether the user has pressed Ctrl-C.
const SIGNAL_CHECK: Duration = Duration::from_millis(50);

struct Parked {
    thread: Thread,
    is_woken: AtomicBool,
}

impl Wake for Parked {
    fn wake(self: Arc<Self>) {
        self.is_woken.store(true, Ordering::SeqCst);
        self.thread.unpark();
    }
}

/// Waits for the operation's end on this thread; `None` if that took longer than `timeout`.
pub(crate) fn run(
    py: Python<'_>,
    mut pending: Pending,
    timeout: Option<Duration>,
) -> PyResult<Option<Outcome>> {
    let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
    let is_interruptible = is_main_thread(py)?;
    let parked = Arc::new(Parked {
        thread: thread::current(),
        is_woken: AtomicBool::new(true),
    });
    let waker = Waker::from(parked.clone());
    loop {
        let check = is_interruptible.then(|| Instant::now() + SIGNAL_CHECK);
        let until = match (deadline, check) {
            (Some(deadline), Some(check)) => Some(deadline.min(check)),
            (deadline, check) => deadline.or(check),
        };
        let (polled, given_back) = leaving::detached(py, || {
            let polled = poll_until(&mut pending, &parked, &waker, until);
            (polled, pending)
        });
        pending = given_back;
        if let Poll::Ready(outcome) = polled {
            return Ok(Some(outcome));
        }
        py.check_signals()?;
        if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            return Ok(match pending.give_up() {
                Outcome::Nobody(_) => None,
                outcome => Some(outcome),
            });
        }
    }
}

fn poll_until(
    pending: &mut Pending,
    parked: &Parked,
    waker: &Waker,
    until: Option<Instant>,
) -> Poll<Outcome> {
    loop {
        if parked.is_woken.swap(false, Ordering::SeqCst) {
            let polled = pending.poll(&mut Context::from_waker(waker));
            if polled.is_ready() {
                return polled;
            }
            continue;
        }
        match until {
            None => thread::park(),
            Some(until) => {
                let left = until.saturating_duration_since(Instant::now());
                if left.is_zero() {
                    return Poll::Pending;
                }
                thread::park_timeout(left);
            }
        }
    }
}

/// A time in seconds, as Python gives it; none or an infinite one means to wait as long as it takes.
pub(crate) fn seconds(timeout: Option<f64>) -> PyResult<Option<Duration>> {
    match timeout {
        None => Ok(None),
        Some(seconds) if seconds.is_nan() => {
            Err(PyValueError::new_err("a timeout is a number of seconds"))
        }
        // A time too long for the clock is as good as none.
        Some(seconds) => Ok(Duration::try_from_secs_f64(seconds.max(0.0)).ok()),
    }
}

fn is_main_thread(py: Python<'_>) -> PyResult<bool> {
    let _inside = leaving::Inside::new(py);
    static MAIN: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    static CURRENT: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let main = MAIN.import(py, "threading", "main_thread")?.call0()?;
    let current = CURRENT.import(py, "threading", "get_ident")?.call0()?;
    main.getattr(pyo3::intern!(py, "ident"))?.eq(current)
}
