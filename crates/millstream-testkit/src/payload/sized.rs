//! Payloads at the two ends of the scale of sizes.

use std::cell::Cell;
use std::marker::PhantomData;

/// The number of bytes in a [`Big`].
pub const BIG: usize = 64 * 1024;

/// A value that must not be copied around on the stack many times over.
pub type Big = [u8; BIG];

/// A [`Big`] filled with `byte`.
pub fn big(byte: u8) -> Big {
    [byte; BIG]
}

thread_local! {
    static ALIVE: Cell<isize> = const { Cell::new(0) };
}

/// A value of no size that still knows how many of it exist.
///
/// A type without size has no place for a pointer to a ledger, so the count belongs to the thread, and only code that
/// creates and drops on one thread may ask for it.
#[derive(Debug)]
pub struct Nothing {
    _private: PhantomData<()>,
}

impl Nothing {
    /// One more.
    #[allow(clippy::new_without_default)]
    pub fn new() -> Self {
        ALIVE.set(ALIVE.get() + 1);
        Self {
            _private: PhantomData,
        }
    }

    /// Created minus dropped on this thread. Negative means that something was dropped twice.
    pub fn alive() -> isize {
        ALIVE.get()
    }
}

impl Drop for Nothing {
    fn drop(&mut self) {
        ALIVE.set(ALIVE.get() - 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_has_no_size_and_is_counted() {
        assert_eq!(size_of::<Nothing>(), 0);
        let before = Nothing::alive();
        let one = Nothing::new();
        assert_eq!(Nothing::alive(), before + 1);
        drop(one);
        assert_eq!(Nothing::alive(), before);
    }
}
