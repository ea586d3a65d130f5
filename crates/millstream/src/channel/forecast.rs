//! What a handle expects of its next operation, so that one that has to wait locks the channel once and not twice.
//!
//! A waker is cloned before the lock is taken, since cloning is user code. An operation that does not know whether it
//! has to wait looks first, and locks anew with the clone in hand; one that knows clones at once. A handle knows what it
//! saw when its last operation ended: whether the next one would have had to wait. Where others are quicker than that
//! the forecast is wrong, which costs a clone that is dropped again, and is not relied on until it would have been right.

use crate::sync::unmodelled::{AtomicBool, Ordering};

/// What one handle expects. Nothing depends on it but which of two ways is taken to the same end.
#[derive(Default)]
pub(crate) struct Forecast {
    /// When the last operation ended, another one would have had to wait.
    waits: AtomicBool,
    /// The last time it said so, it was so.
    holds: AtomicBool,
}

// Relaxed throughout: whatever is read, it is only an expectation.
impl Forecast {
    /// Whether the next operation is expected to wait.
    #[inline]
    pub(super) fn is_to_wait(&self) -> bool {
        self.waits.load(Ordering::Relaxed) && self.holds.load(Ordering::Relaxed)
    }

    /// An operation has ended; said under the lock.
    #[inline]
    pub(super) fn expect(&self, waits: bool) {
        self.waits.store(waits, Ordering::Relaxed);
    }

    /// An operation has brought its waker, and had to wait or not.
    #[inline]
    pub(super) fn learn(&self, waited: bool) {
        self.holds.store(waited, Ordering::Relaxed);
    }
}
