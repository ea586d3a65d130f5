//! What asyncio's own tasks ask of what they wait for, without a method being looked up, bound and called.
//!
//! Of a future of asyncio's own class a task reads the members. Of anything else it asks for two attributes and for two
//! methods by name, and calls these: that takes longer than the operation that is waited for. So a waiter answers these
//! names itself, and for both methods gives itself, to be called: without an argument it tells its loop, with one it takes
//! that as what to call when it is woken. Any other question goes the usual way.

use crate::attached::Attached;
use crate::waiter::Waiter;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::PyString;
use std::mem::offset_of;
use std::ptr;
use std::sync::atomic::Ordering;

/// Where the interpreter finds what it is to call, in every waiter. Nobody else reads it.
pub(crate) struct Call(#[allow(dead_code)] ffi::vectorcallfunc);

impl Call {
    pub(crate) fn new() -> Self {
        Call(call)
    }
}

/// The names, as the interpreter has them: there is one object of each.
#[derive(Clone, Copy)]
struct Names {
    blocking: *mut ffi::PyObject,
    get_loop: *mut ffi::PyObject,
    add_done_callback: *mut ffi::PyObject,
}

// SAFETY: the pointers are compared only.
unsafe impl Send for Names {}

static NAMES: Attached<Names> = Attached::new(Names {
    blocking: ptr::null_mut(),
    get_loop: ptr::null_mut(),
    add_done_callback: ptr::null_mut(),
});

/// Puts the slots into the class of waiters.
pub(crate) fn install(py: Python<'_>) -> PyResult<()> {
    let name = |name| PyString::intern(py, name).into_ptr();
    let names = Names {
        blocking: name("_asyncio_future_blocking"),
        get_loop: name("get_loop"),
        add_done_callback: name("add_done_callback"),
    };
    NAMES.replace(py, names);
    let waiter = Waiter::blank(py)?;
    let inside = ptr::from_ref(waiter.get()).addr() - waiter.as_ptr().addr();
    let offset = inside + offset_of!(Waiter, call);
    let class = waiter.get_type().as_type_ptr();
    // SAFETY: the type is our own, is a heap type and has no subclasses; the module is still being made, so that this is its
    // only instance. Every instance has what is to be called at that offset.
    unsafe {
        (*class).tp_getattro = Some(get);
        (*class).tp_setattro = Some(set);
        (*class).tp_call = Some(ffi::PyVectorcall_Call);
        (*class).tp_vectorcall_offset = ffi::Py_ssize_t::try_from(offset)?;
        (*class).tp_flags |= ffi::Py_TPFLAGS_HAVE_VECTORCALL;
        ffi::PyType_Modified(class);
    }
    Ok(())
}

/// # Safety
///
/// The object is a live waiter, and the thread attached.
unsafe fn waiter<'a, 'py>(py: Python<'py>, slf: &'a *mut ffi::PyObject) -> &'a Bound<'py, Waiter> {
    // SAFETY: by the caller.
    unsafe { Bound::ref_from_ptr(py, slf).cast_unchecked() }
}

unsafe extern "C" fn get(slf: *mut ffi::PyObject, name: *mut ffi::PyObject) -> *mut ffi::PyObject {
    // SAFETY: the interpreter calls slots attached, with a live object of the class that they were installed in.
    unsafe {
        let py = Python::assume_attached();
        let names = NAMES.copy(py, |names| *names);
        if name == names.blocking {
            let is_blocking = waiter(py, &slf).get().blocking.load(Ordering::Relaxed);
            return ffi::PyBool_FromLong(is_blocking.into());
        }
        if name == names.get_loop || name == names.add_done_callback {
            return ffi::Py_NewRef(slf);
        }
        ffi::PyObject_GenericGetAttr(slf, name)
    }
}

unsafe extern "C" fn set(
    slf: *mut ffi::PyObject,
    name: *mut ffi::PyObject,
    value: *mut ffi::PyObject,
) -> std::ffi::c_int {
    // SAFETY: as for `get`.
    unsafe {
        let py = Python::assume_attached();
        let is_blocking = value == ffi::Py_True();
        if name == NAMES.copy(py, |names| names.blocking)
            && (is_blocking || value == ffi::Py_False())
        {
            let blocking = &waiter(py, &slf).get().blocking;
            blocking.store(is_blocking, Ordering::Relaxed);
            return 0;
        }
        ffi::PyObject_GenericSetAttr(slf, name, value)
    }
}

unsafe extern "C" fn call(
    slf: *mut ffi::PyObject,
    arguments: *const *mut ffi::PyObject,
    flags: usize,
    keywords: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    // SAFETY: as for `get`; there are as many arguments as are said, those with names last.
    unsafe {
        let count = ffi::PyVectorcall_NARGS(flags);
        let py = Python::assume_attached();
        let result = match (count, keywords.is_null()) {
            (0, true) => Python::attach_unchecked(|py| waiter(py, &slf).get().event_loop(py)),
            (1, true) => add(py, &slf, *arguments, ptr::null_mut()),
            (1, false) if is_context(keywords) => add(py, &slf, *arguments, *arguments.add(1)),
            _ => Err(pyo3::exceptions::PyTypeError::new_err(
                "a waiter is called with nothing, or with a function and its context",
            )),
        };
        match result {
            Ok(object) => object.into_ptr(),
            Err(error) => {
                Python::attach_unchecked(|py| error.restore(py));
                ptr::null_mut()
            }
        }
    }
}

/// # Safety
///
/// The thread is attached, and the names are a tuple of strings.
unsafe fn is_context(names: *mut ffi::PyObject) -> bool {
    // SAFETY: by the caller. asyncio's own string is not the one of that name.
    unsafe {
        ffi::PyTuple_GET_SIZE(names) == 1
            && ffi::PyUnicode_CompareWithASCIIString(
                ffi::PyTuple_GET_ITEM(names, 0),
                c"context".as_ptr(),
            ) == 0
    }
}

/// # Safety
///
/// The thread is attached; the first is a waiter, the second an object, the third an object or nothing.
unsafe fn add(
    py: Python<'_>,
    slf: &*mut ffi::PyObject,
    function: *mut ffi::PyObject,
    context: *mut ffi::PyObject,
) -> PyResult<Py<PyAny>> {
    // SAFETY: by the caller.
    unsafe {
        let function = Bound::from_borrowed_ptr(py, function).unbind();
        let context = Bound::from_borrowed_ptr_or_opt(py, context)
            .filter(|context| !context.is_none())
            .map(Bound::unbind);
        Waiter::add_done_callback(waiter(py, slf), function, context)?;
    }
    Ok(py.None())
}
