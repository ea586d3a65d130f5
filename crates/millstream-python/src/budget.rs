//! Giving way: a task for which every operation is ready must let its siblings run now and then.

use std::cell::Cell;

/// How many operations in a row may be ready at once before one of them gives way for a turn of the loop.
const READY_A_TURN: u32 = 256;

thread_local! {
    static LEFT: Cell<u32> = const { Cell::new(READY_A_TURN) };
}

/// Counts an operation; `true` if it should give way first.
#[inline]
pub(crate) fn is_spent() -> bool {
    LEFT.with(|left| match left.get() {
        0 => {
            left.set(READY_A_TURN);
            true
        }
        n => {
            left.set(n - 1);
            false
        }
    })
}

/// An operation had to wait, so that the others had their turn.
pub(crate) fn renew() {
    LEFT.set(READY_A_TURN);
}
