//! Giving an operation up with an answer: whether it has happened by then, which dropping its future would not say.

use millstream::select_private::GiveUp;
use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

thread_local! {
    /// Whether what this thread polls is to be given up, if it has not ended.
    static GIVING_UP: Cell<bool> = const { Cell::new(false) };
}

/// Polls something for the last time: what waits in it is given up, and says so.
pub(crate) fn last<R>(poll: impl FnOnce() -> R) -> R {
    struct Reset;
    impl Drop for Reset {
        fn drop(&mut self) {
            GIVING_UP.set(false);
        }
    }
    GIVING_UP.set(true);
    let _reset = Reset;
    poll()
}

/// Waits for an operation for as long as whoever polls wants it to; `None` if it was given up.
pub(crate) struct Patience<F>(Option<F>);

impl<F: GiveUp> Patience<F> {
    pub(crate) fn new(operation: F) -> Self {
        Patience(Some(operation))
    }
}

impl<F: GiveUp> Future for Patience<F> {
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let operation = self.0.as_mut().expect("polled until it is ready");
        match Pin::new(operation).poll(context) {
            Poll::Ready(output) => {
                self.0 = None;
                Poll::Ready(Some(output))
            }
            Poll::Pending if GIVING_UP.get() => {
                Poll::Ready(self.0.take().and_then(GiveUp::give_up))
            }
            Poll::Pending => Poll::Pending,
        }
    }
}
