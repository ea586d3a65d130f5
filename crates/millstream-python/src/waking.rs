//! What a task of asyncio's is woken with: a future of its own kind, that is done.
//!
//! Of whatever else wakes it a task asks the `result`, by a name that it makes a string of each time; that takes longer
//! than the rest of a wake-up.

use crate::attached::Attached;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyDict;
use std::ffi::CStr;
use std::ptr;

/// The method by which a task has itself woken.
#[derive(Clone, Copy)]
struct Method(*const ffi::PyMethodDef);

// SAFETY: the pointer is compared only.
unsafe impl Send for Method {}

static WAKEUP: Attached<Method> = Attached::new(Method(ptr::null()));

/// Whether a callback wakes a task, and does nothing else.
pub(crate) fn wakes_task(callback: &Bound<'_, PyAny>) -> bool {
    let object = callback.as_ptr();
    // SAFETY: the object is live and the thread attached; only one of that very type has that layout.
    let method = unsafe {
        match ffi::PyCFunction_CheckExact(object) != 0 {
            true => (*object.cast::<ffi::PyCFunctionObject>()).m_ml,
            false => return false,
        }
    };
    let known = WAKEUP.copy(callback.py(), |known| *known);
    ptr::eq(known.0, method) || learn(callback, method).unwrap_or(false)
}

/// The same, for the first time.
#[cold]
fn learn(callback: &Bound<'_, PyAny>, method: *const ffi::PyMethodDef) -> PyResult<bool> {
    let py = callback.py();
    // SAFETY: the method is the one of a live object, and has a name.
    let name = unsafe { CStr::from_ptr((*method).ml_name) };
    if name != c"task_wakeup" {
        return Ok(false);
    }
    let task = py.import("_asyncio")?.getattr("Task")?;
    let is_task = callback.getattr("__self__")?.is_instance(&task)?;
    if is_task {
        WAKEUP.replace(py, Method(method));
    }
    Ok(is_task)
}

/// A future that is done, and has nothing to say.
pub(crate) fn done(py: Python<'_>) -> PyResult<&Bound<'_, PyAny>> {
    static DONE: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let done = DONE.get_or_try_init(py, || {
        // It belongs to no loop. It asks its loop once, whether it debugs, and calls nobody back.
        let about = PyDict::new(py);
        about.set_item("get_debug", py.get_type::<pyo3::types::PyBool>())?;
        let no_loop = py
            .import("types")?
            .getattr("SimpleNamespace")?
            .call((), Some(&about))?;
        let about = PyDict::new(py);
        about.set_item("loop", no_loop)?;
        let future = py
            .import("_asyncio")?
            .getattr("Future")?
            .call((), Some(&about))?;
        future.call_method1("set_result", (py.None(),))?;
        PyResult::Ok(future.unbind())
    })?;
    Ok(done.bind(py))
}
