//! Giving sibling tasks a turn: what a loop over an always-ready source owes to its executor.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

/// How many rounds a loop may do in one go.
const ROUNDS: u32 = 128;

/// Lets the executor run other tasks before this one goes on.
///
/// # Cancel safety
///
/// Cancel safe: nothing happens but waiting.
///
/// # Examples
///
/// ```
/// # millstream::block_on(async {
/// millstream::runtime::yield_now().await;
/// # });
/// ```
pub fn yield_now() -> impl Future<Output = ()> + Send + Sync + Unpin {
    YieldNow(false)
}

/// Whether it has yielded yet.
struct YieldNow(bool);

impl Future for YieldNow {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.0 {
            return Poll::Ready(());
        }
        self.0 = true;
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
