//! What holds for every runtime that runs by itself: the built-in one, tokio of either flavour, and smol.

#![cfg(any(feature = "runtime", feature = "tokio", feature = "smol"))]

mod runtime_support;

use std::future::{pending, Future};
use std::pin::Pin;
use std::sync::mpsc::{channel, RecvTimeoutError, Sender};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::{Duration, Instant};

use millstream::runtime::{current, enter, spawn, Handle, Timer};
use runtime_support::*;

const SHORT: Duration = Duration::from_millis(5);

fn every_task_runs(runtime: &Handle) {
    let (to, told) = channel();
    for n in 0..1000 {
        let to = to.clone();
        runtime.spawn(async move { to.send(n).unwrap() });
    }
    drop(to);
    let mut told: Vec<_> = (0..1000).map(|_| receive(&told)).collect();
    told.sort();
    assert!(told.into_iter().eq(0..1000));
}

fn a_task_sees_its_own_runtime(runtime: &Handle) {
    let expected = format!("{runtime:?}");
    let (to, told) = channel();
    let elsewhere = enter(Marked::new(1).handle());
    runtime.spawn(async move {
        let tell = move |place| to.send((place, format!("{:?}", current()))).unwrap();
        tell("first poll");
        current().sleep(SHORT).await;
        tell("later poll");
        let in_child = tell.clone();
        spawn(async move {
            in_child("child");
            drop(in_child);
        });
        let _tells = OnDrop(move || tell("destructor"));
    });
    let mut places = Vec::new();
    for _ in 0..4 {
        let (place, seen) = receive(&told);
        assert_eq!(seen, expected, "{place}");
        places.push(place);
    }
    assert_eq!(places[..2], ["first poll", "later poll"]);
    assert_eq!(
        told.recv_timeout(LOST),
        Err(RecvTimeoutError::Disconnected),
        "nobody is left to tell"
    );
    assert_eq!(current_mark(), 1);
    drop(elsewhere);
}

/// A panic whose payload panics in turn when it is dropped.
fn panic_twice(to: Sender<&'static str>) -> ! {
    panic_quietly(OnDrop(move || {
        to.send("payload").unwrap();
        panic_quietly("payload");
    }))
}

/// A future that ends at once and panics when it is dropped.
struct PanicsInDrop(Sender<&'static str>);

impl Future for PanicsInDrop {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<()> {
        Poll::Ready(())
    }
}

impl Drop for PanicsInDrop {
    fn drop(&mut self) {
        self.0.send("drop").unwrap();
        panic_twice(self.0.clone());
    }
}

fn panics_end_only_their_task(runtime: &Handle) {
    let (to, told) = channel();
    // More than there are workers, so that losing a worker to each would leave none.
    let many = 4 * thread::available_parallelism().map_or(1, usize::from);
    for _ in 0..many {
        let in_poll = to.clone();
        runtime.spawn(async move {
            in_poll.send("poll").unwrap();
            panic_twice(in_poll);
        });
        runtime.spawn(PanicsInDrop(to.clone()));
    }
    let mut seen: Vec<_> = (0..4 * many).map(|_| receive(&told)).collect();
    seen.sort();
    let expected = ["drop", "payload", "payload", "poll"].map(|kind| vec![kind; many]);
    assert_eq!(seen, expected.concat());

    every_task_runs(runtime);
}

fn a_sleep_ends_and_never_early(runtime: &Handle) {
    let (to, told) = channel();
    for millis in [20, 5, 1, 10, 0] {
        let to = to.clone();
        let wanted = Duration::from_millis(millis);
        let deadline = Instant::now() + wanted;
        let nap = runtime.sleep(wanted);
        runtime.spawn(async move {
            nap.await;
            to.send(Instant::now().checked_duration_since(deadline))
                .unwrap();
        });
    }
    for _ in 0..5 {
        let late = receive(&told);
        assert!(late.is_some(), "a sleep ended early");
    }
}

fn now_is_the_real_time(runtime: &Handle) {
    let before = Instant::now();
    let now = runtime.now();
    assert!(before <= now && now <= Instant::now());
}

fn a_deadline_that_has_passed_ends_at_the_first_poll(runtime: &Handle) {
    let (count, waker) = Count::new();
    let mut sleep = runtime.sleep_until(runtime.now());
    assert!(poll(&mut sleep, &waker).is_ready());
    assert_eq!(count.get(), 0);
}

fn what_lies_beyond_all_time_never_fires(runtime: &Handle) {
    // The last second that the platform can name.
    let mut last = Instant::now();
    for exponent in (0..64).rev() {
        last = last
            .checked_add(Duration::from_secs(1 << exponent))
            .unwrap_or(last);
    }
    let (count, waker) = Count::new();
    let century = Duration::from_secs(100 * 365 * 24 * 3600);
    let mut far = vec![
        runtime.sleep(Duration::MAX),
        runtime.sleep(Duration::MAX / 2),
        runtime.sleep_until(last),
        runtime.sleep(century * 2),
        runtime.sleep(century / 2),
    ];
    for sleep in &mut far {
        assert!(poll(sleep, &waker).is_pending());
    }
    finish(runtime.sleep(SHORT));
    for sleep in &mut far {
        assert!(poll(sleep, &waker).is_pending());
    }
    assert_eq!(count.get(), 0);
}

fn an_earlier_deadline_does_not_wait_for_a_later_one(runtime: &Handle) {
    let (count, waker) = Count::new();
    let mut hour = runtime.sleep(Duration::from_secs(3600));
    assert!(poll(&mut hour, &waker).is_pending());
    finish(runtime.sleep(SHORT));
    assert_eq!(count.get(), 0);
    // Nor for one that has gone.
    drop(hour);
    finish(runtime.sleep(SHORT));
}

fn only_the_last_waker_is_woken(runtime: &Handle) {
    let (to, told) = channel();
    let second = on_wake(move || to.send(()).unwrap());
    let mut duration = SHORT;
    loop {
        let (count, first) = Count::new();
        let mut sleep = runtime.sleep(duration);
        let waits = [&first, &second].map(|waker| poll(&mut sleep, waker).is_pending());
        if waits == [true, true] {
            receive(&told);
            assert!(poll(&mut sleep, Waker::noop()).is_ready());
            assert_eq!(count.get(), 0);
            return;
        }
        // The machine stood still for longer than the sleep was to last.
        duration *= 2;
    }
}

fn sleeps_can_be_dropped_at_any_time(runtime: &Handle) {
    let (count, waker) = Count::new();
    let sleeps: Vec<_> = (0..100)
        .map(|n| {
            let mut sleep = runtime.sleep(Duration::from_secs(3600));
            if n % 2 == 0 {
                assert!(poll(&mut sleep, &waker).is_pending());
            }
            sleep
        })
        .collect();
    drop(sleeps);
    finish(runtime.sleep(SHORT));
    assert_eq!(count.get(), 0);
}

fn a_crowd_wakes(runtime: &Handle) {
    let (to, told) = channel();
    let deadline = runtime.now() + SHORT;
    for _ in 0..2000 {
        let to = to.clone();
        let nap = runtime.sleep_until(deadline);
        runtime.spawn(async move {
            nap.await;
            to.send(()).unwrap();
        });
    }
    for _ in 0..2000 {
        receive(&told);
    }
}

fn sleeps_wake_from_within_wakers(runtime: &Handle) {
    let (to, told) = channel();
    let from_waker = runtime.clone();
    let waker = on_wake(move || {
        let mut another = from_waker.sleep(Duration::from_secs(3600));
        assert!(poll(&mut another, Waker::noop()).is_pending());
        drop(another);
        let to = to.clone();
        let nap = from_waker.sleep(SHORT);
        from_waker.spawn(async move {
            nap.await;
            to.send(()).unwrap();
        });
    });
    let mut sleep = runtime.sleep(SHORT);
    assert!(poll(&mut sleep, &waker).is_pending());
    receive(&told);
    assert!(poll(&mut sleep, Waker::noop()).is_ready());
}

fn waiting_tasks_do_not_hold_up_others(runtime: &Handle) {
    for _ in 0..100 {
        runtime.spawn(pending());
    }
    every_task_runs(runtime);
}

/// One module for each runtime, with one test for each line of the contract. `$with` is called with the body of the
/// test and gives it the runtime.
macro_rules! contract {
    ($with:path) => {
        contract!($with:
            every_task_runs
            a_task_sees_its_own_runtime
            panics_end_only_their_task
            a_sleep_ends_and_never_early
            now_is_the_real_time
            a_deadline_that_has_passed_ends_at_the_first_poll
            what_lies_beyond_all_time_never_fires
            an_earlier_deadline_does_not_wait_for_a_later_one
            only_the_last_waker_is_woken
            sleeps_can_be_dropped_at_any_time
            a_crowd_wakes
            sleeps_wake_from_within_wakers
            waiting_tasks_do_not_hold_up_others
        );
    };
    ($with:path: $($promise:ident)*) => {
        $(
            #[test]
            fn $promise() {
                $with(super::$promise);
            }
        )*
    };
}

#[cfg(feature = "runtime")]
mod built_in {
    fn with(body: impl FnOnce(&super::Handle)) {
        body(&super::Handle::built_in());
    }

    contract!(with);
}

#[cfg(feature = "smol")]
mod smol {
    fn with(body: impl FnOnce(&super::Handle)) {
        body(&super::Handle::smol());
    }

    contract!(with);
}

#[cfg(feature = "tokio")]
mod tokio_multi_thread {
    fn with(body: impl FnOnce(&super::Handle)) {
        let tokio = ::tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_time()
            .build()
            .unwrap();
        body(&super::Handle::tokio(tokio.handle().clone()));
    }

    contract!(with);
}

/// The runtime is driven by a thread of its own.
#[cfg(feature = "tokio")]
mod tokio_current_thread {
    use std::sync::Arc;

    fn with(body: impl FnOnce(&super::Handle)) {
        let tokio = ::tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap();
        let runtime = super::Handle::tokio(tokio.handle().clone());
        let stop = Arc::new(::tokio::sync::Notify::new());
        let stopped = stop.clone();
        let driver = super::thread::spawn(move || tokio.block_on(stopped.notified()));
        body(&runtime);
        stop.notify_one();
        driver.join().unwrap();
    }

    contract!(with);
}
