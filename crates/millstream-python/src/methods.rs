//! Methods that cost less without PyO3: it reads the arguments of each call by the method's signature, and keeps count of
//! the calls that are under way, which takes longer than `put` or `get` itself.
//!
//! PyO3's own function is still there for every call of another form, and says what is wrong with it.

use crate::action::Action;
use crate::attached::Attached;
use crate::handle::{Chan, Handle, Receiver, Sender};
use crate::iterate::Iter;
use crate::operation::Operation;
use crate::target::Target;
use crate::value::Value;
use pyo3::exceptions::PySystemError;
use pyo3::ffi::{self, PyCFunctionFastWithKeywords};
use pyo3::prelude::*;
use pyo3::types::PyType;
use pyo3::{PyClass, PyTypeInfo};
use std::ffi::{c_int, CStr};
use std::ptr;

/// Puts them into the classes.
pub(crate) fn install(py: Python<'_>) -> PyResult<()> {
    install_put::<Chan>(py)?;
    install_put::<Sender>(py)?;
    install_get::<Chan>(py)?;
    install_get::<Receiver>(py)?;
    // SAFETY: the type is our own, is a heap type, and is complete; nobody uses it yet, since the module is still being made.
    // It has async slots, because it has `__anext__`.
    unsafe {
        let class = Iter::type_object_raw(py);
        (*(*class).tp_as_async).am_anext = Some(next);
        ffi::PyType_Modified(class);
    }
    Ok(())
}

/// A handle that has `put`.
trait Puts: Handle + PyClass {
    /// The function that PyO3 made of it.
    fn made() -> &'static Attached<Option<PyCFunctionFastWithKeywords>>;
}

macro_rules! puts {
    ($($class:ident),*) => {$(
        impl Puts for $class {
            fn made() -> &'static Attached<Option<PyCFunctionFastWithKeywords>> {
                static MADE: Attached<Option<PyCFunctionFastWithKeywords>> = Attached::new(None);
                &MADE
            }
        }
    )*};
}
puts!(Chan, Sender);

fn install_put<C: Puts>(py: Python<'_>) -> PyResult<()> {
    let function = ffi::PyMethodDefPointer {
        PyCFunctionFastWithKeywords: put::<C>,
    };
    let flags = ffi::METH_FASTCALL | ffi::METH_KEYWORDS;
    let made = replace(&C::type_object(py), c"put", flags, function)?;
    // SAFETY: a method with these flags has a function of that kind.
    let made = unsafe { made.PyCFunctionFastWithKeywords };
    C::made().replace(py, Some(made));
    Ok(())
}

fn install_get<C: Handle + PyTypeInfo>(py: Python<'_>) -> PyResult<()> {
    let function = ffi::PyMethodDefPointer {
        PyCFunction: get::<C>,
    };
    replace(&C::type_object(py), c"get", ffi::METH_NOARGS, function).map(drop)
}

/// Has a method of a class be done by another function, and gives the one that did it.
fn replace(
    class: &Bound<'_, PyType>,
    name: &CStr,
    flags: c_int,
    function: ffi::PyMethodDefPointer,
) -> PyResult<ffi::PyMethodDefPointer> {
    let py = class.py();
    let name = name.to_str().expect("it is ASCII");
    let descriptor = class.getattr(name)?;
    // SAFETY: the descriptor is live; one of that type is laid out so, and its definition lives as long as the class. The
    // new definition lives for ever, as does whatever of the old one it refers to.
    unsafe {
        if ffi::Py_IS_TYPE(descriptor.as_ptr(), &raw mut ffi::PyMethodDescr_Type) == 0 {
            return Err(unknown());
        }
        let descriptor = descriptor.as_ptr().cast::<ffi::PyMethodDescrObject>();
        let definition = &*(*descriptor).d_method;
        if definition.ml_flags != flags {
            return Err(unknown());
        }
        let replaced = Box::leak(Box::new(ffi::PyMethodDef {
            ml_meth: function,
            ..*definition
        }));
        let method = ffi::PyDescr_NewMethod(class.as_type_ptr(), replaced);
        class.setattr(name, Bound::from_owned_ptr_or_err(py, method)?)?;
        Ok(definition.ml_meth)
    }
}

#[cold]
fn unknown() -> PyErr {
    PySystemError::new_err("this is not how PyO3 makes its methods")
}

unsafe extern "C" fn put<C: Puts>(
    slf: *mut ffi::PyObject,
    arguments: *const *mut ffi::PyObject,
    count: ffi::Py_ssize_t,
    keywords: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    // SAFETY: the interpreter calls attached, with a live object of the class and as many arguments as are said.
    unsafe {
        let py = Python::assume_attached();
        if count != 1 || !keywords.is_null() {
            let made = C::made().copy(py, |made| *made).expect("set on installing");
            return made(slf, arguments, count, keywords);
        }
        let value = Bound::from_borrowed_ptr(py, *arguments).unbind();
        begin(
            py,
            C::target(handle(py, &slf)),
            Action::Put(Value::new(value)),
        )
    }
}

unsafe extern "C" fn get<C: Handle>(
    slf: *mut ffi::PyObject,
    _nothing: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    // SAFETY: as for `put`.
    unsafe {
        let py = Python::assume_attached();
        begin(py, C::target(handle(py, &slf)), Action::Get)
    }
}

unsafe extern "C" fn next(slf: *mut ffi::PyObject) -> *mut ffi::PyObject {
    // SAFETY: as for `put`.
    unsafe {
        let py = Python::assume_attached();
        let (target, action) = handle::<Iter>(py, &slf).get().parts(py);
        begin(py, target, action)
    }
}

/// # Safety
///
/// The object is live and of that class.
#[inline(always)]
unsafe fn handle<'a, 'py, C>(py: Python<'py>, slf: &'a *mut ffi::PyObject) -> &'a Bound<'py, C> {
    // SAFETY: by the caller.
    unsafe { Bound::ref_from_ptr(py, slf).cast_unchecked() }
}

/// A new operation, to be returned to the interpreter.
#[inline(always)]
fn begin(py: Python<'_>, target: Target, action: Action) -> *mut ffi::PyObject {
    match Operation::object(py, target, action) {
        Ok(operation) => operation.into_ptr(),
        Err(error) => {
            error.restore(py);
            ptr::null_mut()
        }
    }
}
