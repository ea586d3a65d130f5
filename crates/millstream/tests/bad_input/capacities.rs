//! Capacities at either end of what a number can say.

use crate::common::Bell;
use millstream::{Receiver, Sender};

type Channel = (Sender<u32>, Receiver<u32>);

#[test]
fn the_largest_capacity_is_no_limit_and_takes_no_memory() {
    let named = || millstream::named("large");
    let channels: [(Channel, Option<usize>); 7] = [
        (millstream::bounded(usize::MAX), None),
        (millstream::bounded(usize::MAX - 1), Some(usize::MAX - 1)),
        (millstream::dropping(usize::MAX), None),
        (millstream::sliding(usize::MAX), None),
        (named().bounded(usize::MAX), None),
        (named().dropping(usize::MAX), None),
        (named().sliding(usize::MAX), None),
    ];
    for ((tx, rx), capacity) in channels {
        assert_eq!(tx.capacity(), capacity);
        // A permit beside values must not make the sum run over.
        let permit = tx.try_reserve().unwrap();
        assert_eq!(millstream::block_on(tx.send_many(0..3)), Ok(3));
        assert!(!tx.is_full());
        permit.send(3).unwrap();
        assert_eq!(rx.drain().collect::<Vec<_>>(), [0, 1, 2, 3]);
    }
}

#[test]
fn without_any_place_a_policy_that_drops_drops_what_nobody_waits_for() {
    for (tx, rx) in [millstream::dropping(0), millstream::sliding(0)] {
        assert_eq!(tx.try_send(1), Ok(()));
        assert_eq!((rx.len(), tx.stats().dropped), (0, 1));
        let bell = Bell::new();
        let mut recv = rx.recv();
        bell.waits(&mut recv);
        assert_eq!(tx.try_send(2), Ok(()));
        assert_eq!(bell.gets(&mut recv), Ok(2));
        assert_eq!(tx.stats().dropped, 1);
    }
}

#[test]
fn more_values_than_there_are_can_be_asked_for() {
    let (tx, rx) = millstream::bounded(4);
    tx.try_send(1).unwrap();
    let mut batch = Vec::new();
    assert_eq!(
        millstream::block_on(rx.recv_many(&mut batch, usize::MAX)),
        1
    );
    assert!(!rx.is_len_at_least(usize::MAX));
    assert!(rx.is_len_at_least(0));
}

#[test]
fn a_batch_of_nothing_is_ready_at_once_whatever_the_channel_is() {
    let (tx, rx) = millstream::rendezvous::<u32>();
    let mut batch = Vec::new();
    assert_eq!(millstream::block_on(rx.recv_many(&mut batch, 0)), 0);
    assert_eq!(millstream::block_on(tx.send_many([])), Ok(0));
    drop(rx);
    assert_eq!(millstream::block_on(tx.send_many([])), Ok(0));
}
