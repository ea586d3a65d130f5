//! The allocator of this program: it counts what is in use, and can be told to have nothing left.
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::ptr;
use std::sync::atomic::{AtomicIsize, Ordering::Relaxed};

/// See the [module](self).
pub struct Counting;

static IN_USE: AtomicIsize = AtomicIsize::new(0);
/// How many allocations succeed before none does any more; negative while there is no such limit.
static LEFT: AtomicIsize = AtomicIsize::new(-1);

/// How many bytes are allocated now.
pub fn in_use() -> isize {
    IN_USE.load(Relaxed)
}

/// Lets so many allocations succeed, and then none.
pub fn starve_after(allocations: usize) {
    LEFT.store(isize::try_from(allocations).unwrap_or(isize::MAX), Relaxed);
}

/// Whether this allocation is one too many.
fn is_starved() -> bool {
    if LEFT.load(Relaxed) < 0 {
        return false;
    }
    let grant = |left: isize| (left > 0).then_some(left - 1);
    LEFT.fetch_update(Relaxed, Relaxed, grant).is_err()
}

fn change(by: usize, sign: isize) {
    // No layout is larger than an `isize`.
    IN_USE.fetch_add(sign * by as isize, Relaxed);
}

// SAFETY: every call is passed on to the system's allocator with the arguments it came with, or fails by a null pointer,
// which an allocator may return at any time.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if is_starved() {
            return ptr::null_mut();
        }
        change(layout.size(), 1);
        // SAFETY: the caller keeps the contract of `alloc`, which is the system's as well.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        change(layout.size(), -1);
        // SAFETY: the block came from the system's allocator by `alloc` or `realloc` above, with this layout.
        unsafe { System.dealloc(block, layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        if is_starved() {
            return ptr::null_mut();
        }
        change(new_size, 1);
        change(layout.size(), -1);
        // SAFETY: as for `dealloc`, and the caller keeps the contract of `realloc` for the new size.
        unsafe { System.realloc(block, layout, new_size) }
    }
}

/// How many bytes of this process are in memory, as the system sees it.
pub fn resident() -> u64 {
    let pages = std::fs::read_to_string("/proc/self/statm").ok();
    let pages = pages.and_then(|text| text.split(' ').nth(1)?.parse::<u64>().ok());
    pages.unwrap_or_default() * rustix::param::page_size() as u64
}
