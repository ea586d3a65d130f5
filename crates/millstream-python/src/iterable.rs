//! A Python iterable whose items are put one by one.

use crate::drive;
use crate::leaving;
use crate::shown::Shown;
use crate::value::Value;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyIterator, PyList, PyRange, PyTuple};
use pyo3::{PyTraverseError, PyVisit};

/// The items of a Python iterable. The engine asks for the next one only when it has a place for it, and under no lock.
#[derive(Clone)]
pub(crate) struct Items {
    iterator: Shown,
    /// Whether it knows how many items are left.
    is_counted: bool,
}

impl Items {
    pub(crate) fn new(iterable: &Bound<'_, PyAny>) -> PyResult<Self> {
        Ok(Items {
            is_counted: iterable.is_exact_instance_of::<PyList>()
                || iterable.is_exact_instance_of::<PyTuple>()
                || iterable.is_exact_instance_of::<PyRange>(),
            iterator: Shown::new(iterable.try_iter()?.into_any().unbind()),
        })
    }

    pub(crate) fn visit(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.iterator.visit(visit)
    }

    pub(crate) fn clear(&self, py: Python<'_>) {
        self.iterator.clear(py);
    }
}

impl Iterator for Items {
    type Item = Value;

    fn next(&mut self) -> Option<Value> {
        let next = leaving::attached(|py| {
            let iterator = self.iterator.get(py)?;
            // SAFETY: only iterators are put in, on construction.
            let item = unsafe { iterator.cast_into_unchecked::<PyIterator>() }.next()?;
            Some(item.map(|item| Value::new(item.unbind())))
        });
        match next? {
            Ok(value) => Some(value),
            Err(error) => drive::throw(error),
        }
    }

    /// Of the commonest iterables the end is known without asking for one item more, which would need a place.
    fn size_hint(&self) -> (usize, Option<usize>) {
        if !self.is_counted {
            return (0, None);
        }
        let left = leaving::attached(|py| {
            let iterator = self.iterator.get(py)?;
            let left = iterator.call_method0(intern!(py, "__length_hint__"));
            left.ok()?.extract::<usize>().ok()
        });
        (0, left)
    }
}
