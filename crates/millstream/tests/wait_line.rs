//! The line of those who wait: what a poll that finds nothing new does to it, which is nothing.

mod common;

use common::{assert_no_trace, Hooks};
use millstream::{Select, SelectSet};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

/// Polls with that very waker.
fn poll<F: Future + Unpin>(future: &mut F, waker: &Waker) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Context::from_waker(waker))
}

/// Polls twice, and wants the waker cloned by the first poll and by no other: who is in line already brings nothing new.
fn is_cloned_once<F: Future + Unpin>(mut future: F) {
    let (waker, hooks) = Hooks::on_clone(Box::new(|| {})).waker();
    hooks.arm();
    assert!(poll(&mut future, &waker).is_pending());
    assert_eq!(hooks.runs(), 1, "it is kept");
    for _ in 0..3 {
        assert!(poll(&mut future, &waker).is_pending());
    }
    assert_eq!(hooks.runs(), 1, "it is the same that is kept");
}

#[test]
fn a_waker_that_is_kept_already_is_not_cloned_again() {
    let (tx, rx) = millstream::bounded(1);
    is_cloned_once(rx.recv());
    is_cloned_once(Select::new().recv(&rx, |value| value));
    let mut set = SelectSet::new();
    set.recv(&rx, |value| value);
    is_cloned_once(set.next());
    drop(set);
    tx.try_send(1).unwrap();
    is_cloned_once(tx.send(2));
    is_cloned_once(tx.reserve());
    is_cloned_once(Select::new().send(&tx, 2, |sent| sent));
    assert_no_trace(&(tx, rx), 1);
}

/// Polls once with a waker whose drop panics, and drops the future, which must not.
fn is_dropped_in_peace<F: Future + Unpin>(mut future: F) {
    let (waker, hooks) = Hooks::on_drop(Box::new(|| panic!("the waker's own"))).waker();
    assert!(poll(&mut future, &waker).is_pending());
    hooks.arm();
    drop(future);
    hooks.disarm();
    assert_eq!(hooks.runs(), 1, "its waker went with it");
}

#[test]
fn a_waker_whose_drop_panics_costs_who_drops_a_wait_nothing() {
    let (tx, rx) = millstream::bounded(1);
    is_dropped_in_peace(rx.recv());
    is_dropped_in_peace(rx.claim());
    is_dropped_in_peace(rx.drained());
    is_dropped_in_peace(tx.closed());
    tx.try_send(1).unwrap();
    is_dropped_in_peace(tx.send(2));
    is_dropped_in_peace(tx.reserve());
    assert_no_trace(&(tx, rx), 1);
}
