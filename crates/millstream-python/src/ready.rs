//! An awaitable that has its result already.

use crate::operation::stop_iteration;
use pyo3::prelude::*;
use std::sync::Mutex;

/// Returns its value at once.
#[pyclass(frozen, module = "millstream._core", name = "_Ready")]
struct Ready {
    value: Mutex<Option<Py<PyAny>>>,
}

pub(crate) fn ready(py: Python<'_>, value: Py<PyAny>) -> PyResult<Py<PyAny>> {
    let value = Mutex::new(Some(value));
    Ok(Py::new(py, Ready { value })?.into_any())
}

#[pymethods]
impl Ready {
    fn __await__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let value = self
            .value
            .lock()
            .expect("nothing panics under this lock")
            .take();
        Err(stop_iteration(py, value.unwrap_or_else(|| py.None())))
    }
}
