//! Permits: a place that is granted is used, passed on or returned, and outlives a close.

use crate::support::{explore, explore_within, start_waiting, Ledger};
use loom::future::block_on;
use loom::thread;
use millstream::{RecvError, SendError, TryRecvError};

#[test]
fn the_place_of_a_dropped_permit_goes_to_a_sender_that_waits() {
    explore(|| {
        let (tx, rx) = millstream::bounded(1);
        let sender = thread::spawn({
            let tx = tx.clone();
            move || tx.send_blocking(7)
        });
        // The permit is had if the sender was not here before.
        if let Ok(permit) = tx.try_reserve() {
            drop(permit);
        }
        assert_eq!(sender.join().unwrap(), Ok(()));
        assert_eq!(rx.try_recv(), Ok(7));
    });
}

#[test]
fn the_place_of_a_dropped_permit_goes_to_a_reservation_that_waits() {
    explore(|| {
        let (tx, rx) = millstream::bounded(1);
        let permit = tx.try_reserve().unwrap();
        let sender = thread::spawn({
            let tx = tx.clone();
            move || block_on(tx.reserve()).unwrap().send(7)
        });
        drop(permit);
        assert_eq!(sender.join().unwrap(), Ok(()));
        assert_eq!(rx.try_recv(), Ok(7));
    });
}

#[test]
fn a_reservation_that_is_dropped_as_it_is_granted_passes_on() {
    explore(|| {
        let (tx, rx) = millstream::bounded(1);
        tx.try_send(0).unwrap();
        let (mut reserve, mut send) = (tx.reserve(), tx.send(7));
        start_waiting(&mut reserve);
        start_waiting(&mut send);
        let receiver = thread::spawn(move || (rx.recv_blocking(), rx));
        drop(reserve);
        assert_eq!(block_on(send), Ok(()));
        let (first, rx) = receiver.join().unwrap();
        assert_eq!((first, rx.try_recv()), (Ok(0), Ok(7)));
    });
}

/// A receiver waits, so a permit's value goes past its place, which is free for the next then.
#[test]
fn a_permit_that_meets_a_receiver_frees_its_place() {
    explore(|| {
        let (tx, rx) = millstream::bounded(1);
        let senders = [1, 2].map(|value| {
            let tx = tx.clone();
            thread::spawn(move || block_on(tx.reserve()).unwrap().send(value).unwrap())
        });
        let first = rx.recv_blocking().unwrap();
        // Both are done before anybody receives again: the second value lies in the buffer.
        for sender in senders {
            sender.join().unwrap();
        }
        assert_eq!(rx.try_recv(), Ok(3 - first));
    });
}

#[test]
fn a_rendezvous_permit_is_granted_when_a_receiver_waits() {
    explore(|| {
        let (tx, rx) = millstream::rendezvous();
        let sender = thread::spawn(move || block_on(tx.reserve()).unwrap().send(7));
        assert_eq!(rx.recv_blocking(), Ok(7));
        assert_eq!(sender.join().unwrap(), Ok(()));
    });
}

#[test]
fn two_rendezvous_permits_serve_two_receivers() {
    explore_within(3, || {
        let (tx, rx) = millstream::rendezvous();
        let sender = thread::spawn(move || {
            block_on(async {
                tx.reserve().await.unwrap().send(1).unwrap();
                tx.reserve().await.unwrap().send(2).unwrap();
            });
        });
        let receiver = thread::spawn({
            let rx = rx.clone();
            move || rx.recv_blocking().unwrap()
        });
        let got = rx.recv_blocking().unwrap() + receiver.join().unwrap();
        assert_eq!(got, 3);
        sender.join().unwrap();
    });
}

#[test]
fn a_permit_outlives_a_close() {
    explore(|| {
        let (tx, rx) = millstream::bounded(1);
        let permit = tx.try_reserve().unwrap();
        let closer = thread::spawn({
            let tx = tx.clone();
            move || tx.close()
        });
        let receiver = thread::spawn(move || (rx.recv_blocking(), rx.recv_blocking()));
        assert_eq!(permit.send(7), Ok(()));
        assert!(closer.join().unwrap());
        assert_eq!(receiver.join().unwrap(), (Ok(7), Err(RecvError)));
    });
}

#[test]
fn the_end_comes_when_the_last_permit_is_dropped() {
    explore(|| {
        let (tx, rx) = millstream::bounded::<u32>(1);
        let permit = tx.try_reserve().unwrap();
        let closer = thread::spawn({
            let tx = tx.clone();
            move || tx.close()
        });
        let receiver = thread::spawn(move || rx.recv_blocking());
        drop(permit);
        assert!(closer.join().unwrap());
        assert_eq!(receiver.join().unwrap(), Err(RecvError));
    });
}

#[test]
fn a_permit_meets_a_close_and_the_last_receiver() {
    explore(|| {
        let (tx, rx) = millstream::bounded(1);
        let (ledger, token) = Ledger::new();
        let permit = tx.try_reserve().unwrap();
        let closer = thread::spawn({
            let tx = tx.clone();
            move || tx.close()
        });
        let receiver = thread::spawn(move || drop(rx));
        let sent = permit.send(token).map_err(SendError::into_inner);
        closer.join().unwrap();
        receiver.join().unwrap();
        assert_eq!(ledger.drops(), usize::from(sent.is_ok()));
        drop(sent);
        assert_eq!(ledger.drops(), 1);
    });
}

#[test]
fn a_batch_of_sends_that_is_dropped_leaves_no_permit_behind() {
    explore(|| {
        let (tx, rx) = millstream::bounded(1);
        let mut batch = tx.send_many([1, 2]);
        start_waiting(&mut batch);
        let receiver = thread::spawn(move || (rx.recv_blocking(), rx));
        drop(batch);
        let (first, rx) = receiver.join().unwrap();
        assert_eq!(first, Ok(1));
        assert_eq!(tx.try_send(9), Ok(()), "the place is free");
        assert_eq!(
            (rx.try_recv(), rx.try_recv()),
            (Ok(9), Err(TryRecvError::Empty))
        );
    });
}
