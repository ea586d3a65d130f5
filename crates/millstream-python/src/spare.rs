//! Objects that have served their turn, to be used again: making and freeing one costs as much as what it is for.
//!
//! While it rests, an object is not among those that the garbage collector looks at. One that is used again is new to it:
//! otherwise a cycle through an object that rested when the program called `gc.freeze` would never be seen.

use crate::attached::Attached;
use pyo3::ffi;
use pyo3::prelude::*;
use std::mem;

/// How many of a kind are kept: a producer's and a consumer's operations take turns.
const MOST: usize = 4;

/// Objects of one class that refer to nothing any more.
pub(crate) struct Spares<T> {
    places: [Attached<Option<Py<T>>>; MOST],
}

impl<T> Spares<T> {
    pub(crate) const fn new() -> Self {
        Spares {
            places: [const { Attached::new(None) }; MOST],
        }
    }

    /// Keeps an object. Whoever had it may have it for a moment still.
    #[inline]
    pub(crate) fn offer(&self, py: Python<'_>, object: impl FnOnce() -> Py<T>) {
        for place in &self.places {
            if place.copy(py, Option::is_none) {
                let object = object();
                // SAFETY: the object is live, of a class with a garbage collector's head, and refers to nothing.
                unsafe { ffi::PyObject_GC_UnTrack(object.as_ptr().cast()) };
                let before = place.replace(py, Some(object));
                debug_assert!(before.is_none());
                // It is known to be nothing, and looking once more whether it is costs.
                mem::forget(before);
                return;
            }
        }
    }

    /// An object that nobody else has.
    #[inline]
    pub(crate) fn take(&self, py: Python<'_>) -> Option<Py<T>> {
        for place in &self.places {
            if place.copy(py, Option::is_none) {
                continue;
            }
            let spare = place.replace(py, None)?;
            if is_ours(spare.bind(py)) {
                // SAFETY: as above; it has been out of the collector's sight since it was put here.
                unsafe { ffi::PyObject_GC_Track(spare.as_ptr().cast()) };
                return Some(spare);
            }
            spare.drop_ref(py);
        }
        None
    }
}

/// Whether nobody else can get at an object.
#[inline]
fn is_ours<T>(object: &Bound<'_, T>) -> bool {
    let raw = object.as_ptr();
    // SAFETY: the object is live and the thread attached. The one reference is in our hand. Weak references lie in a list
    // that begins where the type says.
    unsafe {
        let offset = (*ffi::Py_TYPE(raw)).tp_weaklistoffset;
        let is_plain = offset == 0
            || offset > 0 && {
                let list = raw.byte_offset(offset).cast::<*mut ffi::PyObject>();
                (*list).is_null()
            };
        ffi::Py_REFCNT(raw) == 1 && is_plain
    }
}
