//! An async iterator that is written in Python until it is under way, and from then on hands on what a channel gives.

use crate::attached::Attached;
use crate::iterate::Iter;
use crate::operation::Operation;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use pyo3::{PyTraverseError, PyVisit};

/// The base of such iterators. What `__anext__` returns before a channel is named, their method `_first` says.
#[pyclass(
    frozen,
    subclass,
    module = "millstream._core",
    name = "_Relay",
    generic
)]
pub(crate) struct Relay {
    values: Attached<Option<Py<Iter>>>,
}

#[pymethods]
impl Relay {
    #[new]
    #[pyo3(signature = (*_args, **_keywords))]
    fn new(_args: &Bound<'_, PyTuple>, _keywords: Option<&Bound<'_, PyDict>>) -> Self {
        Relay {
            values: Attached::new(None),
        }
    }

    /// From now on the items are those of a channel: `values` is what iterates over it.
    fn _relay(&self, py: Python<'_>, values: Py<Iter>) {
        let before = self.values.replace(py, Some(values));
        drop(before);
    }

    fn __aiter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __anext__(slf: &Bound<'_, Self>) -> PyResult<Py<PyAny>> {
        let py = slf.py();
        let parts = slf
            .get()
            .values
            .copy(py, |values| Some(values.as_ref()?.get().parts(py)));
        match parts {
            Some((target, action)) => Ok(Operation::object(py, target, action)?.into_any()),
            None => Ok(slf.call_method0(intern!(py, "_first"))?.unbind()),
        }
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        // SAFETY: the collector calls, attached, and nothing is replaced before this returns.
        visit.call(unsafe { self.values.look() })
    }

    fn __clear__(&self) {
        let values = Python::attach(|py| self.values.replace(py, None));
        drop(values);
    }
}
