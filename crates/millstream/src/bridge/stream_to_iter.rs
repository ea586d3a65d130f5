//! A stream, read by a thread as an iterator that blocks.

use super::place::{drop_into, place, while_wanted, Driven};
use crate::channel::{bounded, IntoIter, Sender};
use crate::runtime::{self, Turn};
use futures_core::Stream;
use std::pin::Pin;

/// Reads a stream as an iterator that blocks (aiochan's `to_iterable`, aiter's `aiter_to_iter`).
///
/// A task on the current runtime drives the stream, and waits, as tasks do, when the iterator is `bound` items behind: the
/// iterator's pace costs the executor nothing. A bound of 0 has the stream polled for an item only when the iterator waits.
/// Dropping the iterator ends the task, and drops the stream, also while the stream has nothing to give.
///
/// A [`Receiver`](crate::Receiver) need not be driven: it has [`iter`](crate::Receiver::iter).
///
/// # Panics
///
/// If there is no runtime; see [`runtime::current`](crate::runtime::current). A panic of the stream comes out of the
/// iterator's `next` after the items before it. So does a panic that says so if the runtime is shut down before the stream
/// has ended.
///
/// # Blocking
///
/// The iterator's `next` blocks its thread until there is an item. Do not call it from a task: it would hold up the
/// executor's thread, and if the stream is driven by that thread, for ever.
///
/// # Examples
///
/// ```
/// use millstream::bridge::stream_to_iter;
///
/// # use futures_lite::stream;
/// let stream = stream::iter(["a", "b", "c"]);
/// let letters: String = stream_to_iter(stream, 2).collect();
/// assert_eq!(letters, "abc");
/// ```
pub fn stream_to_iter<S>(stream: S, bound: usize) -> IntoIter<S::Item>
where
    S: Stream + Send + 'static,
    S::Item: Send + 'static,
{
    let (tx, rx) = bounded(bound);
    let driven = Driven::new(tx);
    let stream = Box::pin(stream);
    runtime::spawn(async move {
        drive(stream, &driven.tx).await;
        driven.finish();
    });
    rx.into_iter()
}

async fn drive<S: Stream>(mut stream: Pin<Box<S>>, tx: &Sender<S::Item>) {
    let mut turn = Turn::new();
    while let Some(place) = place(tx).await {
        turn.taken().await;
        let polled = while_wanted(tx, |context| stream.as_mut().poll_next(context)).await;
        match polled {
            Some(Ok(Some(item))) => {
                if place.send(item).is_err() {
                    break;
                }
            }
            Some(Ok(None)) | None => break,
            Some(Err(panic)) => {
                tx.fail(panic);
                break;
            }
        }
    }
    drop_into(tx, stream);
}
