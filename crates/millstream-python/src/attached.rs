//! A value that only a thread attached to the interpreter touches.

use pyo3::Python;
use std::cell::UnsafeCell;
use std::mem;

/// A value guarded by the interpreter's own lock, for where an atomic operation more would be felt.
///
/// The extension refuses to be loaded without that lock (see `lib.rs`), so that at most one thread is attached. And as
/// values are only moved in and out, nothing that the holder of the value does can come upon it half way.
pub(crate) struct Attached<T>(UnsafeCell<T>);

// SAFETY: only the methods below touch the value; at most one thread is in any of them, since they are called attached.
unsafe impl<T: Send> Sync for Attached<T> {}

impl<T> Attached<T> {
    pub(crate) const fn new(value: T) -> Self {
        Attached(UnsafeCell::new(value))
    }

    /// Puts another value in, and hands out the one that was there.
    #[inline]
    pub(crate) fn replace(&self, _py: Python<'_>, value: T) -> T {
        // SAFETY: the thread is attached, as `_py` shows, and moving values runs no code that could come back here.
        unsafe { mem::replace(&mut *self.0.get(), value) }
    }

    /// Copies something out of the value.
    #[inline]
    pub(crate) fn copy<R>(&self, _py: Python<'_>, copy: impl FnOnce(&T) -> R) -> R {
        // SAFETY: the thread is attached. `copy` gets a shared reference; nothing in this crate that is called by it
        // replaces the value, since it only counts references.
        unsafe { copy(&*self.0.get()) }
    }

    /// Changes the value in place.
    #[inline]
    pub(crate) fn update<R>(&self, _py: Python<'_>, change: impl FnOnce(&mut T) -> R) -> R {
        // SAFETY: the thread is attached, and `change` runs no Python code and drops no object, here as in `copy`: so
        // nothing comes back to this value before it returns.
        unsafe { change(&mut *self.0.get()) }
    }

    /// The value, for the garbage collector.
    ///
    /// # Safety
    ///
    /// The collector calls, on an attached thread, and nothing is replaced meanwhile.
    pub(crate) unsafe fn look(&self) -> &T {
        // SAFETY: by the caller.
        unsafe { &*self.0.get() }
    }

    pub(crate) fn get_mut(&mut self) -> &mut T {
        self.0.get_mut()
    }
}
