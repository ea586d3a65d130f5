//! Stages on worker threads: what comes out, and how panics, errors and the ends of channels come through.

mod common;

use common::{panic_text, within};
use millstream::{bounded, from_iter, pipe, unbounded, Receiver, TryRecvError};
use std::cell::Cell;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;
use std::thread;

/// What came out before the end, and the panic that was the end.
fn until_panic<T>(rx: &Receiver<T>) -> (Vec<T>, String) {
    let mut seen = Vec::new();
    let ended = catch_unwind(AssertUnwindSafe(|| seen.extend(rx.iter())));
    (seen, panic_text(ended.expect_err("a panic")))
}

#[test]
fn every_value_is_mapped_exactly_once() {
    within(|| {
        for threads in [0, 1, 4] {
            let mapped = pipe::threads(threads).map(from_iter(0..1000u64), |n| n * 2);
            let mut mapped: Vec<u64> = mapped.iter().collect();
            mapped.sort_unstable();
            assert_eq!(mapped, (0..1000).map(|n| n * 2).collect::<Vec<_>>());
        }
    });
}

#[test]
fn one_value_can_become_any_number() {
    within(|| {
        let (tx, rx) = bounded(2);
        pipe::threads(3).flat_map_into(from_iter(0..50usize), tx, |n| vec![n; n]);
        assert_eq!(rx.iter().count(), (0..50).sum::<usize>());
    });
}

#[test]
fn one_value_can_become_any_number_in_order() {
    within(|| {
        for capacity in [0, 1, 3, 100] {
            let (tx, rx) = bounded(capacity);
            let stage = pipe::threads(3).ordered();
            stage.flat_map_into(from_iter(0..60usize), tx, |n| vec![n; n % 7]);
            let expected: Vec<usize> = (0..60).flat_map(|n| vec![n; n % 7]).collect();
            assert_eq!(rx.iter().collect::<Vec<_>>(), expected);
        }
    });
}

#[test]
fn endless_results_of_one_value_leave_one_by_one() {
    within(|| {
        let numbers = pipe::threads(2)
            .ordered()
            .flat_map(from_iter([0u64, 1]), |n| n..);
        let first: Vec<u64> = numbers.iter().take(1000).collect();
        assert_eq!(first, (0..1000).collect::<Vec<_>>());
    });
}

#[test]
fn a_panic_comes_out_at_the_consumer_after_what_was_done() {
    within(|| {
        let mapped = pipe::threads(1).map(from_iter(0..10), |n| {
            assert!(n < 3, "refuses {n}");
            n
        });
        assert_eq!(until_panic(&mapped), (vec![0, 1, 2], "refuses 3".into()));
        assert!(
            mapped.recv_blocking().is_err(),
            "once is enough: then it is just closed"
        );
    });
}

#[test]
fn in_order_a_panic_comes_exactly_after_what_was_before_it() {
    within(|| {
        for position in 0..100 {
            let mapped = pipe::threads(3).ordered().map(from_iter(0..100), move |n| {
                assert!(n != position, "refuses {n}");
                n
            });
            let expected = (0..position).collect::<Vec<_>>();
            assert_eq!(
                until_panic(&mapped),
                (expected, format!("refuses {position}"))
            );
        }
    });
}

#[test]
fn a_panic_inside_the_results_comes_after_those_before_it() {
    within(|| {
        for threads in [1, 2] {
            let results = pipe::threads(threads)
                .ordered()
                .flat_map(from_iter(0..5u32), |n| {
                    (0..4).map(move |part| {
                        assert!((n, part) != (3, 2), "refuses a part");
                        (n, part)
                    })
                });
            let expected: Vec<_> = (0..14).map(|n| (n / 4, n % 4)).collect();
            assert_eq!(until_panic(&results), (expected, "refuses a part".into()));
        }
    });
}

#[test]
fn a_panic_also_reaches_an_async_consumer_and_a_select() {
    let fail = |ordered: bool| {
        let stage = pipe::threads(2);
        let stage = if ordered { stage.ordered() } else { stage };
        stage.map(from_iter([()]), |()| -> u32 { panic!("on purpose") })
    };
    for ordered in [false, true] {
        let (awaited, selected) = (fail(ordered), fail(ordered));
        assert!(catch_unwind(AssertUnwindSafe(|| millstream::block_on(awaited.recv()))).is_err());
        assert!(catch_unwind(AssertUnwindSafe(|| {
            millstream::select! { blocking; value = selected.recv() => value }
        }))
        .is_err());
    }
}

#[test]
fn a_panic_passes_through_the_stages_downstream() {
    within(|| {
        for position in [0, 1, 50, 99] {
            let first = pipe::threads(2).ordered().map(from_iter(0..100), move |n| {
                assert!(n != position, "refuses {n}");
                n
            });
            let second = pipe::threads(2).ordered().map(first, |n| n);
            let third = pipe::tasks(2).ordered().map(second, async |n| n);
            let expected = (0..position).collect::<Vec<_>>();
            assert_eq!(
                until_panic(&third),
                (expected, format!("refuses {position}"))
            );
        }
    });
}

#[test]
fn a_source_that_panics_is_heard_of_at_the_end() {
    within(|| {
        let source = || {
            from_iter((0..).inspect(|n| {
                assert!(*n < 10, "no more");
            }))
        };
        let ordered = pipe::threads(3).ordered().map(source(), |n: u32| n);
        assert_eq!(until_panic(&ordered), ((0..10).collect(), "no more".into()));
        let unordered = pipe::threads(3).map(source(), |n: u32| n);
        assert_eq!(until_panic(&unordered).1, "no more");
    });
}

#[test]
fn a_consumer_that_leaves_stops_the_stages_upstream() {
    within(|| {
        let pulled = Arc::new(AtomicUsize::new(0));
        let count = pulled.clone();
        let source = from_iter((0u64..).inspect(move |_| {
            count.fetch_add(1, Ordering::SeqCst);
        }));
        let (first_tx, first_rx) = bounded(1);
        let (tx, rx) = bounded(1);
        // The function, and with it its guard, goes when the last worker of the first stage ends.
        let (guard, rest) = bounded::<()>(1);
        pipe::threads(2).map_into(source, first_tx, move |n| {
            let _ = &guard;
            n
        });
        pipe::threads(2).map_into(first_rx, tx, |n| n);
        assert!(rx.recv_blocking().is_ok());
        drop(rx);
        assert!(rest.recv_blocking().is_err());
        assert!(
            pulled.load(Ordering::SeqCst) < 20,
            "two stages hold a handful of values, not an endless source"
        );
    });
}

#[test]
fn each_worker_makes_its_state_once_and_keeps_it() {
    within(|| {
        const THREADS: usize = 3;
        let made = Arc::new(AtomicUsize::new(0));
        let (arrived, meeting) = unbounded();
        let (tx, input) = unbounded();
        // A state that is not `Send`, to be told how many values its thread has had.
        let results = {
            let made = made.clone();
            let stage = pipe::threads(THREADS).batch(1).init(move || {
                made.fetch_add(1, Ordering::SeqCst);
                Rc::new(Cell::new(0))
            });
            stage.map(
                input,
                move |state: &mut Rc<Cell<usize>>, gate: Receiver<()>| {
                    state.set(state.get() + 1);
                    arrived.send_blocking(()).unwrap();
                    // Everybody is inside at once, so each value has a thread of its own.
                    assert!(gate.recv_blocking().is_err());
                    (thread::current().id(), state.get())
                },
            )
        };
        let mut counts = std::collections::HashMap::new();
        for round in 1..=5 {
            let (gate, wait) = bounded::<()>(1);
            for _ in 0..THREADS {
                tx.send_blocking(wait.clone()).unwrap();
            }
            meeting.iter().take(THREADS).for_each(drop);
            drop(gate);
            for (thread, count) in results.iter().take(THREADS) {
                counts.insert(thread, count);
                assert_eq!(count, round, "the state is kept from value to value");
            }
        }
        assert_eq!(counts.len(), THREADS);
        assert_eq!(made.load(Ordering::SeqCst), THREADS);
    });
}

#[test]
fn a_panic_of_init_is_no_clean_end() {
    within(|| {
        // The input is open and empty: nothing else would end the stage.
        let (_tx, input) = bounded::<u32>(1);
        let stage = pipe::threads(2).init(|| panic!("no state"));
        let results = stage.map(input, |(): &mut (), n| n);
        assert_eq!(until_panic(&results), (vec![], "no state".into()));
    });
}

#[test]
fn in_order_the_first_error_is_the_last_thing_that_leaves() {
    within(|| {
        for position in 0..60 {
            let input = from_iter(0..60);
            let results = pipe::threads(3).ordered().try_map(input, move |n| {
                // Later ones fail too: the first in order counts.
                if n < position {
                    Ok(n)
                } else {
                    Err(n)
                }
            });
            let mut expected: Vec<_> = (0..position).map(Ok).collect();
            expected.push(Err(position));
            assert_eq!(results.iter().collect::<Vec<_>>(), expected);
        }
        let fine = pipe::threads(3)
            .ordered()
            .try_map(from_iter(0..60), Ok::<_, ()>);
        assert_eq!(
            fine.iter().collect::<Result<Vec<_>, _>>().unwrap().len(),
            60
        );
    });
}

#[test]
fn without_order_an_error_ends_the_stage_too() {
    within(|| {
        let (tx, input) = bounded(1);
        let results =
            pipe::threads(2).try_map(
                input.clone(),
                |fails: bool| {
                    if fails {
                        Err("failed")
                    } else {
                        Ok(())
                    }
                },
            );
        drop(input);
        tx.send_blocking(false).unwrap();
        assert_eq!(results.recv_blocking(), Ok(Ok(())));
        tx.send_blocking(true).unwrap();
        // The input is still open: it is the error that ends the stage, and lets go of the input.
        assert_eq!(results.iter().collect::<Vec<_>>(), [Err("failed")]);
        millstream::block_on(tx.closed());
    });
}

#[test]
fn an_error_does_not_close_the_output_for_others() {
    within(|| {
        let (tx, rx) = bounded(8);
        let stage = pipe::threads(1).ordered();
        stage.try_map_into(from_iter([1]), tx.clone(), Err::<(), _>);
        assert_eq!(rx.recv_blocking(), Ok(Err(1)));
        assert_eq!(tx.send_blocking(Err(2)), Ok(()));
        assert_eq!(rx.recv_blocking(), Ok(Err(2)));
    });
}

#[test]
fn a_promise_is_one_value() {
    within(|| {
        let (tx, rx) = millstream::promise();
        tx.try_send(7).unwrap();
        drop(tx);
        for ordered in [false, true] {
            let stage = pipe::threads(3);
            let stage = if ordered { stage.ordered() } else { stage };
            let results = stage.map(rx.clone(), |n: u32| n + 1);
            assert_eq!(results.iter().collect::<Vec<_>>(), [8]);
        }
    });
}

#[test]
fn an_input_that_is_closed_at_once_ends_the_stage() {
    within(|| {
        let results = pipe::threads(4)
            .ordered()
            .map(from_iter(std::iter::empty::<u32>()), |n| n);
        assert_eq!(results.iter().count(), 0);
    });
}

#[test]
fn others_may_share_both_ends() {
    within(|| {
        let (tx, rx) = bounded(4);
        let input = from_iter(0..1000u32);
        for _ in 0..2 {
            let stage = pipe::threads(2).ordered();
            stage.map_into(input.clone(), tx.clone(), |n| n);
        }
        drop((input, tx));
        let mut all: Vec<u32> = rx.iter().collect();
        all.sort_unstable();
        assert_eq!(all, (0..1000).collect::<Vec<_>>());
        assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
    });
}
