//! What a select yields.

use crate::errors;
use crate::target::Target;
use pyo3::prelude::*;
use pyo3::types::PyTuple;
use pyo3::{PyTraverseError, PyVisit};

/// The arm of a select that won; `chan, value = selected` takes it apart.
#[pyclass(frozen, module = "millstream", generic)]
pub(crate) struct Selected {
    /// The arm's position; -1 for a timeout or default.
    #[pyo3(get)]
    index: isize,
    /// The arm's channel; nobody's for a timeout or default.
    target: Option<Target>,
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
            target: Some(target.clone_ref(py)),
            closed,
            value,
        }
    }

    pub(crate) fn nobody(default: Option<Py<PyAny>>) -> Self {
        Selected {
            index: -1,
            target: None,
            closed: false,
            value: default,
        }
    }
}

#[pymethods]
impl Selected {
    /// The arm's channel as it was given; `None` for a timeout or default.
    #[getter]
    fn chan(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        let target = self.target.as_ref()?;
        Some(target.object().clone_ref(py))
    }

    /// The value that was got, None for a put, or the default. Raises Closed if the channel was closed.
    #[getter]
    fn value(&self, py: Python<'_>) -> PyResult<Option<Py<PyAny>>> {
        let value = self.value.as_ref().map(|value| value.clone_ref(py));
        match &self.target {
            Some(target) if self.closed => match value {
                // A put's value comes back in the error.
                Some(value) => {
                    let cause = target.core().error.get(py);
                    Err(errors::closed(py, target.object(), Some(value), cause))
                }
                None => Err(target.core().end(py, target.object())),
            },
            _ => Ok(value),
        }
    }

    /// Whether an arm won; not if the time was up, or the default was taken.
    fn __bool__(&self) -> bool {
        self.target.is_some()
    }

    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let value = self.value(py)?;
        let pair = PyTuple::new(py, [self.chan(py), value])?;
        Ok(pair.try_iter()?.into_any())
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let show = |object: &Option<Py<PyAny>>| match object {
            Some(object) => object.bind(py).repr().map(|text| text.to_string()),
            None => Ok("None".to_string()),
        };
        let (chan, value) = (show(&self.chan(py))?, show(&self.value)?);
        let closed = if self.closed { ", closed" } else { "" };
        Ok(format!(
            "<Selected arm {} of {chan}: {value}{closed}>",
            self.index
        ))
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        if let Some(target) = &self.target {
            target.visit(&visit)?;
        }
        visit.call(&self.value)
    }
}
