//! Futures that are polled after they were ready, and streams after their end.

use crate::common::{now, panic_text, Bell};
use futures_core::Stream;
use millstream::prelude::*;
use millstream::{Select, SelectSet};
use std::fmt::Debug;
use std::future::{poll_fn, Future};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::pin::pin;

/// What a future that was ready says when it is polled again.
fn polled_again<F: Future + Unpin>(mut future: F) -> String {
    let bell = Bell::new();
    drop(bell.gets(&mut future));
    let again = catch_unwind(AssertUnwindSafe(|| drop(bell.poll(&mut future))));
    again.map_or_else(panic_text, |()| "nothing".into())
}

#[test]
fn a_future_that_gave_its_value_away_says_so_when_it_is_polled_again() {
    let (tx, rx) = millstream::bounded::<u32>(4);
    for (said, name) in [
        (polled_again(tx.send(1)), "SendFuture"),
        (polled_again(rx.recv()), "RecvFuture"),
        (polled_again(tx.reserve()), "ReserveFuture"),
        (polled_again(tx.send(1)), "SendFuture"),
        (polled_again(rx.claim()), "ClaimFuture"),
        (polled_again(Select::new().recv(&rx, drop)), "a select"),
    ] {
        assert_eq!(said, format!("{name} was polled after it was ready"));
    }
    assert!(rx.is_empty(), "nothing was sent or taken twice");
    assert_eq!(tx.try_send(2), Ok(()), "the channel is as usable as before");
}

#[test]
fn a_future_that_has_no_value_to_give_twice_starts_anew() {
    let (tx, rx) = millstream::bounded::<u32>(4);
    let bell = Bell::new();
    now(tx.send_many([1, 2, 3])).unwrap();
    let mut batch = Vec::new();
    let mut many = rx.recv_many(&mut batch, 2);
    assert_eq!(bell.gets(&mut many), 2);
    assert_eq!(bell.gets(&mut many), 1, "it receives again");
    bell.waits(&mut many);
    drop(many);
    assert_eq!(batch, [1, 2, 3]);

    let mut sends = tx.send_many([4]);
    assert_eq!(bell.gets(&mut sends), Ok(1));
    assert_eq!(
        bell.gets(&mut sends),
        Ok(1),
        "there is nothing left to send"
    );
    drop(sends);
    assert_eq!(rx.drain().collect::<Vec<_>>(), [4]);

    assert!(rx.close());
    let (mut closed, mut drained) = (tx.closed(), rx.drained());
    for _ in 0..2 {
        bell.gets(&mut closed);
        bell.gets(&mut drained);
    }
    let mut set = SelectSet::<()>::new();
    for _ in 0..2 {
        assert!(bell.gets(&mut set.next()).is_none());
    }
}

/// Polls a stream to its end, and then some more.
fn stays_at_its_end<S: Stream>(name: &str, stream: S)
where
    S::Item: Debug,
{
    let mut stream = pin!(stream);
    let mut next = || millstream::block_on(poll_fn(|context| stream.as_mut().poll_next(context)));
    while next().is_some() {}
    for _ in 0..3 {
        let again = next();
        assert!(
            again.is_none(),
            "{name} goes on after its end, with {again:?}"
        );
    }
}

#[test]
fn a_receiver_stays_at_its_end_as_a_stream_and_as_an_iterator() {
    let (tx, rx) = millstream::bounded::<u32>(4);
    now(tx.send_many([1, 2])).unwrap();
    drop(tx);
    stays_at_its_end("a receiver", rx);
    stays_at_its_end("a channel over an iterator", millstream::from_iter(0..3));
    let (tx, rx) = millstream::promise::<u32>();
    tx.try_send(1).unwrap();
    stays_at_its_end("a promise", rx);
    let rx = millstream::from_iter(0..2);
    let mut iter = rx.iter();
    assert_eq!(
        [iter.next(), iter.next(), iter.next(), iter.next()],
        [Some(0), Some(1), None, None]
    );
}

#[test]
fn every_operator_stays_at_its_end() {
    let source = || millstream::from_iter(0..5u32);
    stays_at_its_end("chunks", source().chunks(2));
    stays_at_its_end("distinct", source().distinct());
    stays_at_its_end("share", source().share());
    stays_at_its_end("group_by", source().group_by(|n| n / 2));
    stays_at_its_end("buffer_ahead", source().buffer_ahead(2));
    stays_at_its_end("merge", millstream::stream::merge([source(), source()]));
    stays_at_its_end("from_range", millstream::stream::from_range(0..3u32));
}

#[test]
fn a_drain_stays_at_its_end() {
    let (tx, rx) = millstream::bounded::<u32>(4);
    tx.try_send(1).unwrap();
    let mut drained = rx.drain();
    assert_eq!(
        [drained.next(), drained.next(), drained.next_back()],
        [Some(1), None, None]
    );
    drop(tx);
    assert_eq!(rx.drain().next(), None);
}
