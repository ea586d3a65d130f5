//! Wakers that come back to the channel, or panic, when they are cloned or dropped.

mod common;

use common::waiter::{empty, full, run_all, Manner, Scenario, Waiter};
use common::{now, Bell, Hooks};
use millstream::{Receiver, Select, SelectSet};
use std::future::Future;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

/// Every way in which a channel lets go of a waker without waking it.
const DROPS: &[Scenario] = &[
    ("a receive", |waiter| {
        let (tx, rx) = empty();
        waiter.pokes(&tx, &rx);
        let mut recv = rx.recv();
        waiter.waits(&mut recv);
        drop(recv);
        assert!(tx.try_send(1).is_ok() && rx.try_recv() == Ok(1));
    }),
    ("a batch", |waiter| {
        let (tx, rx) = empty();
        waiter.pokes(&tx, &rx);
        let mut batch = Vec::new();
        let mut many = rx.recv_many(&mut batch, 9);
        waiter.waits(&mut many);
    }),
    ("a claim", |waiter| {
        let (tx, rx) = empty();
        waiter.pokes(&tx, &rx);
        let mut claim = rx.claim();
        waiter.waits(&mut claim);
    }),
    ("a send", |waiter| {
        let (tx, rx) = full();
        waiter.pokes(&tx, &rx);
        let mut send = tx.send(1);
        waiter.waits(&mut send);
    }),
    ("a reservation", |waiter| {
        let (tx, rx) = full();
        waiter.pokes(&tx, &rx);
        let mut reserve = tx.reserve();
        waiter.waits(&mut reserve);
    }),
    ("a watcher", |waiter| {
        let (tx, rx) = full();
        waiter.pokes(&tx, &rx);
        let mut closed = tx.closed();
        waiter.waits(&mut closed);
        drop(closed);
        let mut drained = rx.drained();
        waiter.waits(&mut drained);
    }),
    ("a stream", |waiter| {
        let (tx, mut rx) = empty();
        waiter.pokes(&tx, &rx);
        waiter.waits_for_next(&mut rx);
        drop(rx);
    }),
    ("a stream that is taken over", |waiter| {
        let (tx, mut rx) = empty();
        waiter.pokes(&tx, &rx);
        for take_over in [
            |rx: &Receiver<u32>| assert!(rx.try_recv().is_err()),
            |rx: &Receiver<u32>| assert!(rx.recv_timeout(Duration::ZERO).is_err()),
            |rx: &Receiver<u32>| drop(rx.drain()),
            |rx: &Receiver<u32>| Bell::new().waits(&mut rx.recv()),
            |rx: &Receiver<u32>| Bell::new().waits(&mut rx.claim()),
            |rx: &Receiver<u32>| Bell::new().waits(&mut rx.drained()),
        ] {
            waiter.waits_for_next(&mut rx);
            take_over(&rx);
        }
    }),
    ("a waker that is replaced", |waiter| {
        let (tx, rx) = full();
        waiter.pokes(&tx, &rx);
        let bell = Bell::new();
        let mut send = tx.send(1);
        waiter.waits(&mut send);
        bell.waits(&mut send);
        drop(send);
        let mut reserve = tx.reserve();
        waiter.waits(&mut reserve);
        bell.waits(&mut reserve);
        drop(reserve);
        assert_eq!(rx.try_recv(), Ok(0));
        let mut recv = rx.recv();
        waiter.waits(&mut recv);
        bell.waits(&mut recv);
        let mut closed = tx.closed();
        waiter.waits(&mut closed);
        bell.waits(&mut closed);
    }),
    ("a select", |waiter| {
        let ((tx, rx), (other, _rx)) = (empty(), full());
        waiter.pokes(&tx, &rx);
        let mut select = Select::new().recv(&rx, drop).send(&other, 1, drop);
        waiter.waits(&mut select);
        drop(select);
        let mut select = Select::new().recv(&rx, drop);
        waiter.waits(&mut select);
        Bell::new().waits(&mut select);
    }),
    ("a set", |waiter| {
        let (tx, rx) = empty();
        waiter.pokes(&tx, &rx);
        let mut set = SelectSet::new();
        set.recv(&rx, drop);
        let mut next = set.next();
        waiter.waits(&mut next);
        drop(next);
        waiter.waits(&mut set.next());
        drop(set);
    }),
    ("a timer that wins", |waiter| {
        let mut manual = millstream::runtime::Manual::new();
        let _entered = manual.enter();
        let (tx, rx) = empty();
        waiter.pokes(&tx, &rx);
        let second = Duration::from_secs(1);
        let mut select = Select::new().recv(&rx, |_| 0).after(second, || 1);
        waiter.waits(&mut select);
        manual.advance(second);
        assert!(matches!(waiter.poll(&mut select), Poll::Ready(1)));
    }),
];

#[test]
fn a_waker_whose_drop_comes_back_to_the_channel_finds_it_unlocked() {
    run_all(DROPS, Hooks::on_drop, Manner::ComesBack);
}

#[test]
fn a_waker_whose_clone_comes_back_to_the_channel_finds_it_unlocked() {
    run_all(DROPS, Hooks::on_clone, Manner::ComesBack);
}

#[test]
fn a_waker_whose_drop_panics_leaves_the_channel_usable() {
    for (name, scenario) in DROPS {
        let waiter = Waiter::new(Hooks::on_drop, Manner::Panics);
        let (tx, rx) = millstream::bounded(3);
        let outcome = catch_unwind(AssertUnwindSafe(|| scenario(&waiter)));
        waiter.hooks.disarm();
        assert!(
            waiter.hooks.runs() > 0,
            "{name}: the waker's code never ran"
        );
        // It may come out where it was caused or be swallowed, but no lock is held.
        drop(outcome);
        waiter.pokes(&tx, &rx);
        waiter.hooks.disarm();
        tx.try_send(1).unwrap();
        assert_eq!(rx.try_recv(), Ok(1));
    }
}

#[test]
fn a_replaced_waker_whose_drop_panics_costs_no_value() {
    for capacity in [0, 1] {
        let (tx, rx) = millstream::bounded(capacity);
        let (waker, hooks) = Hooks::on_drop(Box::new(|| panic!("the waker's own"))).waker();
        let (bell, next) = (Bell::new(), Bell::new());
        let mut recv = rx.recv();
        let mut behind = rx.recv();
        assert!(Pin::new(&mut recv)
            .poll(&mut Context::from_waker(&waker))
            .is_pending());
        next.waits(&mut behind);
        hooks.arm();
        let polled = catch_unwind(AssertUnwindSafe(|| bell.poll(&mut recv)));
        hooks.disarm();
        assert!(polled.is_err(), "the panic comes out of the poll");
        // Whatever has become of the future, the value reaches somebody.
        tx.try_send(1).unwrap();
        drop(recv);
        assert_eq!(next.rings(), 1);
        assert_eq!(next.gets(&mut behind), Ok(1));
    }
}

#[test]
fn a_waker_whose_clone_panics_leaves_nobody_in_line() {
    let (tx, rx) = full();
    let (waker, hooks) = Hooks::on_clone(Box::new(|| panic!("the waker's own"))).waker();
    hooks.arm();
    let mut context = Context::from_waker(&waker);
    let mut send = tx.send(1);
    assert!(catch_unwind(AssertUnwindSafe(|| Pin::new(&mut send).poll(&mut context))).is_err());
    drop(send);
    assert_eq!(rx.try_recv(), Ok(0));
    let mut recv = rx.recv();
    let mut select = Select::new().recv(&rx, drop);
    assert!(catch_unwind(AssertUnwindSafe(|| Pin::new(&mut recv).poll(&mut context))).is_err());
    assert!(catch_unwind(AssertUnwindSafe(|| Pin::new(&mut select).poll(&mut context))).is_err());
    assert_eq!(tx.stats().state, millstream::ChannelState::Fluent);
    hooks.disarm();
    assert!(
        Pin::new(&mut recv).poll(&mut context).is_pending(),
        "it may be polled again"
    );
    tx.try_send(2).unwrap();
    assert_eq!(now(&mut recv), Ok(2));
}

#[test]
fn a_value_that_comes_while_the_waker_is_cloned_is_not_lost_to_a_panicking_drop() {
    // The clone puts a value in the channel, so the waiter is not needed after all; its drop panics.
    let (tx, rx) = millstream::bounded(1);
    let mut hooks = Hooks::on_drop(Box::new(|| panic!("the waker's own")));
    hooks.on_clone = Some(Box::new({
        let tx = tx.clone();
        move || tx.try_send(1).unwrap()
    }));
    let (waker, hooks) = hooks.waker();
    hooks.arm();
    let mut recv = rx.recv();
    let mut context = Context::from_waker(&waker);
    let polled = catch_unwind(AssertUnwindSafe(|| Pin::new(&mut recv).poll(&mut context)));
    hooks.disarm();
    assert_eq!(hooks.runs(), 2, "one clone, one drop");
    drop(recv);
    let received = matches!(polled, Ok(Poll::Ready(Ok(1))));
    assert!(received || rx.try_recv() == Ok(1), "the value is gone");
}

#[test]
fn a_set_hands_its_value_over_although_its_waker_panics_when_dropped() {
    let (tx, rx) = millstream::bounded(1);
    let (waker, hooks) = Hooks::on_drop(Box::new(|| panic!("the waker's own"))).waker();
    let mut set = SelectSet::new();
    set.recv(&rx, |value| value);
    tx.try_send(1).unwrap();
    hooks.arm();
    let got = catch_unwind(AssertUnwindSafe(|| {
        let mut next = set.next();
        Pin::new(&mut next).poll(&mut Context::from_waker(&waker))
    }));
    hooks.disarm();
    drop(set);
    let received = matches!(got, Ok(Poll::Ready(Some(Ok(1)))));
    assert!(received || rx.try_recv() == Ok(1), "the value is gone");
}
