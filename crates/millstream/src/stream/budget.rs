//! How much an operator does in one poll before sibling tasks get a turn.

use std::task::Context;

/// How many items one poll turns over at most: enough that the cost of giving way disappears.
pub(super) const TURN: u32 = 128;

/// What is left of one poll's turn.
///
/// An operator that may take many items for one that it yields counts them here. A source that is always ready
/// would otherwise keep the thread for ever.
pub(super) struct Turn {
    left: u32,
}

impl Turn {
    pub(super) fn new() -> Self {
        Turn { left: TURN }
    }

    /// Counts one item. When the turn is over the task is woken, and the operator must return `Pending`.
    #[inline]
    pub(super) fn is_over(&mut self, context: &mut Context<'_>) -> bool {
        self.left -= 1;
        if self.left == 0 {
            context.waker().wake_by_ref();
        }
        self.left == 0
    }
}
