//! Polling an operation that may run code of the user's.

use crate::outcome::{Outcome, Waits};
use pyo3::PyErr;
use std::panic::{catch_unwind, resume_unwind, AssertUnwindSafe};
use std::task::{Context, Poll};

/// Polls; an exception of a buffer or iterator written in Python comes through the engine as a panic that carries it,
/// and is an exception again here.
pub(crate) fn poll(waits: &mut Waits, context: &mut Context<'_>) -> Poll<Outcome> {
    catch(|| waits.as_mut().poll(context))
        .unwrap_or_else(|error| Poll::Ready(Outcome::Raised(error)))
}

/// Runs an operation of the engine, and catches an exception that comes through it.
pub(crate) fn catch<R>(run: impl FnOnce() -> R) -> Result<R, PyErr> {
    catch_unwind(AssertUnwindSafe(run)).map_err(|payload| match payload.downcast::<PyErr>() {
        Ok(error) => *error,
        Err(payload) => resume_unwind(payload),
    })
}

/// Carries an exception of the user's through the engine.
pub(crate) fn throw(error: PyErr) -> ! {
    resume_unwind(Box::new(error))
}
