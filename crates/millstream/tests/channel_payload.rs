//! Payloads that come back to their channel, or panic, when they are dropped.

mod common;

use common::{now, within, Bell, Bomb, Ledger};
use millstream::{Receiver, Select, SelectSet, Sender, WeakReceiver, WeakSender};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;

/// Uses the channel that it was in, when it is dropped.
struct Busybody {
    tx: WeakSender<Busybody>,
    rx: WeakReceiver<Busybody>,
    drops: Arc<AtomicUsize>,
}

impl Drop for Busybody {
    fn drop(&mut self) {
        self.drops.fetch_add(1, Ordering::SeqCst);
        if let Some(tx) = self.tx.upgrade() {
            let _ = (tx.len(), tx.stats(), tx.is_full());
            drop(tx.try_reserve());
            let _ = Bell::new().poll(&mut tx.closed());
        }
        if let Some(rx) = self.rx.upgrade() {
            let _ = format!("{rx:?}");
            let _ = Bell::new().poll(&mut rx.drained());
        }
    }
}

/// A channel with a maker of its payloads, and how many of them are gone.
struct Setting {
    tx: Option<Sender<Busybody>>,
    rx: Option<Receiver<Busybody>>,
    drops: Arc<AtomicUsize>,
}

impl Setting {
    fn new((tx, rx): (Sender<Busybody>, Receiver<Busybody>)) -> Self {
        Setting {
            tx: Some(tx),
            rx: Some(rx),
            drops: Arc::default(),
        }
    }

    fn tx(&self) -> &Sender<Busybody> {
        self.tx.as_ref().unwrap()
    }

    fn rx(&self) -> &Receiver<Busybody> {
        self.rx.as_ref().unwrap()
    }

    fn value(&self) -> Busybody {
        Busybody {
            tx: self.tx().downgrade(),
            rx: self.rx().downgrade(),
            drops: self.drops.clone(),
        }
    }

    fn fill(self, count: usize) -> Self {
        for _ in 0..count {
            assert!(self.tx().try_send(self.value()).is_ok());
        }
        self
    }

    #[track_caller]
    fn assert_drops(&self, expected: usize) {
        assert_eq!(self.drops.load(Ordering::SeqCst), expected);
    }
}

#[test]
fn a_drop_that_comes_back_to_the_channel_finds_it_unlocked() {
    let ways: [fn(); 9] = [
        || {
            // The policy drops the newest, or the oldest.
            Setting::new(millstream::dropping(1))
                .fill(2)
                .assert_drops(1);
            Setting::new(millstream::sliding(1)).fill(2).assert_drops(1);
        },
        || {
            let mut setting = Setting::new(millstream::bounded(3)).fill(3);
            setting.rx = None;
            setting.assert_drops(3);
        },
        || {
            let setting = Setting::new(millstream::bounded(3)).fill(3);
            drop(setting.rx().drain());
            setting.assert_drops(3);
        },
        || {
            let setting = Setting::new(millstream::bounded(1)).fill(1);
            let mut send = setting.tx().send(setting.value());
            Bell::new().waits(&mut send);
            drop(send);
            setting.assert_drops(1);
        },
        || {
            let setting = Setting::new(millstream::bounded(1)).fill(1);
            drop(setting.tx().try_send(setting.value()));
            setting.assert_drops(1);
        },
        || {
            let setting = Setting::new(millstream::bounded(1)).fill(1);
            let mut select = Select::new().send(setting.tx(), setting.value(), drop);
            Bell::new().waits(&mut select);
            drop(select);
            setting.assert_drops(1);
        },
        || {
            // A losing arm.
            let setting = Setting::new(millstream::bounded(1)).fill(1);
            let (other, from_other) = millstream::bounded(1);
            other.try_send(()).unwrap();
            let select = Select::new().send(setting.tx(), setting.value(), |_| ());
            now(select.recv(&from_other, |got| got.unwrap()));
            setting.assert_drops(1);
        },
        || {
            let setting = Setting::new(millstream::bounded(1)).fill(1);
            let mut set = SelectSet::new();
            let arm = set.send(setting.tx(), setting.value(), drop);
            Bell::new().waits(&mut set.next());
            assert!(set.remove(arm));
            setting.assert_drops(1);
        },
        || {
            // A permit whose value the policy drops.
            let setting = Setting::new(millstream::dropping(0));
            let permit = setting.tx().try_reserve().unwrap();
            assert!(permit.send(setting.value()).is_ok());
            setting.assert_drops(1);
        },
    ];
    for way in ways {
        within(way);
    }
}

#[test]
fn a_drop_that_panics_in_a_send_leaves_the_channel_usable() {
    let ledger = Ledger::new();
    let value = |number, explodes| Bomb::new(ledger.make(number), explodes);
    let (tx, rx) = millstream::sliding(1);
    tx.try_send(value(1, true)).unwrap();
    let sent = catch_unwind(AssertUnwindSafe(|| tx.try_send(value(2, false))));
    assert!(
        sent.is_err(),
        "the panic of what was displaced comes out where it was caused"
    );
    assert_eq!(ledger.dropped(), [1]);
    let got = rx.try_recv().unwrap();
    assert!(got.tracked == 2, "and the new value was sent");
    tx.try_send(value(3, false)).unwrap();
    assert!(rx.try_recv().unwrap().tracked == 3);
}

#[test]
fn a_waiting_value_that_panics_in_its_drop_has_left_the_line_before() {
    let ledger = Ledger::new();
    let (tx, rx) = millstream::rendezvous();
    let bell = Bell::new();
    let mut first = tx.send(Bomb::new(ledger.make(1), true));
    let mut second = tx.send(Bomb::new(ledger.make(2), false));
    bell.waits(&mut first);
    bell.waits(&mut second);
    assert!(catch_unwind(AssertUnwindSafe(|| drop(first))).is_err());
    assert_eq!(ledger.dropped(), [1]);
    assert!(rx.try_recv().unwrap().tracked == 2);
    assert!(bell.gets(&mut second).is_ok());
}

#[test]
fn a_drain_drops_the_others_when_one_panics() {
    let ledger = Ledger::new();
    let (tx, rx) = millstream::unbounded();
    for number in 1..=3 {
        tx.try_send(Bomb::new(ledger.make(number), number == 1))
            .unwrap();
    }
    assert!(catch_unwind(AssertUnwindSafe(|| drop(rx.drain()))).is_err());
    assert_eq!(ledger.dropped(), [1, 2, 3]);
    tx.try_send(Bomb::new(ledger.make(4), false)).unwrap();
    assert_eq!(rx.len(), 1);
}

#[test]
fn every_value_is_received_returned_or_dropped_exactly_once() {
    let ledger = Ledger::new();
    let bell = Bell::new();
    let (mut received, mut returned) = (Vec::new(), Vec::new());
    {
        let (tx, rx) = millstream::bounded(2);
        for number in 0..2 {
            tx.try_send(ledger.make(number)).unwrap();
        }
        // Refused, waiting and cancelled, waiting and taken, waiting and returned.
        returned.push(tx.try_send(ledger.make(2)).unwrap_err().into_inner());
        let mut cancelled = tx.send(ledger.make(3));
        let (mut taken, mut left) = (tx.send(ledger.make(4)), tx.send(ledger.make(5)));
        bell.waits(&mut cancelled);
        bell.waits(&mut taken);
        bell.waits(&mut left);
        drop(cancelled);
        received.push(rx.try_recv().unwrap());
        bell.gets(&mut taken).unwrap();
        // Claimed and abandoned, and two that stay behind.
        let claim = now(rx.claim()).unwrap();
        bell.gets(&mut left).unwrap();
        drop(claim);
        drop(rx);
        returned.push(now(tx.send(ledger.make(6))).unwrap_err().into_inner());
    }
    let numbers = |values: &[common::Tracked]| values.iter().map(|v| v.number).collect::<Vec<_>>();
    assert_eq!(numbers(&received), [0]);
    assert_eq!(numbers(&returned), [2, 6]);
    assert_eq!(ledger.dropped(), [3, 1, 4, 5]);
    drop((received, returned));
    let mut all = ledger.dropped();
    all.sort_unstable();
    assert_eq!(all, [0, 1, 2, 3, 4, 5, 6]);
}
