//! What is particular to the built-in runtime.

#![cfg(feature = "runtime")]

mod runtime_support;

use std::collections::HashSet;
use std::sync::mpsc::channel;
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use millstream::runtime::{Handle, Timer};
use runtime_support::*;

#[test]
fn it_runs_as_many_tasks_at_once_as_there_are_processors() {
    let processors = thread::available_parallelism().map_or(1, usize::from);
    let (to, told) = channel();
    // Each of these tasks blocks its worker until all of them have one.
    let barrier = Arc::new(Barrier::new(processors));
    for _ in 0..processors {
        let to = to.clone();
        let barrier = barrier.clone();
        Handle::built_in().spawn(async move {
            barrier.wait();
            to.send(thread::current().name().map(str::to_owned))
                .unwrap();
        });
    }
    let names: HashSet<_> = (0..processors)
        .map(|_| receive(&told).expect("workers have names"))
        .collect();
    let expected = (0..processors).map(|n| format!("millstream-{n}")).collect();
    assert_eq!(names, expected);
}

#[test]
fn a_panicking_waker_costs_nobody_else_the_time() {
    let runtime = Handle::built_in();
    let deadline = runtime.now() + Duration::from_millis(20);
    let (to, told) = channel();
    let mut sleeps = Vec::new();
    for n in 0..200 {
        let to = to.clone();
        let mut sleep = runtime.sleep_until(deadline);
        let waker = on_wake(move || {
            to.send(n).unwrap();
            if n % 3 == 0 {
                panic_quietly(OnDrop(|| panic_quietly("payload")));
            }
        });
        // A machine that stood still for so long has nothing to wake.
        if poll(&mut sleep, &waker).is_pending() {
            sleeps.push(sleep);
        }
    }
    let mut woken: Vec<_> = sleeps.iter().map(|_| receive(&told)).collect();
    woken.sort();
    assert_eq!(woken.len(), sleeps.len());
    woken.dedup();
    assert_eq!(woken.len(), sleeps.len(), "each was woken once");
    finish(runtime.sleep(Duration::from_millis(1)));
}

#[test]
fn a_dropped_sleep_has_released_its_waker() {
    let runtime = Handle::built_in();
    let (count, waker) = Count::new();
    let mut sleep = runtime.sleep(Duration::from_secs(3600));
    assert!(poll(&mut sleep, &waker).is_pending());
    drop(waker);
    assert_eq!(Arc::strong_count(&count), 2);
    drop(sleep);
    assert_eq!(Arc::strong_count(&count), 1);
}

#[test]
fn sleeps_and_tasks_come_from_many_threads_at_once() {
    const THREADS: usize = 4;
    const ROUNDS: usize = 200;
    let (to, told) = channel();
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let to = to.clone();
            scope.spawn(move || {
                let runtime = Handle::built_in();
                for round in 0..ROUNDS {
                    let to = to.clone();
                    let micros = ((thread * 7 + round * 13) % 50) as u64 * 20;
                    let nap = runtime.sleep(Duration::from_micros(micros));
                    runtime.spawn(async move {
                        nap.await;
                        to.send(()).unwrap();
                    });
                    if round % 10 == 0 {
                        finish(runtime.sleep(Duration::from_micros(micros)));
                    }
                }
            });
        }
    });
    for _ in 0..THREADS * ROUNDS {
        receive(&told);
    }
}
