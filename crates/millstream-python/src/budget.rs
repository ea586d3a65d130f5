//! Giving way: a task for which every operation is ready must let its siblings run now and then.

use crate::attached::Attached;
use pyo3::Python;

/// How many operations in a row may be ready at once before one of them gives way for a turn of the loop.
const READY_A_TURN: u32 = 256;

static LEFT: Attached<u32> = Attached::new(READY_A_TURN);

/// Counts an operation; `true` if it should give way first.
#[inline]
pub(crate) fn is_spent(py: Python<'_>) -> bool {
    let left = LEFT.copy(py, |left| *left);
    LEFT.replace(py, left.checked_sub(1).unwrap_or(READY_A_TURN));
    left == 0
}

/// An operation had to wait, so that the others had their turn.
pub(crate) fn renew(py: Python<'_>) {
    LEFT.replace(py, READY_A_TURN);
}
