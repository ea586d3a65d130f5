//! What a select yields.

use crate::action::Target;
use crate::core::Core;
use crate::errors;
use pyo3::prelude::*;
use pyo3::types::PyTuple;
use pyo3::{PyTraverseError, PyVisit};

/// The arm that won.
#[pyclass(frozen, module = "millstream", generic)]
pub(crate) struct Selected {
    /// The arm's position; -1 for a timeout or default.
    #[pyo3(get)]
    index: isize,
    /// The arm's channel as it was given; `None` for a timeout or default.
    #[pyo3(get)]
    chan: Option<Py<PyAny>>,
    core: Option<Py<Core>>,
    /// Whether the arm won because its channel is closed.
    #[pyo3(get)]
    closed: bool,
    value: Option<Py<PyAny>>,
}

impl Selected {
    pub(crate) fn won(
        py: Python<'_>,
        index: usize,
        target: &Target,
        closed: bool,
        value: Option<Py<PyAny>>,
    ) -> Self {
        Selected {
            index: isize::try_from(index).unwrap_or(isize::MAX),
            chan: Some(target.chan.clone_ref(py)),
            core: Some(target.core.clone_ref(py)),
            closed,
            value,
        }
    }

    pub(crate) fn nobody(default: Option<Py<PyAny>>) -> Self {
        Selected {
            index: -1,
            chan: None,
            core: None,
            closed: false,
            value: default,
        }
    }
}

#[pymethods]
impl Selected {
    #[getter]
    fn value(&self, py: Python<'_>) -> PyResult<Option<Py<PyAny>>> {
        let value = self.value.as_ref().map(|value| value.clone_ref(py));
        match (&self.chan, &self.core) {
            (Some(chan), Some(core)) if self.closed => match value {
                // A put's value comes back in the error.
                Some(value) => {
                    let cause = core.get().error.get(py);
                    Err(errors::closed(py, chan, Some(value), cause))
                }
                None => Err(core.get().end(py, chan)),
            },
            _ => Ok(value),
        }
    }

    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let value = self.value(py)?;
        let pair = PyTuple::new(py, [self.chan.as_ref().map(|chan| chan.clone_ref(py)), value])?;
        Ok(pair.try_iter()?.into_any())
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let show = |object: &Option<Py<PyAny>>| match object {
            Some(object) => object.bind(py).repr().map(|text| text.to_string()),
            None => Ok("None".to_string()),
        };
        let (chan, value) = (show(&self.chan)?, show(&self.value)?);
        let closed = if self.closed { ", closed" } else { "" };
        Ok(format!("<Selected arm {} of {chan}: {value}{closed}>", self.index))
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.chan)?;
        visit.call(&self.core)?;
        visit.call(&self.value)
    }
}
