//! The program's allocator: the system's, which counts the bytes in use while somebody asks for that.
//!
//! Counting is off while time is measured: a shared counter in every allocation would cost the peers that allocate for each
//! message more than those that do not. What is left then is one relaxed load of a flag that hardly ever changes.
#![allow(
    unsafe_code,
    reason = "an allocator cannot be written without, and those of other crates count all the time"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicBool, AtomicIsize, Ordering};

struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

static ON: AtomicBool = AtomicBool::new(false);
static BYTES: AtomicIsize = AtomicIsize::new(0);

#[inline(always)]
fn count(more: usize, less: usize) {
    if ON.load(Ordering::Relaxed) {
        // No layout is larger than isize::MAX.
        BYTES.fetch_add(more as isize - less as isize, Ordering::Relaxed);
    }
}

// SAFETY: every method hands what it was given to the system's allocator and returns what that returned.
unsafe impl GlobalAlloc for Counting {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size(), 0);
        // SAFETY: the caller promises of the layout what the system's allocator wants promised.
        unsafe { System.alloc(layout) }
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size(), 0);
        // SAFETY: as in `alloc`.
        unsafe { System.alloc_zeroed(layout) }
    }

    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        count(0, layout.size());
        // SAFETY: the caller got the block here with this layout, so the system's allocator gave it with this layout.
        unsafe { System.dealloc(block, layout) }
    }

    #[inline]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size, layout.size());
        // SAFETY: as in `dealloc`, and the caller promises of the new size what the system's allocator wants promised.
        unsafe { System.realloc(block, layout, size) }
    }
}

/// Counts from its making until it is dropped; there is one at a time.
pub struct Count(());

impl Count {
    /// # Panics
    ///
    /// Panics when somebody counts already.
    pub fn start() -> Self {
        BYTES.store(0, Ordering::Relaxed);
        assert!(!ON.swap(true, Ordering::Relaxed), "one count at a time");
        Count(())
    }

    /// By how many bytes more than at the start are in use, by the sizes that were asked for.
    pub fn bytes(&self) -> usize {
        usize::try_from(BYTES.load(Ordering::Relaxed)).unwrap_or(0)
    }
}

impl Drop for Count {
    fn drop(&mut self) {
        ON.store(false, Ordering::Relaxed);
    }
}
