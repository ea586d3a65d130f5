//! Wakers that come back to the channel that wakes them, or panic when they are woken.

mod common;

use common::waiter::{empty, full, run_all, Manner, Scenario};
use common::{now, Bell, Hooks};
use millstream::{Select, SelectSet};

/// Every event that wakes somebody. Each checks that the one who caused it gets on undisturbed, that the one
/// who was woken gets what it waited for, and that a second waiter with an ordinary waker is woken as well.
const WAKES: &[Scenario] = &[
    ("a send", |waiter| {
        let (tx, rx) = millstream::rendezvous();
        waiter.pokes(&tx, &rx);
        let mut recv = rx.recv();
        waiter.waits(&mut recv);
        assert_eq!(tx.try_send(1), Ok(()));
        assert_eq!(now(&mut recv), Ok(1));
    }),
    ("a receive", |waiter| {
        let (tx, rx) = full();
        waiter.pokes(&tx, &rx);
        let mut send = tx.send(1);
        waiter.waits(&mut send);
        assert_eq!(rx.try_recv(), Ok(0), "the value in hand");
        now(&mut send).unwrap();
        assert_eq!(rx.try_recv(), Ok(1));
    }),
    ("a receive from the line", |waiter| {
        let (tx, rx) = millstream::rendezvous();
        waiter.pokes(&tx, &rx);
        let mut send = tx.send(1);
        waiter.waits(&mut send);
        assert_eq!(now(rx.recv()), Ok(1), "the value in hand");
        now(&mut send).unwrap();
    }),
    ("a batch", |waiter| {
        let (tx, rx) = full();
        waiter.pokes(&tx, &rx);
        let bell = Bell::new();
        let (mut first, mut second) = (tx.send(1), tx.send(2));
        waiter.waits(&mut first);
        bell.waits(&mut second);
        let mut batch = Vec::new();
        assert_eq!(now(rx.recv_many(&mut batch, 9)), 3);
        assert_eq!(batch, [0, 1, 2]);
        assert_eq!(bell.rings(), 1);
        now(&mut first).unwrap();
    }),
    ("a drain", |waiter| {
        let (tx, rx) = full();
        waiter.pokes(&tx, &rx);
        let mut send = tx.send(1);
        waiter.waits(&mut send);
        assert_eq!(rx.drain().collect::<Vec<_>>(), [0, 1]);
        now(&mut send).unwrap();
    }),
    ("the close", |waiter| {
        let (tx, rx) = empty();
        waiter.pokes(&tx, &rx);
        let bell = Bell::new();
        let (mut first, mut second) = (rx.recv(), rx.recv());
        waiter.waits(&mut first);
        bell.waits(&mut second);
        assert!(tx.close());
        assert_eq!(bell.rings(), 1);
        assert!(now(&mut first).is_err() && now(&mut second).is_err());
    }),
    ("the last sender", |waiter| {
        let (tx, rx) = empty();
        waiter.pokes(&tx, &rx);
        let bell = Bell::new();
        let (mut first, mut second) = (rx.drained(), rx.recv());
        waiter.waits(&mut first);
        bell.waits(&mut second);
        drop(tx);
        assert_eq!(bell.rings(), 1);
        now(&mut first);
        assert!(now(&mut second).is_err());
    }),
    ("the last receiver", |waiter| {
        let (tx, rx) = full();
        waiter.pokes(&tx, &rx);
        let bell = Bell::new();
        let (mut first, mut second, mut closed) = (tx.send(1), tx.reserve(), tx.closed());
        waiter.waits(&mut first);
        bell.waits(&mut second);
        bell.waits(&mut closed);
        drop(rx);
        assert_eq!(bell.rings(), 2);
        assert_eq!(now(&mut first).unwrap_err().into_inner(), 1);
        assert!(now(&mut second).is_err());
    }),
    ("the closed event", |waiter| {
        let (tx, rx) = empty();
        waiter.pokes(&tx, &rx);
        let bell = Bell::new();
        let (mut first, mut second) = (tx.closed(), tx.closed());
        waiter.waits(&mut first);
        bell.waits(&mut second);
        rx.close();
        assert_eq!(bell.rings(), 1);
        now(&mut first);
    }),
    ("the last value", |waiter| {
        let (tx, rx) = full();
        waiter.pokes(&tx, &rx);
        tx.close();
        let mut drained = rx.drained();
        waiter.waits(&mut drained);
        assert_eq!(rx.try_recv(), Ok(0), "the value in hand");
        now(&mut drained);
    }),
    ("the last claimed value", |waiter| {
        let (tx, rx) = empty();
        waiter.pokes(&tx, &rx);
        let mut matched = rx.recv();
        Bell::new().waits(&mut matched);
        tx.try_send(1).unwrap();
        drop(tx);
        let mut other = rx.recv();
        waiter.waits(&mut other);
        assert_eq!(now(&mut matched), Ok(1), "the value in hand");
        assert!(now(&mut other).is_err());
    }),
    ("a cancelled match", |waiter| {
        let (tx, rx) = empty();
        waiter.pokes(&tx, &rx);
        let (mut first, mut second) = (rx.recv(), rx.recv());
        Bell::new().waits(&mut first);
        waiter.waits(&mut second);
        tx.try_send(1).unwrap();
        drop(first);
        assert_eq!(now(&mut second), Ok(1));
    }),
    ("a claim that is given back", |waiter| {
        let (tx, rx) = full();
        waiter.pokes(&tx, &rx);
        let claim = now(rx.claim()).unwrap();
        let mut recv = rx.recv();
        waiter.waits(&mut recv);
        drop(claim);
        assert_eq!(now(&mut recv), Ok(0));
    }),
    ("a permit that is used", |waiter| {
        let (tx, rx) = empty();
        waiter.pokes(&tx, &rx);
        let permit = tx.try_reserve().unwrap();
        let mut recv = rx.recv();
        waiter.waits(&mut recv);
        permit.send(1).unwrap();
        assert_eq!(now(&mut recv), Ok(1));
    }),
    ("a permit that is dropped", |waiter| {
        let (tx, rx) = empty();
        waiter.pokes(&tx, &rx);
        let permit = tx.try_reserve().unwrap();
        let mut reserve = tx.reserve();
        waiter.waits(&mut reserve);
        drop(permit);
        drop(now(&mut reserve).unwrap());
    }),
    ("a value that was let in", |waiter| {
        let (tx, rx) = full();
        waiter.pokes(&tx, &rx);
        let (mut send, mut next) = (tx.send(1), tx.reserve());
        Bell::new().waits(&mut send);
        waiter.waits(&mut next);
        assert_eq!(rx.drain().count(), 2);
        drop(now(&mut next).unwrap());
    }),
    ("a promise", |waiter| {
        let (tx, rx) = millstream::promise();
        waiter.pokes(&tx, &rx);
        let bell = Bell::new();
        let (mut first, mut second) = (rx.recv(), rx.recv());
        waiter.waits(&mut first);
        bell.waits(&mut second);
        tx.try_send(1).unwrap();
        assert_eq!(bell.rings(), 1);
        assert_eq!((now(&mut first), now(&mut second)), (Ok(1), Ok(1)));
    }),
    ("a send to a select", |waiter| {
        let (tx, rx) = millstream::rendezvous();
        waiter.pokes(&tx, &rx);
        let mut select = Select::new().recv(&rx, |value| value);
        waiter.waits(&mut select);
        assert_eq!(tx.try_send(1), Ok(()));
        assert_eq!(now(&mut select), Ok(1));
    }),
    ("a receive from a select", |waiter| {
        let (tx, rx) = millstream::rendezvous();
        waiter.pokes(&tx, &rx);
        let mut select = Select::new().send(&tx, 1, |sent| sent);
        waiter.waits(&mut select);
        assert_eq!(rx.try_recv(), Ok(1), "the value in hand");
        now(&mut select).unwrap();
    }),
    ("a select that meets a sender", |waiter| {
        let (tx, rx) = millstream::rendezvous();
        waiter.pokes(&tx, &rx);
        let mut send = tx.send(1);
        waiter.waits(&mut send);
        assert_eq!(now(Select::new().recv(&rx, |value| value)), Ok(1));
        now(&mut send).unwrap();
    }),
    ("a select that leaves its other arms", |waiter| {
        let ((tx, rx), (other, other_rx)) = (empty(), empty());
        waiter.pokes(&tx, &rx);
        let mut select = Select::new()
            .recv(&other_rx, |value| value)
            .recv(&rx, |value| value);
        Bell::new().waits(&mut select);
        // The channel of the loser passes its turn on when the winner is polled.
        let mut behind = rx.recv();
        waiter.waits(&mut behind);
        other.try_send(5).unwrap();
        tx.try_send(6).unwrap();
        assert_eq!(now(&mut select), Ok(5), "the value in hand");
        assert_eq!(now(&mut behind), Ok(6));
    }),
    ("a send to a set", |waiter| {
        let (tx, rx) = millstream::rendezvous();
        waiter.pokes(&tx, &rx);
        let mut set = SelectSet::new();
        set.recv(&rx, |value| value);
        waiter.waits(&mut set.next());
        let mut next = set.next();
        waiter.waits(&mut next);
        assert_eq!(tx.try_send(1), Ok(()));
        assert_eq!(now(&mut next), Some(Ok(1)));
    }),
];

#[test]
fn a_waker_that_comes_back_to_the_channel_finds_it_unlocked() {
    run_all(WAKES, Hooks::on_wake, Manner::ComesBack);
}

#[test]
fn a_waker_that_panics_costs_neither_the_value_in_hand_nor_the_other_waiters() {
    run_all(WAKES, Hooks::on_wake, Manner::Panics);
}

#[test]
fn a_waker_whose_clone_comes_back_to_the_channel_finds_it_unlocked_when_it_waits() {
    run_all(WAKES, Hooks::on_clone, Manner::ComesBack);
}
