//! Whom a channel wakes and how often, which waker it keeps, and when it lets go of it.

#![allow(clippy::type_complexity)] // Tables of ways to do a thing say what each way takes.

mod common;

use common::waiter::{empty, full};
use common::{now, Bell};
use millstream::{Select, SelectSet};
use std::any::Any;
use std::future::Future;

#[test]
fn nobody_is_woken_without_a_reason() {
    let (tx, rx) = millstream::bounded(2);
    let (receiver, sender) = (Bell::new(), Bell::new());
    let mut recv = rx.recv();
    receiver.waits(&mut recv);
    // Not by polling again, by those who only look, or by those who come and go.
    receiver.waits(&mut recv);
    let _ = (tx.len(), tx.stats(), tx.is_full(), rx.try_recv());
    drop((tx.clone(), rx.clone()));
    drop(tx.try_reserve());
    assert_eq!(receiver.rings(), 0);
    for n in 1..=3 {
        tx.try_send(n).unwrap();
    }
    assert_eq!(
        receiver.rings(),
        1,
        "once for the first value, not for the others"
    );
    let mut send = tx.send(4);
    sender.waits(&mut send);
    assert_eq!(receiver.gets(&mut recv), Ok(1));
    assert_eq!(
        sender.rings(),
        0,
        "what a committed receiver takes was no longer in the way"
    );
    assert_eq!(rx.try_recv(), Ok(2));
    assert_eq!((sender.rings(), receiver.rings()), (1, 0));
    assert_eq!(rx.try_recv(), Ok(3));
    assert_eq!(sender.rings(), 0);
    sender.gets(&mut send).unwrap();
}

#[test]
fn each_value_wakes_one_receiver() {
    for capacity in [0, 1, 3] {
        let (tx, rx) = millstream::bounded(capacity);
        let bell = Bell::new();
        let mut recvs: Vec<_> = (0..4).map(|_| rx.recv()).collect();
        for recv in &mut recvs {
            bell.waits(recv);
        }
        for _ in 0..4 {
            tx.try_send(()).unwrap();
            assert_eq!(bell.rings(), 1);
        }
        for _ in 0..capacity {
            tx.try_send(()).unwrap();
        }
        assert_eq!(bell.rings(), 0);
    }
}

#[test]
fn a_promise_wakes_everyone_once() {
    let (tx, rx) = millstream::promise();
    let bells = [Bell::new(), Bell::new(), Bell::new()];
    let mut recvs: Vec<_> = bells.iter().map(|_| rx.recv()).collect();
    for (recv, bell) in recvs.iter_mut().zip(&bells) {
        bell.waits(recv);
    }
    tx.try_send(8).unwrap();
    tx.try_send(9).unwrap();
    drop(tx);
    for (recv, bell) in recvs.iter_mut().zip(&bells) {
        assert_eq!(bell.rings(), 1);
        assert_eq!(bell.gets(recv), Ok(8));
    }
}

/// A future without its type.
trait Poller {
    fn poll_pending(&mut self, bell: &Bell) -> bool;
}

impl<F: Future + Unpin> Poller for F {
    fn poll_pending(&mut self, bell: &Bell) -> bool {
        bell.poll(self).is_pending()
    }
}

/// What an operation waited on, which outlives it.
type Channels = Box<dyn Any>;

struct Case(
    &'static str,
    fn(&mut dyn FnMut(&mut dyn Poller, &dyn Fn())) -> Channels,
);

/// Every operation that waits, and what ends its wait.
fn cases() -> Vec<Case> {
    vec![
        Case("recv", |use_it| {
            let (tx, rx) = empty();
            use_it(&mut rx.recv(), &|| tx.try_send(1).unwrap());
            Box::new((tx, rx))
        }),
        Case("recv_many", |use_it| {
            let (tx, rx) = empty();
            use_it(&mut rx.recv_many(&mut Vec::new(), 2), &|| {
                tx.try_send(1).unwrap()
            });
            Box::new((tx, rx))
        }),
        Case("claim", |use_it| {
            let (tx, rx) = empty();
            use_it(&mut rx.claim(), &|| tx.try_send(1).unwrap());
            Box::new((tx, rx))
        }),
        Case("stream", |use_it| {
            let (tx, mut rx) = empty();
            // A handle that was polled as a stream keeps its place until it goes, so another keeps the channel.
            let kept = rx.clone();
            use_it(&mut futures_lite::StreamExt::next(&mut rx), &|| {
                tx.try_send(1).unwrap()
            });
            Box::new((tx, kept))
        }),
        Case("recv of a closing channel", |use_it| {
            let (tx, rx) = empty();
            use_it(&mut rx.recv(), &|| assert!(tx.close()));
            Box::new((tx, rx))
        }),
        Case("recv of a promise", |use_it| {
            let (tx, rx) = millstream::promise();
            use_it(&mut rx.recv(), &|| tx.try_send(1).unwrap());
            Box::new((tx, rx))
        }),
        Case("send", |use_it| {
            let (tx, rx) = full();
            use_it(&mut tx.send(1), &|| assert_eq!(rx.try_recv(), Ok(0)));
            Box::new((tx, rx))
        }),
        Case("send_many", |use_it| {
            let (tx, rx) = full();
            use_it(&mut tx.send_many([1]), &|| assert_eq!(rx.try_recv(), Ok(0)));
            Box::new((tx, rx))
        }),
        Case("reserve", |use_it| {
            let (tx, rx) = full();
            use_it(&mut tx.reserve(), &|| assert_eq!(rx.try_recv(), Ok(0)));
            Box::new((tx, rx))
        }),
        Case("closed", |use_it| {
            let (tx, rx) = full();
            use_it(&mut tx.closed(), &|| assert!(rx.close()));
            Box::new((tx, rx))
        }),
        Case("drained", |use_it| {
            let (tx, rx) = full();
            tx.close();
            use_it(&mut rx.drained(), &|| assert_eq!(rx.try_recv(), Ok(0)));
            Box::new((tx, rx))
        }),
        Case("select that receives", |use_it| {
            let ((tx, rx), (quiet, other)) = (empty(), empty());
            use_it(
                &mut Select::new().recv(&rx, drop).recv(&other, drop),
                &|| tx.try_send(1).unwrap(),
            );
            Box::new((tx, rx, quiet, other))
        }),
        Case("select that sends", |use_it| {
            let ((tx, rx), (other, quiet)) = (full(), full());
            use_it(
                &mut Select::new().send(&tx, 1, drop).send(&other, 1, drop),
                &|| assert_eq!(rx.try_recv(), Ok(0)),
            );
            Box::new((tx, rx, other, quiet))
        }),
        Case("set", |use_it| {
            let ((tx, rx), (quiet, other)) = (empty(), empty());
            let mut set = SelectSet::new();
            set.recv(&rx, drop);
            set.recv(&other, drop);
            use_it(&mut set.next(), &|| tx.try_send(1).unwrap());
            drop(set);
            Box::new((tx, rx, quiet, other))
        }),
    ]
}

#[test]
fn only_the_newest_waker_is_woken() {
    for Case(name, case) in cases() {
        case(&mut |future, end| {
            let (first, second) = (Bell::new(), Bell::new());
            assert!(future.poll_pending(&first), "{name}");
            assert_eq!(first.held(), 1, "{name}");
            assert!(future.poll_pending(&first), "{name}");
            assert_eq!(first.held(), 1, "{name}: the same waker is not kept twice");
            assert!(future.poll_pending(&second), "{name}");
            assert_eq!((first.held(), second.held()), (0, 1), "{name}");
            end();
            assert_eq!((first.rings(), second.rings()), (0, 1), "{name}");
            assert!(!future.poll_pending(&second), "{name}");
            assert_eq!(second.held(), 0, "{name}: nothing is left");
        });
    }
}

#[test]
fn wakers_are_gone_with_their_future() {
    for Case(name, case) in cases() {
        let bell = Bell::new();
        let channels = case(&mut |future, _| assert!(future.poll_pending(&bell), "{name}"));
        assert_eq!(bell.held(), 0, "{name} was dropped while it waited");
        drop(channels);
        let channels = case(&mut |future, end| {
            assert!(future.poll_pending(&bell), "{name}");
            end();
        });
        assert_eq!(bell.held(), 0, "{name} was dropped after it was woken");
        drop(channels);
    }
}

#[test]
fn a_waker_that_changes_after_the_commit_loses_nothing() {
    for Case(name, case) in cases() {
        case(&mut |future, end| {
            let (first, second) = (Bell::new(), Bell::new());
            assert!(future.poll_pending(&first), "{name}");
            end();
            assert!(!future.poll_pending(&second), "{name}");
            assert_eq!((first.held(), second.held()), (0, 0), "{name}");
        });
    }
}

#[test]
fn operations_that_are_ready_keep_no_waker() {
    let (tx, rx) = millstream::bounded(3);
    let bell = Bell::new();
    bell.gets(&mut tx.send(1)).unwrap();
    bell.gets(&mut tx.reserve()).unwrap().send(2).unwrap();
    bell.gets(&mut tx.send_many([3])).unwrap();
    bell.gets(&mut rx.recv()).unwrap();
    bell.gets(&mut rx.claim()).unwrap().take();
    bell.gets(&mut rx.recv_many(&mut Vec::new(), 9));
    bell.gets(&mut Select::new().send(&tx, 4, |sent| sent.unwrap()));
    bell.gets(&mut Select::new().recv(&rx, |value| value.unwrap()));
    tx.close();
    bell.gets(&mut tx.closed());
    bell.gets(&mut rx.drained());
    assert_eq!((bell.held(), bell.rings()), (0, 0));
    now(rx.drained());
}
