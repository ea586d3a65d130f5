//! A Python iterable whose items are put one by one.

use crate::drive;
use crate::leaving;
use crate::shown::Shown;
use crate::value::Value;
use pyo3::prelude::*;
use pyo3::types::{PyIterator, PyList, PyRange, PyTuple};
use pyo3::{PyTraverseError, PyVisit};

/// The items of a Python iterable. The engine asks for the next one only when it has a place for it, and under no lock.
#[derive(Clone)]
pub(crate) struct Items {
    iterator: Shown,
    whole: Whole,
    taken: usize,
}

/// How many items there are, those included that were taken.
#[derive(Clone)]
enum Whole {
    Unknown,
    Counted(usize),
    /// As many as the list has, which may become longer or shorter meanwhile.
    List(Shown),
}

impl Items {
    pub(crate) fn new(iterable: &Bound<'_, PyAny>) -> PyResult<Self> {
        let iterator = Shown::new(iterable.try_iter()?.into_any().unbind());
        let whole = if iterable.is_exact_instance_of::<PyList>() {
            Whole::List(Shown::new(iterable.clone().unbind()))
        } else if iterable.is_exact_instance_of::<PyTuple>()
            || iterable.is_exact_instance_of::<PyRange>()
        {
            // A range may have more items than a number says.
            iterable.len().map_or(Whole::Unknown, Whole::Counted)
        } else {
            Whole::Unknown
        };
        Ok(Items {
            iterator,
            whole,
            taken: 0,
        })
    }

    pub(crate) fn visit(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        if let Whole::List(list) = &self.whole {
            list.visit(visit)?;
        }
        self.iterator.visit(visit)
    }

    pub(crate) fn clear(&self, py: Python<'_>) {
        if let Whole::List(list) = &self.whole {
            list.clear(py);
        }
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
            Ok(value) => {
                self.taken += 1;
                Some(value)
            }
            Err(error) => drive::throw(error),
        }
    }

    /// Of the commonest iterables the end is known without asking for one item more, which would need a place.
    fn size_hint(&self) -> (usize, Option<usize>) {
        let whole = match &self.whole {
            Whole::Unknown => None,
            Whole::Counted(count) => Some(*count),
            Whole::List(list) => leaving::attached(|py| {
                // SAFETY: only a list is put in, on construction.
                let list = unsafe { list.get(py)?.cast_into_unchecked::<PyList>() };
                Some(list.len())
            }),
        };
        (0, whole.map(|whole| whole.saturating_sub(self.taken)))
    }
}
