//! Weak handles: they become handles again, or the last one has gone; never both.

use crate::support::explore;
use loom::thread;
use millstream::{RecvError, TrySendError};

#[test]
fn a_weak_sender_meets_the_drop_of_the_last_sender() {
    explore(|| {
        let (tx, rx) = millstream::bounded(1);
        let weak = tx.downgrade();
        let dropping = thread::spawn(move || drop(tx));
        match weak.upgrade() {
            Some(tx) => {
                assert_eq!(tx.try_send(7), Ok(()), "there is a sender, and a receiver");
                drop(tx);
                assert_eq!(rx.recv_blocking(), Ok(7));
            }
            None => assert!(weak.upgrade().is_none()),
        }
        assert_eq!(rx.recv_blocking(), Err(RecvError));
        dropping.join().unwrap();
    });
}

#[test]
fn a_weak_receiver_meets_the_drop_of_the_last_receiver() {
    explore(|| {
        let (tx, rx) = millstream::bounded(1);
        let weak = rx.downgrade();
        let dropping = thread::spawn(move || drop(rx));
        match weak.upgrade() {
            Some(rx) => {
                assert_eq!(tx.try_send(7), Ok(()), "there is a receiver");
                assert_eq!(rx.recv_blocking(), Ok(7));
                dropping.join().unwrap();
            }
            None => {
                dropping.join().unwrap();
                assert_eq!(tx.try_send(7), Err(TrySendError::Closed(7)));
            }
        }
    });
}

#[test]
fn two_weak_senders_share_the_last_one() {
    explore(|| {
        let (tx, rx) = millstream::bounded(2);
        let (one, other) = (tx.downgrade(), tx.downgrade());
        let thread = thread::spawn(move || one.upgrade().is_some_and(|tx| tx.try_send(1).is_ok()));
        drop(tx);
        let sent = usize::from(other.upgrade().is_some_and(|tx| tx.try_send(2).is_ok()));
        let sent = sent + usize::from(thread.join().unwrap());
        assert_eq!(rx.iter().count(), sent);
    });
}
