//! `std::task::Wake` with two more events, clone and drop: the only unsafe code of the testkit.
#![allow(unsafe_code)]

use std::mem::ManuallyDrop;
use std::sync::Arc;
use std::task::{RawWaker, RawWakerVTable, Waker};

use super::Token;

/// A static and not a constant: a constant may have several addresses, and then equal wakers do not `will_wake`.
static VTABLE: RawWakerVTable = RawWakerVTable::new(clone, wake, wake_by_ref, drop_waker);

/// A waker that reports to `token`. Wakers of the same token `will_wake` each other.
pub(super) fn waker_of(token: Arc<Token>) -> Waker {
    let data = Arc::into_raw(token).cast();
    // SAFETY: the functions of the vtable keep the contract of `RawWaker`: they are thread-safe because `Token` is
    // `Send + Sync`, `clone` returns a waker with a strong count of its own, `wake` and `drop` give one back,
    // `wake_by_ref` leaves it. `data` came from `Arc::into_raw`, and its count is owned by the waker made here.
    unsafe { Waker::from_raw(RawWaker::new(data, &VTABLE)) }
}

/// # Safety
/// `data` is the pointer of a live waker that [`waker_of`] or [`clone`] made.
unsafe fn borrow(data: *const ()) -> ManuallyDrop<Arc<Token>> {
    // SAFETY: by the contract above `data` came from `Arc::into_raw` and its strong count is still held by the waker;
    // `ManuallyDrop` leaves that count where it is.
    ManuallyDrop::new(unsafe { Arc::from_raw(data.cast()) })
}

/// # Safety
/// As for [`borrow`], and the waker's strong count passes to the result.
unsafe fn take(data: *const ()) -> Arc<Token> {
    // SAFETY: by the contract above the count belongs to the caller now.
    unsafe { Arc::from_raw(data.cast()) }
}

unsafe fn clone(data: *const ()) -> RawWaker {
    // SAFETY: a vtable function is called with the data of a live waker.
    let token = unsafe { borrow(data) };
    RawWaker::new(Arc::into_raw(token.cloned()).cast(), &VTABLE)
}

unsafe fn wake(data: *const ()) {
    // SAFETY: `wake` consumes the waker, so its count is ours; it is released also when the event panics.
    unsafe { take(data) }.shared.consumed();
}

unsafe fn wake_by_ref(data: *const ()) {
    // SAFETY: a vtable function is called with the data of a live waker.
    unsafe { borrow(data) }.shared.woken();
}

unsafe fn drop_waker(data: *const ()) {
    // SAFETY: `drop` consumes the waker, so its count is ours; it is released also when the event panics.
    unsafe { take(data) }.shared.dropped();
}
