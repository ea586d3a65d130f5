//! The futures of operations that began when they were called: a class written in Python, on asyncio's own future, of
//! which instances are made, and stepped through, here.

use crate::begun::Begun;
use crate::errors;
use crate::members::{self, Members, Steps};
use crate::operation::Step;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyType;

/// What an instance has beside what asyncio's has: where it asks for a loop, the operation (or `None` if it ended when it was
/// called), and then what that came to.
const NAMES: [&str; 3] = ["_owner", "_begun", "_value"];
const BEGUN: usize = 1;
const VALUE: usize = 2;

static CLASS: PyOnceLock<Members<3>> = PyOnceLock::new();

/// Stands for that class.
pub(crate) struct CallFuture;

impl Steps for CallFuture {
    #[inline]
    unsafe fn ready(slf: &Bound<'_, PyAny>) -> Option<Py<PyAny>> {
        let members = CLASS.get(slf.py())?;
        // SAFETY: by the caller; nothing runs before the value is copied.
        unsafe {
            let is_ready = members.get(slf, BEGUN)?.is_none();
            is_ready
                .then(|| members.get(slf, VALUE))?
                .map(|value| value.to_owned().unbind())
        }
    }

    unsafe fn step(slf: &Bound<'_, PyAny>) -> PyResult<Step> {
        // SAFETY: by the caller; nothing runs before it is copied.
        let begun = unsafe { class(slf.py())?.get(slf, BEGUN) }.map(|begun| begun.to_owned());
        match begun {
            Some(begun) if !begun.is_none() => Begun::step(begun.cast()?),
            _ => Err(errors::misuse("only a channel makes these futures")),
        }
    }
}

/// Called with the class by its module. If that is imported once more, the first class goes on to serve.
#[pyfunction]
pub(crate) fn _adopt_future(kind: &Bound<'_, PyType>) -> PyResult<()> {
    let adopt = || {
        let members = Members::of(kind, NAMES)?;
        members::install::<CallFuture>(kind)?;
        Ok(members)
    };
    CLASS.get_or_try_init(kind.py(), adopt).map(drop)
}

fn class(py: Python<'_>) -> PyResult<&'static Members<3>> {
    CLASS
        .get(py)
        .ok_or_else(|| errors::misuse("the module of these futures has not been imported"))
}

/// A future of what has happened.
#[inline]
pub(crate) fn of_value(value: Py<PyAny>, owner: Py<PyAny>, py: Python<'_>) -> PyResult<Py<PyAny>> {
    class(py)?.make(py, [owner, py.None(), value])
}

/// A future of what is under way.
pub(crate) fn of_begun(begun: Bound<'_, Begun>, owner: Py<PyAny>) -> PyResult<Py<PyAny>> {
    let py = begun.py();
    class(py)?.make(py, [owner, begun.into_any().unbind(), py.None()])
}
