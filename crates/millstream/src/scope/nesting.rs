//! Scopes within scopes: which scope the running code is a part of, so that the outer one can wait for the inner one's tasks.

use crate::sync::unmodelled::thread_local;
use crate::sync::Arc;
use std::any::Any;
use std::cell::Cell;

/// A scope as its inner scopes see it.
pub(super) trait Outer: Send + Sync {
    /// Something that keeps the scope from ending, and those around it; `None` if it has ended.
    fn hold(self: Arc<Self>) -> Option<Hold>;
}

/// What keeps a scope from ending until it is dropped.
pub(super) type Hold = Box<dyn Any + Send>;

thread_local! {
    /// The scope whose code this thread runs.
    static CURRENT: Cell<Option<Arc<dyn Outer>>> = const { Cell::new(None) };
}

/// The scope whose code runs on this thread, if any does.
pub(super) fn current() -> Option<Arc<dyn Outer>> {
    // A thread that is ending has lost it.
    CURRENT
        .try_with(|cell| {
            let current = cell.take();
            cell.set(current.clone());
            current
        })
        .ok()
        .flatten()
}

/// Moves the scope in `slot` to where [`current`] finds it, until the guard is dropped and moves it back.
///
/// It is moved because counting references up and down at each poll would have all tasks of a scope, on all their
/// threads, write to one place.
pub(super) fn within(slot: &mut Option<Arc<dyn Outer>>) -> Within<'_> {
    let before = CURRENT.try_with(|cell| cell.replace(slot.take())).ok();
    Within { slot, before }
}

/// Puts everything back where it was.
pub(super) struct Within<'a> {
    slot: &'a mut Option<Arc<dyn Outer>>,
    /// What was current; `None` if the thread is ending and nothing is.
    before: Option<Option<Arc<dyn Outer>>>,
}

impl Drop for Within<'_> {
    fn drop(&mut self) {
        if let Some(before) = self.before.take() {
            *self.slot = CURRENT
                .try_with(|cell| cell.replace(before))
                .unwrap_or_default();
        }
    }
}
