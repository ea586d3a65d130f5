//! A receiver as a stream, whose place in line outlives the poll, and a sender as a sink.

#![allow(clippy::type_complexity)] // Tables of ways to do a thing say what each way takes.

mod common;

use common::{now, Bell};
use futures_core::{FusedStream, Stream};
use futures_lite::StreamExt;
use futures_sink::Sink;
use millstream::{ChannelState, Receiver, RecvTimeoutError, SendSink, TryRecvError, TrySendError};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

fn poll_next<T>(rx: &mut Receiver<T>, bell: &Bell) -> Poll<Option<T>> {
    Pin::new(rx).poll_next(&mut Context::from_waker(&bell.waker()))
}

fn poll_ready<T>(sink: &mut SendSink<T>, bell: &Bell) -> Poll<bool> {
    let waker = bell.waker();
    let mut context = Context::from_waker(&waker);
    let ready = Pin::new(sink).poll_ready(&mut context);
    ready.map(|ready| ready.is_ok())
}

fn poll_close<T>(sink: &mut SendSink<T>) -> bool {
    let mut context = Context::from_waker(Waker::noop());
    let closed = Pin::new(sink).poll_close(&mut context);
    closed.map(|closed| closed.is_ok()) == Poll::Ready(true)
}

/// A stream that was polled, found nothing, and was put aside; then a value came.
fn matched(capacity: usize) -> (millstream::Sender<u32>, Receiver<u32>, Bell) {
    let (tx, mut rx) = millstream::bounded(capacity);
    let bell = Bell::new();
    assert!(poll_next(&mut rx, &bell).is_pending());
    tx.try_send(1).unwrap();
    assert_eq!(bell.rings(), 1);
    (tx, rx, bell)
}

#[test]
fn a_receiver_is_the_stream_of_its_values() {
    for capacity in [0, 1, 3] {
        let (tx, mut rx) = millstream::bounded(capacity);
        let bell = Bell::new();
        assert_eq!(rx.size_hint(), (0, None));
        for n in 0..3 {
            assert!(poll_next(&mut rx, &bell).is_pending());
            tx.try_send(n).unwrap();
            assert_eq!(bell.rings(), 1);
            assert_eq!(poll_next(&mut rx, &bell), Poll::Ready(Some(n)));
        }
        assert!(poll_next(&mut rx, &bell).is_pending());
        assert!(!rx.is_terminated());
        drop(tx);
        assert_eq!(bell.rings(), 1);
        assert_eq!(poll_next(&mut rx, &bell), Poll::Ready(None));
        assert!(rx.is_terminated());
        assert_eq!(poll_next(&mut rx, &bell), Poll::Ready(None));
    }
}

#[test]
fn a_stream_that_is_put_aside_stays_in_line() {
    let (tx, mut rx) = millstream::bounded(1);
    let (bell, other) = (Bell::new(), Bell::new());
    assert!(poll_next(&mut rx, &bell).is_pending());
    assert_eq!(tx.stats().state, ChannelState::PendingRecvs);
    let clone = rx.clone();
    let mut later = clone.recv();
    other.waits(&mut later);
    tx.try_send(1).unwrap();
    assert_eq!((bell.rings(), other.rings()), (1, 0));
    assert_eq!(poll_next(&mut rx, &bell), Poll::Ready(Some(1)));
}

#[test]
fn polling_a_stream_again_takes_no_second_place_in_line() {
    let (tx, mut rx) = millstream::bounded(2);
    let (first, second) = (Bell::new(), Bell::new());
    assert!(poll_next(&mut rx, &first).is_pending());
    assert!(poll_next(&mut rx, &second).is_pending());
    assert_eq!(first.held(), 0, "the newest waker replaces the others");
    tx.try_send(1).unwrap();
    tx.try_send(2).unwrap();
    assert_eq!((first.rings(), second.rings()), (0, 1));
    assert_eq!(rx.len(), 1, "one value is spoken for, not two");
}

#[test]
fn any_other_operation_takes_over_what_a_stream_was_matched_with() {
    let ways: [fn(&Receiver<u32>) -> Option<u32>; 10] = [
        |rx| rx.try_recv().ok(),
        |rx| now(rx.recv()).ok(),
        |rx| rx.recv_blocking().ok(),
        |rx| rx.recv_timeout(Duration::ZERO).ok(),
        |rx| rx.try_iter().next(),
        |rx| rx.iter().next(),
        |rx| rx.drain().next(),
        |rx| {
            let mut batch = Vec::new();
            now(rx.recv_many(&mut batch, 9));
            batch.pop()
        },
        |rx| Some(now(rx.claim()).ok()?.take()),
        |rx| {
            millstream::Select::new()
                .recv(rx, |value| value.ok())
                .wait()
        },
    ];
    for capacity in [0, 1, 3] {
        for (number, way) in ways.iter().enumerate() {
            let (tx, rx, _bell) = matched(capacity);
            assert_eq!(way(&rx), Some(1), "way {number}, capacity {capacity}");
            assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
            assert_eq!(tx.stats().state, ChannelState::Fluent);
        }
    }
}

#[test]
fn any_other_operation_takes_the_place_of_a_stream_that_waits() {
    let ways: [fn(&Receiver<u32>); 5] = [
        |rx| assert_eq!(rx.try_recv(), Err(TryRecvError::Empty)),
        |rx| {
            let timed_out = rx.recv_timeout(Duration::ZERO);
            assert_eq!(timed_out, Err(RecvTimeoutError::Timeout));
        },
        |rx| Bell::new().waits(&mut rx.recv()),
        |rx| Bell::new().waits(&mut rx.claim()),
        |rx| assert_eq!(rx.drain().len(), 0),
    ];
    for way in ways {
        let (tx, mut rx) = millstream::bounded(1);
        let bell = Bell::new();
        assert!(poll_next(&mut rx, &bell).is_pending());
        way(&rx);
        assert_eq!((tx.stats().state, bell.held()), (ChannelState::Fluent, 0));
        tx.try_send(1).unwrap();
        assert_eq!(bell.rings(), 0);
        assert_eq!(poll_next(&mut rx, &bell), Poll::Ready(Some(1)));
    }
}

#[test]
fn a_clone_starts_without_the_place_of_a_stream() {
    let (_tx, mut rx, bell) = matched(1);
    let clone = rx.clone();
    assert_eq!(
        clone.try_recv(),
        Err(TryRecvError::Empty),
        "the value is the other handle's"
    );
    assert_eq!(poll_next(&mut rx, &bell), Poll::Ready(Some(1)));
}

#[test]
fn a_matched_stream_that_is_dropped_passes_its_turn_on() {
    for capacity in [0, 1, 3] {
        let (_tx, rx, bell) = matched(capacity);
        let clone = rx.clone();
        let mut next = clone.recv();
        bell.waits(&mut next);
        drop(rx);
        assert_eq!(bell.rings(), 1);
        assert_eq!(bell.gets(&mut next), Ok(1));
    }
}

#[test]
fn waiting_for_the_end_gives_back_what_a_stream_was_matched_with() {
    // Otherwise the handle would wait for a value that only itself could take.
    let (tx, rx, bell) = matched(1);
    drop(tx);
    let clone = rx.clone();
    let mut drained = rx.drained();
    bell.waits(&mut drained);
    assert_eq!(clone.try_recv(), Ok(1));
    assert_eq!(bell.rings(), 1);
    bell.gets(&mut drained);
}

#[test]
fn a_stream_that_waits_is_told_of_the_end_through_any_operation() {
    let (tx, mut rx) = millstream::bounded::<u32>(1);
    let bell = Bell::new();
    assert!(poll_next(&mut rx, &bell).is_pending());
    drop(tx);
    assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
    assert_eq!(poll_next(&mut rx, &bell), Poll::Ready(None));
}

#[test]
fn the_stream_of_a_promise_has_one_value() {
    let (tx, mut rx) = millstream::promise();
    let bell = Bell::new();
    assert!(poll_next(&mut rx, &bell).is_pending());
    tx.try_send(0).unwrap();
    assert_eq!(bell.rings(), 1);
    assert!(!rx.is_terminated());
    assert_eq!(poll_next(&mut rx, &bell), Poll::Ready(Some(0)));
    assert_eq!(poll_next(&mut rx, &bell), Poll::Ready(None), "open or not");
    assert!(rx.is_terminated());
    assert_eq!(rx.try_recv(), Ok(0), "a receive answers every time");
    let mut clone = rx.clone();
    assert!(!clone.is_terminated());
    assert_eq!(now(clone.next()), Some(0), "once for each handle");
    assert_eq!(now(clone.next()), None);
}

#[test]
fn the_stream_of_a_promise_that_is_never_made_ends_with_its_senders() {
    let (tx, mut rx) = millstream::promise::<u32>();
    let bell = Bell::new();
    assert!(poll_next(&mut rx, &bell).is_pending());
    drop(tx);
    assert_eq!(bell.rings(), 1);
    assert_eq!(poll_next(&mut rx, &bell), Poll::Ready(None));
}

#[test]
fn an_iterator_is_a_stream() {
    let mut rx = millstream::from_iter(1..=3);
    assert!(!rx.is_terminated());
    assert_eq!(now(StreamExt::collect::<Vec<_>>(&mut rx)), [1, 2, 3]);
    assert!(rx.is_terminated());
}

#[test]
fn a_sink_reserves_in_poll_ready() {
    let (tx, rx) = millstream::bounded(1);
    let bell = Bell::new();
    let mut sink = tx.sink();
    assert!(sink.sender().same_channel(&tx));
    assert_eq!(poll_ready(&mut sink, &bell), Poll::Ready(true));
    assert_eq!(
        poll_ready(&mut sink, &bell),
        Poll::Ready(true),
        "one place, however often it is asked"
    );
    assert_eq!(tx.try_send(2), Err(TrySendError::Full(2)));
    Pin::new(&mut sink).start_send(1).unwrap();
    assert!(poll_ready(&mut sink, &bell).is_pending());
    assert_eq!(rx.try_recv(), Ok(1));
    assert_eq!(bell.rings(), 1);
    assert_eq!(poll_ready(&mut sink, &bell), Poll::Ready(true));
    Pin::new(&mut sink).start_send(3).unwrap();
    let mut context = Context::from_waker(Waker::noop());
    assert!(Pin::new(&mut sink).poll_flush(&mut context).is_ready());
    assert!(poll_close(&mut sink));
    assert!(tx.is_closed());
    assert_eq!(poll_ready(&mut sink, &bell), Poll::Ready(false));
    assert_eq!(rx.try_iter().collect::<Vec<_>>(), [3]);
}

#[test]
fn a_sink_that_is_dropped_gives_its_place_up() {
    let (tx, _rx) = millstream::bounded(1);
    let bell = Bell::new();
    let mut ready = tx.sink();
    assert_eq!(poll_ready(&mut ready, &bell), Poll::Ready(true));
    let mut waiting = tx.sink();
    assert!(poll_ready(&mut waiting, &bell).is_pending());
    let mut send = tx.send(1);
    bell.waits(&mut send);
    drop(waiting);
    drop(ready);
    assert_eq!(bell.rings(), 1);
    assert_eq!(bell.gets(&mut send), Ok(()));
    assert_eq!(tx.sender_count(), 1);
}

#[test]
fn a_sink_gives_a_refused_value_back() {
    let (tx, rx) = millstream::bounded(1);
    let bell = Bell::new();
    let mut sink = tx.sink();
    assert_eq!(poll_ready(&mut sink, &bell), Poll::Ready(true));
    drop(rx);
    let error = Pin::new(&mut sink).start_send(7).unwrap_err();
    assert_eq!(error.into_inner(), Some(7));
    assert_eq!(poll_ready(&mut sink, &bell), Poll::Ready(false));
}

#[test]
fn a_sink_that_is_closed_does_not_hold_up_the_end() {
    // It has a place, or waits for one: neither will be used.
    for is_full in [false, true] {
        let (tx, rx) = millstream::bounded(1);
        let bell = Bell::new();
        let mut sink = tx.sink();
        if is_full {
            tx.try_send(1).unwrap();
        }
        assert_eq!(poll_ready(&mut sink, &bell).is_ready(), !is_full);
        assert!(poll_close(&mut sink));
        assert_eq!(rx.try_iter().count(), usize::from(is_full));
        assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
    }
}

#[test]
#[should_panic(expected = "before poll_ready")]
fn a_sink_is_asked_before_it_is_given_something() {
    let (tx, _rx) = millstream::bounded(1);
    let _ = Pin::new(&mut tx.sink()).start_send(1);
}
