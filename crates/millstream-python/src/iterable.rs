//! A Python iterable whose items are put one by one.

use crate::drive;
use crate::value::Value;
use pyo3::prelude::*;
use pyo3::types::PyIterator;
use pyo3::{PyTraverseError, PyVisit};

/// The items of a Python iterable. The engine asks for the next one only when it has a place for it, and under no lock.
pub(crate) struct Items {
    iterator: Py<PyIterator>,
}

impl Items {
    pub(crate) fn new(iterable: &Bound<'_, PyAny>) -> PyResult<Self> {
        Ok(Items {
            iterator: iterable.try_iter()?.unbind(),
        })
    }

    pub(crate) fn visit(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.iterator)
    }
}

impl Iterator for Items {
    type Item = Value;

    fn next(&mut self) -> Option<Value> {
        let next = Python::attach(|py| {
            let item = self.iterator.bind(py).clone().next()?;
            Some(item.map(|item| Value::new(item.unbind())))
        });
        match next? {
            Ok(value) => Some(value),
            Err(error) => drive::throw(error),
        }
    }
}
