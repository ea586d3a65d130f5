//! A channel's values one after the other.

use crate::action::Action;
use crate::operation::Operation;
use crate::target::Target;
use pyo3::exceptions::PyStopIteration;
use pyo3::prelude::*;
use pyo3::{PyTraverseError, PyVisit};
use std::sync::atomic::AtomicBool;
use std::sync::Arc;

/// What `async for` over a channel steps through. A promise, which gives its value to everyone, gives it once here.
#[pyclass(frozen, module = "millstream._core", name = "_Iter")]
pub(crate) struct Iter {
    target: Target,
    promise_taken: Option<Arc<AtomicBool>>,
}

impl Iter {
    pub(crate) fn new(target: Target) -> Self {
        let is_promise = target.core().is_promise;
        Iter {
            target,
            promise_taken: is_promise.then(Arc::default),
        }
    }

    #[inline]
    pub(crate) fn operation(&self, py: Python<'_>) -> Operation {
        let target = self.target.clone_ref(py);
        Operation::new(target, Action::Next(self.promise_taken.clone()))
    }

    /// The next value if it is there; else the operation that waits for it.
    pub(crate) fn attempt(&self, py: Python<'_>) -> PyResult<Result<Py<PyAny>, Operation>> {
        self.operation(py).attempt(py)
    }
}

#[pymethods]
impl Iter {
    fn __aiter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __anext__(&self, py: Python<'_>) -> PyResult<Py<Operation>> {
        let action = Action::Next(self.promise_taken.clone());
        Operation::object(py, self.target.clone_ref(py), action)
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.target.visit(&visit)
    }
}

/// The same on a plain thread, which blocks until there is a value.
#[pyclass(frozen, module = "millstream._core", name = "_BlockingIter")]
pub(crate) struct BlockingIter {
    values: Iter,
}

impl BlockingIter {
    pub(crate) fn new(values: Iter) -> Self {
        BlockingIter { values }
    }
}

#[pymethods]
impl BlockingIter {
    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let value = self.values.operation(py).run_blocking(py, None);
        match value {
            Ok(value) => Ok(value.expect("it waits for as long as it takes")),
            Err(error) if error.is_instance_of::<pyo3::exceptions::PyStopAsyncIteration>(py) => {
                Err(PyStopIteration::new_err(()))
            }
            Err(error) => Err(error),
        }
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.values.__traverse__(visit)
    }
}
