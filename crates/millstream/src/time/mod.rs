//! Channels whose values are times: once after a delay, again and again, or never, only to close.

mod after;
mod ticker;

pub use after::{after, timeout};
pub use ticker::{tick, Late, Tick, Ticker};

use crate::channel::Sender;
use crate::runtime::BoxFuture;
use std::future::{poll_fn, Future};
use std::pin::pin;
use std::task::Poll;

/// Waits until `sleep` is over; `false` means that nobody is left to receive, and it was not waited for.
async fn sleep_while_wanted<T>(tx: &Sender<T>, mut sleep: BoxFuture<'static, ()>) -> bool {
    let mut closed = pin!(tx.closed());
    poll_fn(|context| {
        if !seeded!("timer-outlives-its-receivers") && closed.as_mut().poll(context).is_ready() {
            Poll::Ready(false)
        } else {
            sleep.as_mut().poll(context).map(|()| true)
        }
    })
    .await
}
