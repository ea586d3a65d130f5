//! Payloads without a size, and of a mebibyte.

use crate::common::{within, Bell};
use millstream::{Receiver, Select, Sender};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;

static GONE: AtomicUsize = AtomicUsize::new(0);

/// Nothing, which counts all the same.
#[derive(Debug, PartialEq)]
struct Nothing;

impl Drop for Nothing {
    fn drop(&mut self) {
        GONE.fetch_add(1, SeqCst);
    }
}

#[test]
fn payloads_without_a_size_are_counted_like_any_other() {
    let channels: [(Sender<Nothing>, Receiver<Nothing>); 4] = [
        millstream::bounded(3),
        millstream::unbounded(),
        millstream::dropping(3),
        millstream::sliding(3),
    ];
    for (tx, rx) in channels {
        let before = GONE.load(SeqCst);
        for _ in 0..3 {
            tx.try_send(Nothing).unwrap();
        }
        assert_eq!(rx.len(), 3);
        drop(rx.try_recv());
        assert_eq!(GONE.load(SeqCst) - before, 1);
        drop(rx);
        assert_eq!(
            GONE.load(SeqCst) - before,
            3,
            "they go with the last receiver"
        );
        assert_eq!(tx.try_send(Nothing).unwrap_err().into_inner(), Nothing);
    }
    let (tx, rx) = millstream::rendezvous::<()>();
    let bell = Bell::new();
    let mut sends: Vec<_> = (0..5).map(|_| tx.send(())).collect();
    sends.iter_mut().for_each(|send| bell.waits(send));
    assert_eq!(rx.try_iter().count(), 5);
}

const MEBIBYTE: usize = 1 << 20;
type Large = [u8; MEBIBYTE];

/// By value such a payload passes through a few frames, each with a copy unless it is optimised: what the caller's
/// stack must have room for is the caller's to see to, and a box is the remedy.
fn on_a_large_stack(test: impl FnOnce() + Send + 'static) {
    let thread = thread::Builder::new().stack_size(128 * MEBIBYTE);
    within(move || thread.spawn(test).unwrap().join().unwrap());
}

#[test]
fn a_payload_of_a_mebibyte_arrives_whole_by_every_way() {
    on_a_large_stack(|| {
        for (tx, rx) in [millstream::bounded::<Large>(2), millstream::rendezvous()] {
            let sender = thread::Builder::new().stack_size(128 * MEBIBYTE);
            let sender = sender.spawn(move || {
                for n in 0..4 {
                    tx.send_blocking([n; MEBIBYTE]).unwrap();
                }
                tx.send_timeout([4; MEBIBYTE], std::time::Duration::MAX)
                    .unwrap();
                Select::new()
                    .send(&tx, [5; MEBIBYTE], |sent| sent.unwrap())
                    .wait();
            });
            for (n, value) in rx.iter().enumerate() {
                assert!(value.iter().all(|byte| usize::from(*byte) == n));
            }
            sender.unwrap().join().unwrap();
        }
    });
}

#[test]
fn a_boxed_payload_of_a_mebibyte_needs_no_stack() {
    let (tx, rx) = millstream::promise::<std::sync::Arc<[u8]>>();
    tx.try_send(vec![7; MEBIBYTE].into()).unwrap();
    let (one, other) = (rx.try_recv().unwrap(), rx.try_recv().unwrap());
    assert!(
        std::sync::Arc::ptr_eq(&one, &other),
        "a clone of the handle, not of the bytes"
    );
}
