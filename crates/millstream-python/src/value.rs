//! A Python object as a channel's value.

use crate::leaving;
use pyo3::prelude::*;

/// A Python object on its way through a channel.
///
/// The engine clones a value only for a promise, and outside every lock, so that a clone may attach to the interpreter.
pub(crate) struct Value(Py<PyAny>);

impl Value {
    pub(crate) fn new(object: Py<PyAny>) -> Self {
        Value(object)
    }

    pub(crate) fn into_object(self) -> Py<PyAny> {
        self.0
    }

    pub(crate) fn object(&self) -> &Py<PyAny> {
        &self.0
    }
}

impl Clone for Value {
    fn clone(&self) -> Self {
        leaving::attached(|py| Value(self.0.clone_ref(py)))
    }
}
