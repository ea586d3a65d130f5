//! Code of the user's that the engine has checked out: a buffer written in Python, which one thread at a time may use.

use crate::errors;
use crate::leaving;
use pyo3::prelude::*;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;

/// Tells which thread runs a buffer's code.
#[derive(Clone, Default)]
pub(crate) struct Busy {
    thread: Arc<AtomicUsize>,
}

impl Busy {
    /// Runs the buffer's code.
    pub(crate) fn mark<R>(&self, code: impl FnOnce() -> R) -> R {
        let before = self.thread.swap(this_thread(), Ordering::SeqCst);
        let result = code();
        self.thread.store(before, Ordering::SeqCst);
        result
    }

    /// Runs an operation of the engine that may have to wait for another thread to be done with the buffer. That thread
    /// needs the interpreter, so this one lets go of it.
    pub(crate) fn engine<R: Send>(&self, run: impl FnOnce() -> R + Send) -> PyResult<R> {
        if self.thread.load(Ordering::SeqCst) == this_thread() {
            return Err(errors::misuse(
                "a buffer used the channel that it serves: it may not put into it or get from it inside its own methods",
            ));
        }
        Ok(match leaving::is_attached() {
            true => Python::attach(|py| leaving::detached(py, run)),
            false => run(),
        })
    }
}

/// A number that no other thread has at this time.
pub(crate) fn this_thread() -> usize {
    thread_local!(static HERE: u8 = const { 0 });
    HERE.with(|here| std::ptr::from_ref(here).addr())
}
