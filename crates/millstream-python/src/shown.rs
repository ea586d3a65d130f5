//! A Python object that the engine holds, where the garbage collector can see it all the same.

use crate::attached::Attached;
use pyo3::prelude::*;
use pyo3::{PyTraverseError, PyVisit};
use std::sync::Arc;

/// One reference that two places know of: the engine, which uses it, and a Python object that the collector can ask.
#[derive(Clone)]
pub(crate) struct Shown {
    object: Arc<Attached<Option<Py<PyAny>>>>,
}

impl Shown {
    pub(crate) fn new(object: Py<PyAny>) -> Self {
        Shown {
            object: Arc::new(Attached::new(Some(object))),
        }
    }

    /// The object, unless it was collected.
    pub(crate) fn get<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyAny>> {
        let object = self
            .object
            .copy(py, |object| Some(object.as_ref()?.clone_ref(py)))?;
        Some(object.into_bound(py))
    }

    pub(crate) fn clear(&self, py: Python<'_>) {
        drop(self.object.replace(py, None));
    }

    pub(crate) fn visit(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        // SAFETY: the collector calls, attached, and nothing is replaced before this returns.
        visit.call(unsafe { self.object.look() })
    }
}
