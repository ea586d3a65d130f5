//! A buffer written in Python.

use crate::busy::Busy;
use crate::core::ErrorSlot;
use crate::drive;
use crate::errors;
use crate::leaving;
use crate::shown::Shown;
use crate::value::Value;
use millstream::Buffer;
use pyo3::intern;
use pyo3::prelude::*;
use std::sync::Arc;

/// An object with `push`, `pop`, `__len__` and `is_full`. The engine calls it outside every lock, one method at a time;
/// an exception closes the channel with it.
pub(crate) struct ObjectBuffer {
    object: Shown,
    error: Arc<ErrorSlot>,
    busy: Busy,
}

impl ObjectBuffer {
    pub(crate) fn new(object: Shown, error: Arc<ErrorSlot>, busy: Busy) -> Self {
        ObjectBuffer {
            object,
            error,
            busy,
        }
    }

    fn ask<R>(&self, ask: impl FnOnce(&Bound<'_, PyAny>) -> PyResult<R>) -> R {
        let answer = leaving::attached(|py| {
            let answer = match self.object.get(py) {
                Some(object) => self.busy.mark(|| ask(&object)),
                None => Err(errors::misuse("the channel of this buffer was collected")),
            };
            if let Err(error) = &answer {
                self.error.set(error.value(py).as_any());
            }
            answer
        });
        answer.unwrap_or_else(|error| drive::throw(error))
    }
}

impl Buffer<Value> for ObjectBuffer {
    fn len(&self) -> usize {
        self.ask(|object| object.len())
    }

    fn is_full(&self) -> bool {
        self.ask(|object| {
            let py = object.py();
            object.call_method0(intern!(py, "is_full"))?.is_truthy()
        })
    }

    fn push(&mut self, value: Value) -> Option<Value> {
        self.ask(|object| {
            let py = object.py();
            object.call_method1(intern!(py, "push"), (value.into_object(),))?;
            Ok(None)
        })
    }

    fn pop(&mut self) -> Option<Value> {
        self.ask(|object| {
            let py = object.py();
            let value = object.call_method0(intern!(py, "pop"))?;
            Ok(Some(Value::new(value.unbind())))
        })
    }

    fn capacity(&self) -> Option<usize> {
        self.ask(|object| {
            let py = object.py();
            match object.getattr_opt(intern!(py, "capacity"))? {
                Some(capacity) => capacity.extract(),
                None => Ok(None),
            }
        })
    }
}
