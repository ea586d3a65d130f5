//! A value that was received and goes back: to the front, to whoever waits, whatever the capacity.

mod common;

use common::{now, Bell, Ledger};
use millstream::{RecvError, TryRecvError};

#[test]
fn it_goes_to_the_front_also_of_a_full_channel() {
    let (tx, rx) = millstream::bounded(2);
    tx.try_send(1).unwrap();
    tx.try_send(2).unwrap();
    let first = rx.try_recv().unwrap();
    tx.try_send(3).unwrap();
    rx.put_back(first);
    assert!(tx.try_send(4).unwrap_err().is_full());
    assert_eq!(rx.try_iter().collect::<Vec<_>>(), [1, 2, 3]);
}

#[test]
fn whoever_waits_gets_it_and_is_woken_once() {
    for capacity in [0, 1] {
        let (_tx, rx) = millstream::bounded(capacity);
        let bell = Bell::new();
        let mut waiting = rx.recv();
        bell.waits(&mut waiting);
        rx.put_back(7);
        assert_eq!(rx.try_recv(), Err(TryRecvError::Empty), "it is spoken for");
        assert_eq!(bell.gets(&mut waiting), Ok(7));
    }
}

#[test]
fn it_can_be_received_after_the_close() {
    let (tx, rx) = millstream::bounded(1);
    tx.try_send(1).unwrap();
    drop(tx);
    let value = rx.try_recv().unwrap();
    assert_eq!(now(rx.recv()), Err(RecvError));
    rx.put_back(value);
    assert_eq!(now(rx.recv()), Ok(1));
    assert_eq!(now(rx.recv()), Err(RecvError));
}

#[test]
fn it_lies_in_front_of_an_iterator() {
    let rx = millstream::from_iter(1..4);
    let first = rx.try_recv().unwrap();
    rx.put_back(first);
    assert_eq!(rx.try_iter().collect::<Vec<_>>(), [1, 2, 3]);
}

#[test]
fn a_promise_drops_it_and_keeps_its_own() {
    let (tx, rx) = millstream::promise();
    tx.try_send(1).unwrap();
    rx.put_back(2);
    assert_eq!((rx.try_recv(), rx.try_recv()), (Ok(1), Ok(1)));
}

#[test]
fn it_goes_with_the_last_receiver() {
    let ledger = Ledger::new();
    let (tx, rx) = millstream::bounded(1);
    tx.try_send(ledger.make(1)).unwrap();
    let value = rx.try_recv().unwrap();
    rx.put_back(value);
    assert_eq!(ledger.dropped(), []);
    drop(rx);
    assert_eq!(ledger.dropped(), [1]);
}
