//! How an awaitable hands its value over: the slots that PyO3 has no name for.

use crate::attached::Attached;
use crate::next::Next;
use crate::operation::{Operation, Step};
use crate::returned;
pub(crate) use crate::returned::give;
use pyo3::exceptions::PySystemError;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::PyClass;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::ptr;

/// Puts the slots into our awaitables.
pub(crate) fn install(py: Python<'_>) -> PyResult<()> {
    install_in::<Operation>(py);
    install_in::<Next>(py);
    returned::install(py)
}

/// Puts the slots into one type.
///
/// Returning a value through `StopIteration`, as an iterator does, costs more than the rest of an operation. `am_send` is
/// asked first by CPython up to 3.11 and from 3.15 on, and by tasks always; `tp_iternext` by the other versions' `await`.
fn install_in<A: PyClass>(py: Python<'_>) {
    let class = A::type_object_raw(py);
    // SAFETY: the type is our own, is a heap type, and is complete; nobody uses it yet, since the module is still
    // being made. Its async slots exist, because it has `__await__`.
    unsafe {
        let slots = (*class).tp_as_async;
        if !slots.is_null() {
            (*slots).am_send = Some(send);
            (*slots).am_await = Some(itself);
        }
        ffi::PyType_Modified(class);
    }
}

/// What `await` begins with: the awaitable is its own iterator.
pub(crate) unsafe extern "C" fn itself(slf: *mut ffi::PyObject) -> *mut ffi::PyObject {
    // SAFETY: the interpreter passes a live object, attached, and takes a new reference.
    unsafe { ffi::Py_NewRef(slf) }
}

/// How the step under way was asked for, and what it came to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    /// As an iterator's next item: it can return by raising only.
    Iterated,
    /// Through `am_send`, which can tell what it has returned from what it yields.
    Sent,
    /// Through `am_send`, and it has returned.
    Returned,
}

static ASKED: Attached<Asked> = Attached::new(Asked::Iterated);

/// Asks for the same as `tp_iternext` does, through that: PyO3's own way into a slot is the cheapest that there is into
/// its world, and only it can be used from here.
unsafe extern "C" fn send(
    slf: *mut ffi::PyObject,
    _argument: *mut ffi::PyObject,
    result: *mut *mut ffi::PyObject,
) -> ffi::PySendResult {
    // SAFETY: the interpreter calls slots attached only, and passes a live object of one of the types that this slot was
    // installed in, all of which have a `__next__`; `result` is a place for a reference. What is asked of `ASKED` is
    // asked attached, and nothing runs between the answer and the look at it.
    unsafe {
        let py = Python::assume_attached();
        ASKED.replace(py, Asked::Sent);
        let object = match (*ffi::Py_TYPE(slf)).tp_iternext {
            Some(next) => next(slf),
            None => ptr::null_mut(),
        };
        *result = object;
        match ASKED.replace(py, Asked::Iterated) {
            _ if object.is_null() => ffi::PySendResult::PYGEN_ERROR,
            Asked::Returned => ffi::PySendResult::PYGEN_RETURN,
            _ => ffi::PySendResult::PYGEN_NEXT,
        }
    }
}

/// Takes a step for the `__next__` of an awaitable, and hands on what it comes to: `None` if it has returned, and has
/// left its value behind as an iterator does.
#[inline]
pub(crate) fn answer(
    py: Python<'_>,
    step: impl FnOnce() -> PyResult<Step>,
) -> PyResult<Option<Py<PyAny>>> {
    let asked = ASKED.replace(py, Asked::Iterated);
    match caught(step)? {
        Step::Yield(object) => Ok(Some(object)),
        Step::Return(value) if asked == Asked::Sent => {
            ASKED.replace(py, Asked::Returned);
            Ok(Some(value))
        }
        Step::Return(value) => {
            give(py, value);
            Ok(None)
        }
    }
}

/// Takes a step, of which nothing may unwind into the interpreter.
#[inline]
pub(crate) fn caught(step: impl FnOnce() -> PyResult<Step>) -> PyResult<Step> {
    catch_unwind(AssertUnwindSafe(step)).unwrap_or_else(|_| Err(fault()))
}

#[cold]
fn fault() -> PyErr {
    PySystemError::new_err("an operation on a channel failed inside; please report it")
}
