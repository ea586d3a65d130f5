//! Giving sibling tasks a turn: what a loop over an always-ready source owes to its executor.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

/// How many rounds a loop may do in one go.
const ROUNDS: u32 = 128;

/// Gives way once; made by [`yield_now`].
#[derive(Debug)]
#[must_use = "giving way happens when this is awaited"]
pub struct YieldNow {
    yielded: bool,
}

/// Lets the other tasks of the thread run before this one goes on (aiochan's `nop`).
///
/// # Cancel safety
///
/// Cancel safe: nothing happens but waiting.
///
/// # Examples
///
/// ```
/// # millstream::block_on(async {
/// for number in 0..1000 {
///     if number % 100 == 0 {
///         millstream::runtime::yield_now().await;
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

/// Counts the rounds of a loop that may find everything ready for ever, and yields now and then.
#[derive(Debug)]
pub(crate) struct Turn {
    left: u32,
}

impl Turn {
    pub(crate) fn new() -> Self {
        Turn { left: ROUNDS }
    }

    /// Said once a round; yields when the rounds of one go are used up.
    pub(crate) async fn taken(&mut self) {
        if self.left == 0 {
            self.left = ROUNDS;
            yield_now().await;
        }
        self.left -= 1;
    }
}
