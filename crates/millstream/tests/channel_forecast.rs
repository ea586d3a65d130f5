//! A handle that expects its operation to wait brings its waker before it looks: what that must not change.

mod common;

use common::{ignore, Bell, Hooks};
use millstream::{ChannelState, Receiver, RecvError, SendError, Sender};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

type Channel = (Sender<u32>, Receiver<u32>);

fn poll<F: Future + Unpin>(future: &mut F, waker: &Waker) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Context::from_waker(waker))
}

/// A channel whose receiver has waited, and has left nothing behind it: it expects to wait again.
fn receiver_expects(capacity: usize) -> Channel {
    let (tx, rx) = millstream::bounded(capacity);
    let bell = Bell::new();
    let mut recv = rx.recv();
    bell.waits(&mut recv);
    tx.try_send(0).unwrap();
    assert_eq!(bell.gets(&mut recv), Ok(0));
    drop(recv);
    (tx, rx)
}

/// A channel whose sender has waited, and has found no place after it: it expects to wait again.
fn sender_expects(capacity: usize) -> Channel {
    let (tx, rx) = millstream::bounded(capacity);
    for _ in 0..capacity {
        tx.try_send(0).unwrap();
    }
    let bell = Bell::new();
    let mut send = tx.send(0);
    bell.waits(&mut send);
    assert_eq!(rx.try_recv(), Ok(0));
    assert_eq!(bell.gets(&mut send), Ok(()));
    drop(send);
    (tx, rx)
}

/// A waker whose clones panic when they are dropped.
fn explosive() -> (Waker, std::sync::Arc<Hooks>) {
    Hooks::on_drop(Box::new(|| panic!("the waker's own"))).waker()
}

/// Counts the clones that one poll makes.
fn clones_of_one_poll<F: Future + Unpin>(future: &mut F) -> usize {
    let (waker, hooks) = Hooks::on_clone(Box::new(|| {})).waker();
    hooks.arm();
    ignore(poll(future, &waker));
    hooks.runs()
}

#[test]
fn a_receive_takes_the_value_that_came_against_expectation() {
    for capacity in [1, 2] {
        let (tx, rx) = receiver_expects(capacity);
        tx.try_send(7).unwrap();
        let (waker, hooks) = explosive();
        hooks.arm();
        let polled = poll(&mut rx.recv(), &waker);
        hooks.disarm();
        assert_eq!(polled, Poll::Ready(Ok(7)), "whatever its waker does");
        assert_eq!(hooks.runs(), 1, "it was cloned in vain");
        common::assert_no_trace(&(tx, rx), 0);
    }
}

#[test]
fn a_receive_meets_the_send_that_came_against_expectation() {
    let (tx, rx) = receiver_expects(0);
    let (sending, receiving) = (Bell::new(), Bell::new());
    let mut send = tx.send(7);
    sending.waits(&mut send);
    assert_eq!(receiving.gets(&mut rx.recv()), Ok(7));
    assert_eq!(sending.rings(), 1);
    assert_eq!(sending.gets(&mut send), Ok(()));
    drop(send);
    assert_eq!((sending.held(), receiving.held()), (0, 0));
    common::assert_no_trace(&(tx, rx), 0);
}

#[test]
fn a_receive_is_told_the_end_that_came_against_expectation() {
    let (tx, rx) = receiver_expects(1);
    drop(tx);
    assert_eq!(Bell::new().gets(&mut rx.recv()), Err(RecvError));
}

#[test]
fn a_send_takes_the_place_that_came_against_expectation() {
    for capacity in [1, 2] {
        let (tx, rx) = sender_expects(capacity);
        assert_eq!(rx.try_recv(), Ok(0));
        let (waker, hooks) = explosive();
        hooks.arm();
        let polled = poll(&mut tx.send(7), &waker);
        hooks.disarm();
        assert_eq!(polled, Poll::Ready(Ok(())), "whatever its waker does");
        assert_eq!(hooks.runs(), 1, "it was cloned in vain");
        assert_eq!(rx.drain().collect::<Vec<_>>(), [0, 7][2 - capacity..]);
        common::assert_no_trace(&(tx, rx), 0);
    }
}

#[test]
fn a_send_meets_the_receive_that_came_against_expectation() {
    let (tx, rx) = sender_expects(0);
    let (sending, receiving) = (Bell::new(), Bell::new());
    let mut recv = rx.recv();
    receiving.waits(&mut recv);
    assert_eq!(sending.gets(&mut tx.send(7)), Ok(()));
    assert_eq!(receiving.rings(), 1);
    assert_eq!(receiving.gets(&mut recv), Ok(7));
    drop(recv);
    assert_eq!((sending.held(), receiving.held()), (0, 0));
    common::assert_no_trace(&(tx, rx), 0);
}

#[test]
fn a_send_gets_its_value_back_at_the_end_that_came_against_expectation() {
    let (tx, rx) = sender_expects(1);
    drop(rx);
    assert_eq!(Bell::new().gets(&mut tx.send(7)), Err(SendError(7)));
}

#[test]
fn a_reservation_takes_the_place_that_came_against_expectation() {
    let (tx, rx) = sender_expects(1);
    assert_eq!(rx.try_recv(), Ok(0));
    Bell::new()
        .gets(&mut tx.reserve())
        .unwrap()
        .send(7)
        .unwrap();
    assert_eq!(rx.try_recv(), Ok(7));
}

#[test]
fn an_expectation_that_was_wrong_is_not_relied_on_again() {
    let (tx, rx) = receiver_expects(1);
    for clones in [1, 0, 0] {
        tx.try_send(7).unwrap();
        assert_eq!(clones_of_one_poll(&mut rx.recv()), clones);
        assert_eq!(tx.stats().state, ChannelState::Fluent);
    }
    let (tx, rx) = sender_expects(1);
    for clones in [1, 0, 0] {
        assert_eq!(rx.try_recv(), Ok(0));
        assert_eq!(clones_of_one_poll(&mut tx.send(0)), clones);
        assert_eq!(tx.stats().state, ChannelState::Fluent);
    }
}
