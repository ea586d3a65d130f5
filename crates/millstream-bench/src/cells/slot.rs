//! A place for one number, which a task can wait for: the same for all peers, and little beside what they cost.

use std::future::{poll_fn, Future};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;
use std::task::{Context, Poll};

use futures::task::AtomicWaker;
use futures::Stream;

const EMPTY: usize = usize::MAX;

/// Holds a number between one task that puts and one that takes, in turns.
pub struct Slot {
    number: AtomicUsize,
    waker: AtomicWaker,
}

impl Slot {
    pub fn new() -> Arc<Self> {
        Arc::new(Slot {
            number: AtomicUsize::new(EMPTY),
            waker: AtomicWaker::new(),
        })
    }

    /// Puts a number in; the one before was taken.
    pub fn put(&self, number: usize) {
        self.number.store(number, Ordering::Release);
        self.waker.wake();
    }

    pub fn take(&self) -> impl Future<Output = usize> + Send + use<'_> {
        poll_fn(|context| self.poll_take(context))
    }

    fn poll_take(&self, context: &mut Context<'_>) -> Poll<usize> {
        if let Some(number) = self.try_take() {
            return Poll::Ready(number);
        }
        self.waker.register(context.waker());
        // It may have been put in between the look and the registration.
        self.try_take().map_or(Poll::Pending, Poll::Ready)
    }

    fn try_take(&self) -> Option<usize> {
        // A load before the swap, which most looks at an empty slot need not pay for.
        if self.number.load(Ordering::Acquire) == EMPTY {
            return None;
        }
        let number = self.number.swap(EMPTY, Ordering::Acquire);
        (number != EMPTY).then_some(number)
    }
}

/// What is put into a slot, as a stream without an end.
pub struct Numbers(pub Arc<Slot>);

impl Stream for Numbers {
    type Item = usize;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<usize>> {
        self.0.poll_take(context).map(Some)
    }
}

/// Which of `ways` goes next: every one as often as the others, in an order that is no order.
pub fn way(turn: usize, ways: usize) -> usize {
    let mixed = (turn as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
    mixed as usize % ways
}
