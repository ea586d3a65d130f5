//! The end of a channel: what is on its way stays good, everybody is told, and nobody too early.

use crate::support::{explore, poll_once, start_waiting, Counter, Ledger};
use loom::future::block_on;
use loom::thread;
use millstream::{RecvError, SendError, TryRecvError, TrySendError};
use std::task::Poll;

/// A send is received or comes back, whether it was before the close or after it.
fn a_send_meets_a_close(capacity: usize) {
    explore(move || {
        let (tx, rx) = millstream::bounded(capacity);
        let (ledger, token) = Ledger::new();
        let sender = thread::spawn({
            let tx = tx.clone();
            move || tx.send_blocking(token).map_err(SendError::into_inner)
        });
        assert!(tx.close());
        let received = rx.recv_blocking();
        let sent = sender.join().unwrap();
        assert_eq!(ledger.drops(), 0, "it is here or there");
        assert_eq!(received.is_ok(), sent.is_ok());
        assert_eq!(rx.recv_blocking().err(), Some(RecvError));
    });
}

#[test]
fn a_send_meets_a_close_over_a_rendezvous() {
    a_send_meets_a_close(0);
}

#[test]
fn a_send_meets_a_close_over_a_buffer() {
    a_send_meets_a_close(1);
}

#[test]
fn a_close_reaches_a_receiver_that_waits() {
    explore(|| {
        let (tx, rx) = millstream::rendezvous::<u32>();
        let receivers = [rx.clone(), rx].map(|rx| thread::spawn(move || rx.recv_blocking()));
        tx.close();
        for receiver in receivers {
            assert_eq!(receiver.join().unwrap(), Err(RecvError));
        }
    });
}

#[test]
fn a_close_and_a_send_race_for_a_receiver_that_waits() {
    explore(|| {
        let (tx, rx) = millstream::rendezvous();
        let mut receive = rx.recv();
        start_waiting(&mut receive);
        let sender = thread::spawn({
            let tx = tx.clone();
            move || tx.try_send(7)
        });
        let closer = thread::spawn(move || tx.close());
        let received = block_on(receive);
        assert!(closer.join().unwrap());
        match sender.join().unwrap() {
            Ok(()) => assert_eq!(received, Ok(7)),
            Err(TrySendError::Closed(7)) => assert_eq!(received, Err(RecvError)),
            Err(refused) => panic!("{refused:?}"),
        }
    });
}

#[test]
fn a_send_that_waits_stays_good_after_a_close() {
    explore(|| {
        let (tx, rx) = millstream::rendezvous();
        let mut send = tx.send(7);
        start_waiting(&mut send);
        let closer = thread::spawn({
            let tx = tx.clone();
            move || tx.close()
        });
        let receiver = thread::spawn(move || rx.recv_blocking());
        assert_eq!(block_on(send), Ok(()));
        assert_eq!(receiver.join().unwrap(), Ok(7));
        closer.join().unwrap();
    });
}

#[test]
fn the_last_sender_goes_after_its_value() {
    explore(|| {
        let (tx, rx) = millstream::bounded(1);
        let sender = thread::spawn(move || tx.try_send(7).unwrap());
        assert_eq!(rx.recv_blocking(), Ok(7));
        assert_eq!(rx.recv_blocking(), Err(RecvError));
        sender.join().unwrap();
    });
}

#[test]
fn of_two_senders_that_go_one_is_the_last() {
    explore(|| {
        let (tx, rx) = millstream::rendezvous::<u32>();
        let senders = [tx.clone(), tx].map(|tx| thread::spawn(move || drop(tx)));
        assert_eq!(rx.recv_blocking(), Err(RecvError));
        for sender in senders {
            sender.join().unwrap();
        }
    });
}

/// The last receiver goes while a sender waits, or is about to: the value comes back.
#[test]
fn a_send_without_a_receiver_comes_back() {
    explore(|| {
        let (tx, rx) = millstream::rendezvous();
        let (ledger, token) = Ledger::new();
        let receiver = thread::spawn(move || drop(rx));
        let returned = tx.send_blocking(token).map_err(SendError::into_inner);
        receiver.join().unwrap();
        assert!(returned.is_err());
        assert_eq!(ledger.drops(), 0, "it is here");
        drop(returned);
        assert_eq!(ledger.drops(), 1);
    });
}

/// The last receiver goes while a value is buffered: it is dropped with the receiver, not with the sender.
#[test]
fn a_buffered_value_goes_with_the_last_receiver() {
    explore(|| {
        let (tx, rx) = millstream::bounded(1);
        let (ledger, token) = Ledger::new();
        let receivers = [rx.clone(), rx].map(|rx| thread::spawn(move || drop(rx)));
        let sent = tx.try_send(token);
        for receiver in receivers {
            receiver.join().unwrap();
        }
        assert_eq!(ledger.drops(), usize::from(sent.is_ok()));
        drop(sent);
        assert_eq!(ledger.drops(), 1);
        drop(tx);
        assert_eq!(ledger.drops(), 1);
    });
}

#[test]
fn a_matched_receive_goes_with_its_receiver() {
    explore(|| {
        let (tx, rx) = millstream::rendezvous();
        let (ledger, token) = Ledger::new();
        let receiver = thread::spawn(move || {
            let mut receive = rx.recv();
            drop(poll_once(&mut receive, &Counter::new()));
        });
        let sent = tx.try_send(token);
        receiver.join().unwrap();
        assert_eq!(ledger.drops(), usize::from(sent.is_ok()));
    });
}

#[test]
fn the_end_waits_for_a_claim_that_is_given_up() {
    explore(|| {
        let (tx, rx) = millstream::bounded(1);
        let mut matched = rx.recv();
        start_waiting(&mut matched);
        tx.try_send(7).unwrap();
        drop(tx);
        let receiver = thread::spawn({
            let rx = rx.clone();
            move || rx.recv_blocking()
        });
        drop(matched);
        assert_eq!(receiver.join().unwrap(), Ok(7), "the claim was outstanding");
        assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
    });
}

#[test]
fn the_end_comes_with_the_claim_that_is_used() {
    explore(|| {
        let (tx, rx) = millstream::bounded(1);
        let mut matched = rx.recv();
        let counter = start_waiting(&mut matched);
        tx.try_send(7).unwrap();
        drop(tx);
        let receiver = thread::spawn({
            let rx = rx.clone();
            move || rx.recv_blocking()
        });
        assert_eq!(poll_once(&mut matched, &counter), Poll::Ready(Ok(7)));
        assert_eq!(receiver.join().unwrap(), Err(RecvError));
    });
}

#[test]
fn the_end_comes_when_the_last_waiting_send_leaves() {
    explore(|| {
        let (tx, rx) = millstream::bounded(1);
        tx.try_send(1).unwrap();
        let mut send = tx.send(2);
        start_waiting(&mut send);
        tx.close();
        let receiver = thread::spawn(move || {
            let first = rx.recv_blocking();
            (first, rx.recv_blocking())
        });
        drop(send);
        let (first, second) = receiver.join().unwrap();
        assert_eq!(first, Ok(1));
        assert!(matches!(second, Ok(2) | Err(RecvError)), "{second:?}");
    });
}

#[test]
fn whoever_waits_for_the_close_is_told() {
    explore(|| {
        let (tx, rx) = millstream::rendezvous::<u32>();
        let watcher = thread::spawn(move || block_on(tx.closed()));
        assert!(rx.close());
        watcher.join().unwrap();
    });
}

#[test]
fn whoever_waits_for_the_end_is_told_after_the_last_take() {
    explore(|| {
        let (tx, rx) = millstream::bounded(1);
        tx.try_send(7).unwrap();
        let watcher = thread::spawn({
            let rx = rx.clone();
            move || {
                block_on(rx.drained());
                assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
            }
        });
        let closer = thread::spawn(move || drop(tx));
        assert_eq!(rx.recv_blocking(), Ok(7));
        watcher.join().unwrap();
        closer.join().unwrap();
    });
}

#[test]
fn whoever_waits_for_the_end_is_told_when_the_last_receiver_goes() {
    explore(|| {
        let (tx, rx) = millstream::bounded(1);
        tx.try_send(7).unwrap();
        let receiver = thread::spawn(move || drop(rx));
        block_on(tx.closed());
        receiver.join().unwrap();
        assert_eq!(tx.try_send(8), Err(TrySendError::Closed(8)));
    });
}

/// Nobody receives, so that the send which waits in the closed channel is the last thing in it.
#[test]
fn whoever_waits_for_the_end_is_told_when_the_last_waiting_send_leaves() {
    explore(|| {
        let (tx, rx) = millstream::rendezvous();
        let mut send = tx.send(7);
        start_waiting(&mut send);
        tx.close();
        let watcher = thread::spawn(move || {
            block_on(rx.drained());
            assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
        });
        drop(send);
        watcher.join().unwrap();
    });
}
