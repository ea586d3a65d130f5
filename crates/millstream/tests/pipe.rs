//! Stages on worker threads: nothing lost, nothing left running, and a panic that reaches the consumer.

use millstream::pipe;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;

#[test]
fn every_value_is_mapped_exactly_once() {
    for threads in [0, 1, 4] {
        let mapped = pipe::threads(threads).map(millstream::from_iter(0..1000u64), |n| n * 2);
        let mut mapped: Vec<u64> = mapped.iter().collect();
        mapped.sort_unstable();
        assert_eq!(mapped, (0..1000).map(|n| n * 2).collect::<Vec<_>>());
    }
}

#[test]
fn one_value_can_become_any_number() {
    let (tx, rx) = millstream::bounded(2);
    pipe::threads(3).flat_map_into(millstream::from_iter(0..50usize), tx, |n| vec![n; n]);
    assert_eq!(rx.iter().count(), (0..50).sum::<usize>());
}

#[test]
fn a_panic_comes_out_at_the_consumer_after_what_was_done() {
    let mapped = pipe::threads(1).map(millstream::from_iter(0..10), |n| {
        assert!(n < 3, "refuses {n}");
        n
    });
    let mut seen = Vec::new();
    let ended = catch_unwind(AssertUnwindSafe(|| seen.extend(mapped.iter())));
    let message = *ended.unwrap_err().downcast::<String>().unwrap();
    assert_eq!((seen, message.as_str()), (vec![0, 1, 2], "refuses 3"));
    assert!(
        mapped.recv_blocking().is_err(),
        "once is enough: then it is just closed"
    );
}

#[test]
fn a_panic_also_reaches_an_async_consumer_and_a_select() {
    let fail = || {
        pipe::threads(2).map(millstream::from_iter([()]), |()| -> u32 {
            panic!("on purpose")
        })
    };
    let (awaited, selected) = (fail(), fail());
    assert!(catch_unwind(AssertUnwindSafe(|| millstream::block_on(awaited.recv()))).is_err());
    assert!(catch_unwind(AssertUnwindSafe(|| {
        millstream::select! { blocking; value = selected.recv() => value }
    }))
    .is_err());
}

#[test]
fn a_consumer_that_leaves_stops_the_stages_upstream() {
    let pulled = Arc::new(AtomicUsize::new(0));
    let source = {
        let pulled = pulled.clone();
        millstream::from_iter((0u64..).inspect(move |_| {
            pulled.fetch_add(1, Ordering::Relaxed);
        }))
    };
    let (first_tx, first_rx) = millstream::bounded(1);
    let (tx, rx) = millstream::bounded(1);
    let done = {
        let (guard, done) = millstream::bounded::<()>(1);
        pipe::threads(2).map_into(source, first_tx, move |n| {
            let _ = &guard;
            n
        });
        done
    };
    pipe::threads(2).map_into(first_rx, tx, |n| n);
    assert!(rx.recv_blocking().is_ok());
    drop(rx);
    // The closure, and with it its guard, goes when the last worker of the first stage ends.
    assert!(done.recv_blocking().is_err());
    assert!(
        pulled.load(Ordering::Relaxed) < 20,
        "two stages hold a handful of values, not an endless source"
    );
}
