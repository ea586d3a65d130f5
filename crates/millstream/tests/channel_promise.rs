//! Promises: one value, whatever it is, for everybody and as often as asked.

#![allow(clippy::type_complexity)] // Tables of ways to do a thing say what each way takes.

mod common;

use common::{ignore, now, within, Bell, Ledger};
use millstream::{Receiver, RecvError, Select, Sender, TryRecvError};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;
use std::thread;

#[test]
fn every_receive_answers_with_the_first_value() {
    let (tx, rx) = millstream::promise();
    assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
    tx.try_send(1).unwrap();
    tx.try_send(2).unwrap();
    for _ in 0..2 {
        assert_eq!(rx.try_recv(), Ok(1));
        assert_eq!(now(rx.recv()), Ok(1));
        assert_eq!(rx.recv_blocking(), Ok(1));
        assert_eq!(now(rx.claim()).unwrap().take(), 1);
        assert_eq!(now(Select::new().recv(&rx, |value| value)), Ok(1));
        assert_eq!(rx.clone().try_recv(), Ok(1));
    }
    assert_eq!((rx.len(), tx.stats().dropped), (1, 1));
}

#[test]
fn presence_counts_and_not_truth() {
    fn kept<T: Clone + Send + Sync + PartialEq + std::fmt::Debug + 'static>(first: T, second: T) {
        let (tx, rx) = millstream::promise();
        tx.try_send(first.clone()).unwrap();
        tx.try_send(second).unwrap();
        assert_eq!(rx.try_recv(), Ok(first));
    }
    kept(0, 7);
    kept(false, true);
    kept(String::new(), "text".to_string());
    kept(None, Some(1));
    kept((), ());
}

#[test]
fn a_value_that_was_promised_stays_after_the_close() {
    let (tx, rx) = millstream::promise();
    tx.try_send(5).unwrap();
    drop(tx);
    let bell = Bell::new();
    assert_eq!((rx.try_recv(), rx.try_recv()), (Ok(5), Ok(5)));
    assert_eq!(bell.gets(&mut rx.recv()), Ok(5));
    now(rx.drained());
}

#[test]
fn a_promise_that_is_broken_ends_the_wait() {
    let (tx, rx) = millstream::promise::<u32>();
    let bells = [Bell::new(), Bell::new(), Bell::new()];
    let (mut recv, mut drained) = (rx.recv(), rx.drained());
    let mut select = Select::new().recv(&rx, |value| value);
    bells[0].waits(&mut recv);
    bells[1].waits(&mut drained);
    bells[2].waits(&mut select);
    drop(tx);
    assert!(bells.iter().all(|bell| bell.rings() == 1));
    assert_eq!(bells[0].gets(&mut recv), Err(RecvError));
    bells[1].gets(&mut drained);
    assert_eq!(bells[2].gets(&mut select), Err(RecvError));
    assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
}

/// Counts its clones and what becomes of them.
struct Precious {
    clones: Arc<AtomicUsize>,
    _tracked: common::Tracked,
    ledger: Ledger,
}

impl Clone for Precious {
    fn clone(&self) -> Self {
        let number = self.clones.fetch_add(1, Ordering::SeqCst) as u32 + 1;
        Precious {
            clones: self.clones.clone(),
            _tracked: self.ledger.make(number),
            ledger: self.ledger.clone(),
        }
    }
}

#[test]
fn values_are_cloned_when_they_are_received_and_dropped_once() {
    let ledger = Ledger::new();
    let clones = Arc::new(AtomicUsize::new(0));
    let value = |number| Precious {
        clones: clones.clone(),
        _tracked: ledger.make(number),
        ledger: ledger.clone(),
    };
    let (tx, rx) = millstream::promise();
    assert!(tx.try_send(value(100)).is_ok());
    assert!(tx.try_send(value(200)).is_ok());
    assert_eq!(ledger.dropped(), [200], "the second value goes at once");
    assert_eq!(clones.load(Ordering::SeqCst), 0);
    drop(rx.try_recv());
    assert_eq!(ledger.dropped(), [200, 1]);
    let other = rx.clone();
    drop(rx);
    assert_eq!(ledger.dropped(), [200, 1]);
    drop(other);
    assert_eq!(
        ledger.dropped(),
        [200, 1, 100],
        "with the last receiver, while a sender is alive"
    );
    assert!(tx.try_send(value(300)).is_err());
}

type Poke = Arc<dyn Fn() + Send + Sync>;

/// Does something to the channel that it lies in when it is cloned.
struct Busybody(Option<Poke>);

impl Clone for Busybody {
    fn clone(&self) -> Self {
        if let Some(poke) = &self.0 {
            poke();
        }
        Busybody(None)
    }
}

fn promised(
    poke: impl Fn(&Sender<Busybody>, &Receiver<Busybody>) + Send + Sync + 'static,
) -> Receiver<Busybody> {
    let (tx, rx) = millstream::promise();
    let (weak_tx, weak_rx) = (tx.downgrade(), rx.downgrade());
    let poke: Poke = Arc::new(move || {
        // Once, or it would be asked for ever: a receive in here clones the value again.
        thread_local!(static INSIDE: std::cell::Cell<bool> = const { std::cell::Cell::new(false) });
        if !INSIDE.replace(true) {
            if let (Some(tx), Some(rx)) = (weak_tx.upgrade(), weak_rx.upgrade()) {
                poke(&tx, &rx);
            }
            INSIDE.set(false);
        }
    });
    assert!(tx.try_send(Busybody(Some(poke))).is_ok());
    std::mem::forget(tx);
    rx
}

#[test]
fn a_clone_that_comes_back_to_the_channel_finds_it_unlocked() {
    let pokes: [fn(&Sender<Busybody>, &Receiver<Busybody>); 4] = [
        |_, rx| assert!(rx.try_recv().is_ok()),
        |tx, rx| assert!(tx.len() == 1 && format!("{rx:?}").contains("len: 1")),
        |tx, _| assert!(tx.try_send(Busybody(None)).is_ok()),
        |tx, _| ignore(tx.close()),
    ];
    for poke in pokes {
        within(move || {
            let rx = promised(poke);
            assert!(rx.try_recv().is_ok());
            assert!(rx.recv_blocking().is_ok());
            assert!(Select::new().recv(&rx, |value| value.is_ok()).wait());
        });
    }
}

#[test]
fn a_clone_that_panics_comes_out_of_its_receive_and_leaves_the_value_for_others() {
    let (tx, rx) = millstream::promise();
    let bell = Bell::new();
    let mut recv = rx.recv();
    bell.waits(&mut recv);
    let is_first = AtomicUsize::new(1);
    let poke: Poke = Arc::new(move || {
        let explodes = is_first.swap(0, Ordering::SeqCst) == 1;
        assert!(!explodes, "the clone's own");
    });
    assert!(tx.try_send(Busybody(Some(poke))).is_ok());
    assert!(catch_unwind(AssertUnwindSafe(|| rx.try_recv())).is_err());
    assert!(!rx.is_closed());
    assert!(bell.gets(&mut recv).is_ok());
    assert!(rx.try_recv().is_ok());
    assert_eq!(tx.stats().delivered(), 2);
}

#[test]
fn many_threads_get_the_same_value() {
    within(|| {
        let (tx, rx) = millstream::promise();
        let receivers: Vec<_> = (0..4)
            .map(|_| {
                let rx = rx.clone();
                thread::spawn(move || (0..100).map(|_| rx.recv_blocking().unwrap()).sum::<u64>())
            })
            .collect();
        tx.try_send(3).unwrap();
        for receiver in receivers {
            assert_eq!(receiver.join().unwrap(), 300);
        }
    });
}

#[test]
fn a_claim_on_a_promise_takes_nothing_from_others() {
    let (tx, rx) = millstream::promise();
    tx.try_send(1).unwrap();
    let claim = now(rx.claim()).unwrap();
    assert_eq!(rx.try_recv(), Ok(1));
    let mut peeked = now(rx.claim()).unwrap();
    assert_eq!(*peeked.peek(), 1);
    drop((claim, peeked));
    assert_eq!(rx.try_recv(), Ok(1));
    assert_eq!(tx.stats().delivered(), 2);
}
