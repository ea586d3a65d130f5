//! Awaiting an object step by step, through the slots that the interpreter itself uses.

use pyo3::exceptions::PyTypeError;
use pyo3::ffi;
use pyo3::intern;
use pyo3::prelude::*;
use std::ptr;

use crate::operation::Step;

/// Something that is being awaited: a coroutine, or the iterator of another awaitable.
pub(crate) struct Awaited(Py<PyAny>);

impl Awaited {
    /// Begins to await an object; `None` if it cannot be awaited.
    pub(crate) fn new(object: &Bound<'_, PyAny>) -> PyResult<Option<Self>> {
        let raw = object.as_ptr();
        // SAFETY: the object is live and the thread attached; the slot is called as the interpreter would call it, and
        // returns a new reference or sets an error.
        unsafe {
            if ffi::PyCoro_CheckExact(raw) != 0 {
                return Ok(Some(Awaited(object.clone().unbind())));
            }
            let slots = (*ffi::Py_TYPE(raw)).tp_as_async;
            if slots.is_null() {
                return Ok(None);
            }
            let Some(begin) = (*slots).am_await else {
                return Ok(None);
            };
            let iterator = Bound::from_owned_ptr_or_err(object.py(), begin(raw))?;
            Ok(Some(Awaited(iterator.unbind())))
        }
    }

    /// Goes on until it yields, returns or raises.
    pub(crate) fn step(&self, py: Python<'_>) -> PyResult<Step> {
        let mut result = ptr::null_mut();
        // SAFETY: the iterator is live and the thread attached; `result` gets a new reference unless an error is set.
        unsafe {
            let answer = ffi::PyIter_Send(self.0.as_ptr(), ffi::Py_None(), &mut result);
            match answer {
                ffi::PySendResult::PYGEN_RETURN => {
                    Ok(Step::Return(Bound::from_owned_ptr(py, result).unbind()))
                }
                ffi::PySendResult::PYGEN_NEXT => {
                    Ok(Step::Yield(Bound::from_owned_ptr(py, result).unbind()))
                }
                ffi::PySendResult::PYGEN_ERROR => Err(PyErr::fetch(py)),
            }
        }
    }

    /// Raises an exception where it stands.
    pub(crate) fn throw(&self, error: &Bound<'_, PyAny>) -> PyResult<Step> {
        let py = error.py();
        let Some(throw) = self.0.bind(py).getattr_opt(intern!(py, "throw"))? else {
            return Err(PyErr::from_value(error.clone()));
        };
        match throw.call1((error,)) {
            Ok(yielded) => Ok(Step::Yield(yielded.unbind())),
            Err(raised) => returned(py, raised).map(Step::Return),
        }
    }

    /// Ends it where it stands.
    pub(crate) fn close(&self, py: Python<'_>) -> PyResult<()> {
        if let Some(close) = self.0.bind(py).getattr_opt(intern!(py, "close"))? {
            close.call0()?;
        }
        Ok(())
    }

    pub(crate) fn object(&self) -> &Py<PyAny> {
        &self.0
    }
}

/// The value that came back as a `StopIteration`; any other exception is one.
fn returned(py: Python<'_>, raised: PyErr) -> PyResult<Py<PyAny>> {
    if raised.is_instance_of::<pyo3::exceptions::PyStopIteration>(py) {
        let value = raised.value(py).getattr(intern!(py, "value"))?;
        return Ok(value.unbind());
    }
    Err(raised)
}

/// The iterator of an async iterable.
pub(crate) fn async_iterator(object: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
    let raw = object.as_ptr();
    // SAFETY: as in `Awaited::new`.
    unsafe {
        if let Some(begin) = async_slots(raw).and_then(|slots| (*slots).am_aiter) {
            return Ok(Bound::from_owned_ptr_or_err(object.py(), begin(raw))?.unbind());
        }
    }
    let kind = type_name(object);
    Err(PyTypeError::new_err(format!(
        "a stream is made of an async iterable, such as a channel or an async generator; not of {kind}"
    )))
}

/// Whether there is an `__aiter__`.
pub(crate) fn is_async_iterable(object: &Bound<'_, PyAny>) -> bool {
    // SAFETY: the object is live, and only a slot of its type is read.
    unsafe { async_slots(object.as_ptr()).is_some_and(|slots| (*slots).am_aiter.is_some()) }
}

/// Whether it is a plain generator.
pub(crate) fn is_generator(object: &Bound<'_, PyAny>) -> bool {
    // SAFETY: the object is live; only its type is looked at.
    unsafe { ffi::PyGen_Check(object.as_ptr()) != 0 }
}

/// What an object's type is called.
pub(crate) fn type_name(object: &Bound<'_, PyAny>) -> String {
    object
        .get_type()
        .name()
        .map_or_else(|_| "?".to_string(), |name| name.to_string())
}

/// Asks an async iterator for its next item: an awaitable that has begun.
pub(crate) fn next_of(iterator: &Bound<'_, PyAny>) -> PyResult<Awaited> {
    let raw = iterator.as_ptr();
    // SAFETY: as in `Awaited::new`.
    let awaitable = unsafe {
        match async_slots(raw).and_then(|slots| (*slots).am_anext) {
            Some(next) => Bound::from_owned_ptr_or_err(iterator.py(), next(raw))?,
            None => {
                let kind = type_name(iterator);
                return Err(PyTypeError::new_err(format!(
                    "{kind} is not an async iterator: it has no __anext__"
                )));
            }
        }
    };
    Awaited::new(&awaitable)?
        .ok_or_else(|| PyTypeError::new_err("what __anext__ returned cannot be awaited"))
}

/// # Safety
///
/// The object is live.
unsafe fn async_slots(object: *mut ffi::PyObject) -> Option<*mut ffi::PyAsyncMethods> {
    // SAFETY: by the caller.
    let slots = unsafe { (*ffi::Py_TYPE(object)).tp_as_async };
    (!slots.is_null()).then_some(slots)
}
