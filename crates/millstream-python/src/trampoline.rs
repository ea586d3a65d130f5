//! Callbacks run one after the other and never inside each other, however long a chain of them is.

use pyo3::prelude::*;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

thread_local! {
    /// How many operations of this thread have not come back yet.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
    /// Callbacks that are due when the outermost of them has.
    static DUE: RefCell<VecDeque<Due>> = const { RefCell::new(VecDeque::new()) };
}

struct Due {
    callback: Py<PyAny>,
    argument: Py<PyAny>,
}

/// Holds callbacks back while an operation is under way.
pub(crate) struct Hold<'py> {
    py: Python<'py>,
}

impl<'py> Hold<'py> {
    pub(crate) fn new(py: Python<'py>) -> Self {
        DEPTH.set(DEPTH.get() + 1);
        Hold { py }
    }
}

impl Drop for Hold<'_> {
    fn drop(&mut self) {
        if DEPTH.get() == 1 {
            run_due(self.py);
        }
        DEPTH.set(DEPTH.get() - 1);
    }
}

/// Calls `callback(argument)` as soon as no operation of this thread is under way.
pub(crate) fn call(py: Python<'_>, callback: Py<PyAny>, argument: Py<PyAny>) {
    let _hold = Hold::new(py);
    DUE.with_borrow_mut(|due| due.push_back(Due { callback, argument }));
}

fn run_due(py: Python<'_>) {
    if DUE.with_borrow(VecDeque::is_empty) {
        return;
    }
    let _inside = crate::leaving::Inside::new(py);
    let _quiet = crate::quiet::Quiet::new(py);
    while let Some(due) = DUE.with_borrow_mut(VecDeque::pop_front) {
        if let Err(error) = due.callback.call1(py, (due.argument,)) {
            // It is the callback's own error, and nobody else's: least of all that of whoever set it off.
            error.write_unraisable(py, Some(due.callback.bind(py)));
        }
    }
}
