//! A future on a thread of its own.

use super::place::{drop_into, poll_boxed, while_wanted};
use crate::block_on;
use crate::channel::{bounded, Receiver, Sender};
use crate::runtime;
use crate::sync::thread;
use std::future::Future;

/// Runs a future on a thread of its own, and gives its output (aiochan's `run_in_thread`).
///
/// For a future that computes for long between its awaits, or that must go on while the executor is busy. On the thread
/// the runtime is current that is so here, so tasks that the future spawns run there. To wait for a future on the calling
/// thread there is [`block_on`](crate::block_on).
///
/// The receiver gets the output and is closed then. If it is closed or dropped before, the future is dropped at the
/// `.await` where it is, and the thread ends; so keep it if the future is to run to its end.
///
/// # Panics
///
/// If the operating system gives no thread. A panic of the future comes out of the receive (where `ac.run` hangs).
///
/// # Examples
///
/// ```
/// use millstream::bridge::run_in_thread;
///
/// let (tx, rx) = millstream::rendezvous();
/// let sum = run_in_thread(async move {
///     let mut sum = 0;
///     while let Ok(n) = rx.recv().await {
///         sum += n;
///     }
///     sum
/// });
/// for n in 1..=10 {
///     tx.send_blocking(n).unwrap();
/// }
/// drop(tx);
/// assert_eq!(sum.recv_blocking(), Ok(55));
/// ```
pub fn run_in_thread<F>(future: F) -> Receiver<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    let (tx, rx) = bounded(1);
    let runtime = runtime::try_current();
    thread::Builder::new()
        .name("millstream-future".into())
        .spawn(move || {
            let _entered = runtime.map(runtime::enter);
            run(future, &tx);
        })
        .expect("a thread for a future");
    rx
}

fn run<F: Future>(future: F, tx: &Sender<F::Output>) {
    let mut future = Box::pin(future);
    let output = block_on(while_wanted(tx, |context| poll_boxed(&mut future, context)));
    // Its destructors are a part of it: they run before anybody is told that it is done.
    drop_into(tx, future);
    match output {
        Some(Ok(output)) => drop_into(tx, tx.try_send(output)),
        Some(Err(panic)) => tx.fail(panic),
        None => {}
    }
}
