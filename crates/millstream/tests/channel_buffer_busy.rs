//! What happens to those who come while somebody else runs the code of a channel's buffer.

mod common;

use common::buffer::{Gate, Plan};
use common::{now, within, Bell, Ledger};
use std::thread;

#[test]
fn receivers_that_come_while_the_buffer_is_out_wait_and_look_again() {
    within(|| {
        let gate = Gate::new();
        let (tx, rx) = Plan::new().pop_waits_at(gate.clone()).channel(4);
        tx.try_send(1).unwrap();
        tx.try_send(2).unwrap();
        thread::scope(|scope| {
            let first = scope.spawn(|| rx.try_recv());
            gate.reached();
            // The buffer is with the first receiver.
            let bell = Bell::new();
            let (mut recv, mut drained) = (rx.recv(), rx.drained());
            bell.waits(&mut recv);
            bell.waits(&mut drained);
            let patient = scope.spawn(|| rx.try_recv());
            // Those who only look are not held up.
            let _ = (rx.len(), rx.stats(), tx.is_full(), format!("{rx:?}"));
            gate.open();
            assert_eq!(first.join().unwrap(), Ok(1));
            let second = patient.join().unwrap();
            assert!(bell.rings() > 0);
            // Whoever looked first has it; nobody was answered falsely.
            match second {
                Ok(value) => assert_eq!(value, 2),
                Err(error) => panic!("{error:?} although a value was there"),
            }
            bell.waits(&mut recv);
            tx.try_send(3).unwrap();
            assert_eq!(bell.gets(&mut recv), Ok(3));
        });
    });
}

#[test]
fn senders_that_come_while_the_buffer_is_out_wait_and_look_again() {
    within(|| {
        let gate = Gate::new();
        let (tx, rx) = Plan::new().push_waits_at(gate.clone()).channel(4);
        thread::scope(|scope| {
            let first = scope.spawn(|| tx.try_send(1));
            gate.reached();
            let bell = Bell::new();
            let mut send = tx.send(2);
            bell.waits(&mut send);
            let patient = scope.spawn(|| tx.try_send(3));
            gate.open();
            first.join().unwrap().unwrap();
            patient.join().unwrap().unwrap();
            assert_eq!(bell.rings(), 1);
            bell.gets(&mut send).unwrap();
        });
        let mut got: Vec<_> = rx.try_iter().collect();
        got[1..].sort_unstable();
        assert_eq!(got, [1, 2, 3]);
    });
}

#[test]
fn a_value_that_is_being_claimed_is_not_the_end() {
    within(|| {
        let gate = Gate::new();
        let (tx, rx) = Plan::new().pop_waits_at(gate.clone()).channel(4);
        tx.try_send(1).unwrap();
        drop(tx);
        thread::scope(|scope| {
            let claimer = scope.spawn(|| drop(now(rx.claim()).unwrap()));
            gate.reached();
            let bell = Bell::new();
            let mut recv = rx.recv();
            bell.waits(&mut recv);
            gate.open();
            claimer.join().unwrap();
            assert_eq!(bell.gets(&mut recv), Ok(1), "it was given back");
        });
    });
}

#[test]
fn a_buffer_that_is_out_is_dropped_when_it_comes_back() {
    within(|| {
        let (gate, ledger) = (Gate::new(), Ledger::new());
        let plan = Plan::new().push_waits_at(gate.clone()).tracked(&ledger);
        let (tx, rx) = plan.channel(2);
        thread::scope(|scope| {
            let sender = scope.spawn(|| tx.try_send(1));
            gate.reached();
            drop(rx);
            assert_eq!(ledger.dropped(), []);
            gate.open();
            let _ = sender.join().unwrap();
        });
        assert_eq!(ledger.dropped(), [0]);
        assert!(tx.is_closed());
    });
}
