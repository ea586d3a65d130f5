//! The end of the interpreter: other threads stay out of it from then on.
//!
//! Up to Python 3.13 a daemon thread that wants the interpreter back while it goes is ended on the spot, and with native
//! code under way on that thread this brings the process down. So before the interpreter goes it waits, for a moment,
//! until no thread is in such code of ours; those that come later stay where they are.

use crate::attached::Attached;
use pyo3::ffi;
use pyo3::prelude::*;
use std::cell::Cell;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// How long the interpreter waits for the code of others at most: it may be code of the user's that never ends.
const PATIENCE: Duration = Duration::from_secs(1);

/// How often it looks.
const LOOK: Duration = Duration::from_micros(100);

static LEAVING: AtomicBool = AtomicBool::new(false);

/// How many threads are on their way back into the interpreter.
static COMING_BACK: AtomicUsize = AtomicUsize::new(0);

/// How many calls of ours that may run Python code are under way.
static INSIDE: Attached<usize> = Attached::new(0);

thread_local! {
    /// Whether this is the thread on which the interpreter goes.
    static IS_LEAVING: Cell<bool> = const { Cell::new(false) };
}

/// A call of ours that may run Python code.
pub(crate) struct Inside<'py> {
    py: Python<'py>,
}

impl<'py> Inside<'py> {
    #[inline]
    pub(crate) fn new(py: Python<'py>) -> Self {
        if LEAVING.load(Ordering::Relaxed) && !IS_LEAVING.get() {
            py.detach(stay_out);
        }
        INSIDE.update(py, |count| *count += 1);
        Inside { py }
    }
}

impl Drop for Inside<'_> {
    #[inline]
    fn drop(&mut self) {
        INSIDE.update(self.py, |count| *count -= 1);
    }
}

/// Runs something without the interpreter, and comes back.
pub(crate) fn detached<R: Send>(py: Python<'_>, run: impl FnOnce() -> R + Send) -> R {
    let result = py.detach(|| {
        let result = run();
        come_back();
        result
    });
    arrived();
    result
}

/// Runs something with the interpreter, which this thread may have let go of.
pub(crate) fn attached<R>(run: impl FnOnce(Python<'_>) -> R) -> R {
    let run = |py: Python<'_>| {
        let _inside = Inside::new(py);
        run(py)
    };
    if is_attached() {
        return Python::attach(run);
    }
    come_back();
    Python::attach(|py| {
        arrived();
        run(py)
    })
}

/// The same, unless there is no interpreter any more.
pub(crate) fn try_attached<R>(run: impl FnOnce(Python<'_>) -> R) -> Option<R> {
    let run = |py: Python<'_>| {
        let _inside = Inside::new(py);
        run(py)
    };
    if is_attached() {
        return Python::try_attach(run);
    }
    come_back();
    let result = Python::try_attach(|py| {
        arrived();
        run(py)
    });
    if result.is_none() {
        arrived();
    }
    result
}

pub(crate) fn is_attached() -> bool {
    // SAFETY: it only looks at the calling thread's state.
    unsafe { ffi::PyGILState_Check() == 1 }
}

fn come_back() {
    COMING_BACK.fetch_add(1, Ordering::SeqCst);
    if LEAVING.load(Ordering::SeqCst) && !IS_LEAVING.get() {
        arrived();
        stay_out();
    }
}

fn arrived() {
    COMING_BACK.fetch_sub(1, Ordering::SeqCst);
}

fn stay_out() {
    loop {
        thread::park();
    }
}

/// Called by the interpreter before it goes.
#[pyfunction]
pub(crate) fn _leaving(py: Python<'_>) {
    IS_LEAVING.set(true);
    LEAVING.store(true, Ordering::SeqCst);
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        let inside = INSIDE.copy(py, |count| *count);
        if inside == 0 && COMING_BACK.load(Ordering::SeqCst) == 0 {
            return;
        }
        py.detach(|| thread::sleep(LOOK));
    }
}

/// In a forked child there are no other threads.
pub(crate) fn forked(py: Python<'_>) {
    COMING_BACK.store(0, Ordering::SeqCst);
    INSIDE.replace(py, 0);
}
