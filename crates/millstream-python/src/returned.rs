//! The exception through which an iterator returns a value: made once, and used again.

use crate::attached::Attached;
use pyo3::ffi;
use pyo3::prelude::*;
use std::ffi::{c_int, c_uint, c_void};
use std::ptr;

/// Our class of exceptions, and the memory of one that nobody has.
#[derive(Clone, Copy)]
struct Kept {
    class: *mut ffi::PyTypeObject,
    spare: *mut ffi::PyStopIterationObject,
}

// SAFETY: the pointers are used by threads that are attached, of which there is one at most.
unsafe impl Send for Kept {}

static KEPT: Attached<Kept> = Attached::new(Kept {
    class: ptr::null_mut(),
    spare: ptr::null_mut(),
});

/// Makes the class: a `StopIteration` which does not go back to the allocator.
pub(crate) fn install(py: Python<'_>) -> PyResult<()> {
    let mut slots = [
        ffi::PyType_Slot {
            slot: ffi::Py_tp_dealloc,
            pfunc: rest as *mut c_void,
        },
        ffi::PyType_Slot {
            slot: 0,
            pfunc: ptr::null_mut(),
        },
    ];
    let mut spec = ffi::PyType_Spec {
        name: c"millstream._core.StopIteration".as_ptr(),
        // Those of the base.
        basicsize: 0,
        itemsize: 0 as c_int,
        flags: ffi::Py_TPFLAGS_DEFAULT as c_uint,
        slots: slots.as_mut_ptr(),
    };
    // SAFETY: the thread is attached, and the interpreter copies what it needs of the specification. The class lives
    // for ever: the reference to it is never given back.
    unsafe {
        let class = ffi::PyType_FromSpecWithBases(&mut spec, ffi::PyExc_StopIteration);
        if class.is_null() {
            return Err(PyErr::fetch(py));
        }
        KEPT.update(py, |kept| kept.class = class.cast());
    }
    Ok(())
}

/// Leaves a value behind as an iterator does at its end: in an exception that is on its way. Nothing at all stands for
/// `None`.
///
/// Making a `StopIteration` and freeing it takes longer than the rest of an operation that need not wait. This one has
/// no `args`; whoever awaits sees nothing of it but the value.
#[inline]
pub(crate) fn give(py: Python<'_>, value: Py<PyAny>) {
    if value.is_none(py) {
        return value.drop_ref(py);
    }
    let Kept { class, spare } = KEPT.copy(py, |kept| *kept);
    // SAFETY: the thread is attached. A spare exception is one whose last reference is gone and which `rest` has
    // kept whole; a new one is all zeros, with the layout that the interpreter's headers show for the base of its class.
    // What is put into it are references of ours, of which `args` has to be there. The error indicator takes over those
    // to the class and to the object.
    unsafe {
        let stop = match spare.is_null() {
            false => {
                KEPT.update(py, |kept| kept.spare = ptr::null_mut());
                ffi::PyObject_Init(spare.cast(), class).cast()
            }
            true => fresh(class),
        };
        if stop.is_null() {
            // There is no memory left, and that is on its way instead.
            return;
        }
        (*stop).value = value.into_ptr();
        ffi::PyObject_GC_Track(stop.cast());
        restore(ffi::Py_NewRef(class.cast()), stop.cast());
    }
}

/// # Safety
///
/// The thread is attached, and the class is the one of `install`.
#[cold]
unsafe fn fresh(class: *mut ffi::PyTypeObject) -> *mut ffi::PyStopIterationObject {
    // SAFETY: by the caller; the object is zeroed, and its class has the layout of its base.
    unsafe {
        let stop = ffi::PyType_GenericAlloc(class, 0).cast::<ffi::PyStopIterationObject>();
        if !stop.is_null() {
            ffi::PyObject_GC_UnTrack(stop.cast());
            (*stop).args = ffi::PyTuple_New(0);
        }
        stop
    }
}

/// Nobody has the exception any more: it is kept for the next value, unless somebody has left something in it, or one is
/// kept already.
unsafe extern "C" fn rest(object: *mut ffi::PyObject) {
    // SAFETY: the interpreter calls, attached, with an object of our class whose last reference is gone. Once its value
    // is out, it may be used again: whatever the value's going away sets off cannot reach it. Like all objects of a
    // class that was made at run time it owns a reference to the class, and gives it up here.
    unsafe {
        let py = Python::assume_attached();
        let stop = object.cast::<ffi::PyStopIterationObject>();
        ffi::PyObject_GC_UnTrack(object.cast());
        ffi::Py_CLEAR(&raw mut (*stop).value);
        let class = ffi::Py_TYPE(object);
        let is_clean = (*stop).dict.is_null()
            && (*stop).traceback.is_null()
            && (*stop).context.is_null()
            && (*stop).cause.is_null();
        if is_clean && KEPT.copy(py, |kept| kept.spare.is_null()) {
            KEPT.update(py, |kept| kept.spare = stop);
        } else if let Some(free) =
            (*ffi::PyExc_StopIteration.cast::<ffi::PyTypeObject>()).tp_dealloc
        {
            // It takes it from the collector's list, without a look whether it is there.
            ffi::PyObject_GC_Track(object.cast());
            free(object);
        }
        ffi::Py_DECREF(class.cast());
    }
}

/// # Safety
///
/// The thread is attached, and both are references that can be given away.
#[allow(deprecated)] // The call that replaces it came with Python 3.12.
unsafe fn restore(class: *mut ffi::PyObject, error: *mut ffi::PyObject) {
    // SAFETY: by the caller.
    unsafe { ffi::PyErr_Restore(class, error, ptr::null_mut()) };
}
