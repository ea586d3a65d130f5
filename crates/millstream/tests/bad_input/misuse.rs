//! What is easily done wrong with handles, permits and ends.

use crate::common::{now, Bell};
use millstream::{SendError, SendTimeoutError, TryRecvError, TrySendError};
use std::mem;
use std::time::Duration;

#[test]
fn a_receiver_that_was_thrown_away_at_once_refuses_every_send() {
    let (tx, _) = millstream::bounded(4);
    assert_eq!(tx.try_send(1), Err(TrySendError::Closed(1)));
    assert_eq!(tx.send_blocking(2), Err(SendError(2)));
    assert_eq!(
        tx.send_timeout(3, Duration::MAX),
        Err(SendTimeoutError::Closed(3))
    );
    assert!(tx.try_reserve().unwrap_err().is_closed());
    let sent = now(tx.send_many([4, 5]));
    assert_eq!(sent, Err(SendError(vec![4])), "what was pulled comes back");
    assert!(
        tx.downgrade().upgrade().is_some(),
        "the sender is there, and says so when it is used"
    );
}

#[test]
fn a_sender_that_was_thrown_away_at_once_is_an_end() {
    let (_, rx) = millstream::bounded::<u32>(4);
    assert_eq!(rx.recv_blocking(), Err(millstream::RecvError));
    assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
    assert_eq!((rx.iter().next(), rx.drain().len()), (None, 0));
    now(rx.drained());
}

#[test]
fn a_rendezvous_with_oneself_waits_and_can_be_given_up() {
    let (tx, rx) = millstream::rendezvous();
    let timeout = tx.send_timeout(1, Duration::from_millis(1));
    assert_eq!(timeout, Err(SendTimeoutError::Timeout(1)));
    assert_eq!(tx.try_send(2), Err(TrySendError::Full(2)));
    assert!(
        tx.try_reserve().unwrap_err().is_full(),
        "a permit needs a receiver that waits"
    );
    assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
}

#[test]
fn a_future_that_is_not_awaited_has_done_nothing() {
    let (tx, rx) = millstream::bounded(1);
    drop(tx.send(1));
    drop(tx.reserve());
    assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
    tx.try_send(2).unwrap();
    drop(rx.recv());
    drop(rx.claim());
    assert_eq!(rx.try_recv(), Ok(2));
}

#[test]
fn closing_twice_is_closing_once() {
    let (tx, rx) = millstream::bounded(1);
    tx.try_send(1).unwrap();
    assert!(tx.close());
    assert!(!tx.close() && !rx.close());
    assert_eq!(tx.try_send(2), Err(TrySendError::Closed(2)));
    let late = tx.clone();
    assert_eq!(
        late.send_blocking(3),
        Err(SendError(3)),
        "a clone does not open it again"
    );
    assert_eq!(rx.try_recv(), Ok(1));
    assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
}

#[test]
fn a_permit_is_good_after_the_close_and_refused_after_the_last_receiver() {
    let (tx, rx) = millstream::bounded(1);
    let permit = tx.try_reserve().unwrap();
    tx.close();
    permit.send(1).unwrap();
    assert_eq!(rx.try_recv(), Ok(1));
    let (tx, rx) = millstream::bounded(1);
    let permit = tx.try_reserve().unwrap();
    drop(rx);
    assert_eq!(permit.send(2), Err(SendError(2)));
}

#[test]
fn a_permit_that_is_forgotten_withholds_its_place_and_the_end() {
    let (tx, rx) = millstream::bounded(2);
    mem::forget(tx.try_reserve().unwrap());
    tx.try_send(1).unwrap();
    assert_eq!(tx.try_send(2), Err(TrySendError::Full(2)));
    tx.close();
    assert_eq!(rx.try_recv(), Ok(1));
    assert_eq!(
        rx.try_recv(),
        Err(TryRecvError::Empty),
        "it is still on its way"
    );
}

#[test]
fn a_claim_that_is_forgotten_withholds_one_value_and_the_end() {
    let (tx, rx) = millstream::bounded(2);
    tx.try_send(1).unwrap();
    tx.try_send(2).unwrap();
    mem::forget(now(rx.claim()).unwrap());
    // The claim is the right to a value and not to a certain one.
    assert_eq!(rx.try_recv(), Ok(1));
    assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
    tx.close();
    assert_eq!(
        rx.try_recv(),
        Err(TryRecvError::Empty),
        "one value is withheld"
    );
}

#[test]
fn a_weak_handle_brings_nobody_back() {
    let (tx, rx) = millstream::bounded::<u32>(1);
    let (weak_tx, weak_rx) = (tx.downgrade(), rx.downgrade());
    drop(tx);
    assert!(weak_tx.upgrade().is_none());
    assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
    drop(rx);
    assert!(weak_rx.upgrade().is_none());
}

#[test]
fn a_loop_that_keeps_a_sender_of_its_own_channel_does_not_end_by_itself() {
    // It waits, as its own sender could still send: seen here by a receive that has to wait.
    let (tx, rx) = millstream::bounded::<u32>(1);
    let bell = Bell::new();
    let mut recv = rx.recv();
    bell.waits(&mut recv);
    let weak = tx.downgrade();
    drop(tx);
    assert_eq!(
        bell.rings(),
        1,
        "a weak handle is the remedy: it does not keep the channel open"
    );
    assert!(bell.gets(&mut recv).is_err() && weak.upgrade().is_none());
}

#[test]
fn handles_of_two_channels_are_told_apart() {
    let ((one, _a), (other, _b)) = (millstream::bounded::<u32>(1), millstream::bounded::<u32>(1));
    assert!(one.same_channel(&one.clone()) && !one.same_channel(&other));
}
