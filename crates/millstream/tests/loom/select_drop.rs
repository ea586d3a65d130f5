//! A select that is dropped at any moment: what it was matched with passes on, and its values are accounted for.

use crate::support::{explore, poll_once, start_waiting, Ledger};
use loom::future::block_on;
use loom::thread;
use millstream::{Select, TryRecvError};
use std::task::Poll;

#[test]
fn a_claim_of_a_dropped_select_stays_in_its_channel() {
    explore(|| {
        let (a, from_a) = millstream::rendezvous::<u32>();
        let (b, from_b) = millstream::rendezvous::<u32>();
        let mut select = Select::new().recv(&from_a, |_| ()).recv(&from_b, |_| ());
        start_waiting(&mut select);
        let senders =
            [(a, 1), (b, 2)].map(|(tx, value)| thread::spawn(move || tx.try_send(value).is_ok()));
        drop(select);
        let [sent_a, sent_b] = senders.map(|sender| sender.join().unwrap());
        assert!(!(sent_a && sent_b), "one select, one value");
        let expected = |sent: bool, value| match sent {
            true => Ok(value),
            false => Err(TryRecvError::Closed),
        };
        assert_eq!(from_a.try_recv(), expected(sent_a, 1));
        assert_eq!(from_b.try_recv(), expected(sent_b, 2));
    });
}

#[test]
fn a_claim_of_a_dropped_select_passes_to_the_next_in_line() {
    explore(|| {
        let (a, from_a) = millstream::rendezvous();
        let (_b, from_b) = millstream::rendezvous::<u32>();
        let mut select = Select::new().recv(&from_a, |_| ()).recv(&from_b, |_| ());
        start_waiting(&mut select);
        let mut receive = from_a.recv();
        start_waiting(&mut receive);
        let sender = thread::spawn(move || a.send_blocking(7));
        drop(select);
        assert_eq!(block_on(receive), Ok(7));
        assert_eq!(sender.join().unwrap(), Ok(()));
    });
}

#[test]
fn a_select_that_is_polled_takes_one_of_two() {
    explore(|| {
        let (a, from_a) = millstream::rendezvous::<u32>();
        let (b, from_b) = millstream::bounded::<u32>(1);
        let mut select = Select::new()
            .recv(&from_a, |got| got.unwrap())
            .recv(&from_b, |got| got.unwrap());
        let counter = start_waiting(&mut select);
        let keep = (a.clone(), b.clone());
        let senders =
            [(a, 1), (b, 2)].map(|(tx, value)| thread::spawn(move || tx.try_send(value).is_ok()));
        let polled = poll_once(&mut select, &counter);
        let [sent_a, sent_b] = senders.map(|sender| sender.join().unwrap());
        assert!(sent_b, "there is room");
        let polled = match polled {
            Poll::Ready(got) => got,
            Poll::Pending => {
                assert_eq!(counter.wakes(), 1);
                match poll_once(&mut select, &counter) {
                    Poll::Ready(got) => got,
                    Poll::Pending => panic!("it was woken for nothing"),
                }
            }
        };
        assert_eq!(sent_a, polled == 1);
        assert_eq!(from_a.try_recv(), Err(TryRecvError::Empty));
        let left = if polled == 1 {
            Ok(2)
        } else {
            Err(TryRecvError::Empty)
        };
        assert_eq!(from_b.try_recv(), left);
        drop(keep);
    });
}

#[test]
fn the_value_of_a_dropped_select_comes_back_or_was_sent() {
    explore(|| {
        let (a, from_a) = millstream::rendezvous();
        let (b, from_b) = millstream::rendezvous();
        let (ledger, token) = Ledger::new();
        let mut slot = Some(token);
        let mut select = Select::new()
            .send_from(&a, &mut slot, |_| ())
            .recv(&from_b, |_: Result<u32, _>| ());
        start_waiting(&mut select);
        let receiver = thread::spawn(move || from_a.try_recv().is_ok());
        let sender = thread::spawn(move || b.try_send(1).is_ok());
        drop(select);
        let received = receiver.join().unwrap();
        let sent = sender.join().unwrap();
        assert!(!(received && sent), "one select, one value");
        assert_eq!(slot.is_some(), !received);
        assert_eq!(ledger.drops(), usize::from(received));
        let left = if sent {
            Ok(1)
        } else {
            Err(TryRecvError::Closed)
        };
        assert_eq!(from_b.try_recv(), left);
    });
}

#[test]
fn a_permit_of_a_dropped_select_passes_on() {
    explore(|| {
        let (a, from_a) = millstream::bounded(1);
        let (_b, from_b) = millstream::rendezvous::<u32>();
        a.try_send(0).unwrap();
        let mut select = Select::new().reserve(&a, drop).recv(&from_b, drop);
        start_waiting(&mut select);
        let mut send = a.send(7);
        start_waiting(&mut send);
        let receiver = thread::spawn(move || (from_a.recv_blocking(), from_a));
        drop(select);
        assert_eq!(block_on(send), Ok(()));
        let (first, from_a) = receiver.join().unwrap();
        assert_eq!((first, from_a.try_recv()), (Ok(0), Ok(7)));
    });
}

/// Two selects face each other and one is dropped: the other has met it, or waits on for somebody else.
#[test]
fn a_dropped_select_was_met_or_not() {
    explore(|| {
        let (a, from_a) = millstream::rendezvous::<u32>();
        let (b, from_b) = millstream::rendezvous::<u32>();
        let mut one = Select::new()
            .recv(&from_a, |got| got.unwrap())
            .recv(&from_b, |got| got.unwrap());
        start_waiting(&mut one);
        let other = thread::spawn(move || {
            Select::new()
                .send(&a, 1, |sent| sent.map(|()| 1))
                .send(&b, 2, |sent| sent.map(|()| 2))
                .wait()
                .unwrap()
        });
        drop(one);
        let got = Select::new()
            .recv(&from_a, |got| got.unwrap())
            .recv(&from_b, |got| got.unwrap())
            .wait();
        assert_eq!(got, other.join().unwrap());
    });
}
