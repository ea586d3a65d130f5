//! A check, in debug builds, that user code never runs while this thread holds one of our locks.

use super::contained;

/// Counts the locks that the calling thread holds. Models run their threads as coroutines on one thread, where such a
/// count means nothing, so it exists only outside of them.
#[cfg(all(debug_assertions, not(any(loom, shuttle))))]
mod count {
    use std::cell::Cell;

    std::thread_local! {
        static HELD: Cell<u32> = const { Cell::new(0) };
    }

    pub(super) fn change(by: i32) {
        // A thread that is ending may have lost its count; then nothing is counted, and nothing claimed.
        let _ = HELD.try_with(|held| held.set(held.get().wrapping_add_signed(by)));
    }

    pub(super) fn get() -> u32 {
        HELD.try_with(Cell::get).unwrap_or(0)
    }
}

#[cfg(not(all(debug_assertions, not(any(loom, shuttle)))))]
mod count {
    #[inline(always)]
    pub(super) fn change(_by: i32) {}

    #[inline(always)]
    pub(super) fn get() -> u32 {
        0
    }
}

#[inline(always)]
pub(super) fn took_lock() {
    count::change(1);
}

#[inline(always)]
pub(super) fn gave_lock_back() {
    count::change(-1);
}

/// Said at every place that is about to run user code: a wake, a clone or drop of a waker, a buffer, an iterator.
#[inline(always)]
pub(crate) fn about_to_run_user_code() {
    debug_assert_eq!(count::get(), 0, "user code is about to run under a lock");
}

/// A value whose drop is user code, so that it must not happen under a lock, and whose panic there must not cost what the
/// caller is about to return.
#[derive(Debug)]
pub(crate) struct DroppedUnlocked<T>(Option<T>);

impl<T> DroppedUnlocked<T> {
    /// `None` is nothing to drop, which may happen anywhere.
    #[inline]
    pub(crate) fn new(value: Option<T>) -> Self {
        DroppedUnlocked(value)
    }

    #[inline(never)]
    fn drop_value(&mut self) {
        let value = self.0.take();
        contained(|| drop(value));
    }
}

impl<T> Drop for DroppedUnlocked<T> {
    #[inline]
    fn drop(&mut self) {
        if self.0.is_some() {
            self.drop_value();
        }
    }
}

#[cfg(all(test, debug_assertions, not(any(loom, shuttle))))]
mod tests {
    use super::super::Lock;
    use super::*;

    #[test]
    fn user_code_under_a_lock_is_noticed() {
        let lock = Lock::new(());
        about_to_run_user_code();
        let guard = lock.lock();
        assert!(std::panic::catch_unwind(about_to_run_user_code).is_err());
        drop(guard);
        about_to_run_user_code();
    }
}
