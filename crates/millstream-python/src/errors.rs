//! The exceptions, which are written in Python (`millstream/_errors.py`).

use crate::leaving::Inside;
use pyo3::exceptions::{PyBaseException, PyRuntimeError, PyTimeoutError, PyTypeError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyType;

static CLOSED: PyOnceLock<Py<PyType>> = PyOnceLock::new();
static EMPTY: PyOnceLock<Py<PyType>> = PyOnceLock::new();
static FULL: PyOnceLock<Py<PyType>> = PyOnceLock::new();

fn class<'py>(
    py: Python<'py>,
    slot: &'static PyOnceLock<Py<PyType>>,
    name: &str,
) -> PyResult<&'py Bound<'py, PyType>> {
    slot.import(py, "millstream._errors", name)
}

fn raise(
    py: Python<'_>,
    slot: &'static PyOnceLock<Py<PyType>>,
    name: &str,
    channel: &Py<PyAny>,
    value: Option<Py<PyAny>>,
) -> PyErr {
    let _inside = Inside::new(py);
    let make = || class(py, slot, name)?.call1((channel, value));
    match make() {
        Ok(error) => PyErr::from_value(error),
        Err(error) => error,
    }
}

/// Whether an exception is the one that says that a channel is closed.
pub(crate) fn is_closed(py: Python<'_>, error: &PyErr) -> bool {
    class(py, &CLOSED, "Closed").is_ok_and(|class| error.is_instance(py, class))
}

/// What is raised in a task that was cancelled.
pub(crate) fn cancelled(py: Python<'_>, message: Option<Py<PyAny>>) -> PyErr {
    static CANCELLED: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    of_asyncio(py, &CANCELLED, "CancelledError", message)
}

/// A future was asked for its result too early.
pub(crate) fn not_done(py: Python<'_>) -> PyErr {
    static INVALID: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let message = "Result is not set.".into_pyobject(py);
    let message = message.map(|message| message.into_any().unbind());
    of_asyncio(py, &INVALID, "InvalidStateError", message.ok())
}

fn of_asyncio(
    py: Python<'_>,
    slot: &'static PyOnceLock<Py<PyType>>,
    name: &str,
    message: Option<Py<PyAny>>,
) -> PyErr {
    let make = || {
        let class = slot.import(py, "asyncio", name)?;
        match message {
            Some(message) => class.call1((message,)),
            None => class.call0(),
        }
    };
    match make() {
        Ok(error) => PyErr::from_value(error),
        Err(error) => error,
    }
}

/// The channel takes or gives no more values; a refused put has its value in the error, and the reason as its cause.
pub(crate) fn closed(
    py: Python<'_>,
    channel: &Py<PyAny>,
    value: Option<Py<PyAny>>,
    cause: Option<Py<PyAny>>,
) -> PyErr {
    let error = raise(py, &CLOSED, "Closed", channel, value);
    if let Some(cause) = cause {
        error.set_cause(py, Some(PyErr::from_value(cause.into_bound(py))));
    }
    error
}

pub(crate) fn empty(py: Python<'_>, channel: &Py<PyAny>) -> PyErr {
    raise(py, &EMPTY, "Empty", channel, None)
}

pub(crate) fn full(py: Python<'_>, channel: &Py<PyAny>, value: Py<PyAny>) -> PyErr {
    raise(py, &FULL, "Full", channel, Some(value))
}

pub(crate) fn timed_out(seconds: Option<f64>, what: &str) -> PyErr {
    let seconds = seconds.unwrap_or(f64::INFINITY);
    PyTimeoutError::new_err(format!("{what} took longer than {seconds} s"))
}

pub(crate) fn misuse(message: &'static str) -> PyErr {
    PyRuntimeError::new_err(message)
}

/// Two tasks at one stream.
pub(crate) fn one_task() -> PyErr {
    misuse("a stream is for one task at a time: share() or fork() it for several")
}

/// What is sent into an awaitable of ours says nothing.
pub(crate) fn check_sent(value: &Bound<'_, PyAny>) -> PyResult<()> {
    match value.is_none() {
        true => Ok(()),
        false => Err(PyTypeError::new_err(
            "only None can be sent into what is awaited",
        )),
    }
}

/// The exception that `throw` was called with, in any of the forms that it may have.
pub(crate) fn thrown<'py>(
    kind: &Bound<'py, PyAny>,
    value: Option<&Bound<'py, PyAny>>,
    traceback: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    let error = match value.filter(|value| !value.is_none()) {
        Some(value) if value.is_instance_of::<PyBaseException>() => value.clone(),
        Some(value) => kind.call1((value,))?,
        None if kind.is_instance_of::<PyType>() => kind.call0()?,
        None => kind.clone(),
    };
    if !error.is_instance_of::<PyBaseException>() {
        return Err(PyTypeError::new_err("only exceptions can be thrown"));
    }
    if let Some(traceback) = traceback.filter(|traceback| !traceback.is_none()) {
        error.setattr("__traceback__", traceback)?;
    }
    Ok(error)
}
