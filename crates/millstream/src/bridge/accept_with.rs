//! Connections of any listener that has an asynchronous accept.

use super::backoff::{Backoff, Verdict};
use super::place::{drop_into, place, poll_boxed, while_wanted, Driven};
use crate::channel::{bounded, Receiver, Sender};
use crate::runtime::{self, Timer};
use std::future::Future;
use std::io;

/// Calls an asynchronous accept function again and again, and gives the connections: for the listeners of tokio,
/// async-io and others.
///
/// A task on the current runtime does it. It accepts only when there is a place among the `bound` connections that are
/// kept for the receiver; beyond that they wait in the listener's own queue. Closing or dropping the receiver drops the
/// accept future that waits, which with those listeners loses no connection, and then the function with what it owns.
/// After a close, connections that were accepted before it can still be received.
///
/// An error is an item, and after it there is a pause, from 5 ms for the first in a row up to a second, before the next
/// try: a process that is out of file descriptors (`EMFILE`) neither spins nor ends. Errors of one connection that has gone
/// before it was accepted are passed over.
///
/// # Panics
///
/// If there is no runtime; see [`runtime::current`](crate::runtime::current). A panic of the function or its future comes
/// out of the receive, after the connections before it. So does a panic that says so if the runtime is shut down.
///
/// # Examples
///
/// With tokio, `listener` being an `Arc<tokio::net::TcpListener>`, the function is
/// `move || { let listener = listener.clone(); async move { listener.accept().await } }`. Here a channel listens:
///
/// ```
/// use millstream::bridge::accept_with;
///
/// # millstream::block_on(async {
/// let (connect, incoming) = millstream::rendezvous();
/// let connections = accept_with(
///     move || {
///         let incoming = incoming.clone();
///         async move { incoming.recv().await.map_err(std::io::Error::other) }
///     },
///     16,
/// );
/// connect.send("a client").await.unwrap();
/// assert_eq!(connections.recv().await.unwrap().unwrap(), "a client");
///
/// drop(connections);
/// connect.closed().await; // The listener is gone.
/// # });
/// ```
pub fn accept_with<F, A, C>(accept: F, bound: usize) -> Receiver<io::Result<C>>
where
    F: FnMut() -> A + Send + 'static,
    A: Future<Output = io::Result<C>> + Send + 'static,
    C: Send + 'static,
{
    let (tx, rx) = bounded(bound);
    let driven = Driven::new(tx);
    runtime::spawn(async move {
        run(accept, &driven.tx).await;
        driven.finish();
    });
    rx
}

async fn run<F, A, C>(mut accept: F, tx: &Sender<io::Result<C>>)
where
    F: FnMut() -> A,
    A: Future<Output = io::Result<C>>,
{
    let mut backoff = Backoff::default();
    let mut turn = runtime::Turn::new();
    while let Some(place) = place(tx).await {
        let outcome = loop {
            turn.taken().await;
            let mut accepting = None;
            let outcome = while_wanted(tx, |context| {
                let accepting = accepting.get_or_insert_with(|| Box::pin(accept()));
                poll_boxed(accepting, context)
            })
            .await;
            drop_into(tx, accepting);
            match outcome {
                Some(Ok(Err(error))) => match backoff.failed(&error) {
                    Verdict::TryAgain => {}
                    Verdict::TellAndPause(pause) => break Some((Err(error), Some(pause))),
                },
                Some(Ok(Ok(connection))) => {
                    backoff.succeeded();
                    break Some((Ok(connection), None));
                }
                Some(Err(panic)) => {
                    tx.fail(panic);
                    break None;
                }
                None => break None,
            }
        };
        let Some((item, pause)) = outcome else { break };
        if place.send(item).is_err() {
            break;
        }
        if let Some(pause) = pause {
            let mut sleep = runtime::current().sleep(pause);
            let slept = while_wanted(tx, |context| poll_boxed(&mut sleep, context)).await;
            if slept.is_none() {
                break;
            }
        }
    }
    drop_into(tx, accept);
}
