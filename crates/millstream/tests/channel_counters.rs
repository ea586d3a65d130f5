//! The counters of a channel: every way to receive is entered under how the value came.

mod common;

use common::{now, Bell};

/// How many values were counted as buffered, queued and immediate.
fn counts<T>(rx: &millstream::Receiver<T>) -> (u64, u64, u64) {
    let stats = rx.stats();
    (stats.buffered, stats.queued, stats.immediate)
}

#[test]
fn a_batch_counts_each_of_its_values() {
    let (tx, rx) = millstream::bounded(4);
    for value in 1..=4 {
        tx.try_send(value).unwrap();
    }
    let mut batch = Vec::new();
    assert_eq!(now(rx.recv_many(&mut batch, 3)), 3);
    assert_eq!(counts(&rx), (3, 0, 0));
    assert_eq!(rx.drain().collect::<Vec<_>>(), [4]);
    assert_eq!(counts(&rx), (4, 0, 0));
}

#[test]
fn a_batch_counts_the_values_that_come_in_while_it_is_taken() {
    let (tx, rx) = millstream::bounded(1);
    tx.try_send(1).unwrap();
    let (bell, mut sends) = (Bell::new(), [tx.send(2), tx.send(3)]);
    for send in &mut sends {
        bell.waits(send);
    }
    let mut batch = Vec::new();
    assert_eq!(now(rx.recv_many(&mut batch, 3)), 3);
    assert_eq!(batch, [1, 2, 3]);
    assert_eq!(counts(&rx), (3, 0, 0));
}

#[test]
fn a_batch_from_senders_that_wait_is_immediate() {
    let (tx, rx) = millstream::rendezvous();
    let (bell, mut sends) = (Bell::new(), [tx.send(1), tx.send(2)]);
    for send in &mut sends {
        bell.waits(send);
    }
    let mut batch = Vec::new();
    assert_eq!(now(rx.recv_many(&mut batch, 2)), 2);
    assert_eq!(batch, [1, 2]);
    assert_eq!(counts(&rx), (0, 0, 2));
}

#[test]
fn a_value_for_a_receiver_that_waits_is_queued() {
    let (tx, rx) = millstream::bounded(1);
    let bell = Bell::new();
    for value in 1..=3 {
        let mut recv = rx.recv();
        bell.waits(&mut recv);
        tx.try_send(value).unwrap();
        assert_eq!(bell.gets(&mut recv), Ok(value));
    }
    assert_eq!(counts(&rx), (0, 3, 0));
    assert_eq!(rx.stats().delivered(), 3);
}
