//! What is particular to the tokio adapter.

#![cfg(feature = "tokio")]

mod runtime_support;

use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use millstream::runtime::{current, enter, spawn, try_current, Handle, Manual, Timer};
use runtime_support::*;
use tokio::runtime::{Builder, Runtime};

fn current_thread() -> Runtime {
    Builder::new_current_thread().enable_time().build().unwrap()
}

fn multi_thread() -> Runtime {
    Builder::new_multi_thread()
        .worker_threads(2)
        .enable_time()
        .build()
        .unwrap()
}

fn hour() -> Duration {
    Duration::from_secs(3600)
}

#[test]
fn within_tokio_the_current_runtime_is_the_tokio_one() {
    for tokio in [current_thread(), multi_thread()] {
        let own = tokio.handle().id();
        let (to, told) = tokio::sync::oneshot::channel();
        tokio.block_on(async {
            assert_eq!(format!("{:?}", current()), "Handle(tokio)");
            // A task spawned through millstream is a tokio task of the same runtime.
            spawn(async move {
                current().sleep(Duration::from_millis(1)).await;
                to.send(tokio::runtime::Handle::current().id()).unwrap();
            });
            // So is what is spawned by a task that tokio itself spawned.
            let seen = tokio::spawn(async { format!("{:?}", try_current()) });
            assert_eq!(seen.await.unwrap(), "Some(Handle(tokio))");
            assert_eq!(told.await, Ok(own));
        });
    }
}

#[test]
fn an_entered_tokio_context_is_enough() {
    let tokio = multi_thread();
    let _context = tokio.enter();
    let (to, told) = channel();
    spawn(async move { to.send(tokio::runtime::Handle::current().id()).unwrap() });
    assert_eq!(receive(&told), tokio.handle().id());
}

#[test]
fn what_was_entered_on_purpose_comes_first() {
    let mut manual = Manual::new();
    current_thread().block_on(async {
        let _entered = manual.enter();
        assert_eq!(format!("{:?}", current()), "Handle(manual)");
        spawn(async { assert_eq!(format!("{:?}", current()), "Handle(manual)") });
    });
    assert_eq!(manual.tasks(), 1);
    manual.run_until_stalled();
}

#[test]
fn a_tokio_runtime_can_be_entered_from_outside() {
    let tokio = multi_thread();
    let _entered = enter(tokio.handle().clone());
    let (to, told) = channel();
    spawn(async move { to.send(format!("{:?}", current())).unwrap() });
    assert_eq!(receive(&told), "Handle(tokio)");
    finish(current().sleep(Duration::from_millis(1)));
}

#[test]
fn time_is_tokios_and_stands_still_when_that_is_paused() {
    let tokio = Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    let real = Instant::now();
    tokio.block_on(async {
        let runtime = current();
        let started = runtime.now();
        assert_eq!(started, tokio::time::Instant::now().into_std());
        // All wait, so tokio moves its clock.
        runtime.sleep(hour()).await;
        assert!(runtime.now() - started >= hour());

        let mut nap = runtime.sleep(hour());
        let (count, waker) = Count::new();
        assert!(poll(&mut nap, &waker).is_pending());
        tokio::time::advance(hour() - Duration::from_millis(5)).await;
        assert_eq!(count.get(), 0);
        tokio::time::advance(Duration::from_millis(10)).await;
        assert_eq!(count.get(), 1);
        assert!(poll(&mut nap, &waker).is_ready());
    });
    // The clock can be read, and deadlines made, from a thread that is not in the runtime.
    let paused = Handle::tokio(tokio.handle().clone());
    assert!(paused.now() - real >= 2 * hour());
    assert!(real.elapsed() < hour());
}

#[test]
fn a_paused_clock_is_not_sent_to_the_end_of_time() {
    let tokio = Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    tokio.block_on(async {
        let started = current().now();
        spawn(current().sleep(Duration::MAX));
        spawn(current().sleep(200 * 365 * 24 * hour()));
        current().sleep(hour()).await;
        let passed = current().now() - started;
        assert!(passed < 2 * hour(), "{passed:?}");
    });
}

#[test]
fn a_runtime_without_time_says_so() {
    let tokio = Builder::new_current_thread().build().unwrap();
    let runtime = Handle::tokio(tokio.handle().clone());
    let slept = catch_unwind(AssertUnwindSafe(|| drop(runtime.sleep(hour()))));
    let panic = slept.unwrap_err();
    let message = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap();
    assert!(message.contains("enable_time"), "{message}");
    // It can still be asked for the time, and tasks spawned on it.
    assert!(runtime.now() <= Instant::now());
    let (to, told) = channel();
    runtime.spawn(async move { to.send(()).unwrap() });
    tokio.block_on(tokio::task::yield_now());
    assert_eq!(told.try_recv(), Ok(()));
}

#[test]
fn a_current_thread_runtime_runs_tasks_while_it_is_driven() {
    let tokio = current_thread();
    let runtime = Handle::tokio(tokio.handle().clone());
    let (to, told) = channel();
    runtime.spawn(async move { to.send(()).unwrap() });
    assert!(told.try_recv().is_err(), "nobody drives it yet");
    tokio.block_on(tokio::task::yield_now());
    assert_eq!(told.try_recv(), Ok(()));
}

#[test]
fn a_runtime_that_was_shut_down_drops_tasks_old_and_new() {
    for tokio in [current_thread(), multi_thread()] {
        let runtime = Handle::tokio(tokio.handle().clone());
        let (to, told) = channel();
        let tells = |to: std::sync::mpsc::Sender<_>| {
            OnDrop(move || to.send(format!("{:?}", current())).unwrap())
        };
        let old = tells(to.clone());
        runtime.spawn(async move {
            let _tells = old;
            std::future::pending().await
        });
        drop(tokio);
        assert_eq!(receive(&told), "Handle(tokio)");
        let new = tells(to);
        runtime.spawn(async move {
            let _tells = new;
            unreachable!("it runs after the shutdown");
        });
        assert_eq!(receive(&told), "Handle(tokio)");
    }
}
