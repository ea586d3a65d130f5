//! Letting the other tasks run once.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Gives way once; made by [`yield_now`].
#[derive(Debug)]
#[must_use = "giving way happens when this is awaited"]
pub struct YieldNow {
    yielded: bool,
}

/// Lets the other tasks of the thread run before this one goes on (aiochan's `nop`).
///
/// # Examples
///
/// ```
/// # millstream::block_on(async {
/// for number in 0..1000 {
///     if number % 100 == 0 {
///         millstream::stream::yield_now().await;
///     }
/// }
/// # });
/// ```
pub fn yield_now() -> YieldNow {
    YieldNow { yielded: false }
}

impl Future for YieldNow {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.yielded {
            return Poll::Ready(());
        }
        self.yielded = true;
        context.waker().wake_by_ref();
        Poll::Pending
    }
}
