//! An iterator that blocks, read on a thread of its own.

use super::place::place;
use crate::block_on;
use crate::channel::{bounded, Receiver, Sender};
use crate::sync::thread;
use std::panic::{catch_unwind, AssertUnwindSafe};

/// Reads an iterator on a thread of its own and gives what it yields (aiter's `iter_to_aiter`, without stalling the loop).
///
/// For iterators that wait: lines of a pipe, rows of a query, files of a directory. One that only computes needs no thread:
/// [`from_iter`](crate::from_iter) pulls it in the receiver. At most `bound` values are read ahead, and the iterator is
/// asked for a value only when there is a place for it; with a bound of 0, when somebody waits for it.
///
/// The thread, and the iterator on it, ends when the iterator does, or when the receiver is closed or gone. If the
/// iterator is blocked at that moment, it ends when that is over: nothing can interrupt it.
///
/// # Panics
///
/// If the operating system gives no thread. A panic of the iterator comes out of the receive that would have been told the
/// end, after what was yielded before it.
///
/// # Examples
///
/// ```
/// use millstream::bridge::from_blocking_iter;
/// use std::io::{BufRead, BufReader};
///
/// # millstream::block_on(async {
/// let file = BufReader::new(&b"one\ntwo\n"[..]);
/// let lines = from_blocking_iter(file.lines(), 16);
/// let mut read = Vec::new();
/// while let Ok(line) = lines.recv().await {
///     read.push(line.unwrap());
/// }
/// assert_eq!(read, ["one", "two"]);
/// # });
/// ```
pub fn from_blocking_iter<I>(iter: I, bound: usize) -> Receiver<I::Item>
where
    I: IntoIterator + Send + 'static,
    I::Item: Send + 'static,
{
    let (tx, rx) = bounded(bound);
    thread::Builder::new()
        .name("millstream-iter".into())
        .spawn(move || read(iter, &tx))
        .expect("a thread for an iterator");
    rx
}

fn read<I: IntoIterator>(iter: I, tx: &Sender<I::Item>) {
    let ran = catch_unwind(AssertUnwindSafe(|| {
        let mut iter = iter.into_iter();
        while let Some(place) = block_on(place(tx)) {
            let Some(value) = iter.next() else { break };
            if place.send(value).is_err() {
                break;
            }
        }
    }));
    if let Err(panic) = ran {
        tx.fail(panic);
    }
}
