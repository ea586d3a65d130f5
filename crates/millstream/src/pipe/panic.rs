//! Panics of the functions a stage runs, caught so that they can be carried to its consumer.

use pin_project_lite::pin_project;
use std::any::Any;
use std::future::Future;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::pin::Pin;
use std::task::{Context, Poll};

/// What a panic was raised with.
pub(super) type Payload = Box<dyn Any + Send>;

/// What receivers get when a runtime drops the tasks of a stage before they are done: the end would be taken for a clean
/// one.
pub(super) fn dropped_by_runtime() -> Payload {
    Box::new("the runtime dropped the tasks of a stage before they were done")
}

/// Runs code of the user's; its panic is the `Err`.
pub(super) fn caught<R>(code: impl FnOnce() -> R) -> Result<R, Payload> {
    catch_unwind(AssertUnwindSafe(code))
}

pin_project! {
    /// A future whose panic is its output.
    pub(super) struct Caught<F> {
        #[pin]
        future: F,
    }
}

impl<F> Caught<F> {
    pub(super) fn new(future: F) -> Self {
        Caught { future }
    }
}

impl<F: Future> Future for Caught<F> {
    type Output = Result<F::Output, Payload>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let future = self.project().future;
        match caught(|| future.poll(context)) {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(output)) => Poll::Ready(Ok(output)),
            Err(payload) => Poll::Ready(Err(payload)),
        }
    }
}
