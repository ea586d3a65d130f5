//! A `SelectSet`: what comes while its owner is busy is not missed, and what it was matched with is not lost.

use crate::support::{explore, poll_once, start_waiting, Counter, Ledger};
use loom::future::block_on;
use loom::thread;
use millstream::{RecvError, Select, SelectSet, TryRecvError};
use std::task::Poll;

/// Two senders, while the owner goes from one message to the next.
fn two_senders(capacity: usize) {
    explore(move || {
        let (a, from_a) = millstream::bounded(capacity);
        let (b, from_b) = millstream::bounded(capacity);
        let keep = (a.clone(), b.clone());
        let senders = [(a, 1), (b, 2)]
            .map(|(tx, value)| thread::spawn(move || tx.send_blocking(value).unwrap()));
        let mut set = SelectSet::new();
        set.recv(&from_a, |got| got.unwrap());
        set.recv(&from_b, |got| got.unwrap());
        let first = set.wait().unwrap();
        let second = set.wait().unwrap();
        assert_eq!(first + second, 3);
        for sender in senders {
            sender.join().unwrap();
        }
        drop(keep);
    });
}

#[test]
fn two_senders_over_rendezvous() {
    two_senders(0);
}

#[test]
fn two_senders_over_buffers() {
    two_senders(1);
}

#[test]
fn two_values_of_one_sender_and_its_end() {
    explore(|| {
        let (a, from_a) = millstream::rendezvous();
        let sender = thread::spawn(move || {
            a.send_blocking(1).unwrap();
            a.send_blocking(2).unwrap();
        });
        let mut set = SelectSet::new();
        set.recv(&from_a, |got| got);
        assert_eq!(set.wait(), Some(Ok(1)));
        assert_eq!(set.wait(), Some(Ok(2)));
        assert_eq!(set.wait(), Some(Err(RecvError)));
        assert_eq!(set.wait(), None);
        sender.join().unwrap();
    });
}

/// The arms stand in line while nobody waits for the set; then a value comes, or the end.
#[test]
fn what_comes_while_the_owner_is_busy_is_found() {
    explore(|| {
        let (a, from_a) = millstream::bounded(1);
        let (b, from_b) = millstream::rendezvous::<u32>();
        let mut set = SelectSet::new();
        set.recv(&from_a, |got| got);
        set.recv(&from_b, |got| got);
        start_waiting(&mut set.next());
        let sender = thread::spawn(move || a.send_blocking(1));
        let closer = thread::spawn(move || drop(b));
        let got = [set.wait(), set.wait(), set.wait()];
        let values: Vec<_> = got.into_iter().flatten().flatten().collect();
        assert_eq!(values, [1], "one value and two ends: {got:?}");
        assert_eq!(set.wait(), None);
        assert_eq!(sender.join().unwrap(), Ok(()));
        closer.join().unwrap();
    });
}

#[test]
fn what_was_committed_to_a_next_that_is_dropped_comes_next() {
    explore(|| {
        let (a, from_a) = millstream::rendezvous();
        let (_b, from_b) = millstream::rendezvous::<u32>();
        let mut set = SelectSet::new();
        set.recv(&from_a, |got| got.unwrap());
        set.recv(&from_b, |got| got.unwrap());
        let mut next = set.next();
        start_waiting(&mut next);
        let sender = thread::spawn(move || (a.send_blocking(7), a));
        drop(next);
        assert_eq!(block_on(set.next()), Some(7));
        assert_eq!(sender.join().unwrap().0, Ok(()));
    });
}

#[test]
fn what_was_committed_to_a_set_that_is_dropped_stays() {
    explore(|| {
        let (a, from_a) = millstream::rendezvous();
        let (ledger, token) = Ledger::new();
        let mut set = SelectSet::new();
        set.recv(from_a.clone(), drop);
        start_waiting(&mut set.next());
        // Once more, so that the model begins with the set waiting.
        let mut next = set.next();
        start_waiting(&mut next);
        let sender = thread::spawn(move || a.try_send(token));
        drop(next);
        drop(set);
        let sent = sender.join().unwrap();
        assert_eq!(ledger.drops(), 0, "it is here or there");
        assert_eq!(from_a.try_recv().is_ok(), sent.is_ok());
    });
}

#[test]
fn an_arm_that_is_removed_as_it_is_committed_passes_on() {
    explore(|| {
        let (a, from_a) = millstream::rendezvous();
        let (b, from_b) = millstream::rendezvous();
        let mut set = SelectSet::new();
        let number = set.recv(&from_a, |got| got.unwrap());
        set.recv(&from_b, |got| got.unwrap());
        // A set is open only while its `next` lives, so that is leaked; as is allowed.
        let mut next = set.next();
        start_waiting(&mut next);
        std::mem::forget(next);
        let senders = [(a, 1), (b, 2)].map(|(tx, value)| {
            thread::spawn(move || {
                let sent = tx.send_blocking(value);
                (sent, tx)
            })
        });
        assert!(set.remove(number));
        assert_eq!(set.wait(), Some(2));
        assert_eq!(from_a.recv_blocking(), Ok(1));
        for sender in senders {
            assert_eq!(sender.join().unwrap().0, Ok(()));
        }
    });
}

/// A set that receives against a select that sends on either of its channels, twice.
#[test]
fn a_set_meets_a_select() {
    explore(|| {
        let (a, from_a) = millstream::rendezvous();
        let (b, from_b) = millstream::rendezvous();
        let keep = (a.clone(), b.clone());
        let select = thread::spawn(move || {
            let turn = |value| {
                Select::new()
                    .send(&a, value, |sent| sent.unwrap())
                    .send(&b, value, |sent| sent.unwrap())
                    .wait();
            };
            turn(1);
            turn(2);
        });
        let mut set = SelectSet::new();
        set.recv(&from_b, |got| got.unwrap());
        set.recv(&from_a, |got| got.unwrap());
        assert_eq!((set.wait(), set.wait()), (Some(1), Some(2)));
        select.join().unwrap();
        drop(keep);
    });
}

#[test]
fn a_set_meets_a_set() {
    explore(|| {
        let (a, from_a) = millstream::rendezvous();
        let (b, from_b) = millstream::rendezvous();
        let keep = (a.clone(), b.clone());
        let sender = thread::spawn(move || {
            let mut set = SelectSet::new();
            set.send(&a, 1, |sent| sent.is_ok());
            set.send(&b, 2, |sent| sent.is_ok());
            assert_eq!((set.wait(), set.wait()), (Some(true), Some(true)));
            assert_eq!(set.wait(), None);
        });
        let mut set = SelectSet::new();
        set.recv(&from_b, |got| got.unwrap());
        set.recv(&from_a, |got| got.unwrap());
        assert_eq!(set.wait().unwrap() + set.wait().unwrap(), 3);
        sender.join().unwrap();
        drop(keep);
    });
}

/// A sender that reserves finds the set busy; the set comes back, and they meet.
#[test]
fn a_reservation_that_found_a_set_busy_is_granted_when_it_is_back() {
    explore(|| {
        let (a, from_a) = millstream::rendezvous();
        let mut set = SelectSet::new();
        set.recv(&from_a, |got| got.unwrap());
        start_waiting(&mut set.next());
        let sender = thread::spawn(move || block_on(a.reserve()).unwrap().send(7));
        assert_eq!(set.wait(), Some(7));
        assert_eq!(sender.join().unwrap(), Ok(()));
    });
}

/// The same, where the reservation waits for a permit that is dropped while the set is busy.
#[test]
fn a_permit_that_is_dropped_while_a_set_is_busy_is_granted_when_it_is_back() {
    explore(|| {
        let (a, from_a) = millstream::rendezvous();
        let mut set = SelectSet::new();
        set.recv(from_a, |got| got.unwrap());
        let mut next = set.next();
        start_waiting(&mut next);
        let permit = a.try_reserve().unwrap();
        let mut reserve = a.reserve();
        start_waiting(&mut reserve);
        drop(next);
        let owner = thread::spawn(move || set.wait());
        drop(permit);
        assert_eq!(block_on(reserve).unwrap().send(7), Ok(()));
        assert_eq!(owner.join().unwrap(), Some(7));
    });
}

#[test]
fn a_send_arm_of_a_busy_set_is_told_of_the_end() {
    explore(|| {
        let (a, from_a) = millstream::rendezvous();
        let (ledger, token) = Ledger::new();
        let mut set = SelectSet::new();
        set.send(&a, token, |sent| sent.is_ok());
        start_waiting(&mut set.next());
        let receiver = thread::spawn(move || from_a.try_recv().is_ok());
        let sent = set.wait();
        assert_eq!(sent, Some(receiver.join().unwrap()));
        assert_eq!(set.wait(), None);
        assert_eq!(ledger.drops(), 1);
    });
}

#[test]
fn a_set_that_waits_again_takes_what_is_buffered() {
    explore(|| {
        let (a, from_a) = millstream::bounded(1);
        let keep = a.clone();
        let mut set = SelectSet::new();
        set.recv(&from_a, |got| got.unwrap());
        let counter = Counter::new();
        assert!(poll_once(&mut set.next(), &counter).is_pending());
        let sender = thread::spawn(move || a.try_send(7).unwrap());
        let polled = poll_once(&mut set.next(), &counter);
        sender.join().unwrap();
        match polled {
            Poll::Ready(got) => assert_eq!(got, Some(7)),
            // The next that was polled has gone, and whoever sent found nobody to wake.
            Poll::Pending => assert_eq!(block_on(set.next()), Some(7)),
        }
        assert_eq!(from_a.try_recv(), Err(TryRecvError::Empty));
        drop(keep);
    });
}
