//! Plain sends and receives: each value arrives once, in order, and nobody sleeps through it.

use crate::support::{explore, explore_within, start_waiting, Ledger};
use loom::future::block_on;
use loom::thread;
use millstream::TryRecvError;

/// One value from a thread to another, both awaiting it under loom's own executor.
fn one_value_async(capacity: usize) {
    explore(move || {
        let (tx, rx) = millstream::bounded(capacity);
        let sender = thread::spawn(move || block_on(tx.send(7)));
        assert_eq!(block_on(rx.recv()), Ok(7));
        assert_eq!(sender.join().unwrap(), Ok(()));
    });
}

#[test]
fn a_rendezvous_of_tasks() {
    one_value_async(0);
}

#[test]
fn a_buffered_value_between_tasks() {
    one_value_async(1);
}

/// Two values from a thread to another, both blocking.
fn two_values_in_order(capacity: usize) {
    explore(move || {
        let (tx, rx) = millstream::bounded(capacity);
        let sender = thread::spawn(move || {
            tx.send_blocking(1).unwrap();
            tx.send_blocking(2).unwrap();
        });
        assert_eq!(rx.recv_blocking(), Ok(1));
        assert_eq!(rx.recv_blocking(), Ok(2));
        assert!(rx.recv_blocking().is_err());
        sender.join().unwrap();
    });
}

#[test]
fn a_rendezvous_of_threads_keeps_the_order() {
    two_values_in_order(0);
}

#[test]
fn a_buffer_of_one_keeps_the_order() {
    two_values_in_order(1);
}

fn two_senders(capacity: usize) {
    explore(move || {
        let (tx, rx) = millstream::bounded(capacity);
        let senders = [1, 2].map(|value| {
            let tx = tx.clone();
            thread::spawn(move || tx.send_blocking(value).unwrap())
        });
        let got = [rx.recv_blocking().unwrap(), rx.recv_blocking().unwrap()];
        assert!(got == [1, 2] || got == [2, 1], "{got:?}");
        for sender in senders {
            sender.join().unwrap();
        }
    });
}

#[test]
fn two_senders_over_a_rendezvous() {
    two_senders(0);
}

#[test]
fn two_senders_over_a_buffer_of_one() {
    two_senders(1);
}

fn two_receivers(capacity: usize) {
    explore(move || {
        let (tx, rx) = millstream::bounded(capacity);
        let receivers = [rx.clone(), rx].map(|rx| thread::spawn(move || rx.recv_blocking()));
        tx.send_blocking(1).unwrap();
        tx.send_blocking(2).unwrap();
        let mut got = receivers.map(|receiver| receiver.join().unwrap().unwrap());
        got.sort_unstable();
        assert_eq!(got, [1, 2]);
    });
}

#[test]
fn two_receivers_over_a_rendezvous() {
    two_receivers(0);
}

#[test]
fn two_receivers_over_a_buffer_of_one() {
    two_receivers(1);
}

#[test]
fn a_try_send_succeeds_only_against_a_receiver_that_gets_it() {
    explore(|| {
        let (tx, rx) = millstream::rendezvous();
        let receiver = thread::spawn(move || rx.recv_blocking());
        let sent = tx.try_send(7).is_ok();
        drop(tx);
        assert_eq!(receiver.join().unwrap().ok(), sent.then_some(7));
    });
}

#[test]
fn a_try_recv_takes_what_a_sender_waits_with() {
    explore(|| {
        let (tx, rx) = millstream::rendezvous();
        let sender = thread::spawn(move || tx.send_blocking(7).is_ok());
        let got = rx.try_recv();
        assert!(matches!(got, Ok(7) | Err(TryRecvError::Empty)), "{got:?}");
        drop(rx);
        assert_eq!(sender.join().unwrap(), got.is_ok());
    });
}

#[test]
fn a_batch_is_received_once_and_lets_senders_in() {
    explore_within(3, || {
        let (tx, rx) = millstream::bounded(1);
        let senders = [1, 2].map(|value| {
            let tx = tx.clone();
            thread::spawn(move || tx.send_blocking(value).unwrap())
        });
        drop(tx);
        let mut got = Vec::new();
        while block_on(rx.recv_many(&mut got, 2)) > 0 {}
        got.sort_unstable();
        assert_eq!(got, [1, 2]);
        for sender in senders {
            sender.join().unwrap();
        }
    });
}

#[test]
fn a_sliding_buffer_delivers_the_newest_and_drops_the_rest() {
    explore(|| {
        let (tx, rx) = millstream::sliding(1);
        let (ledger, older) = Ledger::new();
        let (newer_ledger, newer) = Ledger::new();
        let receiver = thread::spawn({
            let rx = rx.clone();
            move || rx.recv_blocking().is_ok()
        });
        tx.try_send(older).unwrap();
        tx.try_send(newer).unwrap();
        assert!(receiver.join().unwrap());
        let left = rx.try_recv();
        assert_eq!(ledger.drops(), 1, "it was received, or it was the oldest");
        assert_eq!(newer_ledger.drops(), usize::from(left.is_err()));
    });
}

#[test]
fn a_sliding_buffer_keeps_what_a_receiver_was_matched_with() {
    explore(|| {
        let (tx, rx) = millstream::sliding(1);
        let mut receive = rx.recv();
        start_waiting(&mut receive);
        tx.try_send(1).unwrap();
        let sender = thread::spawn(move || {
            tx.try_send(2).unwrap();
            tx.try_send(3).unwrap();
        });
        assert_eq!(block_on(receive), Ok(1));
        sender.join().unwrap();
        assert_eq!(rx.try_recv(), Ok(3));
    });
}

#[test]
fn a_drain_takes_each_value_once() {
    explore(|| {
        let (tx, rx) = millstream::bounded(1);
        tx.try_send(1).unwrap();
        let sender = thread::spawn(move || tx.send_blocking(2).unwrap());
        let receiver = thread::spawn({
            let rx = rx.clone();
            move || rx.iter().sum::<u32>()
        });
        let drained: u32 = rx.drain().sum();
        assert_eq!(drained + receiver.join().unwrap(), 3);
        sender.join().unwrap();
    });
}

/// A receiver that has waited before expects to wait again: it brings its waker first, and looks once.
fn a_receive_that_expects_to_wait(capacity: usize) {
    explore(move || {
        let (tx, rx) = millstream::bounded(capacity);
        let mut receive = rx.recv();
        start_waiting(&mut receive);
        tx.try_send(1).unwrap();
        assert_eq!(block_on(receive), Ok(1));
        let sender = thread::spawn(move || block_on(tx.send(2)));
        assert_eq!(block_on(rx.recv()), Ok(2));
        assert_eq!(sender.join().unwrap(), Ok(()));
    });
}

#[test]
fn a_receive_that_expects_to_wait_over_a_rendezvous() {
    a_receive_that_expects_to_wait(0);
}

#[test]
fn a_receive_that_expects_to_wait_over_a_buffer_of_one() {
    a_receive_that_expects_to_wait(1);
}

/// A sender that has waited before expects to wait again: it brings its waker first, and looks once.
#[test]
fn a_send_that_expects_to_wait() {
    explore(|| {
        let (tx, rx) = millstream::rendezvous();
        let mut send = tx.send(1);
        start_waiting(&mut send);
        assert_eq!(rx.try_recv(), Ok(1));
        assert_eq!(block_on(send), Ok(()));
        let receiver = thread::spawn(move || block_on(rx.recv()));
        assert_eq!(block_on(tx.send(2)), Ok(()));
        assert_eq!(receiver.join().unwrap(), Ok(2));
    });
}
