//! Stages on tasks: how many run at once, that they go on by themselves, and that none is left.

mod common;

use common::{panic_text, within};
use millstream::runtime::{self, Manual, Timer};
use millstream::{bounded, from_iter, pipe, unbounded, Receiver, TryRecvError};
use std::future::pending;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;
use std::time::Duration;

/// A stage with or without order.
fn stage(count: usize, ordered: bool) -> pipe::Tasks {
    if ordered {
        pipe::tasks(count).ordered()
    } else {
        pipe::tasks(count)
    }
}

fn taken<T>(rx: &Receiver<T>) -> Vec<T> {
    rx.try_iter().collect()
}

/// A runtime that runs when told to, with a stage on it.
fn on_manual<R>(build: impl FnOnce() -> R) -> (Manual, R) {
    let manual = Manual::new();
    let entered = manual.enter();
    let built = build();
    drop(entered);
    (manual, built)
}

/// A source that counts what is pulled.
fn counted() -> (Arc<AtomicUsize>, Receiver<u64>) {
    let pulled = Arc::new(AtomicUsize::new(0));
    let count = pulled.clone();
    let source = from_iter((0..).inspect(move |_| {
        count.fetch_add(1, Ordering::SeqCst);
    }));
    (pulled, source)
}

/// Sleeps for that many seconds.
async fn seconds(time: u64) -> u64 {
    runtime::current().sleep(Duration::from_secs(time)).await;
    time
}

#[test]
fn values_run_side_by_side_and_leave_as_they_are_done_or_in_order() {
    for (ordered, expected) in [(false, [1, 2, 3]), (true, [3, 1, 2])] {
        let (mut manual, rx) = on_manual(|| stage(3, ordered).map(from_iter([3, 1, 2]), seconds));
        manual.advance(Duration::from_secs(3));
        assert_eq!(taken(&rx), expected);
        assert_eq!(manual.elapsed(), Duration::from_secs(3), "not 6");
        assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
        assert_eq!(manual.tasks(), 0);
    }
}

#[test]
fn in_order_a_slow_value_holds_up_results_but_not_work() {
    let (mut manual, rx) = on_manual(|| stage(3, true).map(from_iter([9, 1, 1, 1]), seconds));
    manual.advance(Duration::from_secs(8));
    assert_eq!(taken(&rx), [], "9 is in front");
    manual.advance(Duration::from_secs(1));
    assert_eq!(taken(&rx), [9, 1, 1]);
    manual.advance(Duration::from_secs(1));
    assert_eq!(taken(&rx), [1], "it was taken when a place was free");
}

#[test]
fn work_goes_on_while_the_consumer_is_elsewhere() {
    let (mut manual, rx) = on_manual(|| {
        let stage = stage(2, true).capacity(6);
        stage.map(from_iter([1, 1, 1, 1, 1, 1]), seconds)
    });
    // Nobody polls the receiver all this time.
    manual.advance(Duration::from_secs(3));
    assert_eq!(taken(&rx).len(), 6);
}

#[test]
fn exactly_as_many_are_taken_as_are_documented() {
    for ordered in [false, true] {
        for (count, capacity) in [(0, 0), (1, 0), (1, 3), (4, 1), (4, 7), (30, 2)] {
            let (pulled, source) = counted();
            let (mut manual, rx) = on_manual(|| {
                let stage = stage(count, ordered).capacity(capacity);
                stage.map(source, async |n| n)
            });
            manual.run_until_stalled();
            let ahead = count.max(1) + capacity;
            assert_eq!(pulled.load(Ordering::SeqCst), ahead, "{count}, {capacity}");
            for received in 1..20 {
                assert!(next(&mut manual, &rx).is_some());
                assert_eq!(pulled.load(Ordering::SeqCst), ahead + received);
            }
        }
    }
}

/// Takes a value, and lets the tasks make up for it. Over a rendezvous there is one when a sender waits.
fn next<T>(manual: &mut Manual, rx: &Receiver<T>) -> Option<T> {
    let value = rx.try_recv().ok();
    manual.run_until_stalled();
    value
}

#[test]
fn no_more_run_at_once_than_was_said() {
    let running = Arc::new(AtomicUsize::new(0));
    let most = Arc::new(AtomicUsize::new(0));
    let (mut manual, rx) = on_manual(|| {
        let (running, most) = (running.clone(), most.clone());
        stage(5, false).map(from_iter(0..50u64), move |n| {
            let (running, most) = (running.clone(), most.clone());
            async move {
                let now = running.fetch_add(1, Ordering::SeqCst) + 1;
                most.fetch_max(now, Ordering::SeqCst);
                seconds(n % 3 + 1).await;
                running.fetch_sub(1, Ordering::SeqCst);
            }
        })
    });
    let mut received = 0;
    while manual.advance_to_next().is_some() {
        received += taken(&rx).len();
    }
    assert_eq!((received, most.load(Ordering::SeqCst)), (50, 5));
}

#[test]
fn a_consumer_that_leaves_stops_everything_wherever_it_waits() {
    for ordered in [false, true] {
        // In the function, for ever.
        let (mut manual, rx) =
            on_manual(|| stage(4, ordered).map(from_iter(0..), |_: u32| pending::<()>()));
        manual.run_until_stalled();
        drop(rx);
        manual.run_until_stalled();
        assert_eq!(manual.tasks(), 0);

        // For input.
        let (mut manual, (tx, rx)) = on_manual(|| {
            let (tx, rx) = bounded::<u32>(1);
            (tx, stage(4, ordered).map(rx, async |n| n))
        });
        manual.run_until_stalled();
        drop(rx);
        manual.run_until_stalled();
        assert_eq!(manual.tasks(), 0);
        assert!(tx.is_closed());

        // For room, and for their turn.
        let (mut manual, rx) =
            on_manual(|| stage(4, ordered).map(from_iter(0..), async |n: u32| n));
        manual.run_until_stalled();
        drop(rx);
        manual.run_until_stalled();
        assert_eq!(manual.tasks(), 0);

        // Before any of them has run.
        let (mut manual, rx) =
            on_manual(|| stage(4, ordered).map(from_iter(0..), async |n: u32| n));
        drop(rx);
        manual.run_until_stalled();
        assert_eq!(manual.tasks(), 0);
    }
}

#[test]
fn a_value_that_comes_when_the_consumer_has_left_stays_in_the_input() {
    for ordered in [false, true] {
        let (tx, input) = bounded(1);
        let others = input.clone();
        let (mut manual, rx) = on_manual(|| stage(3, ordered).map(input, async |n: u32| n));
        manual.run_until_stalled();
        drop(rx);
        // It is matched with the stage, which stands in line and has not run since.
        tx.try_send(1).unwrap();
        manual.run_until_stalled();
        assert_eq!(manual.tasks(), 0);
        assert_eq!(others.try_recv(), Ok(1));
    }
}

#[test]
fn a_hundred_abandoned_stages_leave_no_task() {
    within(|| {
        let mut manual = Manual::new();
        let entered = manual.enter();
        let mut inputs = Vec::new();
        for number in 0..100 {
            let (tx, rx) = bounded(1);
            let first = stage(3, number % 2 == 0).map(rx, async |n: u32| n);
            let second = stage(3, number % 4 < 2).map(first, async |n: u32| n);
            tx.try_send(number).unwrap();
            inputs.push(tx);
            drop(second);
        }
        drop(entered);
        manual.run_until_stalled();
        assert_eq!(manual.tasks(), 0);
        assert!(inputs.iter().all(millstream::Sender::is_closed));
    });
}

/// What came out before the end, and the panic that was the end.
fn until_panic<T>(rx: &Receiver<T>) -> (Vec<T>, String) {
    let mut seen = Vec::new();
    let ended = catch_unwind(AssertUnwindSafe(|| seen.extend(rx.iter())));
    (seen, panic_text(ended.expect_err("a panic")))
}

#[test]
fn in_order_a_panic_comes_exactly_after_what_was_before_it() {
    within(|| {
        for position in 0..30 {
            for early in [false, true] {
                let (mut manual, rx) = on_manual(|| {
                    let stage = stage(4, true).capacity(100);
                    stage.map(from_iter(0..30u64), move |n| {
                        // In the call itself, or in the future.
                        assert!(!(early && n == position), "refuses {n}");
                        async move {
                            seconds(n % 3).await;
                            assert!(n != position, "refuses {n}");
                            n
                        }
                    })
                });
                manual.advance(Duration::from_secs(100));
                assert_eq!(manual.tasks(), 0);
                let expected = (0..position).collect::<Vec<_>>();
                assert_eq!(until_panic(&rx), (expected, format!("refuses {position}")));
            }
        }
    });
}

#[test]
fn without_order_a_panic_stops_the_futures_that_run() {
    within(|| {
        let (mut manual, rx) = on_manual(|| {
            stage(3, false).map(from_iter([1, 5, 5, 5, 5]), async |time| {
                seconds(time).await;
                assert!(time != 1, "on purpose");
            })
        });
        manual.advance(Duration::from_secs(1));
        assert_eq!((manual.tasks(), manual.sleepers()), (0, 0));
        assert_eq!(until_panic(&rx), (vec![], "on purpose".into()));
    });
}

#[test]
fn in_order_the_first_error_is_the_last_thing_that_leaves() {
    within(|| {
        for position in 0..20 {
            let (mut manual, rx) = on_manual(|| {
                let stage = stage(4, true).capacity(100);
                stage.try_map(from_iter(0..20u64), move |n| async move {
                    seconds((n * 7) % 5).await;
                    if n < position {
                        Ok(n)
                    } else {
                        Err(n)
                    }
                })
            });
            manual.advance(Duration::from_secs(100));
            assert_eq!(manual.tasks(), 0);
            let mut expected: Vec<_> = (0..position).map(Ok).collect();
            expected.push(Err(position));
            assert_eq!(rx.iter().collect::<Vec<_>>(), expected);
        }
    });
}

#[test]
fn an_error_stops_the_futures_that_run_even_if_the_output_stays_open() {
    for ordered in [false, true] {
        let (tx, rx) = bounded(8);
        let (mut manual, ()) = on_manual(|| {
            stage(3, ordered).try_map_into(from_iter(0..), tx.clone(), async |n: u64| {
                if n == 0 {
                    seconds(1).await;
                    return Err::<(), _>("failed");
                }
                pending().await
            })
        });
        manual.run_until_stalled();
        assert_eq!(manual.tasks(), 3);
        manual.advance(Duration::from_secs(1));
        assert_eq!(manual.tasks(), 0);
        assert_eq!(taken(&rx), [Err("failed")]);
        assert!(!tx.is_closed(), "it is not the stage's alone");
    }
}

#[test]
fn an_error_stops_those_that_wait_for_input_even_if_the_output_stays_open() {
    for ordered in [false, true] {
        let (tx, rx) = bounded(8);
        let (input_tx, input) = bounded(1);
        let (mut manual, ()) = on_manual(|| {
            let stage = stage(3, ordered);
            stage.try_map_into(input, tx.clone(), async |n: u64| {
                seconds(1).await;
                Err::<(), _>(n)
            });
        });
        input_tx.try_send(7).unwrap();
        // One has the value, another stands in line for the next.
        manual.run_until_stalled();
        assert_eq!(manual.tasks(), 3);
        manual.advance(Duration::from_secs(1));
        assert_eq!(manual.tasks(), 0);
        assert_eq!(taken(&rx), [Err(7)]);
        assert!(input_tx.is_closed() && !tx.is_closed());
    }
}

#[test]
fn results_of_one_value_are_drawn_as_there_is_room() {
    for ordered in [false, true] {
        let (pulled, _) = counted();
        let (mut manual, rx) = on_manual(|| {
            let pulled = pulled.clone();
            let stage = stage(1, ordered).capacity(2);
            stage.flat_map(from_iter([0u64]), move |start| {
                let pulled = pulled.clone();
                async move {
                    (start..).inspect(move |_| {
                        pulled.fetch_add(1, Ordering::SeqCst);
                    })
                }
            })
        });
        manual.run_until_stalled();
        assert_eq!(pulled.load(Ordering::SeqCst), 3, "two places, one in hand");
        assert_eq!(rx.try_recv(), Ok(0));
        drop(rx);
        manual.run_until_stalled();
        assert_eq!(manual.tasks(), 0);
    }
}

#[test]
fn in_order_results_that_wait_for_their_turn_are_bounded_too() {
    let (pulled, _) = counted();
    let (mut manual, rx) = on_manual(|| {
        let pulled = pulled.clone();
        let stage = stage(2, true).capacity(100);
        stage.flat_map(from_iter([9u64, 0]), move |time| {
            let pulled = pulled.clone();
            async move {
                seconds(time).await;
                (0..10u64).map(move |part| {
                    pulled.fetch_add(1, Ordering::SeqCst);
                    (time, part)
                })
            }
        })
    });
    manual.run_until_stalled();
    assert_eq!(pulled.load(Ordering::SeqCst), 2, "one kept, one in hand");
    manual.advance(Duration::from_secs(9));
    let expected: Vec<_> = (0..20)
        .map(|n| (if n < 10 { 9 } else { 0 }, n % 10))
        .collect();
    assert_eq!(taken(&rx), expected);
    assert_eq!(manual.tasks(), 0);
}

#[test]
fn a_value_that_comes_alone_goes_alone() {
    for ordered in [false, true] {
        let (mut manual, (tx, rx)) = on_manual(|| {
            let (tx, rx) = unbounded();
            (tx, stage(4, ordered).map(rx, async |n: u32| n))
        });
        for n in 0..20 {
            tx.try_send(n).unwrap();
            manual.run_until_stalled();
            assert_eq!(rx.try_recv(), Ok(n));
        }
    }
}

#[test]
fn a_runtime_that_goes_before_the_work_is_done_is_no_clean_end() {
    within(|| {
        for ordered in [false, true] {
            let (manual, rx) = on_manual(|| stage(2, ordered).map(from_iter(0..3), seconds));
            drop(manual);
            let (seen, text) = until_panic(&rx);
            assert_eq!(seen, []);
            assert!(text.contains("runtime"), "{text}");
        }
    });
}

#[test]
fn siblings_run_beside_a_stage_that_is_always_ready() {
    let mut manual = Manual::new();
    let entered = manual.enter();
    let (sent, sibling) = bounded(1);
    // Nothing of it ever waits: the source is endless, and the output drops what it has no room for.
    let (tx, rx) = millstream::sliding(1);
    stage(1, false).map_into(from_iter(0u64..), tx, async |n| n);
    runtime::spawn(async move { sent.send(()).await.unwrap() });
    drop(entered);
    assert_eq!(manual.block_on(sibling.recv()), Ok(()));
    drop(rx);
    manual.run_until_stalled();
    assert_eq!(manual.tasks(), 0);
}

#[test]
fn it_runs_on_the_threads_of_the_built_in_runtime_too() {
    within(|| {
        let doubled = stage(8, true).map(from_iter(0..10_000u64), async |n| {
            runtime::yield_now().await;
            n * 2
        });
        let expected: Vec<u64> = (0..10_000).map(|n| n * 2).collect();
        assert_eq!(doubled.iter().collect::<Vec<_>>(), expected);
    });
}
