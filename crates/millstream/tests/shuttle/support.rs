//! Schedules drawn at random, of any shape: the seeds, the two schedulers, and how a shape waits or gives up.

use shuttle::rand::{thread_rng, Rng};
use shuttle::scheduler::{PctScheduler, RandomScheduler, Scheduler};
use shuttle::{thread, Config, Runner};
use std::future::Future;
use std::hash::{BuildHasher, RandomState};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

/// How many schedules of each kind are run of each shape.
const SCHEDULES: usize = 15_000;
/// How many changes of priority the second scheduler draws.
const DEPTH: usize = 4;

/// Runs `model` under schedules of each kind.
pub fn explore(shape: &str, model: fn()) {
    explore_times(shape, SCHEDULES, model);
}

/// The same under so many schedules of each kind, or as many as `MILLSTREAM_SCHEDULES` says.
pub fn explore_times(
    shape: &str,
    schedules: usize,
    model: impl Fn() + Copy + Send + Sync + 'static,
) {
    let said = std::env::var("MILLSTREAM_SCHEDULES").ok();
    let schedules = said.map_or(schedules, |count| count.parse().expect("a number"));
    let schedules = schedules * times();
    if let Ok(schedule) = std::env::var("SHUTTLE_SCHEDULE") {
        return shuttle::replay(model, &schedule);
    }
    let given = std::env::var("SHUTTLE_RANDOM_SEED").ok();
    let seed = given.map_or_else(
        || RandomState::new().hash_one(shape),
        |seed| seed.parse().expect("a seed is a number"),
    );
    run(
        shape,
        seed,
        RandomScheduler::new_from_seed(seed, schedules),
        model,
    );
    run(
        shape,
        seed,
        PctScheduler::new_from_seed(seed, DEPTH, schedules),
        model,
    );
}

/// `SHUTTLE_TIMES` has every shape run under so many times as many schedules.
fn times() -> usize {
    std::env::var("SHUTTLE_TIMES").map_or(1, |times| times.parse().expect("times is a number"))
}

fn run(
    shape: &str,
    seed: u64,
    scheduler: impl Scheduler + 'static,
    model: impl Fn() + Send + Sync + 'static,
) {
    let kind = std::any::type_name_of_val(&scheduler);
    let kind = kind.rsplit("::").next().unwrap_or(kind);
    println!("{shape}, {kind}: seed {seed}");
    let started = Instant::now();
    let mut config = Config::new();
    config.silence_warnings = true;
    let run = Runner::new(scheduler, config).run(model);
    let took = started.elapsed();
    println!("{shape}, {kind}: {run} schedules in {took:.1?}");
    assert!(run > 0, "no schedule was run");
}

/// A number below `bound`, drawn with the schedule.
pub fn draw(bound: usize) -> usize {
    thread_rng().gen_range(0..bound)
}

/// A moment that is over: whoever waits until then may stop waiting at any step.
pub fn at_any_moment() -> Instant {
    Instant::now() - Duration::from_secs(1)
}

/// Polls a future a few times, with steps of others in between; `None` if it is not ready by then.
pub fn poll_a_while<F: Future + Unpin>(future: &mut F) -> Option<F::Output> {
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..=draw(3) {
        if let Poll::Ready(output) = Pin::new(&mut *future).poll(&mut context) {
            return Some(output);
        }
        thread::yield_now();
    }
    None
}

/// Waits for a future, at times after it was polled under a waker that wakes nobody.
pub fn wait_for<F: Future + Unpin>(mut future: F) -> F::Output {
    let early = match draw(2) {
        0 => poll_a_while(&mut future),
        _ => None,
    };
    early.unwrap_or_else(|| millstream::block_on(future))
}
