//! A stage that is one async function of the author's, between a receiver and a sender.

use super::panic::{dropped_by_runtime, Caught};
use crate::channel::{Receiver, Sender};
use crate::runtime;
use std::future::{poll_fn, Future};
use std::pin::pin;
use std::task::Poll;

/// Runs an async function between two channels, as a task of the current [`runtime`](crate::runtime) (aiochan's
/// `async_apply`): for what is no map of single values, because it looks at several, keeps a state, or sends as it likes.
///
/// The output stays open until the function has ended, also if it drops its sender earlier; it is let go of then, which
/// closes it if there is no other sender. When nobody receives from it any more, the function's future is dropped where it
/// waits. The input is let go of when the function drops its receiver.
///
/// A panic of the function comes out at the output, behind what was sent. So does the runtime's dropping the task before it
/// is done.
///
/// # Panics
///
/// If there is no runtime; see [`runtime::current`](crate::runtime::current).
///
/// # Examples
///
/// ```
/// use millstream::{bounded, from_iter, pipe};
///
/// let (tx, sums) = bounded(4);
/// pipe::apply(from_iter(1..=4), tx, |numbers, sums| async move {
///     let mut sum = 0;
///     while let Ok(number) = numbers.recv().await {
///         sum += number;
///         if sums.send(sum).await.is_err() {
///             return;
///         }
///     }
/// });
/// assert_eq!(sums.iter().collect::<Vec<_>>(), [1, 3, 6, 10]);
/// ```
#[track_caller]
pub fn apply<T, R, F>(
    input: Receiver<T>,
    output: Sender<R>,
    function: impl FnOnce(Receiver<T>, Sender<R>) -> F + Send + 'static,
) where
    T: Send + 'static,
    R: Send + 'static,
    F: Future<Output = ()> + Send,
{
    let guard = Guard {
        output: output.clone(),
        is_done: false,
    };
    runtime::spawn(async move {
        let mut guard = guard;
        let called = Caught::new(async { function(input, output).await });
        let ended = while_received(&guard.output, called).await;
        guard.is_done = true;
        if let Some(Err(payload)) = ended {
            guard.output.fail(payload);
        }
    });
}

/// Waits for a future as long as there is a receiver of the output. A close by either side is for the function to see: it
/// may have something to finish.
async fn while_received<R, O>(output: &Sender<R>, future: impl Future<Output = O>) -> Option<O> {
    let mut future = pin!(future);
    let mut closed = pin!(output.closed());
    let mut is_watched = true;
    poll_fn(|context| {
        if let Poll::Ready(ended) = future.as_mut().poll(context) {
            return Poll::Ready(Some(ended));
        }
        if is_watched && closed.as_mut().poll(context).is_ready() {
            is_watched = false;
        }
        if !is_watched && output.receiver_count() == 0 {
            return Poll::Ready(None);
        }
        Poll::Pending
    })
    .await
}

/// Notices when the task is dropped before it is done.
struct Guard<R> {
    output: Sender<R>,
    is_done: bool,
}

impl<R> Drop for Guard<R> {
    fn drop(&mut self) {
        if !self.is_done {
            self.output.fail(dropped_by_runtime());
        }
    }
}
