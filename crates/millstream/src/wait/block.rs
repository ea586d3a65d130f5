//! Waiting on a thread: the same futures, polled with a parked thread as their waker.

#[cfg(not(any(loom, shuttle)))]
use crate::sync::unmodelled;
use crate::sync::{Arc, Parker};
use std::future::Future;
use std::pin::{pin, Pin};
use std::task::{Context, Poll, Waker};
use std::time::Instant;

/// Runs a future to its end on the calling thread.
///
/// This is how every blocking form in the crate waits: the thread polls the future, and sleeps until the
/// future's waker is called. It spins for a short, bounded and self-adjusting time before it sleeps. It drives
/// no timers and no I/O of its own; futures that need a runtime find theirs through
/// [`runtime`](crate::runtime).
///
/// # Panics
///
/// A panic of the future comes out here.
///
/// # Blocking
///
/// Blocks the calling thread. Do not call it from inside an async task: it would hold up the executor's
/// thread, and if that is the only one the task it waits for never runs.
///
/// # Examples
///
/// ```
/// let (tx, rx) = millstream::bounded(1);
/// let sum = millstream::block_on(async move {
///     tx.send(1).await.unwrap();
///     rx.recv().await.unwrap() + 1
/// });
/// assert_eq!(sum, 2);
/// ```
pub fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    match block_on_until(future.as_mut(), None) {
        Some(output) => output,
        None => unreachable!("without a deadline there is only the future's own end"),
    }
}

/// Runs a future on the calling thread until it ends or `deadline` has passed; the future is polled at least
/// once.
pub(crate) fn block_on_until<F: Future>(
    mut future: Pin<&mut F>,
    deadline: Option<Instant>,
) -> Option<F::Output> {
    with_parker(|parker, waker| {
        let mut context = Context::from_waker(waker);
        loop {
            if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
                return Some(output);
            }
            if !parker.park(deadline) {
                return None;
            }
        }
    })
}

#[cfg(not(any(loom, shuttle)))]
unmodelled::thread_local! {
    /// This thread's parker and its waker, kept so that a wait allocates nothing. Empty while in use, so
    /// that a wait inside a wait gets a parker of its own and cannot swallow the outer one's wake-up.
    static CACHED: std::cell::Cell<Option<(Arc<Parker>, Waker)>> = const { std::cell::Cell::new(None) };
}

/// Calls `wait` with a parker of this thread.
#[cfg(not(any(loom, shuttle)))]
fn with_parker<R>(wait: impl FnOnce(&Parker, &Waker) -> R) -> R {
    // `try_with`: a wait in a thread-local's destructor finds the cache gone, and does without.
    let cached = CACHED.try_with(std::cell::Cell::take).ok().flatten();
    let (parker, waker) = cached.unwrap_or_else(fresh);
    let result = wait(&parker, &waker);
    // A wake-up that comes late may still arrive at this parker: waits tolerate waking for nothing.
    let _ = CACHED.try_with(|cache| cache.set(Some((parker, waker))));
    result
}

/// In a model every wait has a parker of its own: nothing outlives an execution.
#[cfg(any(loom, shuttle))]
fn with_parker<R>(wait: impl FnOnce(&Parker, &Waker) -> R) -> R {
    let (parker, waker) = fresh();
    wait(&parker, &waker)
}

fn fresh() -> (Arc<Parker>, Waker) {
    let parker = Arc::new(Parker::new());
    let waker = Waker::from(parker.clone());
    (parker, waker)
}
