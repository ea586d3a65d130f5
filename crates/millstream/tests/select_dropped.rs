//! A select that is dropped: from then on it accepts nothing, whatever runs while it goes.

mod common;

use common::{assert_no_trace, Bell, Hooks};
use millstream::{Select, SelectSet, TrySendError};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::Context;

/// A value whose drop does this.
struct Parting<F: FnMut()>(F);

impl<F: FnMut()> Drop for Parting<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

#[test]
fn nobody_meets_a_select_that_is_being_dropped() {
    // The value of the arm that sends is dropped with the select, and its drop looks for somebody who receives.
    let (a, b) = (millstream::rendezvous(), millstream::rendezvous());
    let met = Arc::new(Mutex::new(None));
    let parting = {
        let (met, tx) = (met.clone(), b.0.clone());
        Parting(move || *met.lock().unwrap() = Some(tx.try_send(1)))
    };
    let mut select = Select::new().send(&a.0, parting, drop).recv(&b.1, drop);
    Bell::new().waits(&mut select);
    drop(select);
    let met = met.lock().unwrap().take();
    assert_eq!(met, Some(Err(TrySendError::Full(1))));
    assert_no_trace(&b, 0);
}

#[test]
fn a_waker_whose_drop_panics_costs_who_drops_a_select_nothing() {
    let (tx, rx) = millstream::bounded::<u32>(1);
    let (waker, hooks) = Hooks::on_drop(Box::new(|| panic!("the waker's own"))).waker();
    let mut select = Select::new().recv(&rx, drop);
    assert!(Pin::new(&mut select)
        .poll(&mut Context::from_waker(&waker))
        .is_pending());
    hooks.arm();
    drop(select);
    hooks.disarm();
    assert_eq!(hooks.runs(), 1);
    assert_no_trace(&(tx, rx), 0);
}

#[test]
fn nobody_meets_a_set_that_is_being_dropped() {
    let (a, b) = (millstream::rendezvous(), millstream::rendezvous());
    let met = Arc::new(Mutex::new(None));
    let parting = {
        let (met, tx) = (met.clone(), b.0.clone());
        Parting(move || *met.lock().unwrap() = Some(tx.try_send(1)))
    };
    let mut set = SelectSet::new();
    set.send(&a.0, parting, drop);
    set.recv(&b.1, drop);
    // A wait that was leaked has not said that it is over.
    let mut next = set.next();
    Bell::new().waits(&mut next);
    std::mem::forget(next);
    drop(set);
    let met = met.lock().unwrap().take();
    assert_eq!(met, Some(Err(TrySendError::Full(1))));
    assert_no_trace(&b, 0);
}
