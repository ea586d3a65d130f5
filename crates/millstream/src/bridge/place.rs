//! What a bridge needs before it takes anything from its source: a place for it, and somebody who wants it.

use crate::channel::{Permit, Sender, TrySendError};
use crate::select;
use std::any::Any;
use std::future::{poll_fn, Future};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::pin::{pin, Pin};
use std::task::{Context, Poll};

/// Waits for room in the channel; `None` if it is closed, by its receiver or because that is gone.
pub(super) async fn place<T>(tx: &Sender<T>) -> Option<Permit<'_, T>> {
    match tx.try_reserve() {
        Ok(permit) => return Some(permit),
        Err(TrySendError::Closed(())) => return None,
        Err(TrySendError::Full(())) => {}
    }
    // A reservation alone would outlast a close while the channel is full and nobody empties it.
    select! {
        biased;
        () = tx.closed() => None,
        permit = tx.reserve() => permit.ok(),
    }
}

/// Waits for what `poll` gives as long as the channel is wanted; `None` if it is closed first. A panic is caught.
pub(super) async fn while_wanted<T, R>(
    tx: &Sender<T>,
    mut poll: impl FnMut(&mut Context<'_>) -> Poll<R>,
) -> Option<Result<R, Box<dyn Any + Send>>> {
    let mut closed = pin!(tx.closed());
    poll_fn(|context| {
        if closed.as_mut().poll(context).is_ready() {
            return Poll::Ready(None);
        }
        match catch_unwind(AssertUnwindSafe(|| poll(context))) {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(result)) => Poll::Ready(Some(Ok(result))),
            Err(panic) => Poll::Ready(Some(Err(panic))),
        }
    })
    .await
}

/// Drops user code's values; a panic of their destructors is the channel's failure.
pub(super) fn drop_into<T, V>(tx: &Sender<T>, value: V) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| drop(value))) {
        tx.fail(panic);
    }
}

/// A sender in a task that somebody else may drop: then the receiver must not take that for the end.
pub(super) struct Driven<T> {
    pub(super) tx: Sender<T>,
    finished: bool,
}

impl<T> Driven<T> {
    pub(super) fn new(tx: Sender<T>) -> Self {
        Driven {
            tx,
            finished: false,
        }
    }

    /// The task has come to its end.
    pub(super) fn finish(mut self) {
        self.finished = true;
    }
}

impl<T> Drop for Driven<T> {
    fn drop(&mut self) {
        if !self.finished {
            let message = "the task that filled this channel was dropped by its runtime";
            self.tx.fail(Box::new(message));
        }
    }
}

/// Polls a pinned future; a shorthand for the places where it is one of two.
pub(super) fn poll_boxed<F: Future + ?Sized>(
    future: &mut Pin<Box<F>>,
    context: &mut Context<'_>,
) -> Poll<F::Output> {
    future.as_mut().poll(context)
}
