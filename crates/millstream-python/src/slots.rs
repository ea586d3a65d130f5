//! The slots through which an awaitable hands its value over without an exception, which PyO3 has no name for.

use crate::chain::Next;
use crate::operation::{stop_iteration, Operation, Step};
use pyo3::exceptions::{PyBaseException, PySystemError};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::PyTuple;
use pyo3::PyClass;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::ptr;

/// An awaitable that is its own iterator.
trait Steps: PyClass {
    fn step(slf: &Bound<'_, Self>) -> PyResult<Step>;
}

impl Steps for Operation {
    fn step(slf: &Bound<'_, Self>) -> PyResult<Step> {
        Operation::step(slf)
    }
}

impl Steps for Next {
    fn step(slf: &Bound<'_, Self>) -> PyResult<Step> {
        Next::step(slf)
    }
}

/// Puts the slots into our awaitables.
pub(crate) fn install(py: Python<'_>) {
    install_in::<Operation>(py);
    install_in::<Next>(py);
}

/// Puts the slots into one type.
///
/// Returning a value through `StopIteration`, as an iterator does, costs more than the whole operation. `am_send` is
/// asked first by CPython 3.11, and by tasks always; `tp_iternext` by the other versions' `await`.
fn install_in<A: Steps>(py: Python<'_>) {
    let class = A::type_object_raw(py);
    // SAFETY: the type is our own, is a heap type, and is complete; nobody uses it yet, since the module is still
    // being made. Its async slots exist, because it has `__await__`.
    unsafe {
        (*class).tp_iternext = Some(iternext::<A>);
        let slots = (*class).tp_as_async;
        if !slots.is_null() {
            (*slots).am_send = Some(send::<A>);
            (*slots).am_await = Some(itself);
        }
        ffi::PyType_Modified(class);
    }
}

/// Takes a step. Nothing may unwind into the interpreter.
fn step<A: Steps>(py: Python<'_>, slf: *mut ffi::PyObject) -> PyResult<Step> {
    // SAFETY: the slots are installed in the type `A` alone, which cannot be subclassed, and the interpreter passes a
    // live object.
    let awaitable = unsafe { Bound::from_borrowed_ptr(py, slf).cast_into_unchecked::<A>() };
    let stepped = catch_unwind(AssertUnwindSafe(|| A::step(&awaitable)));
    stepped.unwrap_or_else(|_| {
        Err(PySystemError::new_err(
            "an operation on a channel failed inside; please report it",
        ))
    })
}

/// What `await` begins with: the awaitable is its own iterator.
pub(crate) unsafe extern "C" fn itself(slf: *mut ffi::PyObject) -> *mut ffi::PyObject {
    // SAFETY: the interpreter passes a live object, attached, and takes a new reference.
    unsafe { ffi::Py_NewRef(slf) }
}

unsafe extern "C" fn send<A: Steps>(
    slf: *mut ffi::PyObject,
    _argument: *mut ffi::PyObject,
    result: *mut *mut ffi::PyObject,
) -> ffi::PySendResult {
    // SAFETY: the interpreter calls slots attached only, and `result` is a place for a reference.
    unsafe {
        Python::attach_unchecked(|py| {
            let (answer, object) = match step::<A>(py, slf) {
                Ok(Step::Return(value)) => (ffi::PySendResult::PYGEN_RETURN, value.into_ptr()),
                Ok(Step::Yield(object)) => (ffi::PySendResult::PYGEN_NEXT, object.into_ptr()),
                Err(error) => {
                    error.restore(py);
                    (ffi::PySendResult::PYGEN_ERROR, ptr::null_mut())
                }
            };
            *result = object;
            answer
        })
    }
}

unsafe extern "C" fn iternext<A: Steps>(slf: *mut ffi::PyObject) -> *mut ffi::PyObject {
    // SAFETY: the interpreter calls slots attached only.
    unsafe {
        Python::attach_unchecked(|py| match step::<A>(py, slf) {
            Ok(Step::Yield(object)) => object.into_ptr(),
            Ok(Step::Return(value)) => {
                give(py, value);
                ptr::null_mut()
            }
            Err(error) => {
                error.restore(py);
                ptr::null_mut()
            }
        })
    }
}

/// Leaves a value behind as an iterator does at its end. Nothing at all stands for `None`.
pub(crate) fn give(py: Python<'_>, value: Py<PyAny>) {
    if value.is_none(py) {
        return;
    }
    let bound = value.bind(py);
    if bound.is_instance_of::<PyTuple>() || bound.is_instance_of::<PyBaseException>() {
        return stop_iteration(py, value).restore(py);
    }
    // SAFETY: the thread is attached and both objects are live; the error indicator takes references of its own.
    unsafe { ffi::PyErr_SetObject(ffi::PyExc_StopIteration, value.as_ptr()) };
}
