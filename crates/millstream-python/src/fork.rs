//! What a fork leaves behind: channels belong to the process that made them.
//!
//! A forked child has a copy of every channel, but none of the threads and tasks at work on it, and a lock that one of
//! them held stays locked for ever. So nothing in the child touches what was made before: using it is an error, and
//! letting go of it does nothing.

use crate::errors;
use pyo3::prelude::*;
use std::sync::atomic::{AtomicU32, Ordering};

/// How many forks lie between this process and the one that loaded the module.
static FORKS: AtomicU32 = AtomicU32::new(0);

/// The process that something was made in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Process(u32);

impl Process {
    /// This one.
    #[inline]
    pub(crate) fn current() -> Self {
        Process(FORKS.load(Ordering::Relaxed))
    }

    /// Whether this process was forked from that one.
    #[inline]
    pub(crate) fn is_gone(self) -> bool {
        self != Process::current()
    }

    #[inline]
    pub(crate) fn check(self) -> PyResult<()> {
        match self.is_gone() {
            false => Ok(()),
            true => Err(complaint()),
        }
    }
}

#[cold]
pub(crate) fn complaint() -> PyErr {
    errors::misuse(
        "this channel was made before the process was forked: a forked child has to make its own, or use another start method, such as spawn",
    )
}

/// Called by the interpreter in every forked child.
#[pyfunction]
pub(crate) fn _forked(py: Python<'_>) {
    FORKS.fetch_add(1, Ordering::Relaxed);
    crate::leaving::forked(py);
}
