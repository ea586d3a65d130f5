//! Measures an ordered map over two threads with items of 1 µs and 10 µs of busy work, beside a plain loop.
//!
//! `cargo run --release -p millstream-bench --example ordered_map`. The contenders take turns within each repetition, so
//! that what else the machine does falls on all of them; the ratios to the plain loop are what counts. With two free
//! processors the ideal is 0.50. A third thread, the consumer, only adds the results up.
//!
//! Where `/proc` tells, the processor time is given too, of all threads and all repetitions together: half of it is what
//! two free processors would need, and a machine that is busy with other things hardly changes it.

use std::fs;
use std::hint::black_box;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use millstream::{from_iter, pipe};

/// How often everything is run.
const REPETITIONS: usize = 9;
/// How much work one run has in all, on one thread.
const WORK: Duration = Duration::from_millis(200);
/// The threads of every contender.
const THREADS: usize = 2;

/// What makes the results of `0..items`, in order, and adds them up.
type Contender = (&'static str, fn(u64, Work) -> u64);

const CONTENDERS: [Contender; 5] = [
    ("plain loop", plain_loop),
    ("threads(2).ordered()", ordered),
    ("threads(2)", unordered),
    ("threads(2).ordered().batch(1)", one_by_one),
    ("std threads, halves", halves),
];

/// A number of rounds that takes a known time.
#[derive(Clone, Copy)]
struct Work {
    rounds: u64,
}

impl Work {
    /// Rounds that take `time` each call, measured on this machine at its best.
    fn of(time: Duration) -> Self {
        let probe = Work { rounds: 1_000_000 };
        let best = (0..10)
            .map(|seed| {
                let started = Instant::now();
                black_box(probe.on(seed));
                started.elapsed()
            })
            .min()
            .expect("there were some");
        let rounds = time.as_nanos() * u128::from(probe.rounds) / best.as_nanos();
        Work {
            rounds: u64::try_from(rounds).expect("short enough"),
        }
    }

    /// Works, and makes of a value one that cannot be had without the work.
    fn on(self, value: u64) -> u64 {
        let mut state = value;
        for _ in 0..self.rounds {
            state = black_box(
                state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1),
            );
        }
        state
    }
}

/// A sum in which the order counts.
fn in_order(results: impl Iterator<Item = u64>) -> u64 {
    results.fold(0, |sum, result| sum.rotate_left(1) ^ result)
}

fn plain_loop(items: u64, work: Work) -> u64 {
    in_order((0..items).map(|value| work.on(value)))
}

fn ordered(items: u64, work: Work) -> u64 {
    let stage = pipe::threads(THREADS).ordered();
    let results = stage.map(from_iter(0..items), move |value| work.on(value));
    in_order(results.iter())
}

fn one_by_one(items: u64, work: Work) -> u64 {
    let stage = pipe::threads(THREADS).ordered().batch(1);
    let results = stage.map(from_iter(0..items), move |value| work.on(value));
    in_order(results.iter())
}

/// Checked by nothing but the number of results: the order is not given.
fn unordered(items: u64, work: Work) -> u64 {
    let stage = pipe::threads(THREADS);
    let results = stage.map(from_iter(0..items), move |value| work.on(value));
    assert_eq!(results.iter().count() as u64, items);
    UNCHECKED
}

/// Stands for a sum that says nothing.
const UNCHECKED: u64 = u64::MAX;

/// The best that threads can do, with all of the input known and all of the results kept.
fn halves(items: u64, work: Work) -> u64 {
    let (tell, told) = mpsc::channel();
    let share = items.div_ceil(THREADS as u64);
    for number in 0..THREADS as u64 {
        let tell = tell.clone();
        let range = number * share..items.min((number + 1) * share);
        thread::spawn(move || {
            let results: Vec<u64> = range.map(|value| work.on(value)).collect();
            tell.send((number, results)).expect("somebody waits");
        });
    }
    drop(tell);
    let mut parts: Vec<_> = told.iter().collect();
    parts.sort_by_key(|(number, _)| *number);
    in_order(parts.into_iter().flat_map(|(_, results)| results))
}

/// The processor time of this process until now, in steps of a hundredth of a second; zero where nobody tells.
fn processor_time() -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name of the program, in parentheses, may have spaces in it. After it come 11 other fields.
    let fields = stat.rsplit(')').next().unwrap_or_default();
    let ticks: u64 = fields
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|field| field.parse::<u64>().ok())
        .sum();
    Duration::from_millis(ticks * 10)
}

fn main() {
    for cost in [Duration::from_micros(1), Duration::from_micros(10)] {
        let work = Work::of(cost);
        let items = u64::try_from(WORK.as_nanos() / cost.as_nanos()).expect("few enough");
        let mut times = vec![Vec::new(); CONTENDERS.len()];
        let mut processor = vec![Duration::ZERO; CONTENDERS.len()];
        let expected = plain_loop(items, work);
        for repetition in 0..REPETITIONS {
            for turn in 0..CONTENDERS.len() {
                let number = (turn + repetition) % CONTENDERS.len();
                let before = processor_time();
                let started = Instant::now();
                let sum = CONTENDERS[number].1(items, work);
                times[number].push(started.elapsed().as_nanos() as f64 / items as f64);
                processor[number] += processor_time().saturating_sub(before);
                assert!(sum == expected || sum == UNCHECKED, "in order, and all");
            }
        }
        println!("items of {cost:?}, {items} of them, {REPETITIONS} repetitions");
        for times in &mut times {
            times.sort_by(f64::total_cmp);
        }
        let plain = (times[0][REPETITIONS / 2], times[0][0]);
        let plain_processor = processor[0];
        for (number, (name, _)) in CONTENDERS.iter().enumerate() {
            let (median, best) = (times[number][REPETITIONS / 2], times[number][0]);
            println!(
                "  {name:<30} median {median:>6.0} ns/item ({:.2} of the loop), best {best:>6.0} ({:.2}), processor {:.2}",
                median / plain.0,
                best / plain.1,
                processor[number].as_secs_f64() / plain_processor.as_secs_f64(),
            );
        }
    }
}
