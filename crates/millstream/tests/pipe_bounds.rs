//! Stages on threads take no more than they say, wait for no more than there is, and leave nothing behind.

mod common;

use common::within;
use millstream::{bounded, from_iter, pipe, unbounded, Receiver, RecvTimeoutError, Sender};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;
use std::time::Duration;

/// A source that counts what is pulled.
fn counted() -> (Arc<AtomicUsize>, Receiver<usize>) {
    let pulled = Arc::new(AtomicUsize::new(0));
    let count = pulled.clone();
    let source = from_iter((0..).inspect(move |_| {
        count.fetch_add(1, Ordering::SeqCst);
    }));
    (pulled, source)
}

/// Something to move into the function of a stage, and what tells that the last of its threads has gone.
fn guard() -> (Sender<()>, Receiver<()>) {
    bounded(1)
}

/// Waits until every clone of a guard is gone.
fn gone(rest: &Receiver<()>) {
    assert!(rest.recv_blocking().is_err());
}

#[test]
fn the_source_is_never_further_ahead_than_the_documented_bound() {
    for (threads, capacity, batch, ordered) in [
        (1, 1, 1, false),
        (2, 0, 100, true),
        (2, 10, 256, false),
        (2, 10, 256, true),
        (3, 64, 8, true),
        (3, 500, 256, true),
    ] {
        within(move || {
            let (pulled, source) = counted();
            let (tx, rx) = bounded(capacity);
            let stage = pipe::threads(threads).batch(batch);
            let stage = if ordered { stage.ordered() } else { stage };
            stage.map_into(source, tx, |n| n);
            let largest = batch.min(256).min(capacity.max(1));
            let inside = threads * largest * if ordered { 2 } else { 1 };
            for (received, _) in rx.iter().take(20_000).enumerate() {
                let ahead = pulled.load(Ordering::SeqCst) - (received + 1);
                assert!(
                    ahead <= inside + capacity,
                    "{ahead} ahead with {threads} threads, {capacity}, {batch}, {ordered}"
                );
            }
        });
    }
}

#[test]
fn a_value_that_comes_alone_goes_alone() {
    within(|| {
        for ordered in [false, true] {
            let (tx, input) = unbounded();
            let stage = pipe::threads(3);
            let stage = if ordered { stage.ordered() } else { stage };
            let results = stage.map(input, |n: u32| n);
            // Many cheap ones first, so that batches have become large.
            for n in 0..5_000 {
                tx.send_blocking(n).unwrap();
            }
            assert_eq!(results.iter().take(5_000).count(), 5_000);
            // Then each is only sent when the one before has come out.
            for n in 0..100 {
                tx.send_blocking(n).unwrap();
                assert_eq!(results.recv_blocking(), Ok(n));
            }
        }
    });
}

#[test]
fn an_iterator_that_promises_nothing_is_asked_for_one_value_at_a_time() {
    within(|| {
        let (tx, lines) = unbounded::<u32>();
        // Like the lines of a terminal: no length is known, and asking for the next one blocks.
        let input = from_iter(std::iter::from_fn(move || lines.recv_blocking().ok()));
        let results = pipe::threads(2).ordered().map(input, |n| n);
        for n in 0..1000 {
            tx.send_blocking(n).unwrap();
            assert_eq!(results.recv_blocking(), Ok(n));
        }
    });
}

#[test]
fn in_order_a_slow_value_holds_up_results_but_not_work() {
    within(|| {
        let (gate, wait) = bounded::<()>(1);
        let (tell, told) = unbounded();
        let results = pipe::threads(2)
            .ordered()
            .batch(1)
            .map(from_iter(0..10), move |n| {
                if n == 0 {
                    assert!(wait.recv_blocking().is_err());
                }
                tell.send_blocking(n).unwrap();
                n
            });
        // With the first thread inside, the second does the rest of the window: two batches a thread.
        assert_eq!(told.iter().take(3).collect::<Vec<_>>(), [1, 2, 3]);
        assert_eq!(
            told.recv_timeout(Duration::from_millis(20)),
            Err(RecvTimeoutError::Timeout),
            "the window is full"
        );
        assert!(results.try_recv().is_err());
        drop(gate);
        assert_eq!(
            results.iter().collect::<Vec<_>>(),
            (0..10).collect::<Vec<_>>()
        );
    });
}

#[test]
fn in_order_results_that_wait_for_their_turn_are_bounded_too() {
    within(|| {
        let (gate, wait) = bounded::<()>(1);
        let (tell, told) = unbounded();
        let (tx, results) = bounded(4);
        let stage = pipe::threads(2).ordered().batch(4);
        stage.flat_map_into(from_iter([0u32, 1]), tx, move |value| {
            if value == 0 {
                assert!(wait.recv_blocking().is_err());
            }
            let tell = tell.clone();
            (0..100u32).map(move |part| {
                if value == 1 {
                    tell.send_blocking(part).unwrap();
                }
                (value, part)
            })
        });
        // Four are kept for the turn of value 1, and its thread has one in hand.
        assert_eq!(told.iter().take(5).count(), 5);
        assert_eq!(
            told.recv_timeout(Duration::from_millis(20)),
            Err(RecvTimeoutError::Timeout)
        );
        drop(gate);
        let expected: Vec<_> = (0..200).map(|n| (n / 100, n % 100)).collect();
        assert_eq!(results.iter().collect::<Vec<_>>(), expected);
    });
}

#[test]
fn a_stage_that_waits_for_input_lets_go_when_its_output_is_left() {
    within(|| {
        for ordered in [false, true] {
            let (tx, input) = bounded::<u32>(1);
            let (guard, rest) = guard();
            let stage = pipe::threads(3);
            let stage = if ordered { stage.ordered() } else { stage };
            let results = stage.map(input, move |n| {
                let _ = &guard;
                n
            });
            tx.send_blocking(1).unwrap();
            assert_eq!(results.recv_blocking(), Ok(1));
            drop(results);
            gone(&rest);
            assert!(tx.is_closed(), "nobody is left to take from the input");
        }
    });
}

#[test]
fn a_hundred_abandoned_stages_leave_no_thread() {
    within(|| {
        let mut inputs = Vec::new();
        let mut rests = Vec::new();
        for number in 0..100u32 {
            let (guard, rest) = guard();
            let stage = pipe::threads(2);
            let stage = if number % 2 == 0 {
                stage
            } else {
                stage.ordered()
            };
            let input = if number % 3 == 0 {
                from_iter(0..)
            } else {
                // Never sends: these wait for input.
                let (tx, input) = bounded(1);
                inputs.push(tx);
                input
            };
            let results = stage.map(input, move |n: u32| {
                let _ = &guard;
                n
            });
            if number % 6 == 0 {
                assert!(results.recv_blocking().is_ok());
            }
            rests.push(rest);
        }
        rests.iter().for_each(gone);
        assert!(inputs.iter().all(Sender::is_closed));
    });
}

#[test]
fn an_error_lets_go_of_an_input_that_goes_on() {
    within(|| {
        let (pulled, source) = counted();
        let (guard, rest) = guard();
        let results = pipe::threads(2).ordered().try_map(source, move |n| {
            let _ = &guard;
            if n == 1000 {
                Err(n)
            } else {
                Ok(n)
            }
        });
        assert_eq!(results.iter().count(), 1001);
        gone(&rest);
        let pulled = pulled.load(Ordering::SeqCst);
        assert!(pulled <= 1001 + 2 * 2 * 128 + 128, "{pulled}");
    });
}

#[test]
fn no_value_is_lost_between_the_input_and_a_consumer_that_leaves() {
    // What a stage has not taken stays in the input, for whoever else receives from it.
    within(|| {
        let (tx, input) = unbounded();
        for n in 0..100u32 {
            tx.send_blocking(n).unwrap();
        }
        let (guard, rest) = guard();
        let (out, results) = bounded(1);
        let stage = pipe::threads(2).ordered();
        stage.map_into(input.clone(), out, move |n| {
            let _ = &guard;
            n
        });
        assert_eq!(results.recv_blocking(), Ok(0));
        drop(results);
        gone(&rest);
        let left: Vec<u32> = input.drain().collect();
        // One received, one in the output, four in the window.
        assert!(left.len() >= 94, "{}", left.len());
        assert_eq!(left, (100 - left.len() as u32..100).collect::<Vec<_>>());
    });
}
