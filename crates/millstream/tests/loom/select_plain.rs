//! A select against plain operations: one arm commits, and the others leave everything where it was.

use crate::support::{explore, Ledger};
use loom::thread;
use millstream::{Select, SendError, TryRecvError};

/// Two plain senders, and a select twice: each value arrives once.
fn two_senders_against_a_select(capacity: usize) {
    explore(move || {
        let (a, from_a) = millstream::bounded(capacity);
        let (b, from_b) = millstream::bounded(capacity);
        let _keep = (a.clone(), b.clone());
        let senders = [(a, 1), (b, 2)]
            .map(|(tx, value)| thread::spawn(move || tx.send_blocking(value).unwrap()));
        let turn = || {
            Select::new()
                .recv(&from_a, |got| got.unwrap())
                .recv(&from_b, |got| got.unwrap())
                .wait()
        };
        assert_eq!(turn() + turn(), 3);
        for sender in senders {
            sender.join().unwrap();
        }
    });
}

#[test]
fn two_senders_against_a_select_over_rendezvous() {
    two_senders_against_a_select(0);
}

#[test]
fn two_senders_against_a_select_over_buffers() {
    two_senders_against_a_select(1);
}

#[test]
fn two_receivers_against_a_select_that_sends() {
    explore(|| {
        let (a, from_a) = millstream::rendezvous();
        let (b, from_b) = millstream::rendezvous();
        let receivers = [from_a, from_b].map(|rx| thread::spawn(move || rx.recv_blocking().ok()));
        let sent = Select::new()
            .send(&a, 1, |sent| sent.map(|()| 1))
            .send(&b, 2, |sent| sent.map(|()| 2))
            .wait()
            .unwrap();
        drop((a, b));
        let got = receivers.map(|receiver| receiver.join().unwrap());
        let expected = if sent == 1 {
            [Some(1), None]
        } else {
            [None, Some(2)]
        };
        assert_eq!(got, expected);
    });
}

#[test]
fn a_select_and_a_plain_receiver_share_a_channel() {
    explore(|| {
        let (a, from_a) = millstream::rendezvous();
        let (_b, from_b) = millstream::rendezvous::<u32>();
        let receiver = thread::spawn({
            let from_a = from_a.clone();
            move || from_a.recv_blocking().unwrap()
        });
        let sender = thread::spawn(move || {
            a.send_blocking(1).unwrap();
            a.send_blocking(2).unwrap();
        });
        let got = Select::new()
            .recv(&from_b, |got| got.unwrap())
            .recv(&from_a, |got| got.unwrap())
            .wait();
        assert_eq!(got + receiver.join().unwrap(), 3);
        sender.join().unwrap();
    });
}

#[test]
fn a_select_and_a_plain_sender_share_a_channel() {
    explore(|| {
        let (a, from_a) = millstream::rendezvous();
        let (b, _from_b) = millstream::rendezvous();
        let sender = thread::spawn({
            let a = a.clone();
            move || a.send_blocking(1).unwrap()
        });
        let receiver = thread::spawn(move || {
            [
                from_a.recv_blocking().unwrap(),
                from_a.recv_blocking().unwrap(),
            ]
        });
        Select::new()
            .send(&b, 3, |sent| sent.unwrap())
            .send(&a, 2, |sent| sent.unwrap())
            .wait();
        sender.join().unwrap();
        let mut got = receiver.join().unwrap();
        got.sort_unstable();
        assert_eq!(got, [1, 2]);
    });
}

#[test]
fn a_select_with_a_default_takes_a_value_or_leaves_it() {
    explore(|| {
        let (a, from_a) = millstream::rendezvous();
        let (b, from_b) = millstream::bounded(1);
        let senders = [a, b].map(|tx| thread::spawn(move || tx.try_send(1).is_ok()));
        let got = Select::new()
            .recv(&from_a, |got| got.is_ok())
            .recv(&from_b, |got| got.is_ok())
            .default(|| false)
            .wait();
        let [sent_a, sent_b] = senders.map(|sender| sender.join().unwrap());
        assert!(!sent_a, "a select with a default waits for nobody");
        assert!(sent_b);
        let left = from_b.try_recv();
        assert_eq!(
            left,
            if got {
                Err(TryRecvError::Closed)
            } else {
                Ok(1)
            }
        );
    });
}

/// The value of a losing arm comes back, and only that one.
#[test]
fn the_value_of_a_losing_arm_comes_back() {
    explore(|| {
        let (a, from_a) = millstream::rendezvous();
        let (b, from_b) = millstream::rendezvous();
        let (ledger, token) = Ledger::new();
        let receiver = thread::spawn(move || from_a.try_recv().is_ok());
        let sender = thread::spawn(move || b.send_blocking(1).is_ok());
        let mut slot = Some(token);
        let sent = Select::new()
            .send_from(&a, &mut slot, |sent| match sent {
                Ok(()) => true,
                Err(SendError(token)) => {
                    drop(token);
                    false
                }
            })
            .recv(&from_b, |got| {
                got.unwrap();
                false
            })
            .wait();
        drop(from_b);
        let received = receiver.join().unwrap();
        assert_eq!(sent, received);
        let came_back = usize::from(slot.is_some());
        assert_eq!(ledger.drops() + came_back, 1, "it is in one place");
        assert_eq!(sender.join().unwrap(), came_back == 1);
    });
}

#[test]
fn a_permit_is_granted_to_a_select_or_passed_on() {
    explore(|| {
        let (a, from_a) = millstream::bounded(1);
        let (b, from_b) = millstream::bounded(1);
        a.try_send(0).unwrap();
        b.try_send(0).unwrap();
        let receivers = [from_a.clone(), from_b.clone()]
            .map(|rx| thread::spawn(move || rx.recv_blocking().unwrap()));
        let select = Select::new()
            .reserve(&a, |permit| permit.unwrap())
            .reserve(&b, |permit| permit.unwrap());
        select.wait().send(7).unwrap();
        for receiver in receivers {
            assert_eq!(receiver.join().unwrap(), 0);
        }
        // The place that was not taken is free again.
        let sent = [a.try_send(8).is_ok(), b.try_send(8).is_ok()];
        assert_eq!(sent.into_iter().filter(|sent| *sent).count(), 1);
        let mut got = [from_a.try_recv().unwrap(), from_b.try_recv().unwrap()];
        got.sort_unstable();
        assert_eq!(got, [7, 8]);
    });
}
