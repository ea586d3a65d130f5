//! What is measured beside the time of a run, in runs of their own, so that looking costs the timed runs nothing.

use std::time::{Duration, Instant};

use hdrhistogram::Histogram;

use crate::cell::Tally;

/// What one look came to.
pub struct Probe {
    pub received: Tally,
    pub seen: Seen,
}

pub enum Seen {
    /// How long each unit took, in nanoseconds.
    Latencies(Latencies),
    /// How much memory one of what the cell makes many of takes.
    Bytes(f64),
    /// How long the whole took in the undisturbed case that the cell is to be compared with.
    Idle(Duration),
}

impl Probe {
    pub fn of_latencies(received: Tally, latencies: Latencies) -> Self {
        Probe {
            received,
            seen: Seen::Latencies(latencies),
        }
    }

    pub fn of_bytes(received: Tally, bytes: usize, count: usize) -> Self {
        Probe {
            received,
            seen: Seen::Bytes(bytes as f64 / count as f64),
        }
    }
}

/// The time of each of many units that follow one another.
pub struct Latencies {
    histogram: Histogram<u64>,
    last: Instant,
}

impl Latencies {
    /// Starts the clock for the first one.
    pub fn new() -> Self {
        Latencies {
            histogram: Histogram::new(3).expect("3 significant digits are few enough"),
            last: Instant::now(),
        }
    }

    /// One has ended and the next begins.
    pub fn lap(&mut self) {
        let now = Instant::now();
        let nanoseconds = (now - self.last).as_nanos();
        self.last = now;
        let nanoseconds = u64::try_from(nanoseconds).unwrap_or(u64::MAX);
        self.histogram
            .record(nanoseconds)
            .expect("a histogram that grows by itself takes every number");
    }
}

/// What all the looks at one contender in one cell came to.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Extras {
    pub latency: Option<Percentiles>,
    pub bytes: Option<f64>,
    /// Nanoseconds per unit in the undisturbed case.
    pub idle: Option<f64>,
}

/// In nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Percentiles {
    pub p50: f64,
    pub p99: f64,
    pub p999: f64,
}

impl Extras {
    /// Puts looks together: all latencies as one lot, the last of the bytes, which do not vary, and the median of the idle cases.
    pub fn of(looks: Vec<Seen>, units: usize) -> Self {
        let mut extras = Extras::default();
        let mut all: Option<Histogram<u64>> = None;
        let mut idle = Vec::new();
        for look in looks {
            match look {
                Seen::Latencies(latencies) => match &mut all {
                    Some(all) => all
                        .add(latencies.histogram)
                        .expect("a histogram that grows takes another"),
                    None => all = Some(latencies.histogram),
                },
                Seen::Bytes(bytes) => extras.bytes = Some(bytes),
                Seen::Idle(elapsed) => idle.push(elapsed.as_nanos() as f64 / units as f64),
            }
        }
        idle.sort_by(f64::total_cmp);
        extras.idle = idle.get(idle.len() / 2).copied();
        extras.latency = all.map(|all| Percentiles {
            p50: all.value_at_quantile(0.5) as f64,
            p99: all.value_at_quantile(0.99) as f64,
            p999: all.value_at_quantile(0.999) as f64,
        });
        extras
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn latencies(values: impl Iterator<Item = u64>) -> Seen {
        let mut latencies = Latencies::new();
        for value in values {
            latencies.histogram.record(value).expect("it grows");
        }
        Seen::Latencies(latencies)
    }

    #[test]
    fn percentiles_are_those_of_all_looks_together() {
        // 0 to 499 in one look and 500 to 999 in another: three digits hold them all exactly.
        let extras = Extras::of(vec![latencies(0..500), latencies(500..1000)], 1);
        let expected = Percentiles {
            p50: 499.0,
            p99: 989.0,
            p999: 998.0,
        };
        assert_eq!(extras.latency, Some(expected));
        assert_eq!((extras.bytes, extras.idle), (None, None));
    }

    #[test]
    fn a_lap_is_as_long_as_what_was_done_in_it() {
        let mut latencies = Latencies::new();
        latencies.last -= Duration::from_secs(3);
        latencies.lap();
        latencies.lap();
        assert_eq!(latencies.histogram.len(), 2);
        assert!(latencies.histogram.max() >= 2_990_000_000);
        assert!(latencies.histogram.min() < 2_990_000_000);
    }

    #[test]
    fn the_idle_case_is_a_median_per_unit() {
        let looks = [30, 10, 2000].map(|ns| Seen::Idle(Duration::from_nanos(ns)));
        let extras = Extras::of(looks.into(), 10);
        assert_eq!(extras.idle, Some(3.0));
        let extras = Extras::of(vec![Seen::Bytes(7.0)], 10);
        assert_eq!((extras.bytes, extras.latency), (Some(7.0), None));
    }
}
