//! Futures that are dropped at one of their awaits.

use std::future::{poll_fn, Future};
use std::pin::Pin;
use std::task::Poll;

/// Polls a future up to `polls` times; `None` if it is not ready by then.
pub async fn cut<F: Future + Unpin>(mut polls: usize, mut future: F) -> Option<F::Output> {
    poll_fn(|context| {
        if polls == 0 {
            return Poll::Ready(None);
        }
        polls -= 1;
        if let Poll::Ready(output) = Pin::new(&mut future).poll(context) {
            return Poll::Ready(Some(output));
        }
        if polls == 0 {
            return Poll::Ready(None);
        }
        // Others get their turn, and then it goes on, woken or not.
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await
}
