//! Claims: the right to take one value, which can be looked at, handed on, or given back.

mod common;

use common::{now, Bell, Ledger};
use millstream::{RecvError, Select, TryRecvError};

#[test]
fn a_claimed_value_stays_in_the_channel_until_it_is_taken() {
    let ledger = Ledger::new();
    let (tx, rx) = millstream::bounded(2);
    tx.try_send(ledger.make(1)).unwrap();
    let claim = now(rx.claim()).unwrap();
    assert!(claim.receiver().same_channel(&rx));
    assert!(rx.is_empty(), "it is spoken for");
    assert!(claim.take() == 1);
    assert_eq!(ledger.dropped(), [1]);
}

#[test]
fn claims_are_made_in_line_with_receives() {
    for capacity in [0, 1, 3] {
        let (tx, rx) = millstream::bounded(capacity);
        let bell = Bell::new();
        let (mut first, mut second) = (rx.claim(), rx.recv());
        bell.waits(&mut first);
        bell.waits(&mut second);
        tx.try_send(1).unwrap();
        tx.try_send(2).unwrap();
        let claim = bell.gets(&mut first).unwrap();
        assert_eq!(
            bell.gets(&mut second),
            Ok(1),
            "a claim is to a value, not to a certain one"
        );
        assert_eq!(claim.take(), 2);
    }
}

#[test]
fn a_claim_frees_the_place_of_its_value() {
    let (tx, rx) = millstream::bounded(1);
    let bell = Bell::new();
    tx.try_send(1).unwrap();
    let mut send = tx.send(2);
    bell.waits(&mut send);
    let claim = now(rx.claim()).unwrap();
    bell.gets(&mut send).unwrap();
    drop(claim);
    assert_eq!(rx.try_iter().collect::<Vec<_>>(), [1, 2]);
}

#[test]
fn a_value_that_is_looked_at_goes_back_to_the_front() {
    let (tx, rx) = millstream::bounded(3);
    for n in 1..=3 {
        tx.try_send(n).unwrap();
    }
    let mut claim = now(rx.claim()).unwrap();
    assert_eq!((*claim.peek(), *claim.peek()), (1, 1));
    assert_eq!(tx.stats().delivered(), 1);
    drop(claim);
    assert_eq!(tx.stats().delivered(), 0);
    let mut claim = now(rx.claim()).unwrap();
    assert_eq!(*claim.peek(), 1);
    assert_eq!(claim.take(), 1);
    assert_eq!(rx.try_iter().collect::<Vec<_>>(), [2, 3]);
    assert_eq!(tx.stats().delivered(), 3);
}

#[test]
fn a_value_that_goes_back_wakes_the_next_in_line() {
    let (tx, rx) = millstream::bounded(1);
    let bell = Bell::new();
    tx.try_send(1).unwrap();
    let mut claim = now(rx.claim()).unwrap();
    let mut recv = rx.recv();
    bell.waits(&mut recv);
    claim.peek();
    drop(claim);
    assert_eq!(bell.rings(), 1);
    assert_eq!(bell.gets(&mut recv), Ok(1));
}

#[test]
fn a_value_that_is_looked_at_is_not_the_end() {
    for takes in [true, false] {
        let (tx, rx) = millstream::bounded(1);
        let bell = Bell::new();
        tx.try_send(1).unwrap();
        drop(tx);
        let mut claim = now(rx.claim()).unwrap();
        let mut recv = rx.recv();
        bell.waits(&mut recv);
        claim.peek();
        assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
        assert_eq!(bell.rings(), 0);
        if takes {
            assert_eq!(claim.take(), 1);
            assert_eq!(bell.rings(), 1);
            assert_eq!(bell.gets(&mut recv), Err(RecvError));
        } else {
            drop(claim);
            assert_eq!(bell.gets(&mut recv), Ok(1));
        }
        assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
    }
}

#[test]
fn a_claim_moves_its_value_through_a_permit() {
    for peeks in [true, false] {
        let (tx, rx) = millstream::bounded(1);
        let (out, from_out) = millstream::bounded(1);
        tx.try_send(1).unwrap();
        drop(tx);
        let mut claim = now(rx.claim()).unwrap();
        if peeks {
            claim.peek();
        }
        assert!(claim.send_to(out.try_reserve().unwrap()).is_ok());
        assert_eq!(from_out.try_recv(), Ok(1));
        assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
    }
}

#[test]
fn a_claim_whose_value_is_refused_still_has_it() {
    let (tx, rx) = millstream::bounded(2);
    let (out, from_out) = millstream::bounded(1);
    tx.try_send(1).unwrap();
    tx.try_send(2).unwrap();
    drop(tx);
    let permit = out.try_reserve().unwrap();
    drop(from_out);
    let claim = now(rx.claim()).unwrap().send_to(permit).unwrap_err();
    assert_eq!(rx.try_recv(), Ok(2), "the value itself is still in hand");
    assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
    drop(claim);
    assert_eq!(rx.try_recv(), Ok(1));
    assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
}

#[test]
fn a_claim_is_an_arm_of_a_select() {
    let (tx, rx) = millstream::bounded(1);
    let (_other, other) = millstream::bounded::<u32>(1);
    let bell = Bell::new();
    let mut select = Select::new()
        .arm(rx.claim(), |claim| claim.unwrap().take())
        .recv(&other, |value| value.unwrap());
    bell.waits(&mut select);
    tx.try_send(1).unwrap();
    assert_eq!(bell.rings(), 1);
    assert_eq!(bell.gets(&mut select), 1);

    // At once, by registering, and as a loser.
    tx.try_send(2).unwrap();
    let claim = now(Select::new().arm(rx.claim(), |claim| claim.unwrap()));
    assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
    drop(claim);
    let mut loser = Select::new().arm(rx.claim(), drop).default(|| ());
    bell.gets(&mut loser);
    drop(loser);
    assert_eq!(rx.try_recv(), Ok(2));
    let mut waiting = Select::new().arm(rx.claim(), drop);
    bell.waits(&mut waiting);
    tx.try_send(3).unwrap();
    drop(waiting);
    assert_eq!(
        rx.try_recv(),
        Ok(3),
        "a select that was committed and dropped gives it back"
    );
}

#[test]
fn the_end_is_told_to_those_who_claim() {
    let (tx, rx) = millstream::bounded::<u32>(1);
    let bell = Bell::new();
    let mut claim = rx.claim();
    bell.waits(&mut claim);
    drop(tx);
    assert_eq!(bell.rings(), 1);
    assert_eq!(bell.gets(&mut claim).unwrap_err(), RecvError);
    assert_eq!(now(rx.claim()).unwrap_err(), RecvError);
}
