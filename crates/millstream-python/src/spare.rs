//! Operations that were awaited to their end, to be used again.

use crate::attached::Attached;
use crate::operation::Operation;
use pyo3::ffi;
use pyo3::prelude::*;
use std::mem;

/// How many are kept: a producer's and a consumer's operations take turns.
const MOST: usize = 4;

static SPARES: [Attached<Option<Py<Operation>>>; MOST] = [const { Attached::new(None) }; MOST];

/// Keeps an operation that is spent, and so refers to nothing any more. Whoever awaited it has it for a moment still.
#[inline]
pub(crate) fn offer(operation: &Bound<'_, Operation>) {
    let py = operation.py();
    for place in &SPARES {
        if place.copy(py, Option::is_none) {
            let before = place.replace(py, Some(operation.clone().unbind()));
            debug_assert!(before.is_none());
            // It is known to be nothing, and looking once more whether it is costs.
            mem::forget(before);
            return;
        }
    }
}

/// An operation that nobody else has.
#[inline]
pub(crate) fn take(py: Python<'_>) -> Option<Py<Operation>> {
    for place in &SPARES {
        if place.copy(py, Option::is_none) {
            continue;
        }
        let spare = place.replace(py, None)?;
        // SAFETY: the object is live and the thread attached. With the one reference in our hand nobody else can get
        // at it.
        let is_ours = unsafe { ffi::Py_REFCNT(spare.as_ptr()) } == 1;
        if is_ours {
            return Some(spare);
        }
        spare.drop_ref(py);
    }
    None
}
