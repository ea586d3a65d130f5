//! Selects that face each other: they meet, once, and both know it.

use crate::support::{explore, explore_within, poll_once, start_waiting};
use loom::future::block_on;
use loom::thread;
use millstream::{Permit, Receiver, Select, Sender};

/// What a select over a send and a receive came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Did {
    Sent,
    Got(u32),
}

/// A select that sends `value` or receives, the arms in this order or the other.
fn send_or_recv(tx: &Sender<u32>, value: u32, rx: &Receiver<u32>, send_first: bool) -> Did {
    let sent = |sent: Result<(), _>| {
        sent.expect("the other side is there");
        Did::Sent
    };
    let got = |got: Result<u32, _>| Did::Got(got.expect("the other side is there"));
    if send_first {
        block_on(Select::new().send(tx, value, sent).recv(rx, got))
    } else {
        block_on(Select::new().recv(rx, got).send(tx, value, sent))
    }
}

/// One sends on `a` or receives from `b`, the other the other way round.
fn both_directions(one_sends_first: bool, other_sends_first: bool) {
    explore(move || {
        let (a, from_a) = millstream::rendezvous();
        let (b, from_b) = millstream::rendezvous();
        // Handles of both sides stay here, so that whoever comes second sees no closed channel.
        let _keep = (a.clone(), from_a.clone(), b.clone(), from_b.clone());
        let other = thread::spawn(move || send_or_recv(&b, 2, &from_a, other_sends_first));
        let one = send_or_recv(&a, 1, &from_b, one_sends_first);
        match (one, other.join().unwrap()) {
            (Did::Sent, Did::Got(1)) | (Did::Got(2), Did::Sent) => {}
            both => panic!("{both:?}"),
        }
    });
}

#[test]
fn both_directions_sends_first() {
    both_directions(true, true);
}

#[test]
fn both_directions_receives_first() {
    both_directions(false, false);
}

#[test]
fn both_directions_one_sends_first() {
    both_directions(true, false);
}

#[test]
fn both_directions_the_other_sends_first() {
    both_directions(false, true);
}

/// A select that receives, or gets the place of `value` from the receiver that waits for it.
fn reserve_or_recv(tx: &Sender<u32>, value: u32, rx: &Receiver<u32>, reserve_first: bool) -> Did {
    let reserved = |permit: Result<Permit<'_, u32>, _>| {
        let permit = permit.expect("the other side is there");
        permit.send(value).expect("the other side is there");
        Did::Sent
    };
    let got = |got: Result<u32, _>| Did::Got(got.expect("the other side is there"));
    if reserve_first {
        block_on(Select::new().reserve(tx, reserved).recv(rx, got))
    } else {
        block_on(Select::new().recv(rx, got).reserve(tx, reserved))
    }
}

/// Each is a receiver by which the other may reserve, until one of them has.
fn places_of_each_other(one_reserves_first: bool, other_reserves_first: bool) {
    explore(move || {
        let (a, from_a) = millstream::rendezvous();
        let (b, from_b) = millstream::rendezvous();
        let _keep = (a.clone(), from_a.clone(), b.clone(), from_b.clone());
        let other = thread::spawn(move || reserve_or_recv(&b, 2, &from_a, other_reserves_first));
        let one = reserve_or_recv(&a, 1, &from_b, one_reserves_first);
        match (one, other.join().unwrap()) {
            (Did::Sent, Did::Got(1)) | (Did::Got(2), Did::Sent) => {}
            both => panic!("{both:?}"),
        }
    });
}

#[test]
fn places_of_each_other_reserves_first() {
    places_of_each_other(true, true);
}

#[test]
fn places_of_each_other_receives_first() {
    places_of_each_other(false, false);
}

#[test]
fn places_of_each_other_one_reserves_first() {
    places_of_each_other(true, false);
}

/// One sends on either of two channels, the other receives from either, in this order or the other.
fn senders_against_receivers(same_order: bool) {
    explore(move || {
        let (a, from_a) = millstream::rendezvous();
        let (b, from_b) = millstream::rendezvous();
        let _keep = (a.clone(), from_a.clone(), b.clone(), from_b.clone());
        let sender = thread::spawn(move || {
            let select = Select::new()
                .send(&a, 1, |sent| (1, sent))
                .send(&b, 2, |sent| (2, sent));
            let (value, sent) = select.wait();
            sent.unwrap();
            value
        });
        let (first, second) = if same_order {
            (&from_a, &from_b)
        } else {
            (&from_b, &from_a)
        };
        let got = Select::new()
            .recv(first, |got| got.unwrap())
            .recv(second, |got| got.unwrap())
            .wait();
        assert_eq!(got, sender.join().unwrap());
    });
}

#[test]
fn senders_against_receivers_in_the_same_order() {
    senders_against_receivers(true);
}

#[test]
fn senders_against_receivers_in_the_other_order() {
    senders_against_receivers(false);
}

/// Both ends of one channel in each of two selects.
fn both_ends_of_one_channel(one_sends_first: bool, other_sends_first: bool) {
    explore(move || {
        let (tx, rx) = millstream::rendezvous();
        let other = thread::spawn({
            let (tx, rx) = (tx.clone(), rx.clone());
            move || send_or_recv(&tx, 2, &rx, other_sends_first)
        });
        let one = send_or_recv(&tx, 1, &rx, one_sends_first);
        match (one, other.join().unwrap()) {
            (Did::Sent, Did::Got(1)) | (Did::Got(2), Did::Sent) => {}
            both => panic!("{both:?}"),
        }
    });
}

#[test]
fn both_ends_of_one_channel_sends_first() {
    both_ends_of_one_channel(true, true);
}

#[test]
fn both_ends_of_one_channel_receives_first() {
    both_ends_of_one_channel(false, false);
}

#[test]
fn both_ends_of_one_channel_crosswise() {
    both_ends_of_one_channel(true, false);
}

/// A select with both ends of one channel waits for somebody else, and meets whoever comes.
#[test]
fn a_select_does_not_meet_itself() {
    explore(|| {
        let (tx, rx) = millstream::rendezvous::<u32>();
        let mut select =
            Select::new()
                .recv(&rx, |got| Did::Got(got.unwrap()))
                .send(&tx, 1, |sent| {
                    sent.unwrap();
                    Did::Sent
                });
        let counter = start_waiting(&mut select);
        assert!(poll_once(&mut select, &counter).is_pending());
        let sender = thread::spawn({
            let tx = tx.clone();
            move || tx.try_send(2).is_ok()
        });
        let receiver = thread::spawn({
            let rx = rx.clone();
            move || rx.try_recv()
        });
        let did = block_on(select);
        let sent = sender.join().unwrap();
        let received = receiver.join().unwrap();
        match did {
            // The select or the other receiver may have met the sender, but not both.
            Did::Got(2) => assert!(sent && received.is_err()),
            Did::Sent => assert!(received == Ok(1) && !sent),
            Did::Got(value) => panic!("{value} is its own"),
        }
    });
}

/// Three in a ring, of which any two are neighbours: one is stopped, and the other two meet.
#[test]
fn two_of_three_in_a_ring_meet() {
    explore_within(2, || {
        let (a, from_a) = millstream::rendezvous();
        let (b, from_b) = millstream::rendezvous();
        let (c, from_c) = millstream::rendezvous();
        let (stop, stopped) = millstream::rendezvous::<()>();
        let turn = |tx: Sender<u32>, value, rx: Receiver<u32>| {
            let stopped = stopped.clone();
            let keep = (tx.clone(), rx.clone());
            thread::spawn(move || {
                let did = Select::new()
                    .send(&tx, value, |sent| sent.is_ok().then_some(Did::Sent))
                    .recv(&rx, |got| got.ok().map(Did::Got))
                    .recv(&stopped, |_| None)
                    .wait();
                (did, keep)
            })
        };
        let threads = [turn(a, 1, from_c), turn(b, 2, from_a), turn(c, 3, from_b)];
        stop.send_blocking(()).unwrap();
        let [one, two, three] = threads.map(|thread| thread.join().unwrap());
        let did = [one.0, two.0, three.0];
        let met = [
            [Some(Did::Sent), Some(Did::Got(1)), None],
            [None, Some(Did::Sent), Some(Did::Got(2))],
            [Some(Did::Got(3)), None, Some(Did::Sent)],
        ];
        assert!(met.contains(&did), "{did:?}");
    });
}
