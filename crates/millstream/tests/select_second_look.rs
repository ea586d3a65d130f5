//! Somebody who comes into line between a select's first look and its own standing in line: the two meet.
//!
//! The waker is cloned between the two, so that its clone is where a peer comes in.

mod common;

use common::{assert_no_trace, Bell, Hooks};
use millstream::{ChannelState, Select, SelectSet};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

/// Polls `future` once, and `peer` when the waker is cloned, so that it stands in line by then.
fn poll_with_peer<F, P>(future: &mut F, peer: P, bell: Bell) -> (Poll<F::Output>, P)
where
    F: Future + Unpin,
    P: Future + Unpin + Send + 'static,
{
    let peer = Arc::new(Mutex::new(Some(peer)));
    let comes = peer.clone();
    let deed = move || {
        // The first clone alone: a peer that has met the select is polled by the test.
        let mut comes = comes.lock().unwrap();
        bell.waits(comes.as_mut().expect("it is taken back at the end"));
    };
    let (waker, hooks) = Hooks::on_clone(Box::new(deed)).waker();
    hooks.arm();
    let polled = Pin::new(future).poll(&mut Context::from_waker(&waker));
    hooks.disarm();
    assert_eq!(hooks.runs(), 1, "the waker was cloned once on the way");
    let peer = peer.lock().unwrap().take();
    (polled, peer.expect("nobody else takes it"))
}

#[test]
fn a_select_that_receives_meets_a_sender_that_came_in_between() {
    let ((tx, rx), quiet) = (millstream::rendezvous(), millstream::bounded::<u32>(1));
    let mut select = Select::new()
        .recv(&quiet.1, |_| None)
        .recv(&rx, |value| value.ok());
    let sender = tx.clone();
    let send = Box::pin(async move { sender.send(7).await });
    let (polled, mut send) = poll_with_peer(&mut select, send, Bell::new());
    assert_eq!(polled, Poll::Ready(Some(7)));
    assert_eq!(Bell::new().gets(&mut send), Ok(()));
    drop((select, send));
    assert_no_trace(&(tx, rx), 0);
    assert_no_trace(&quiet, 0);
}

#[test]
fn a_select_that_sends_meets_a_receiver_that_came_in_between() {
    for capacity in [0, 1] {
        let ((tx, rx), quiet) = (millstream::bounded(capacity), millstream::bounded::<u32>(1));
        // With a place there is nothing to wait for at the first look, so that a value is in the way until then.
        let in_the_way = (capacity > 0).then(|| tx.try_send(0).unwrap());
        let mut select = Select::new()
            .recv(&quiet.1, |_| false)
            .send(&tx, 7, |sent| sent.is_ok());
        let receiver = rx.clone();
        let recv = Box::pin(async move {
            if in_the_way.is_some() {
                assert_eq!(receiver.recv().await, Ok(0));
            }
            receiver.recv().await
        });
        let (polled, mut recv) = poll_with_peer(&mut select, recv, Bell::new());
        assert_eq!(polled, Poll::Ready(true));
        assert_eq!(Bell::new().gets(&mut recv), Ok(7));
        drop((select, recv));
        assert_no_trace(&(tx, rx), 0);
        assert_no_trace(&quiet, 0);
    }
}

#[test]
fn a_select_that_reserves_meets_a_receiver_that_came_in_between() {
    let ((tx, rx), quiet) = (millstream::rendezvous(), millstream::bounded::<u32>(1));
    let mut select = Select::new()
        .recv(&quiet.1, |_| None)
        .reserve(&tx, |permit| permit.ok());
    let receiver = rx.clone();
    let recv = Box::pin(async move { receiver.recv().await });
    let (polled, mut recv) = poll_with_peer(&mut select, recv, Bell::new());
    let Poll::Ready(Some(permit)) = polled else {
        panic!("a receiver waits");
    };
    permit.send(7).unwrap();
    assert_eq!(Bell::new().gets(&mut recv), Ok(7));
    drop((select, recv));
    assert_eq!((tx.stats().state, tx.len()), (ChannelState::Fluent, 0));
    assert_no_trace(&quiet, 0);
}

#[test]
fn a_set_meets_whoever_came_in_between() {
    let ((tx, rx), quiet) = (millstream::rendezvous(), millstream::bounded::<u32>(1));
    let mut set = SelectSet::new();
    set.recv(&quiet.1, |_| None);
    set.recv(&rx, |value| value.ok());
    let sender = tx.clone();
    let send = Box::pin(async move { sender.send(7).await });
    let (polled, mut send) = poll_with_peer(&mut set.next(), send, Bell::new());
    assert_eq!(polled, Poll::Ready(Some(Some(7))));
    assert_eq!(Bell::new().gets(&mut send), Ok(()));
    drop((set, send));
    assert_eq!(tx.stats().state, ChannelState::Fluent);
    assert_no_trace(&quiet, 0);
}
