//! What all Python objects of one channel share, and the one place where the garbage collector looks into it.

use crate::errors;
use crate::fork::Process;
use crate::shown::Shown;
use crate::value::Value;
use crate::waiters::Waiters;
use millstream::WeakReceiver;
use pyo3::prelude::*;
use pyo3::types::PyTraceback;
use pyo3::{PyTraverseError, PyVisit};
use std::sync::{Arc, Mutex, MutexGuard};

/// The error that a channel was closed with.
#[derive(Default)]
pub(crate) struct ErrorSlot {
    kept: Mutex<Option<Kept>>,
}

/// An error, and the traceback that it had then.
struct Kept {
    error: Py<PyAny>,
    traceback: Option<Py<PyTraceback>>,
}

impl ErrorSlot {
    /// Keeps the first error.
    pub(crate) fn set(&self, error: &Bound<'_, PyAny>) {
        let kept = Kept {
            traceback: PyErr::from_value(error.clone())
                .traceback(error.py())
                .map(Bound::unbind),
            error: error.clone().unbind(),
        };
        let mut slot = self.lock();
        let unused = match &*slot {
            None => slot.replace(kept),
            Some(_) => Some(kept),
        };
        drop(slot);
        // An object may run code of its own when it goes.
        drop(unused);
    }

    pub(crate) fn get(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        self.lock().as_ref().map(|kept| kept.error.clone_ref(py))
    }

    /// The error to be raised. It is one object, raised again and again: its traceback starts over each time, or it
    /// would grow without bound.
    fn raise(&self, py: Python<'_>) -> Option<PyErr> {
        let slot = self.lock();
        let kept = slot.as_ref()?;
        let error = kept.error.clone_ref(py).into_bound(py);
        let traceback = kept
            .traceback
            .as_ref()
            .map(|traceback| traceback.clone_ref(py));
        drop(slot);
        let error = PyErr::from_value(error);
        error.set_traceback(py, traceback.map(|traceback| traceback.into_bound(py)));
        Some(error)
    }

    fn visit(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        // A collection must not wait for a lock.
        let Ok(slot) = self.kept.try_lock() else {
            return Ok(());
        };
        let Some(kept) = &*slot else { return Ok(()) };
        visit.call(&kept.error)?;
        visit.call(&kept.traceback)
    }

    fn clear(&self) {
        let kept = self.lock().take();
        drop(kept);
    }

    fn lock(&self) -> MutexGuard<'_, Option<Kept>> {
        self.kept.lock().expect("nothing panics under this lock")
    }
}

/// A channel as the collector sees it: its values, who waits for it, and the error it was closed with.
///
/// The handles of a channel all refer to this object, and only this object shows what the channel holds, so that no
/// reference is counted twice.
#[pyclass(frozen, module = "millstream._core", name = "_Core")]
pub(crate) struct Core {
    channel: WeakReceiver<Value>,
    pub(crate) waiters: Arc<Waiters>,
    pub(crate) error: Arc<ErrorSlot>,
    pub(crate) name: Option<String>,
    /// Whether everyone gets the one value.
    pub(crate) is_promise: bool,
    /// The buffer, if it is one written in Python.
    buffer: Option<Shown>,
    pub(crate) process: Process,
}

impl Core {
    pub(crate) fn new(
        channel: WeakReceiver<Value>,
        error: Arc<ErrorSlot>,
        name: Option<String>,
        is_promise: bool,
        buffer: Option<Shown>,
    ) -> Self {
        Core {
            channel,
            waiters: Waiters::new(),
            error,
            name,
            is_promise,
            buffer,
            process: Process::current(),
        }
    }

    /// Copies of the references to all values that lie in the channel or wait to be put.
    pub(crate) fn snapshot(&self, py: Python<'_>) -> Vec<Py<PyAny>> {
        let mut objects = Vec::new();
        self.channel
            .snapshot(|value| objects.push(value.object().clone_ref(py)));
        objects
    }

    /// How many puts and how many gets wait.
    pub(crate) fn waiting(&self) -> (usize, usize) {
        self.channel.waiting()
    }

    /// What a get, an iteration or a join raises at the end of the channel.
    pub(crate) fn end(&self, py: Python<'_>, channel: &Py<PyAny>) -> PyErr {
        self.error
            .raise(py)
            .unwrap_or_else(|| errors::closed(py, channel, None, None))
    }
}

#[pymethods]
impl Core {
    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        if let Some(shown) = self.channel.trace(|value| visit.call(value.object())) {
            shown?;
        }
        self.error.visit(&visit)?;
        if let Some(buffer) = &self.buffer {
            buffer.visit(&visit)?;
        }
        self.waiters.visit(&visit)
    }

    fn __clear__(&self) {
        Python::attach(|py| {
            self.waiters.clear(py);
            self.error.clear();
            if !self.process.is_gone() {
                self.channel.collect();
            }
            if let Some(buffer) = &self.buffer {
                buffer.clear(py);
            }
        });
    }
}
