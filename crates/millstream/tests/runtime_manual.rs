//! The runtime for tests, whose clock is moved by hand.

mod runtime_support;

use std::future::{pending, poll_fn};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{channel, TryRecvError};
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};
use std::thread;
use std::time::Duration;

use millstream::runtime::{current, spawn, Manual, Timer};
use runtime_support::*;

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// A list that tasks write to, and a closure that empties it.
fn log<T: Send + 'static>() -> (Arc<Mutex<Vec<T>>>, impl Fn() -> Vec<T>) {
    let log = Arc::new(Mutex::new(Vec::new()));
    (log.clone(), move || {
        std::mem::take(&mut *log.lock().unwrap())
    })
}

#[test]
fn nothing_runs_and_no_time_passes_unasked() {
    let mut manual = Manual::new();
    let started = manual.now();
    let (log, logged) = log();
    manual.spawn(async move { log.lock().unwrap().push("ran") });
    assert!(logged().is_empty());
    assert_eq!(manual.now(), started);
    assert_eq!(manual.tasks(), 1);
    manual.run_until_stalled();
    assert_eq!(logged(), ["ran"]);
    assert_eq!(manual.now(), started);
    assert_eq!(manual.tasks(), 0);
}

#[test]
fn tasks_run_in_the_order_they_were_spawned() {
    let mut manual = Manual::new();
    let (log, logged) = log();
    for n in 0..5 {
        let log = log.clone();
        manual.spawn(async move {
            log.lock().unwrap().push(n);
            spawn(async move { log.lock().unwrap().push(10 + n) });
        });
    }
    manual.run_until_stalled();
    assert_eq!(logged(), [0, 1, 2, 3, 4, 10, 11, 12, 13, 14]);
}

#[test]
fn sleepers_wake_by_deadline_and_then_in_the_order_they_fell_asleep() {
    let mut manual = Manual::new();
    let (log, logged) = log();
    for (name, after) in [("c", 3), ("a", 1), ("b1", 2), ("b2", 2), ("b3", 2)] {
        let log = log.clone();
        manual.spawn(async move {
            current().sleep(seconds(after)).await;
            log.lock().unwrap().push(name);
        });
    }
    manual.advance(seconds(10));
    assert_eq!(logged(), ["a", "b1", "b2", "b3", "c"]);
}

#[test]
fn advancing_stops_at_every_deadline_also_at_those_made_on_the_way() {
    let mut manual = Manual::new();
    let started = manual.now();
    let (log, logged) = log();
    manual.spawn(async move {
        let runtime = current();
        for after in [2, 3, 4] {
            runtime.sleep(seconds(after)).await;
            log.lock()
                .unwrap()
                .push((runtime.now() - started).as_secs());
        }
    });
    manual.advance(seconds(5));
    assert_eq!(logged(), [2, 5]);
    assert_eq!(manual.elapsed(), seconds(5));
    assert_eq!(manual.next_deadline(), Some(started + seconds(9)));
    manual.advance(seconds(3));
    assert!(logged().is_empty());
    manual.advance(seconds(1));
    assert_eq!(logged(), [9]);
    assert_eq!(manual.next_deadline(), None);
}

#[test]
fn a_deadline_is_reached_at_its_instant_and_not_before() {
    let mut manual = Manual::new();
    let nap = manual.handle().sleep(seconds(1));
    manual.spawn(nap);
    manual.advance(seconds(1) - Duration::from_nanos(1));
    assert_eq!(manual.tasks(), 1);
    manual.advance(Duration::from_nanos(1));
    assert_eq!(manual.tasks(), 0);
}

#[test]
fn a_deadline_that_has_passed_ends_at_the_first_poll_and_is_never_in_the_queue() {
    let mut manual = Manual::new();
    let runtime = manual.handle();
    let made_before = runtime.sleep(seconds(1));
    let start = manual.now();
    manual.advance(seconds(1));
    let made_after = [start, manual.now()].map(|deadline| runtime.sleep_until(deadline));
    for mut sleep in made_after.into_iter().chain([made_before]) {
        assert!(poll(&mut sleep, Waker::noop()).is_ready());
    }
    assert_eq!(manual.sleepers(), 0);
}

#[test]
fn whether_a_sleep_has_ended_is_read_off_the_clock_and_not_from_a_wake_up() {
    let mut manual = Manual::new();
    let (count, waker) = Count::new();
    let mut sleep = manual.handle().sleep(seconds(1));
    for _ in 0..3 {
        assert!(poll(&mut sleep, &waker).is_pending());
    }
    assert_eq!(manual.sleepers(), 1);
    manual.advance(seconds(1));
    assert_eq!(count.get(), 1);
    for _ in 0..3 {
        assert!(poll(&mut sleep, &waker).is_ready());
    }
    assert_eq!(manual.sleepers(), 0);
}

#[test]
fn advance_to_next_skips_what_is_idle() {
    let mut manual = Manual::new();
    assert_eq!(manual.advance_to_next(), None);
    let runtime = manual.handle();
    manual.spawn(async move {
        runtime.sleep(seconds(7)).await;
        runtime.sleep(seconds(8)).await;
    });
    assert_eq!(manual.advance_to_next(), Some(seconds(7)));
    assert_eq!(manual.advance_to_next(), Some(seconds(8)));
    assert_eq!(manual.tasks(), 0);
    assert_eq!(manual.advance_to_next(), None);
    assert_eq!(manual.elapsed(), seconds(15));
}

#[test]
fn a_sleep_that_was_dropped_leaves_no_trace() {
    let manual = Manual::new();
    let (count, waker) = Count::new();
    let mut sleep = manual.handle().sleep(seconds(1));
    assert_eq!(manual.sleepers(), 0, "it has not been polled");
    assert!(poll(&mut sleep, &waker).is_pending());
    assert_eq!(manual.sleepers(), 1);
    drop(sleep);
    drop(waker);
    assert_eq!(manual.sleepers(), 0);
    assert_eq!(manual.next_deadline(), None);
    assert_eq!(Arc::strong_count(&count), 1, "the waker was released");
}

#[test]
fn what_lies_beyond_all_time_never_fires() {
    let mut manual = Manual::new();
    let runtime = manual.handle();
    let century = seconds(100 * 365 * 24 * 3600);
    let mut far = vec![
        runtime.sleep(Duration::MAX),
        runtime.sleep_until(manual.now() + century + century),
        runtime.sleep(century + seconds(1)),
    ];
    for sleep in &mut far {
        assert!(poll(sleep, Waker::noop()).is_pending());
    }
    assert_eq!(manual.next_deadline(), None);
    manual.spawn(runtime.sleep(century));
    manual.advance(century);
    assert_eq!(manual.tasks(), 0, "a hundred years are not beyond it");
    manual.advance(century + century);
    for sleep in &mut far {
        assert!(poll(sleep, Waker::noop()).is_pending());
    }
}

#[test]
fn the_clock_cannot_leave_time_and_says_so() {
    let mut manual = Manual::new();
    manual.spawn(async {});
    let panic = catch_unwind(AssertUnwindSafe(|| manual.advance(Duration::MAX))).unwrap_err();
    let message: &String = panic.downcast_ref().unwrap();
    assert!(message.contains("no such instant"), "{message}");
    assert_eq!(manual.elapsed(), Duration::ZERO);
    assert_eq!(manual.tasks(), 1, "nothing has happened");
    manual.run_until_stalled();
}

#[test]
fn ten_thousand_sleepers_with_one_deadline_all_wake() {
    let mut manual = Manual::new();
    let woken = Arc::new(AtomicUsize::new(0));
    for _ in 0..10_000 {
        let woken = woken.clone();
        let nap = manual.handle().sleep(seconds(1));
        manual.spawn(async move {
            nap.await;
            woken.fetch_add(1, Ordering::Relaxed);
        });
    }
    manual.run_until_stalled();
    assert_eq!(manual.sleepers(), 10_000);
    manual.advance(seconds(1));
    assert_eq!(woken.load(Ordering::Relaxed), 10_000);
    assert_eq!(manual.sleepers(), 0);
}

#[test]
fn wakers_run_outside_the_locks() {
    let mut manual = Manual::new();
    let runtime = manual.handle();
    let slept = Arc::new(Mutex::new(Vec::new()));
    let kept = slept.clone();
    let waker = on_wake(move || {
        // All that a handle can do, from within the wake-up.
        runtime.spawn(async {});
        let mut another = runtime.sleep(seconds(1));
        assert!(poll(&mut another, Waker::noop()).is_pending());
        kept.lock().unwrap().push((runtime.now(), another));
    });
    let started = manual.now();
    let mut sleep = manual.handle().sleep(seconds(1));
    assert!(poll(&mut sleep, &waker).is_pending());
    manual.advance(seconds(5));
    let slept = std::mem::take(&mut *slept.lock().unwrap());
    assert_eq!(slept.len(), 1);
    assert_eq!(slept[0].0, started + seconds(1));
    assert_eq!(manual.tasks(), 0, "the task spawned by the waker ran");
}

#[test]
fn a_panicking_waker_costs_nobody_else_the_time() {
    let mut manual = Manual::new();
    let deadline = manual.now() + seconds(1);
    let mut sleeps = Vec::new();
    let (count, counting) = Count::new();
    for n in 0..200 {
        let waker = match n % 50 {
            0 => on_wake(move || panic_quietly(n)),
            _ => counting.clone(),
        };
        let mut sleep = manual.handle().sleep_until(deadline);
        assert!(poll(&mut sleep, &waker).is_pending());
        sleeps.push(sleep);
    }
    manual.spawn(async move { current().sleep(seconds(2)).await });

    let advanced = catch_unwind(AssertUnwindSafe(|| manual.advance(seconds(5))));
    let payload: Box<i32> = advanced.unwrap_err().downcast().unwrap();
    assert_eq!(*payload, 0, "the first panic comes out");
    assert_eq!(count.get(), 196, "everyone else who was due was woken");
    assert_eq!(manual.now(), deadline, "the clock stays where it happened");
    assert_eq!(manual.tasks(), 1);

    manual.advance(seconds(4));
    assert_eq!(manual.tasks(), 0, "and it goes on from there");
    for sleep in &mut sleeps {
        assert!(poll(sleep, Waker::noop()).is_ready());
    }
}

#[test]
fn a_panic_in_a_task_comes_out_and_the_others_go_on() {
    let mut manual = Manual::new();
    let (log, logged) = log();
    for n in 0..5 {
        let log = log.clone();
        manual.spawn(async move {
            if n == 2 {
                panic_quietly(n);
            }
            log.lock().unwrap().push(n);
        });
    }
    let ran = catch_unwind(AssertUnwindSafe(|| manual.run_until_stalled()));
    let payload: Box<i32> = ran.unwrap_err().downcast().unwrap();
    assert_eq!(*payload, 2);
    assert_eq!(logged(), [0, 1]);
    assert_eq!(manual.tasks(), 2, "the one that panicked has ended");
    manual.run_until_stalled();
    assert_eq!(logged(), [3, 4]);
    assert_eq!(manual.tasks(), 0);
}

#[test]
fn a_panic_in_a_destructor_comes_out_and_the_others_go_on() {
    let mut manual = Manual::new();
    manual.spawn(async {
        let _panics = OnDrop(|| panic_quietly("dropped"));
    });
    let (log, logged) = log();
    manual.spawn(async move { log.lock().unwrap().push("ran") });
    let ran = catch_unwind(AssertUnwindSafe(|| manual.run_until_stalled()));
    let payload: Box<&str> = ran.unwrap_err().downcast().unwrap();
    assert_eq!(*payload, "dropped");
    assert_eq!(manual.tasks(), 1);
    manual.run_until_stalled();
    assert_eq!(logged(), ["ran"]);
}

#[test]
fn a_task_is_polled_once_for_all_wakes_since_the_last_poll_and_loses_none() {
    let mut manual = Manual::new();
    let mut polls = 0;
    let (to, told) = channel();
    manual.spawn(poll_fn(move |cx| {
        polls += 1;
        to.send((polls, cx.waker().clone())).unwrap();
        if polls < 3 {
            cx.waker().wake_by_ref();
            cx.waker().wake_by_ref();
        }
        Poll::<()>::Pending
    }));
    let mut polled = || {
        manual.run_until_stalled();
        told.try_iter().map(|(poll, _)| poll).collect::<Vec<_>>()
    };
    assert_eq!(polled(), [1, 2, 3], "each poll but the last was woken for");
    assert!(polled().is_empty());
}

#[test]
fn wakes_between_two_runs_are_one_poll() {
    let mut manual = Manual::new();
    let (to, told) = channel();
    manual.spawn(poll_fn(move |cx| {
        to.send(cx.waker().clone()).unwrap();
        Poll::<()>::Pending
    }));
    manual.run_until_stalled();
    let waker = told.try_recv().unwrap();
    for _ in 0..3 {
        waker.wake_by_ref();
        waker.wake_by_ref();
        manual.run_until_stalled();
        assert!(told.try_recv().is_ok());
        assert!(told.try_recv().is_err());
    }
}

#[test]
fn a_waker_that_outlives_its_task_does_no_harm() {
    let mut manual = Manual::new();
    let (to, wakers) = channel();
    let mut first = true;
    manual.spawn(poll_fn(move |cx| {
        to.send(cx.waker().clone()).unwrap();
        match std::mem::replace(&mut first, false) {
            true => Poll::Pending,
            false => Poll::Ready(()),
        }
    }));
    manual.run_until_stalled();
    let waker = wakers.try_recv().unwrap();
    waker.wake_by_ref();
    manual.run_until_stalled();
    assert_eq!(manual.tasks(), 0);
    waker.wake_by_ref();
    manual.run_until_stalled();
    drop(manual);
    waker.wake();
}

#[test]
fn block_on_lets_time_pass_while_all_wait() {
    let mut manual = Manual::new();
    let (log, logged) = log();
    let output = manual.block_on(async {
        let runtime = current();
        let background = log.clone();
        spawn(async move {
            loop {
                current().sleep(seconds(10)).await;
                background.lock().unwrap().push("tick");
            }
        });
        runtime.sleep(seconds(35)).await;
        log.lock().unwrap().push("done");
        "output"
    });
    assert_eq!(output, "output");
    assert_eq!(logged(), ["tick", "tick", "tick", "done"]);
    assert_eq!(manual.elapsed(), seconds(35));
    assert_eq!(manual.tasks(), 1, "the task stays");
    manual.advance(seconds(5));
    assert_eq!(logged(), ["tick"]);
}

#[test]
fn block_on_ends_though_a_task_never_stalls() {
    let mut manual = Manual::new();
    manual.spawn(poll_fn(|cx| {
        cx.waker().wake_by_ref();
        Poll::Pending
    }));
    let (to, told) = channel();
    manual.spawn(async move { to.send(()).unwrap() });
    let mut polls = 0;
    manual.block_on(poll_fn(|cx| {
        polls += 1;
        if told.try_recv().is_ok() {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }));
    assert!(polls > 1);
}

#[test]
fn block_on_says_when_nothing_can_go_on() {
    let mut manual = Manual::new();
    manual.spawn(pending());
    let panic = catch_unwind(AssertUnwindSafe(|| {
        manual.block_on(pending::<()>());
    }))
    .unwrap_err();
    let message: &&str = panic.downcast_ref().unwrap();
    assert!(message.contains("nothing can go on"), "{message}");
    assert_eq!(manual.block_on(async { 7 }), 7, "it can be used further");
}

#[test]
fn dropping_it_drops_its_tasks_wherever_they_wait() {
    let mut manual = Manual::new();
    let runtime = manual.handle();
    let dropped = Arc::new(AtomicUsize::new(0));
    let (to, wakers) = channel();
    for n in 0..3 {
        let to = to.clone();
        let nap = runtime.sleep(seconds(1));
        let seen = dropped.clone();
        let holder = runtime.clone();
        manual.spawn(async move {
            let _tells = OnDrop(|| {
                // Its own runtime is still the current one, and takes no more tasks.
                spawn(async {});
                seen.fetch_add(1, Ordering::Relaxed);
            });
            let _a_handle_does_not_keep_it_alive = holder;
            match n {
                0 => nap.await,
                1 => {
                    poll_fn::<(), _>(|cx| {
                        to.send(cx.waker().clone()).unwrap();
                        Poll::Pending
                    })
                    .await
                }
                _ => pending().await,
            }
        });
    }
    manual.run_until_stalled();
    let waker = wakers.try_recv().unwrap();
    assert_eq!(manual.tasks(), 3);
    drop(manual);
    assert_eq!(dropped.load(Ordering::Relaxed), 3);
    waker.wake();

    let (to, told) = channel::<()>();
    runtime.spawn(async move { to.send(()).unwrap() });
    assert_eq!(
        told.try_recv(),
        Err(TryRecvError::Disconnected),
        "a task spawned afterwards is dropped at once"
    );
    let now = runtime.now();
    let mut sleep = runtime.sleep(seconds(1));
    assert!(poll(&mut sleep, Waker::noop()).is_pending());
    assert_eq!(runtime.now(), now);
}

#[test]
fn all_tasks_are_dropped_though_destructors_panic() {
    let manual = Manual::new();
    let dropped = Arc::new(AtomicUsize::new(0));
    for n in 0..4 {
        let seen = dropped.clone();
        let tells = OnDrop(move || {
            seen.fetch_add(1, Ordering::Relaxed);
            if n % 2 == 1 {
                panic_quietly(n);
            }
        });
        manual.spawn(async move {
            let _tells = tells;
            pending().await
        });
    }
    let panic = catch_unwind(AssertUnwindSafe(|| drop(manual))).unwrap_err();
    assert_eq!(*panic.downcast::<i32>().unwrap(), 1, "the first one");
    assert_eq!(dropped.load(Ordering::Relaxed), 4);
}

#[test]
fn dropping_it_while_unwinding_does_not_abort() {
    let manual = Manual::new();
    let tells = OnDrop(|| panic_quietly("destructor"));
    manual.spawn(async move {
        let _tells = tells;
        pending().await
    });
    let panic = catch_unwind(AssertUnwindSafe(|| {
        let _dropped_by_the_panic = manual;
        panic_quietly("cause")
    }))
    .unwrap_err();
    assert_eq!(*panic.downcast::<&str>().unwrap(), "cause");
}

/// In every round one thread polls a row of sleeps while the clock is moved to their deadline, so that the move comes
/// in the midst of a poll again and again. Whoever was told to wait must then be woken.
#[test]
fn sleeps_polled_on_another_thread_while_the_clock_moves_are_not_missed() {
    const ROUNDS: usize = 2_000;
    const ROW: usize = 100;
    /// Waits without sleeping: a thread that had to be woken would come after the whole row was polled.
    fn wait_until(counter: &AtomicUsize, value: usize) {
        let mut looks = 0;
        while counter.load(Ordering::Acquire) < value {
            looks += 1;
            match looks % 1000 {
                0 => thread::yield_now(),
                _ => std::hint::spin_loop(),
            }
        }
    }

    let mut manual = Manual::new();
    let runtime = manual.handle();
    let start = manual.now();
    let polled = AtomicUsize::new(0);
    let moved = AtomicUsize::new(0);
    let missed = AtomicUsize::new(0);
    thread::scope(|scope| {
        scope.spawn(|| {
            for round in 0..ROUNDS {
                let deadline = start + Duration::from_nanos(round as u64 + 1);
                let mut row: Vec<_> = (0..ROW)
                    .map(|_| (runtime.sleep_until(deadline), Count::new()))
                    .collect();
                let waits: Vec<_> = row
                    .iter_mut()
                    .map(|(sleep, (_, waker))| {
                        polled.fetch_add(1, Ordering::Release);
                        poll(sleep, waker).is_pending()
                    })
                    .collect();
                wait_until(&moved, round + 1);
                for ((_, (count, _)), waits) in row.iter().zip(waits) {
                    if waits && count.get() != 1 {
                        missed.fetch_add(1, Ordering::Relaxed);
                    }
                }
            }
        });
        for round in 0..ROUNDS {
            let mut first = runtime.sleep(Duration::from_nanos(1));
            assert!(poll(&mut first, Waker::noop()).is_pending());
            wait_until(&polled, round * ROW + 1 + round % ROW);
            // It looks for sleepers once only, where `advance` would look again at the end of the way.
            assert_eq!(manual.advance_to_next(), Some(Duration::from_nanos(1)));
            moved.store(round + 1, Ordering::Release);
        }
    });
    assert_eq!(missed.load(Ordering::Relaxed), 0);
    assert_eq!(manual.sleepers(), 0);
}

#[test]
fn tasks_woken_from_other_threads_run_at_the_next_call() {
    const TASKS: usize = 64;
    let mut manual = Manual::new();
    let (to, wakers) = channel();
    let flags: Arc<Vec<_>> = Arc::new((0..TASKS).map(|_| AtomicUsize::new(0)).collect());
    for n in 0..TASKS {
        let to = to.clone();
        let flags = flags.clone();
        manual.spawn(poll_fn(move |cx| {
            if flags[n].load(Ordering::Relaxed) == 3 {
                return Poll::Ready(());
            }
            to.send((n, cx.waker().clone())).unwrap();
            Poll::Pending
        }));
    }
    manual.run_until_stalled();
    let wakers: Vec<_> = wakers.try_iter().collect();
    assert_eq!(wakers.len(), TASKS);
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                for (n, waker) in &wakers {
                    flags[*n].fetch_add(1, Ordering::Relaxed);
                    waker.wake_by_ref();
                }
            });
        }
        while manual.tasks() > 0 {
            manual.run_until_stalled();
            thread::yield_now();
        }
    });
}

#[test]
fn it_shows_what_it_is_doing() {
    let mut manual = Manual::default();
    let nap = manual.handle().sleep(seconds(2));
    manual.spawn(nap);
    manual.advance(seconds(1));
    assert_eq!(
        format!("{manual:?}"),
        "Manual { elapsed: 1s, tasks: 1, sleepers: 1, .. }"
    );
    assert_eq!(format!("{:?}", manual.handle()), "Handle(manual)");
}
