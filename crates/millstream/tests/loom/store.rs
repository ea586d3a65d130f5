//! Channels over user code and promises: the code runs for one at a time, and whoever comes meanwhile is told.

use crate::support::{explore, start_waiting, Ledger, Token};
use loom::future::block_on;
use loom::thread;
use millstream::{Buffer, RecvError, Select, TryRecvError};
use std::panic::{catch_unwind, AssertUnwindSafe};

/// A buffer for one value.
struct One<T>(Option<T>);

impl<T: Send> Buffer<T> for One<T> {
    fn len(&self) -> usize {
        usize::from(self.0.is_some())
    }

    fn is_full(&self) -> bool {
        self.0.is_some()
    }

    fn push(&mut self, value: T) -> Option<T> {
        // Somebody else may come while this runs.
        thread::yield_now();
        self.0.replace(value)
    }

    fn pop(&mut self) -> Option<T> {
        thread::yield_now();
        self.0.take()
    }
}

#[test]
fn a_promise_reaches_everyone() {
    explore(|| {
        let (tx, rx) = millstream::promise();
        let receiver = thread::spawn({
            let rx = rx.clone();
            move || rx.recv_blocking()
        });
        let sender = thread::spawn(move || tx.try_send(7));
        assert_eq!(rx.recv_blocking(), Ok(7));
        assert_eq!(receiver.join().unwrap(), Ok(7));
        assert_eq!(sender.join().unwrap(), Ok(()));
        assert_eq!(rx.try_recv(), Ok(7));
    });
}

#[test]
fn the_first_of_two_values_is_the_promise() {
    explore(|| {
        let (tx, rx) = millstream::promise();
        let senders = [1, 2].map(|value| {
            let tx = tx.clone();
            thread::spawn(move || tx.try_send(value).unwrap())
        });
        let got = rx.recv_blocking().unwrap();
        for sender in senders {
            sender.join().unwrap();
        }
        assert_eq!(rx.recv_blocking(), Ok(got), "it does not change");
    });
}

#[test]
fn a_promise_that_is_not_kept_ends() {
    explore(|| {
        let (tx, rx) = millstream::promise::<u32>();
        let receiver = thread::spawn({
            let rx = rx.clone();
            move || Select::new().recv(&rx, |got| got).wait()
        });
        let sender = thread::spawn(move || drop(tx));
        assert_eq!(rx.recv_blocking(), Err(RecvError));
        assert_eq!(receiver.join().unwrap(), Err(RecvError));
        sender.join().unwrap();
    });
}

#[test]
fn two_receivers_share_an_iterator() {
    explore(|| {
        let rx = millstream::from_iter((1..=2).inspect(|_| thread::yield_now()));
        let receiver = thread::spawn({
            let rx = rx.clone();
            move || rx.iter().sum::<u32>()
        });
        let sum = rx.iter().sum::<u32>();
        assert_eq!(sum + receiver.join().unwrap(), 3);
        assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
    });
}

#[test]
fn who_tries_waits_for_the_iterator_and_never_says_empty() {
    explore(|| {
        let rx = millstream::from_iter((1..=2).inspect(|_| thread::yield_now()));
        let receiver = thread::spawn({
            let rx = rx.clone();
            move || rx.try_recv().unwrap()
        });
        let got = rx.try_recv().unwrap();
        assert_eq!(got + receiver.join().unwrap(), 3);
    });
}

#[test]
fn a_select_shares_an_iterator() {
    explore(|| {
        let rx = millstream::from_iter((1..=2).inspect(|_| thread::yield_now()));
        let (_tx, other) = millstream::rendezvous::<u32>();
        let receiver = thread::spawn({
            let rx = rx.clone();
            move || rx.recv_blocking().unwrap()
        });
        let got = Select::new()
            .recv(&other, |got| got.unwrap())
            .recv(&rx, |got| got.unwrap())
            .wait();
        assert_eq!(got + receiver.join().unwrap(), 3);
        assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
    });
}

#[test]
fn a_buffer_of_the_users_own_hands_on_two_values() {
    explore(|| {
        let (tx, rx) = millstream::with_buffer(One(None));
        let sender = thread::spawn(move || {
            tx.send_blocking(1).unwrap();
            tx.send_blocking(2).unwrap();
        });
        assert_eq!(block_on(rx.recv()), Ok(1));
        assert_eq!(block_on(rx.recv()), Ok(2));
        assert_eq!(block_on(rx.recv()), Err(RecvError));
        sender.join().unwrap();
    });
}

/// The receiver comes once, and not again for the sender's sake.
#[test]
fn one_receive_lets_one_sender_into_a_users_buffer() {
    explore(|| {
        let (tx, rx) = millstream::with_buffer(One(Some(1)));
        let sender = thread::spawn(move || tx.send_blocking(2));
        assert_eq!(rx.recv_blocking(), Ok(1));
        assert_eq!(sender.join().unwrap(), Ok(()));
        assert_eq!(rx.try_recv(), Ok(2));
    });
}

#[test]
fn a_send_that_waits_for_a_users_buffer_stays_good_after_a_close() {
    explore(|| {
        let (tx, rx) = millstream::with_buffer(One(Some(1)));
        let mut send = tx.send(2);
        start_waiting(&mut send);
        tx.close();
        let receiver = thread::spawn(move || rx.iter().collect::<Vec<_>>());
        assert_eq!(block_on(send), Ok(()));
        assert_eq!(receiver.join().unwrap(), [1, 2]);
    });
}

/// The close comes when it will: the send may have been told to look again by then.
#[test]
fn a_send_that_waits_for_a_users_buffer_is_received_or_comes_back() {
    explore(|| {
        let (tx, rx) = millstream::with_buffer(One(Some(1)));
        let mut send = tx.send(2);
        start_waiting(&mut send);
        let closer = thread::spawn({
            let tx = tx.clone();
            move || tx.close()
        });
        let receiver = thread::spawn(move || rx.iter().collect::<Vec<_>>());
        let sent = block_on(send).is_ok();
        closer.join().unwrap();
        let got = receiver.join().unwrap();
        assert_eq!(got, if sent { vec![1, 2] } else { vec![1] });
    });
}

#[test]
fn the_end_of_a_users_buffer_comes_when_the_last_waiting_send_leaves() {
    explore(|| {
        let (tx, rx) = millstream::with_buffer(One(Some(1)));
        let mut send = tx.send(2);
        start_waiting(&mut send);
        let closer = thread::spawn({
            let tx = tx.clone();
            move || tx.close()
        });
        let receiver = thread::spawn(move || rx.iter().collect::<Vec<_>>());
        drop(send);
        closer.join().unwrap();
        let got = receiver.join().unwrap();
        assert!(got == [1] || got == [1, 2], "{got:?}");
    });
}

#[test]
fn a_value_goes_with_the_last_receiver_though_its_buffer_is_out() {
    explore(|| {
        let (ledger, token) = Ledger::new();
        let (tx, rx) = millstream::with_buffer(One::<Token>(None));
        let receiver = thread::spawn(move || drop(rx));
        let sent = tx.try_send(token);
        receiver.join().unwrap();
        assert_eq!(ledger.drops(), usize::from(sent.is_ok()));
        drop(sent);
        drop(tx);
        assert_eq!(ledger.drops(), 1);
    });
}

/// A buffer that panics when it is asked for a value.
struct Broken;

impl Buffer<u32> for Broken {
    fn len(&self) -> usize {
        1
    }

    fn is_full(&self) -> bool {
        true
    }

    fn push(&mut self, value: u32) -> Option<u32> {
        Some(value)
    }

    fn pop(&mut self) -> Option<u32> {
        thread::yield_now();
        std::panic::resume_unwind(Box::new("broken"))
    }
}

#[test]
fn a_panic_in_a_buffer_tells_everyone() {
    explore(|| {
        let (tx, rx) = millstream::with_buffer(Broken);
        let sender = thread::spawn(move || tx.send_blocking(1).is_err());
        let receiver = thread::spawn({
            let rx = rx.clone();
            move || catch_unwind(AssertUnwindSafe(|| rx.recv_blocking()))
        });
        let here = catch_unwind(AssertUnwindSafe(|| rx.recv_blocking()));
        let there = receiver.join().unwrap();
        assert!(sender.join().unwrap(), "the value comes back");
        // The panic comes out where it was caused, and the other sees the end.
        assert_eq!(usize::from(here.is_err()) + usize::from(there.is_err()), 1);
        for received in [here, there].into_iter().flatten() {
            assert_eq!(received, Err(RecvError));
        }
    });
}
