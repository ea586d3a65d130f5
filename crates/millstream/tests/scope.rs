//! Scopes: what was started in one ends before it does, whatever happens.

mod common;

use common::{panic_text, within, Ledger};
use millstream::rendezvous;
use millstream::runtime::{self, Manual};
use millstream::scope::{scope, Cancelled, Scope};
use std::future::{pending, Future};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;

/// Runs a scope on a manual runtime, and sees that it left nothing there.
fn run<R>(future: impl Future<Output = R>) -> R {
    let mut manual = Manual::new();
    let output = manual.block_on(future);
    assert_eq!((manual.tasks(), manual.sleepers()), (0, 0));
    output
}

/// A task that holds something and never ends by itself.
async fn holds<T, E>(_held: T) -> Result<(), E> {
    pending().await
}

#[test]
fn the_value_of_the_body_comes_after_the_last_task() {
    let ledger = Ledger::new();
    let dropped = ledger.clone();
    let value = run(async {
        let value = scope(|s| async move {
            for number in 0..5 {
                let held = ledger.make(number);
                s.spawn(async move {
                    for _ in 0..number {
                        runtime::yield_now().await;
                    }
                    drop(held);
                    Ok(())
                });
            }
            Ok::<_, ()>("done")
        })
        .await;
        assert_eq!(dropped.dropped().len(), 5, "all before the scope's end");
        value
    });
    assert_eq!(value, Ok("done"));
}

#[test]
fn tasks_give_their_values_to_the_body() {
    let sum = run(scope(|s| async move {
        let parts: Vec<_> = (1..=10).map(|n| s.spawn(async move { Ok(n) })).collect();
        let mut sum = 0;
        for part in parts {
            sum += part.await?;
        }
        Ok::<i32, Cancelled>(sum)
    }));
    assert_eq!(sum, Ok(55));
}

#[test]
fn nothing_runs_before_the_first_poll() {
    let unpolled = scope(|_s: Scope<'_, ()>| {
        panic!("the body was called");
        #[allow(unreachable_code)]
        async {
            Ok(())
        }
    });
    drop(unpolled);
}

#[test]
fn the_first_error_cancels_the_rest_and_comes_out() {
    let ledger = Ledger::new();
    let dropped = ledger.clone();
    let ended = run(async move {
        let ended = scope(|s| async move {
            for number in 0..4 {
                s.spawn(holds(ledger.make(number)));
            }
            s.attach(holds(ledger.make(4)));
            s.spawn(async {
                runtime::yield_now().await;
                Err::<(), _>("first")
            });
            s.spawn(async {
                runtime::yield_now().await;
                runtime::yield_now().await;
                Err::<(), _>("second")
            });
            let _held = ledger.make(5);
            pending::<()>().await;
            Ok(())
        })
        .await;
        let mut gone = dropped.dropped();
        gone.sort_unstable();
        assert_eq!(gone, [0, 1, 2, 3, 4, 5], "the destructors have run");
        ended
    });
    assert_eq!(ended, Err("first"));
}

#[test]
fn the_bodys_error_cancels_the_tasks() {
    let ended = run(scope(|s| async move {
        s.spawn(pending::<Result<(), _>>());
        s.attach(pending::<Result<(), _>>());
        Err::<(), _>("the body's")
    }));
    assert_eq!(ended, Err("the body's"));
}

#[test]
fn a_task_that_fails_after_the_body_has_returned_still_counts() {
    let ended = run(scope(|s| async move {
        s.spawn(async {
            runtime::yield_now().await;
            Err::<(), _>("late")
        });
        s.spawn(pending::<Result<(), _>>());
        Ok("a value that is not to be had")
    }));
    assert_eq!(ended, Err("late"));
}

#[test]
fn a_panic_comes_out_as_a_panic_when_the_others_are_gone() {
    type Start = fn(&Scope<'_, ()>);
    let starts: [Start; 3] = [
        |s| drop(s.spawn(async { panic!("on purpose") as Result<(), ()> })),
        |s| drop(s.attach(async { panic!("on purpose") as Result<(), ()> })),
        |_| panic!("on purpose"),
    ];
    for start in starts {
        let mut manual = Manual::new();
        let ledger = Ledger::new();
        let dropped = ledger.clone();
        let ended = catch_unwind(AssertUnwindSafe(|| {
            manual.block_on(scope(|s| async move {
                s.spawn(holds(ledger.make(0)));
                s.attach(holds(ledger.make(1)));
                start(&s);
                pending::<Result<(), ()>>().await
            }))
        }));
        assert_eq!(panic_text(ended.unwrap_err()), "on purpose");
        let mut gone = dropped.dropped();
        gone.sort_unstable();
        assert_eq!(gone, [0, 1]);
        assert_eq!(manual.tasks(), 0);
    }
}

#[test]
fn a_panic_of_the_closure_itself_comes_out() {
    let ended = catch_unwind(|| {
        run(scope(|s| {
            s.spawn(pending::<Result<(), ()>>());
            if s.is_cancelled() {
                return pending::<Result<(), ()>>();
            }
            panic!("in the closure")
        }))
    });
    assert_eq!(panic_text(ended.unwrap_err()), "in the closure");
}

/// Panics when it is dropped.
struct Explodes;

impl Drop for Explodes {
    fn drop(&mut self) {
        panic!("in a destructor");
    }
}

#[test]
fn a_panic_in_the_destructor_of_a_cancelled_task_is_not_swallowed() {
    let ended = catch_unwind(|| {
        run(scope(|s| async move {
            s.spawn(holds(Explodes));
            runtime::yield_now().await;
            s.cancel();
            Ok::<_, ()>(())
        }))
    });
    assert_eq!(panic_text(ended.unwrap_err()), "in a destructor");
    // A value that nobody wants is dropped by the task.
    let ended = catch_unwind(|| {
        run(scope(|s| async move {
            drop(s.spawn(async { Ok(Explodes) }));
            Ok::<_, ()>(())
        }))
    });
    assert_eq!(panic_text(ended.unwrap_err()), "in a destructor");
}

#[test]
fn an_error_before_a_panic_is_what_comes_out() {
    let ended = run(scope(|s| async move {
        s.spawn(holds(Explodes));
        runtime::yield_now().await;
        Err::<(), _>("the cause")
    }));
    assert_eq!(ended, Err("the cause"));
}

#[test]
fn cancel_ends_the_tasks_and_not_the_body() {
    let ended = run(scope(|s| async move {
        let spawned = s.spawn(pending::<Result<(), ()>>());
        let attached = s.attach(pending::<Result<(), ()>>());
        assert!(!s.is_cancelled());
        s.cancel();
        assert_eq!(spawned.await, Err(Cancelled));
        assert_eq!(attached.await, Err(Cancelled));
        let ledger = Ledger::new();
        let late = s.spawn(holds(ledger.make(1)));
        let later = s.attach(holds(ledger.make(2)));
        assert_eq!(ledger.dropped(), [1, 2], "too late");
        assert!(late.is_ready() && later.is_ready());
        assert_eq!(late.wait(), Err(Cancelled));
        s.cancelled().await;
        Ok::<_, ()>("went on")
    }));
    assert_eq!(ended, Ok("went on"));
}

#[test]
fn a_handle_that_outlives_its_scope_starts_nothing_more() {
    let mut manual = Manual::new();
    let spawner = manual
        .block_on(scope(|s| async move { Ok::<_, ()>(s.spawner()) }))
        .unwrap();
    let _entered = manual.enter();
    assert!(spawner.is_cancelled());
    assert_eq!(spawner.spawn(async { Ok(1) }).wait(), Err(Cancelled));
    assert_eq!(manual.tasks(), 0);
}

#[test]
fn what_is_attached_borrows_and_runs_beside_the_body() {
    let numbers = [1, 2, 3];
    let sum = AtomicUsize::new(0);
    let (tx, rx) = rendezvous();
    let ended = run(scope(|s| {
        let (numbers, sum) = (&numbers, &sum);
        async move {
            let sender = s.attach(async move {
                for n in numbers {
                    tx.send(*n).await.unwrap();
                }
                Ok(())
            });
            // A child may attach siblings.
            let s2 = s.clone();
            s.attach(async move {
                s2.attach(async move {
                    sum.fetch_add(100, Ordering::SeqCst);
                    Ok(())
                });
                Ok(())
            });
            while let Ok(n) = rx.recv().await {
                sum.fetch_add(n, Ordering::SeqCst);
            }
            sender.await.unwrap();
            Ok::<_, ()>(())
        }
    }));
    assert_eq!((ended, sum.into_inner()), (Ok(()), 106));
}

#[test]
fn an_attached_future_that_always_wakes_itself_lets_the_others_go_on() {
    let ended = run(scope(|s| async move {
        s.attach::<_, ()>(async {
            loop {
                runtime::yield_now().await;
            }
        });
        let task = s.spawn(async { Ok(1) });
        task.await.unwrap();
        s.cancel();
        Ok::<_, ()>(())
    }));
    assert_eq!(ended, Ok(()));
}

#[test]
fn an_attached_future_is_woken_from_other_threads() {
    within(|| {
        let (tx, rx) = rendezvous();
        let thread = std::thread::spawn(move || {
            for n in 0..1000 {
                tx.send_blocking(n).unwrap();
            }
        });
        let received = AtomicUsize::new(0);
        millstream::block_on(scope(|s| {
            for _ in 0..4 {
                let (rx, received) = (rx.clone(), &received);
                s.attach(async move {
                    while rx.recv().await.is_ok() {
                        received.fetch_add(1, Ordering::SeqCst);
                    }
                    Ok(())
                });
            }
            async { Ok::<_, ()>(()) }
        }))
        .unwrap();
        thread.join().unwrap();
        assert_eq!(received.into_inner(), 1000);
    });
}

#[test]
fn in_parallel_no_task_is_left_when_the_scope_ends() {
    struct Alive(Arc<AtomicUsize>);
    impl Alive {
        fn new(count: &Arc<AtomicUsize>) -> Self {
            count.fetch_add(1, Ordering::SeqCst);
            Alive(count.clone())
        }
    }
    impl Drop for Alive {
        fn drop(&mut self) {
            self.0.fetch_sub(1, Ordering::SeqCst);
        }
    }
    within(|| {
        for round in 0..200 {
            let alive = Arc::new(AtomicUsize::new(0));
            let count = alive.clone();
            let ended = millstream::block_on(scope(|s| async move {
                for _ in 0..8 {
                    let held = Alive::new(&count);
                    s.spawn::<_, ()>(async move {
                        let _held = held;
                        loop {
                            runtime::yield_now().await;
                        }
                    });
                    let (held, count) = (Alive::new(&count), count.clone());
                    s.spawn(scope(move |inner| async move {
                        let _held = held;
                        inner.spawn(holds(Alive::new(&count)));
                        Ok(())
                    }));
                }
                for _ in 0..round {
                    runtime::yield_now().await;
                }
                Err::<(), _>(round)
            }));
            assert_eq!(ended, Err(round));
            assert_eq!(alive.load(Ordering::SeqCst), 0, "round {round}");
        }
    });
}

#[cfg(feature = "tokio")]
#[test]
fn on_tokio_its_tasks_are_tokios_and_none_is_left() {
    let tokio = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let ended = tokio.block_on(async {
        scope(|s| async move {
            for _ in 0..10 {
                s.spawn(pending::<Result<(), _>>());
            }
            s.spawn(async {
                // Only within a tokio runtime does this find its timer.
                tokio::time::sleep(std::time::Duration::from_millis(1)).await;
                Err::<(), _>("failed")
            });
            pending::<Result<(), _>>().await
        })
        .await
    });
    assert_eq!(ended, Err("failed"));
    assert_eq!(tokio.metrics().num_alive_tasks(), 0);
}
