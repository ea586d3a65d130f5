//! Selects and code that is not ours: closures that come back or panic, promises, buffers of the user's own.

mod common;

use common::{assert_no_trace, now, within, Bell};
use millstream::{ChannelState, Select};
use std::panic::{catch_unwind, AssertUnwindSafe};

#[test]
fn a_closure_that_comes_back_to_the_channel_finds_it_unlocked() {
    within(|| {
        let (tx, rx) = millstream::bounded(2);
        let use_it = |value: Result<u32, millstream::RecvError>| {
            tx.try_send(value.unwrap() + 1).unwrap();
            rx.try_recv().unwrap()
        };
        tx.try_send(1).unwrap();
        assert_eq!(Select::new().recv(&rx, use_it).wait(), 2);
        let mut waiting = Select::new().recv(&rx, use_it);
        Bell::new().waits(&mut waiting);
        tx.try_send(3).unwrap();
        assert_eq!(now(&mut waiting), 4);
        let mut set = millstream::SelectSet::new();
        set.recv(&rx, use_it);
        tx.try_send(5).unwrap();
        assert_eq!(set.wait(), Some(6));
    });
}

#[test]
fn a_closure_that_panics_leaves_the_arms_in_order() {
    let (a, b) = (millstream::bounded(1), millstream::bounded::<u32>(1));
    let mut select = Select::new()
        .recv(&a.1, |_| panic!("the closure's own"))
        .recv(&b.1, drop);
    Bell::new().waits(&mut select);
    a.0.try_send(1).unwrap();
    assert!(catch_unwind(AssertUnwindSafe(|| now(&mut select))).is_err());
    assert_no_trace(&a, 0);
    assert_no_trace(&b, 0);
    drop(select);
    a.0.try_send(2).unwrap();
    assert_eq!(a.1.try_recv(), Ok(2));
}

#[test]
fn a_select_over_a_promise_takes_it_when_it_comes() {
    let (tx, rx) = millstream::promise();
    let other = millstream::bounded::<u32>(1);
    let bell = Bell::new();
    let mut select = Select::new()
        .recv(&other.1, |value| value)
        .recv(&rx, |value| value);
    bell.waits(&mut select);
    tx.try_send(3).unwrap();
    assert_eq!(bell.rings(), 1);
    assert_eq!(bell.gets(&mut select), Ok(3));
    assert_no_trace(&other, 0);
    assert_eq!(rx.try_recv(), Ok(3));
}

#[test]
fn an_arm_that_finds_nothing_when_it_looks_waits_on_and_so_do_the_others() {
    // Over user code an arm is told to look; somebody else may have been quicker.
    let (tx, rx) = common::buffer::Plan::new().channel(1);
    let other = millstream::bounded(1);
    let bell = Bell::new();
    let mut select = Select::new()
        .recv(&rx, |value| value)
        .recv(&other.1, |value| value);
    bell.waits(&mut select);
    tx.try_send(1).unwrap();
    assert_eq!(rx.try_recv(), Ok(1));
    assert_eq!(bell.rings(), 1);
    bell.waits(&mut select);
    other.0.try_send(2).unwrap();
    assert_eq!(bell.rings(), 1);
    assert_eq!(bell.gets(&mut select), Ok(2));
    assert_eq!(tx.stats().state, ChannelState::Fluent);
}
