//! What bindings to other languages ask of a channel: to see its values, and to end it from outside.

mod common;

use common::{now, Bell, Ledger};
use millstream::{RecvError, WeakReceiver};

/// What could be received, without receiving it.
fn snapshot(weak: &WeakReceiver<u32>) -> Vec<u32> {
    let mut values = Vec::new();
    weak.snapshot(|value| values.push(*value));
    values
}

/// What the channel holds, without waiting for its lock.
fn traced(weak: &WeakReceiver<u32>) -> Vec<u32> {
    let mut values = Vec::new();
    let all = weak.trace::<()>(|value| {
        values.push(*value);
        Ok(())
    });
    assert_eq!(all, Some(Ok(())), "nobody holds the lock");
    values.sort_unstable();
    values
}

#[test]
fn every_value_is_shown_then_those_of_senders_that_wait() {
    let (tx, rx) = millstream::bounded(2);
    let weak = rx.downgrade();
    assert_eq!((snapshot(&weak), traced(&weak)), (vec![], vec![]));
    tx.try_send(1).unwrap();
    tx.try_send(2).unwrap();
    let mut send = tx.send(3);
    Bell::new().waits(&mut send);
    assert_eq!(snapshot(&weak), [1, 2, 3]);
    assert_eq!(traced(&weak), [1, 2, 3]);
    assert_eq!(rx.len(), 3, "none was taken");
    drop(send);
    let early = weak.trace(|value| if *value == 2 { Err("enough") } else { Ok(()) });
    assert_eq!(early, Some(Err("enough")));
    let (tx, rx) = millstream::promise();
    tx.try_send(4).unwrap();
    assert_eq!(snapshot(&rx.downgrade()), [4]);
    assert_eq!(traced(&rx.downgrade()), [4]);
}

#[test]
fn a_snapshot_shows_senders_as_they_stand_in_line() {
    let (tx, rx) = millstream::rendezvous();
    let (weak, bell) = (rx.downgrade(), Bell::new());
    // Their places are used again, the last one first.
    let mut sends = [tx.send(1), tx.send(2), tx.send(3)];
    sends.iter_mut().for_each(|send| bell.waits(send));
    drop(sends);
    let mut sends = [tx.send(4), tx.send(5)];
    sends.iter_mut().for_each(|send| bell.waits(send));
    assert_eq!(snapshot(&weak), [4, 5]);
    assert_eq!(rx.try_iter().collect::<Vec<_>>(), [4, 5]);
}

#[test]
fn a_refused_value_is_held_until_its_sender_comes_and_is_not_to_be_received() {
    let (tx, rx) = millstream::rendezvous();
    let (weak, bell) = (rx.downgrade(), Bell::new());
    let mut send = tx.send(1);
    bell.waits(&mut send);
    drop(rx);
    assert_eq!(snapshot(&weak), []);
    assert_eq!(traced(&weak), [1]);
    assert_eq!(bell.gets(&mut send).unwrap_err().0, 1);
    assert_eq!(traced(&weak), []);
}

#[test]
fn those_who_wait_are_counted() {
    let (tx, rx) = millstream::rendezvous::<u32>();
    let (weak, bell) = (rx.downgrade(), Bell::new());
    assert_eq!(weak.waiting(), (0, 0));
    let mut sends = [tx.send(1), tx.send(2)];
    sends.iter_mut().for_each(|send| bell.waits(send));
    assert_eq!(weak.waiting(), (2, 0));
    drop(sends);
    let mut recvs = [rx.recv(), rx.recv(), rx.recv()];
    recvs.iter_mut().for_each(|recv| bell.waits(recv));
    assert_eq!(weak.waiting(), (0, 3));
}

#[test]
fn a_channel_that_is_collected_drops_what_is_in_it() {
    let ledger = Ledger::new();
    let (tx, rx) = millstream::bounded(1);
    tx.try_send(ledger.make(1)).unwrap();
    let (mut send, bell) = (tx.send(ledger.make(2)), Bell::new());
    bell.waits(&mut send);
    rx.downgrade().collect();
    assert_eq!((ledger.dropped(), bell.rings()), (vec![1], 1));
    assert_eq!(bell.gets(&mut send).unwrap_err().0, 2);
    assert!(tx.is_closed());
    assert_eq!(now(rx.recv()).unwrap_err(), RecvError);
}
