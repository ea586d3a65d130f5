//! The exceptions, which are written in Python (`millstream/_errors.py`).

use pyo3::exceptions::{PyRuntimeError, PyTimeoutError};
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
    let make = || class(py, slot, name)?.call1((channel, value));
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
