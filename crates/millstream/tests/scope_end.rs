//! How scopes end before their time: told, drained, cancelled, or dropped at any moment.

mod common;

use common::{panic_text, Bell, Ledger};
use millstream::runtime::{self, Manual};
use millstream::scope::scope;
use millstream::{bounded, rendezvous, select, unbounded, Receiver};
use std::future::{pending, Future};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

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
fn cooperative_tasks_are_told_and_finish() {
    let (tx, rx) = unbounded();
    let ended = run(scope(|s| async move {
        let signal = s.spawner();
        s.spawn_cooperative(async move {
            let (_never, waits) = rendezvous::<()>();
            select! {
                _ = waits.recv() => unreachable!(),
                () = signal.cancelled() => {}
            }
            for n in 0..3 {
                runtime::yield_now().await;
                tx.send(n).await.unwrap();
            }
            Ok(())
        });
        s.spawn(async {
            runtime::yield_now().await;
            Err::<(), _>("failed")
        });
        pending::<Result<(), _>>().await
    }));
    assert_eq!(ended, Err("failed"));
    assert_eq!(rx.try_iter().collect::<Vec<_>>(), [0, 1, 2]);
}

#[test]
fn a_grace_ends_cooperative_tasks_that_do_not() {
    for explicit in [true, false] {
        let mut manual = Manual::new();
        let ended = manual.block_on(
            scope(|s| async move {
                s.spawn_cooperative(pending::<Result<(), _>>());
                if explicit {
                    s.cancel();
                    Ok(())
                } else {
                    Err(())
                }
            })
            .grace(10 * SECOND),
        );
        assert_eq!(ended.is_ok(), explicit);
        assert_eq!(manual.elapsed(), 10 * SECOND);
        assert_eq!((manual.tasks(), manual.sleepers()), (0, 0));
    }
}

#[test]
fn a_grace_that_is_not_needed_costs_no_time() {
    let mut manual = Manual::new();
    let ended = manual.block_on(
        scope(|s| async move {
            let signal = s.spawner();
            s.spawn_cooperative(async move {
                signal.cancelled().await;
                Ok(())
            });
            Err::<(), _>(())
        })
        .grace(10 * SECOND),
    );
    assert_eq!((ended, manual.elapsed()), (Err(()), Duration::ZERO));
    assert_eq!((manual.tasks(), manual.sleepers()), (0, 0));
}

#[test]
fn drain_lets_what_is_in_flight_finish_and_cancels_the_rest() {
    let mut manual = Manual::new();
    let ledger = Ledger::new();
    let dropped = ledger.clone();
    let ended = manual.block_on(async move {
        scope(|s| async move {
            let limit = |seconds: u32| millstream::after(seconds * SECOND);
            assert!(s.drain(SECOND).await, "nothing is in flight");
            for (number, time) in [(1, limit(1)), (2, limit(2))] {
                let (held, siblings) = (ledger.make(number), s.spawner());
                s.spawn(async move {
                    let _ = time.recv().await;
                    let held = (held, ());
                    // What is in flight may start what it needs to finish.
                    siblings.spawn(async move {
                        runtime::yield_now().await;
                        drop(held);
                        Ok(())
                    });
                    Ok(())
                });
            }
            s.spawn(holds(ledger.make(100)));
            let in_time = s.drain(5 * SECOND).await;
            assert!(s.is_cancelled());
            Ok::<_, ()>(in_time)
        })
        .await
    });
    assert_eq!(ended, Ok(false));
    assert_eq!(dropped.dropped(), [1, 2, 100]);
    assert_eq!(manual.elapsed(), 5 * SECOND);
    assert_eq!((manual.tasks(), manual.sleepers()), (0, 0));
}

#[test]
fn a_drain_that_is_dropped_cancels_nothing() {
    let ended = run(scope(|s| async move {
        let (go, wait) = rendezvous::<()>();
        let task = s.spawn(async move { Ok(wait.recv().await.is_err()) });
        let bell = Bell::new();
        let mut drain = Box::pin(s.drain(SECOND));
        bell.waits(&mut drain);
        drop(drain);
        assert_eq!(bell.held(), 0);
        drop(go);
        Ok::<_, ()>(task.await.unwrap())
    }));
    assert_eq!(ended, Ok(true));
}

#[test]
fn a_scope_waits_for_the_tasks_of_scopes_that_were_dropped_in_it() {
    for depth in 1..=3 {
        let ledger = Ledger::new();
        let dropped = ledger.clone();
        run(async move {
            let ended = scope(|s| async move {
                s.spawn(nested(depth, ledger));
                for _ in 0..2 * depth + 2 {
                    runtime::yield_now().await;
                }
                Err::<(), _>("cancels all of it")
            })
            .await;
            assert_eq!(ended, Err("cancels all of it"));
            let mut gone = dropped.dropped();
            gone.sort_unstable();
            assert_eq!(gone, (0..depth).collect::<Vec<_>>());
        });
    }
}

/// Scopes within scopes, each with a task that never ends.
fn nested(
    depth: u32,
    ledger: Ledger,
) -> Pin<Box<dyn Future<Output = Result<(), &'static str>> + Send>> {
    Box::pin(async move {
        if depth == 0 {
            return pending().await;
        }
        scope(|s| async move {
            s.spawn(holds(ledger.make(depth - 1)));
            s.spawn(nested(depth - 1, ledger));
            Ok(())
        })
        .await
    })
}

/// A scope with some of everything in it, for dropping it half way.
async fn some_of_everything(ledger: Ledger, input: Receiver<u32>) -> Result<u32, &'static str> {
    scope(|s| async move {
        let (tx, rx) = bounded(1);
        for number in 0..2 {
            let (tx, input, held) = (tx.clone(), input.clone(), ledger.make(number));
            s.spawn(async move {
                let _held = held;
                while let Ok(value) = input.recv().await {
                    if tx.send(value).await.is_err() {
                        break;
                    }
                }
                Ok(())
            });
        }
        let (signal, held) = (s.spawner(), ledger.make(2));
        s.spawn_cooperative(async move {
            let _held = held;
            signal.cancelled().await;
            Ok(())
        });
        let (held, from) = (ledger.make(3), rx.clone());
        s.attach(async move {
            let _held = held;
            let _ = from.recv().await;
            runtime::yield_now().await;
            Ok(())
        });
        let held = ledger.make(4);
        let inner = s.spawn(async move {
            let _held = held;
            scope(|s| async move {
                s.spawn(async {
                    runtime::yield_now().await;
                    Ok(())
                });
                runtime::yield_now().await;
                Ok(7)
            })
            .await
        });
        drop((tx, input));
        let _held = ledger.make(5);
        let mut sum = inner.await.map_err(|_| "no inner value")?;
        while let Ok(value) = rx.recv().await {
            sum += value;
            runtime::yield_now().await;
        }
        s.drain(SECOND).await;
        s.cancel();
        Ok(sum)
    })
    .await
}

#[test]
fn dropped_after_any_number_of_polls_it_leaves_nothing() {
    let mut polls = 0;
    loop {
        // With and without letting the tasks run after the last poll.
        let mut ready = true;
        for tasks_first in [false, true] {
            let mut manual = Manual::new();
            let ledger = Ledger::new();
            let bell = Bell::new();
            let (tx, rx) = unbounded();
            let mut future = {
                let _entered = manual.enter();
                Box::pin(some_of_everything(ledger.clone(), rx.clone()))
            };
            let mut done = false;
            for poll in 0..polls {
                let _entered = manual.enter();
                tx.try_send(poll).ok();
                if poll == 5 {
                    tx.close();
                }
                if bell.poll(&mut future).is_ready() {
                    done = true;
                    break;
                }
                if tasks_first || poll + 1 < polls {
                    // One more than the last poll allows: the next round is the one that advances time.
                    manual.run_until_stalled();
                    if poll > 12 {
                        manual.advance(SECOND);
                    }
                }
            }
            ready &= done;
            drop(future);
            manual.run_until_stalled();
            assert_eq!(
                (manual.tasks(), manual.sleepers(), bell.held()),
                (0, 0, 0),
                "after {polls} polls"
            );
            let mut gone = ledger.dropped();
            gone.sort_unstable();
            let expected: &[u32] = if polls == 0 { &[] } else { &[0, 1, 2, 3, 4, 5] };
            assert_eq!(gone, expected, "after {polls} polls");
            assert_eq!(rx.receiver_count(), 1, "after {polls} polls");
            assert_ne!(
                tx.stats().state,
                millstream::ChannelState::PendingRecvs,
                "no waiter is left"
            );
        }
        if ready {
            break;
        }
        polls += 1;
        assert!(polls < 100, "it never ends");
    }
    assert!(polls > 8, "there were some states to drop it in: {polls}");
}

#[test]
fn a_dropped_scope_runs_no_user_code_but_destructors() {
    let mut manual = Manual::new();
    let polled = Arc::new(AtomicUsize::new(0));
    let (tx, rx) = unbounded::<()>();
    let mut future = {
        let polled = polled.clone();
        Box::pin(scope(|s| async move {
            s.spawn_cooperative::<_, ()>(async move {
                loop {
                    let _ = rx.recv().await;
                    polled.fetch_add(1, Ordering::SeqCst);
                }
            });
            pending::<Result<(), ()>>().await
        }))
    };
    {
        let _entered = manual.enter();
        Bell::new().waits(&mut future);
    }
    manual.run_until_stalled();
    tx.try_send(()).unwrap();
    drop(future);
    manual.run_until_stalled();
    assert_eq!((polled.load(Ordering::SeqCst), manual.tasks()), (0, 0));
}

#[test]
fn a_task_that_its_runtime_drops_is_not_taken_for_done() {
    let manual = Manual::new();
    let mut future = Box::pin(scope(|s| async move {
        s.spawn(pending::<Result<(), ()>>());
        Ok(())
    }));
    let bell = Bell::new();
    {
        let _entered = manual.enter();
        bell.waits(&mut future);
    }
    drop(manual);
    assert!(bell.rings() > 0);
    let ended = catch_unwind(AssertUnwindSafe(|| bell.poll(&mut future)));
    assert!(panic_text(ended.unwrap_err()).contains("dropped by its runtime"));
}

#[test]
fn what_was_attached_and_not_yet_looked_at_goes_with_the_scope() {
    let ledger = Ledger::new();
    let (tx, rx) = unbounded();
    let mut future = Box::pin(scope(|s| async move {
        assert!(tx.try_send(s).is_ok());
        pending::<Result<(), ()>>().await
    }));
    let bell = Bell::new();
    bell.waits(&mut future);
    bell.rings();
    // From outside, between two polls, and with a handle of the scope in the future.
    let outside = rx.try_recv().unwrap();
    let task = outside.attach(holds((ledger.make(1), outside.clone())));
    assert!(bell.rings() > 0);
    drop(future);
    assert_eq!(ledger.dropped(), [1]);
    assert!(task.is_ready());
    outside.attach(holds(ledger.make(2)));
    assert_eq!(ledger.dropped(), [1, 2], "too late");
}
