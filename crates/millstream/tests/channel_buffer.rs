//! Channels over a buffer of the user's own: its code runs checked out, never under the lock.

#![allow(clippy::type_complexity)] // Tables of ways to do a thing say what each way takes.

mod common;

use common::buffer::{Plan, Planned};
use common::{ignore, now, panic_text, within, Bell, Ledger};
use millstream::{
    Buffer, ChannelState, Receiver, RecvError, Select, Sender, TryRecvError, TrySendError,
};
use std::panic::{catch_unwind, AssertUnwindSafe};

/// Hands the largest value out first, and drops the smallest when it is over full.
struct Largest(Vec<u32>);

impl Buffer<u32> for Largest {
    fn len(&self) -> usize {
        self.0.len()
    }
    fn is_full(&self) -> bool {
        false
    }
    fn push(&mut self, value: u32) -> Option<u32> {
        self.0.push(value);
        self.0.sort_unstable();
        (self.0.len() > 3).then(|| self.0.remove(0))
    }
    fn pop(&mut self) -> Option<u32> {
        self.0.pop()
    }
}

#[test]
fn the_buffer_decides_the_order_and_what_is_dropped() {
    let (tx, rx) = millstream::with_buffer(Largest(Vec::new()));
    assert_eq!((tx.capacity(), tx.len(), tx.is_full()), (None, 0, false));
    for n in [3, 9, 1, 7, 5] {
        tx.try_send(n).unwrap();
    }
    assert_eq!(tx.len(), 3);
    assert_eq!(rx.try_iter().collect::<Vec<_>>(), [9, 7, 5]);
    assert_eq!((tx.stats().dropped, tx.stats().buffered), (2, 3));
}

#[test]
fn a_value_wakes_the_receivers_to_look_for_it() {
    let (tx, rx) = Plan::new().channel(2);
    let (first, second) = (Bell::new(), Bell::new());
    let (mut one, mut two) = (rx.recv(), rx.recv());
    first.waits(&mut one);
    second.waits(&mut two);
    assert_eq!(tx.stats().state, ChannelState::PendingRecvs);
    tx.try_send(1).unwrap();
    assert_eq!((first.rings(), second.rings()), (1, 1));
    assert_eq!(first.gets(&mut one), Ok(1));
    second.waits(&mut two);
    tx.try_send(2).unwrap();
    assert_eq!(second.gets(&mut two), Ok(2));
}

#[test]
fn a_place_wakes_the_senders_to_look_for_it() {
    let (tx, rx) = Plan::new().channel(1);
    let bell = Bell::new();
    tx.try_send(1).unwrap();
    assert_eq!(tx.try_send(2), Err(TrySendError::Full(2)));
    assert!(tx.is_full());
    let mut send = tx.send(2);
    bell.waits(&mut send);
    assert_eq!(tx.stats().state, ChannelState::PendingSends);
    assert_eq!(rx.try_recv(), Ok(1));
    assert_eq!(bell.rings(), 1);
    bell.gets(&mut send).unwrap();
    assert_eq!(now(rx.recv()), Ok(2));
}

#[test]
fn one_who_was_told_to_look_and_goes_keeps_nobody_from_looking() {
    let (tx, rx) = Plan::new().channel(1);
    let (bell, other) = (Bell::new(), Bell::new());
    let (mut first, mut second) = (rx.recv(), rx.recv());
    bell.waits(&mut first);
    other.waits(&mut second);
    tx.try_send(1).unwrap();
    drop(first);
    assert_eq!(other.gets(&mut second), Ok(1));

    tx.try_send(1).unwrap();
    let (mut first, mut second) = (tx.send(2), tx.send(3));
    bell.waits(&mut first);
    other.waits(&mut second);
    assert_eq!(rx.try_recv(), Ok(1));
    drop(first);
    other.gets(&mut second).unwrap();
    assert_eq!(rx.try_recv(), Ok(3));
}

#[test]
fn values_and_waiting_sends_are_good_after_the_close() {
    let (tx, rx) = Plan::new().channel(1);
    let bell = Bell::new();
    tx.try_send(1).unwrap();
    let (mut second, mut third) = (tx.send(2), tx.send(3));
    bell.waits(&mut second);
    bell.waits(&mut third);
    tx.close();
    assert_eq!(tx.try_send(4), Err(TrySendError::Closed(4)));
    let mut got = vec![rx.try_recv().unwrap()];
    let _ = bell.poll(&mut second);
    got.extend(rx.try_recv());
    let _ = bell.poll(&mut third);
    got.extend(rx.try_recv());
    assert_eq!(got, [1, 2, 3], "they were waiting before it closed");
    assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
}

#[test]
fn every_kind_of_send_that_waited_before_the_close_is_let_in() {
    let (tx, rx) = Plan::new().channel(1);
    let bell = Bell::new();
    tx.try_send(1).unwrap();
    let mut reserve = tx.reserve();
    bell.waits(&mut reserve);
    let mut select = Select::new().send(&tx, 3, |sent| sent);
    bell.waits(&mut select);
    let mut given_up = tx.send(4);
    bell.waits(&mut given_up);
    let mut last = tx.send(5);
    bell.waits(&mut last);
    tx.close();
    assert_eq!(rx.try_recv(), Ok(1));
    bell.gets(&mut reserve).unwrap().send(2).unwrap();
    assert_eq!(rx.try_recv(), Ok(2));
    assert_eq!(bell.gets(&mut select), Ok(()));
    assert_eq!(rx.try_recv(), Ok(3));
    let mut recv = rx.recv();
    let receiver = Bell::new();
    receiver.waits(&mut recv);
    bell.rings();
    drop(given_up);
    assert_eq!(bell.rings(), 1, "its turn passes on");
    bell.gets(&mut last).unwrap();
    assert_eq!(receiver.gets(&mut recv), Ok(5));
    assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
}

#[test]
fn the_end_comes_after_the_last_value() {
    let (tx, rx) = Plan::new().channel(2);
    let bell = Bell::new();
    tx.try_send(1).unwrap();
    drop(tx);
    let mut drained = rx.drained();
    bell.waits(&mut drained);
    assert_eq!(rx.try_recv(), Ok(1));
    assert_eq!(bell.rings(), 1);
    bell.gets(&mut drained);
    assert_eq!(now(rx.recv()), Err(RecvError));
}

#[test]
fn a_permit_holds_the_one_place_that_a_buffer_says_it_has() {
    let (tx, rx) = Plan::new().channel(1);
    let bell = Bell::new();
    let permit = tx.try_reserve().unwrap();
    assert!(tx.is_full());
    assert_eq!(tx.try_send(1), Err(TrySendError::Full(1)));
    assert!(matches!(tx.try_reserve(), Err(TrySendError::Full(()))));
    let mut send = tx.send(2);
    bell.waits(&mut send);
    permit.send(3).unwrap();
    bell.waits(&mut send);
    assert_eq!(rx.try_recv(), Ok(3));
    bell.gets(&mut send).unwrap();
    assert_eq!(rx.try_recv(), Ok(2));

    let permit = tx.try_reserve().unwrap();
    let mut send = tx.send(4);
    bell.waits(&mut send);
    bell.rings();
    drop(permit);
    assert_eq!(bell.rings(), 1);
    bell.gets(&mut send).unwrap();
}

#[test]
fn a_claim_on_a_buffer_can_be_given_back() {
    let (tx, rx) = Plan::new().channel(2);
    tx.try_send(1).unwrap();
    tx.try_send(2).unwrap();
    let claim = now(rx.claim()).unwrap();
    drop(claim);
    assert_eq!(rx.try_iter().collect::<Vec<_>>(), [1, 2]);
}

#[test]
fn a_buffer_that_says_more_than_it_has_is_not_asked_for_ever() {
    struct Boaster;
    impl Buffer<u32> for Boaster {
        fn len(&self) -> usize {
            1
        }
        fn is_full(&self) -> bool {
            false
        }
        fn push(&mut self, value: u32) -> Option<u32> {
            Some(value)
        }
        fn pop(&mut self) -> Option<u32> {
            None
        }
    }
    within(|| {
        let (tx, rx) = millstream::with_buffer(Boaster);
        assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
        Bell::new().waits(&mut rx.recv());
        tx.try_send(1).unwrap();
        assert_eq!(rx.drain().count(), 0);
        drop(tx);
        assert_eq!(rx.recv_blocking(), Err(RecvError));
    });
}

/// A panic in the buffer's code: where it comes out, and how everyone else fares.
fn breaks(plan: Plan, cause: fn(&Sender<u32>, &Receiver<u32>)) {
    let ledger = Ledger::new();
    let (tx, rx) = plan.tracked(&ledger).channel(2);
    let bell = Bell::new();
    tx.try_send(1).unwrap();
    tx.try_send(2).unwrap();
    let mut waiting = tx.send(3);
    bell.waits(&mut waiting);
    let mut closed = tx.closed();
    bell.waits(&mut closed);
    let panic = catch_unwind(AssertUnwindSafe(|| cause(&tx, &rx))).unwrap_err();
    assert_eq!(panic_text(panic), "the buffer's own");
    assert_eq!(bell.rings(), 2);
    bell.gets(&mut closed);
    assert_eq!(bell.gets(&mut waiting).unwrap_err().into_inner(), 3);
    assert_eq!(tx.try_send(4), Err(TrySendError::Closed(4)));
    assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
    assert_eq!(now(rx.recv()), Err(RecvError));
    now(rx.drained());
    assert_eq!(ledger.dropped(), [0], "the buffer is gone");
}

#[test]
fn a_panic_in_the_buffer_closes_the_channel_and_comes_out_where_it_was_caused() {
    breaks(Plan::new().pop_panics_at(1), |_, rx| {
        ignore(rx.try_recv().ok())
    });
    breaks(Plan::new().pop_panics_at(1), |_, rx| {
        ignore(now(rx.recv()).ok())
    });
    breaks(Plan::new().pop_panics_at(1), |_, rx| {
        ignore(rx.recv_blocking().ok())
    });
    breaks(Plan::new().pop_panics_at(1), |_, rx| drop(rx.drain()));
    breaks(Plan::new().pop_panics_at(1), |_, rx| {
        now(Select::new().recv(rx, |value| ignore(value.ok())));
    });
    breaks(Plan::new().push_panics_at(3), |tx, rx| {
        rx.try_recv().unwrap();
        ignore(tx.try_send(9));
    });
}

#[test]
fn a_panic_in_the_buffer_wakes_the_receivers() {
    let (tx, rx) = Plan::new().push_panics_at(1).channel(2);
    let bell = Bell::new();
    let mut recv = rx.recv();
    bell.waits(&mut recv);
    assert!(catch_unwind(AssertUnwindSafe(|| tx.try_send(1))).is_err());
    assert_eq!(bell.rings(), 1);
    assert_eq!(bell.gets(&mut recv), Err(RecvError));
}

#[test]
fn a_permit_of_a_channel_whose_buffer_has_panicked_ends_the_wait_for_it() {
    let (tx, rx) = Plan::new().pop_panics_at(1).channel(2);
    let bell = Bell::new();
    tx.try_send(1).unwrap();
    let permit = tx.try_reserve().unwrap();
    assert!(catch_unwind(AssertUnwindSafe(|| rx.try_recv())).is_err());
    let mut recv = rx.recv();
    bell.waits(&mut recv);
    assert_eq!(permit.send(2).unwrap_err().into_inner(), 2);
    assert_eq!(bell.rings(), 1);
    assert_eq!(bell.gets(&mut recv), Err(RecvError));
}

#[test]
fn a_buffer_that_uses_its_own_channel_is_told_so() {
    let uses: [fn(&Sender<u32>, &Receiver<u32>); 3] = [
        |_, rx| ignore(rx.try_recv()),
        |tx, _| ignore(tx.try_send(1)),
        |_, rx| ignore(rx.recv_blocking()),
    ];
    for use_it in uses {
        within(move || {
            let (tx, rx) = Plan::new().reenters(use_it).channel(2);
            Planned::introduce(&tx, &rx);
            tx.try_send(1).unwrap();
            let panic = catch_unwind(AssertUnwindSafe(|| rx.try_recv())).unwrap_err();
            let text = panic_text(panic);
            assert!(text.contains("used the channel that it serves"), "{text}");
            assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
            assert!(tx.is_closed());
        });
    }
}

#[test]
fn the_buffer_is_dropped_with_the_last_receiver() {
    let ledger = Ledger::new();
    let (tx, rx) = Plan::new().tracked(&ledger).channel(2);
    tx.try_send(1).unwrap();
    drop(rx);
    assert_eq!(ledger.dropped(), [0]);
    assert_eq!(tx.try_send(2), Err(TrySendError::Closed(2)));
    assert_eq!((tx.len(), tx.capacity()), (0, Some(0)));
}
