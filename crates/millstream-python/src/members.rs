//! A class that is written in Python, whose instances are made and stepped through here: where its members lie, and the slots
//! by which it is awaited.

use crate::operation::Step;
use crate::returned;
use crate::slots;
use pyo3::exceptions::PyTypeError;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::PyType;
use std::mem::size_of;
use std::ptr;

/// Where the members lie that the class names in its `__slots__`.
pub(crate) struct Members<const N: usize> {
    class: Py<PyType>,
    offsets: [usize; N],
}

impl<const N: usize> Members<N> {
    pub(crate) fn of(class: &Bound<'_, PyType>, names: [&str; N]) -> PyResult<Self> {
        let mut offsets = [0; N];
        for (offset, name) in offsets.iter_mut().zip(names) {
            *offset = Self::offset(class, &class.getattr(name)?)?;
        }
        let class = class.clone().unbind();
        Ok(Members { class, offsets })
    }

    fn offset(class: &Bound<'_, PyType>, member: &Bound<'_, PyAny>) -> PyResult<usize> {
        // SAFETY: the objects are live; a descriptor of this type is laid out so, and describes a member of its class.
        let (of_class, offset) = unsafe {
            let kind = &raw mut ffi::PyMemberDescr_Type;
            if ffi::Py_IS_TYPE(member.as_ptr(), kind) == 0 {
                return Err(PyTypeError::new_err("this is not a member of the class"));
            }
            let descriptor = member.as_ptr().cast::<ffi::PyMemberDescrObject>();
            let described = (*descriptor).d_member.cast::<ffi::PyMemberDef>();
            let of_class = (*descriptor).d_common.d_type == class.as_type_ptr();
            (of_class, (*described).offset)
        };
        match usize::try_from(offset) {
            Ok(offset) if of_class && offset % size_of::<usize>() == 0 => Ok(offset),
            _ => Err(PyTypeError::new_err(
                "this is not a member of the class's own",
            )),
        }
    }

    /// An instance with these members, of which the rest is as if `__new__` alone had been called.
    #[inline]
    pub(crate) fn make(&self, py: Python<'_>, values: [Py<PyAny>; N]) -> PyResult<Py<PyAny>> {
        let class = self.class.bind(py).as_type_ptr();
        // SAFETY: the class is a complete heap type; a new instance is zeroed, and its members are references, or
        // nothing, at these offsets.
        unsafe {
            let allocate = (*class).tp_alloc.unwrap_or(ffi::PyType_GenericAlloc);
            let object = Bound::from_owned_ptr_or_err(py, allocate(class, 0))?;
            for (offset, value) in self.offsets.into_iter().zip(values) {
                *place(&object, offset) = value.into_ptr();
            }
            Ok(object.unbind())
        }
    }

    /// A member of an instance, unless it has never been set or was deleted.
    ///
    /// # Safety
    ///
    /// The object is an instance of the class, and nothing changes it as long as the result is in use.
    #[inline]
    pub(crate) unsafe fn get<'a, 'py>(
        &self,
        object: &'a Bound<'py, PyAny>,
        index: usize,
    ) -> Option<Borrowed<'a, 'py, PyAny>> {
        // SAFETY: by the caller; what lies there is a live object, or nothing.
        unsafe {
            let member = *place(object, self.offsets[index]);
            Borrowed::from_ptr_or_opt(object.py(), member)
        }
    }
}

/// # Safety
///
/// The object has a member there.
#[inline]
unsafe fn place(object: &Bound<'_, PyAny>, offset: usize) -> *mut *mut ffi::PyObject {
    // SAFETY: by the caller.
    unsafe { object.as_ptr().byte_add(offset).cast() }
}

/// What a task does with an instance, again and again, until it returns.
pub(crate) trait Steps {
    /// What it returns without more ado. This drops no reference: PyO3 has not been told that the thread is attached.
    ///
    /// # Safety
    ///
    /// The object is an instance of the class that this stands for.
    unsafe fn ready(slf: &Bound<'_, PyAny>) -> Option<Py<PyAny>>;

    /// # Safety
    ///
    /// As for `ready`.
    unsafe fn step(slf: &Bound<'_, PyAny>) -> PyResult<Step>;
}

/// Makes the instances of a class their own iterators: it has these slots from then on, and no methods of their names.
pub(crate) fn install<A: Steps>(class: &Bound<'_, PyType>) -> PyResult<()> {
    let raw = class.as_type_ptr();
    // SAFETY: the class is live, and one that is written in Python has async slots. Its own module has just made it, so
    // that nobody uses it yet. Subclasses do not inherit slots for which there is no method.
    unsafe {
        if (*raw).tp_flags & ffi::Py_TPFLAGS_HEAPTYPE == 0 || (*raw).tp_as_async.is_null() {
            return Err(PyTypeError::new_err("this class was not written in Python"));
        }
        (*raw).tp_iternext = Some(iternext::<A>);
        (*(*raw).tp_as_async).am_send = Some(send::<A>);
        (*(*raw).tp_as_async).am_await = Some(slots::itself);
        ffi::PyType_Modified(raw);
    }
    Ok(())
}

/// Takes a step of what the interpreter has passed to a slot.
fn step<A: Steps>(slf: &Bound<'_, PyAny>) -> PyResult<Step> {
    // SAFETY: the interpreter passes a live object, whose class these slots were installed in.
    slots::caught(|| unsafe { A::step(slf) })
}

unsafe extern "C" fn send<A: Steps>(
    slf: *mut ffi::PyObject,
    _argument: *mut ffi::PyObject,
    result: *mut *mut ffi::PyObject,
) -> ffi::PySendResult {
    // SAFETY: the interpreter calls slots attached, with a live object of the class that they were installed in, and
    // `result` is a place for a reference.
    unsafe {
        let slf = Bound::from_borrowed_ptr(Python::assume_attached(), slf);
        if let Some(value) = A::ready(&slf) {
            *result = value.into_ptr();
            return ffi::PySendResult::PYGEN_RETURN;
        }
        Python::attach_unchecked(|py| {
            let (answer, object) = match step::<A>(&slf) {
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
    // SAFETY: the interpreter calls slots attached, with a live object of the class that they were installed in.
    unsafe {
        let slf = Bound::from_borrowed_ptr(Python::assume_attached(), slf);
        if let Some(value) = A::ready(&slf) {
            returned::give(slf.py(), value);
            return ptr::null_mut();
        }
        Python::attach_unchecked(|py| {
            match step::<A>(&slf) {
                Ok(Step::Yield(object)) => return object.into_ptr(),
                Ok(Step::Return(value)) => returned::give(py, value),
                Err(error) => error.restore(py),
            }
            ptr::null_mut()
        })
    }
}
