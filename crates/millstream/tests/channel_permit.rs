//! Permits: a place in the channel that is held until it is used or given up.

#![allow(clippy::type_complexity)] // Tables of ways to do a thing say what each way takes.

mod common;

use common::{now, Bell, Ledger};
use millstream::{Receiver, RecvError, SendError, Sender, TryRecvError, TrySendError};

#[test]
fn a_permit_counts_as_a_value_that_is_on_its_way() {
    let (tx, rx) = millstream::bounded(2);
    let permit = tx.try_reserve().unwrap();
    assert_eq!(tx.try_send(1), Ok(()));
    assert_eq!(tx.try_send(2), Err(TrySendError::Full(2)));
    assert!(matches!(tx.try_reserve(), Err(TrySendError::Full(()))));
    assert!(tx.is_full());
    assert_eq!(tx.len(), 1, "what is not there cannot be received");
    permit.send(3).unwrap();
    assert_eq!(rx.try_iter().collect::<Vec<_>>(), [1, 3]);
}

#[test]
fn a_permit_that_is_dropped_passes_its_place_on() {
    let (tx, rx) = millstream::bounded(1);
    let (bell, next) = (Bell::new(), Bell::new());
    let permit = now(tx.reserve()).unwrap();
    let mut reserve = tx.reserve();
    let mut send = tx.send(2);
    bell.waits(&mut reserve);
    next.waits(&mut send);
    drop(permit);
    assert_eq!(
        (bell.rings(), next.rings()),
        (1, 0),
        "first come, first served"
    );
    let permit = bell.gets(&mut reserve).unwrap();
    drop(permit);
    assert_eq!(next.rings(), 1);
    next.gets(&mut send).unwrap();
    assert_eq!(rx.try_recv(), Ok(2));
}

#[test]
fn a_permit_meets_the_receivers_that_wait() {
    for capacity in [0, 1, 3] {
        let (tx, rx) = millstream::bounded(capacity);
        let bell = Bell::new();
        let mut recv = rx.recv();
        bell.waits(&mut recv);
        let permit = tx.try_reserve().unwrap();
        assert_eq!(bell.rings(), 0, "there is nothing to receive yet");
        permit.send(1).unwrap();
        assert_eq!(bell.rings(), 1);
        assert_eq!(bell.gets(&mut recv), Ok(1));
    }
}

#[test]
fn a_permit_that_is_used_lets_the_next_reservation_in_if_its_value_goes_on_at_once() {
    // A receiver takes the value as soon as it is there, so the place is free again.
    let (tx, rx) = millstream::bounded(1);
    let (bell, receiver) = (Bell::new(), Bell::new());
    let permit = tx.try_reserve().unwrap();
    let mut reserve = tx.reserve();
    bell.waits(&mut reserve);
    let mut recv = rx.recv();
    receiver.waits(&mut recv);
    permit.send(1).unwrap();
    assert_eq!(receiver.gets(&mut recv), Ok(1));
    assert_eq!(bell.rings(), 1, "nobody waits while there is room");
    bell.gets(&mut reserve).unwrap().send(2).unwrap();
    assert_eq!(rx.try_recv(), Ok(2));
}

#[test]
fn at_capacity_0_a_permit_is_granted_when_a_receiver_waits() {
    let (tx, rx) = millstream::rendezvous();
    let bells = [Bell::new(), Bell::new()];
    let mut reserves = [tx.reserve(), tx.reserve()];
    for (reserve, bell) in reserves.iter_mut().zip(&bells) {
        bell.waits(reserve);
    }
    assert!(matches!(tx.try_reserve(), Err(TrySendError::Full(()))));
    let receiver = Bell::new();
    let mut recv = rx.recv();
    receiver.waits(&mut recv);
    assert_eq!(
        (bells[0].rings(), bells[1].rings()),
        (1, 0),
        "one receiver, one permit"
    );
    let permit = bells[0].gets(&mut reserves[0]).unwrap();
    let mut other = rx.recv();
    receiver.waits(&mut other);
    assert_eq!(bells[1].rings(), 1);
    bells[1].gets(&mut reserves[1]).unwrap().send(2).unwrap();
    assert_eq!(receiver.gets(&mut recv), Ok(2));
    permit.send(1).unwrap();
    assert_eq!(receiver.gets(&mut other), Ok(1));
}

#[test]
fn at_capacity_0_a_permit_that_is_dropped_goes_to_the_next_reservation() {
    let (tx, rx) = millstream::rendezvous();
    let (bell, receiver) = (Bell::new(), Bell::new());
    let mut recv = rx.recv();
    receiver.waits(&mut recv);
    let permit = tx.try_reserve().unwrap();
    let mut reserve = tx.reserve();
    bell.waits(&mut reserve);
    drop(permit);
    assert_eq!(bell.rings(), 1);
    bell.gets(&mut reserve).unwrap().send(4).unwrap();
    assert_eq!(receiver.gets(&mut recv), Ok(4));
}

#[test]
fn at_capacity_0_the_receiver_of_a_permit_is_not_held() {
    let (tx, rx) = millstream::rendezvous();
    let bell = Bell::new();
    let mut recv = rx.recv();
    bell.waits(&mut recv);
    let permit = tx.try_reserve().unwrap();
    drop(recv);
    permit.send(1).unwrap();
    assert_eq!(rx.len(), 1, "it waits for the next receiver");
    assert_eq!(rx.try_recv(), Ok(1));

    let mut recv = rx.recv();
    bell.waits(&mut recv);
    let permit = tx.try_reserve().unwrap();
    tx.try_send(2).unwrap();
    assert_eq!(bell.gets(&mut recv), Ok(2));
    permit.send(3).unwrap();
    assert_eq!(rx.try_recv(), Ok(3));
}

#[test]
fn permits_are_bounded_by_the_capacity() {
    let (tx, _rx) = millstream::bounded::<u32>(3);
    let permits: Vec<_> = std::iter::from_fn(|| tx.try_reserve().ok()).collect();
    assert_eq!(permits.len(), 3);
    drop(permits);
    assert!(!tx.is_full());
}

#[test]
fn a_permit_holds_its_place_in_channels_that_drop_values() {
    let ledger = Ledger::new();
    for (tx, rx) in [millstream::dropping(1), millstream::sliding(1)] {
        let permit = tx.try_reserve().unwrap();
        permit.send(ledger.make(1)).unwrap();
        assert_eq!(rx.len(), 1, "the channel was empty");
        assert!(rx.try_recv().unwrap() == 1);
    }
    assert_eq!(ledger.dropped(), [1, 1]);

    let (tx, rx) = millstream::dropping(1);
    let permit = tx.try_reserve().unwrap();
    tx.try_send(5).unwrap();
    permit.send(6).unwrap();
    assert_eq!(
        rx.try_iter().collect::<Vec<_>>(),
        [6],
        "the place was taken"
    );
}

#[test]
fn more_permits_than_places_in_channels_that_drop_values() {
    let (tx, rx) = millstream::dropping(1);
    let (first, second) = (tx.try_reserve().unwrap(), tx.try_reserve().unwrap());
    first.send(1).unwrap();
    second.send(2).unwrap();
    assert_eq!(rx.try_iter().collect::<Vec<_>>(), [1]);
    assert_eq!(tx.stats().dropped, 1);

    let (tx, rx) = millstream::sliding(1);
    let (first, second) = (tx.try_reserve().unwrap(), tx.try_reserve().unwrap());
    first.send(1).unwrap();
    second.send(2).unwrap();
    assert_eq!(rx.try_iter().collect::<Vec<_>>(), [2]);
    assert_eq!(tx.stats().dropped, 1);
}

#[test]
fn a_last_permit_whose_value_is_dropped_by_the_policy_is_the_end_too() {
    for (tx, rx) in [millstream::dropping(0), millstream::sliding(0)] {
        let bell = Bell::new();
        let permit = tx.try_reserve().unwrap();
        tx.close();
        let mut drained = rx.drained();
        bell.waits(&mut drained);
        permit.send(1).unwrap();
        assert_eq!(bell.rings(), 1);
        bell.gets(&mut drained);
        assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
    }
}

#[test]
fn a_permit_of_a_promise_makes_it() {
    let (tx, rx) = millstream::promise();
    let bell = Bell::new();
    let permit = tx.try_reserve().unwrap();
    tx.close();
    let mut recv = rx.recv();
    bell.waits(&mut recv);
    permit.send(3).unwrap();
    assert_eq!(bell.rings(), 1);
    assert_eq!(bell.gets(&mut recv), Ok(3));

    let (tx, rx) = millstream::promise::<u32>();
    let permit = tx.try_reserve().unwrap();
    tx.close();
    let mut recv = rx.recv();
    bell.waits(&mut recv);
    drop(permit);
    assert_eq!(bell.rings(), 1);
    assert_eq!(bell.gets(&mut recv), Err(RecvError));
}

#[test]
fn a_permit_names_its_sender() {
    let (tx, _rx) = millstream::bounded::<u32>(1);
    let permit = tx.try_reserve().unwrap();
    assert!(permit.sender().same_channel(&tx));
}

#[test]
fn reserving_fails_on_a_closed_channel() {
    let endings: [fn(&Sender<u32>, Receiver<u32>) -> Option<Receiver<u32>>; 3] = [
        |tx, rx| {
            tx.close();
            Some(rx)
        },
        |_, rx| {
            rx.close();
            Some(rx)
        },
        |_, _| None,
    ];
    for end in endings {
        let (tx, rx) = millstream::bounded(1);
        let _rx = end(&tx, rx);
        assert_eq!(now(tx.reserve()).unwrap_err(), SendError(()));
        assert!(matches!(tx.try_reserve(), Err(TrySendError::Closed(()))));
    }
}
