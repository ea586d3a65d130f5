//! How an awaitable hands its value over: the slots that PyO3 has no name for, and those that cost less without it.

use crate::next::Next;
use crate::operation::{Operation, Step};
use crate::returned::{self, give};
use pyo3::exceptions::PySystemError;
use pyo3::ffi;
use pyo3::prelude::*;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::ptr;

/// What a task does with an awaitable, again and again, until it returns.
pub(crate) trait Steps {
    /// What it comes to without more ado. This drops no reference but through `Bound`: PyO3 has not been told that the
    /// thread is attached.
    ///
    /// # Safety
    ///
    /// The object is one of those that this stands for.
    #[inline(always)]
    unsafe fn look(_slf: &Bound<'_, PyAny>) -> Look {
        Look::Unknown
    }

    /// # Safety
    ///
    /// As for `look`.
    unsafe fn step(slf: &Bound<'_, PyAny>, was_tried: bool) -> PyResult<Step>;
}

/// A first look at an awaitable.
pub(crate) enum Look {
    Returns(Py<PyAny>),
    /// What it does was tried just now, and has to wait.
    Waits,
    Unknown,
    /// It has panicked.
    Failed,
}

impl Steps for Operation {
    #[inline(always)]
    unsafe fn look(slf: &Bound<'_, PyAny>) -> Look {
        // SAFETY: by the caller.
        Operation::at_once(unsafe { slf.cast_unchecked() })
    }

    unsafe fn step(slf: &Bound<'_, PyAny>, was_tried: bool) -> PyResult<Step> {
        // SAFETY: by the caller.
        Operation::step(unsafe { slf.cast_unchecked() }, was_tried)
    }
}

impl Steps for Next {
    unsafe fn step(slf: &Bound<'_, PyAny>, _was_tried: bool) -> PyResult<Step> {
        // SAFETY: by the caller.
        Next::step(unsafe { slf.cast_unchecked() })
    }
}

/// Puts the slots into our awaitables.
pub(crate) fn install(py: Python<'_>) -> PyResult<()> {
    // SAFETY: the types are our own, are heap types, and are complete; nobody uses them yet, since the module is still
    // being made. Their async slots exist, because they have `__await__`.
    unsafe {
        install_in::<Operation>(py.get_type::<Operation>().as_type_ptr());
        install_in::<Next>(py.get_type::<Next>().as_type_ptr());
    }
    returned::install(py)
}

/// Puts the slots into one type.
///
/// Returning a value through `StopIteration`, as an iterator does, costs more than the rest of an operation. `am_send` is
/// asked first by CPython up to 3.11 and from 3.15 on, and by tasks always; `tp_iternext` by the other versions' `await`.
///
/// # Safety
///
/// The type is a complete heap type with async slots, whose instances are those that `A` stands for; nobody uses it yet.
pub(crate) unsafe fn install_in<A: Steps>(class: *mut ffi::PyTypeObject) {
    // SAFETY: by the caller.
    unsafe {
        (*class).tp_iternext = Some(iternext::<A>);
        (*(*class).tp_as_async).am_send = Some(send::<A>);
        (*(*class).tp_as_async).am_await = Some(itself);
        ffi::PyType_Modified(class);
    }
}

/// What `await` begins with: the awaitable is its own iterator.
unsafe extern "C" fn itself(slf: *mut ffi::PyObject) -> *mut ffi::PyObject {
    // SAFETY: the interpreter passes a live object, attached, and takes a new reference.
    unsafe { ffi::Py_NewRef(slf) }
}

unsafe extern "C" fn send<A: Steps>(
    slf: *mut ffi::PyObject,
    _argument: *mut ffi::PyObject,
    result: *mut *mut ffi::PyObject,
) -> ffi::PySendResult {
    // SAFETY: the interpreter calls slots attached, with a live object of a class that they were installed in, and
    // `result` is a place for a reference.
    unsafe {
        let look = looked_at::<A>(Python::assume_attached(), &slf);
        if let Look::Returns(value) = look {
            *result = value.into_ptr();
            return ffi::PySendResult::PYGEN_RETURN;
        }
        Python::attach_unchecked(|py| {
            let (answer, object) = match taken::<A>(py, &slf, look) {
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
    // SAFETY: as for `send`.
    unsafe {
        let py = Python::assume_attached();
        let look = looked_at::<A>(py, &slf);
        if let Look::Returns(value) = look {
            give(py, value);
            return ptr::null_mut();
        }
        Python::attach_unchecked(|py| {
            match taken::<A>(py, &slf, look) {
                Ok(Step::Yield(object)) => return object.into_ptr(),
                Ok(Step::Return(value)) => give(py, value),
                Err(error) => error.restore(py),
            }
            ptr::null_mut()
        })
    }
}

/// The first look. Nothing may unwind into the interpreter.
///
/// # Safety
///
/// The object is live and one of those that `A` stands for.
#[inline(always)]
unsafe fn looked_at<A: Steps>(py: Python<'_>, slf: &*mut ffi::PyObject) -> Look {
    // SAFETY: by the caller.
    let look = || unsafe { A::look(Bound::ref_from_ptr(py, slf)) };
    catch_unwind(AssertUnwindSafe(look)).unwrap_or(Look::Failed)
}

/// A step after a look that has not said everything. Nothing may unwind into the interpreter.
///
/// # Safety
///
/// As for `looked_at`.
unsafe fn taken<A: Steps>(py: Python<'_>, slf: &*mut ffi::PyObject, look: Look) -> PyResult<Step> {
    // SAFETY: by the caller.
    let step = || unsafe {
        let slf = Bound::ref_from_ptr(py, slf);
        match look {
            Look::Returns(value) => Ok(Step::Return(value)),
            Look::Waits => A::step(slf, true),
            Look::Unknown => A::step(slf, false),
            Look::Failed => Err(fault()),
        }
    };
    catch_unwind(AssertUnwindSafe(step)).unwrap_or_else(|_| Err(fault()))
}

#[cold]
fn fault() -> PyErr {
    PySystemError::new_err("an operation on a channel failed inside; please report it")
}

/// What `__next__` makes of a step, for those who call it by its name: `None` if it has returned, and has left its value
/// behind as an iterator does.
pub(crate) fn answer(py: Python<'_>, step: Step) -> Option<Py<PyAny>> {
    match step {
        Step::Yield(object) => Some(object),
        Step::Return(value) => {
            give(py, value);
            None
        }
    }
}
