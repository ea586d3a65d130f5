//! Work of a known length, which keeps a processor busy rather than sleep.

use std::hint::black_box;
use std::sync::LazyLock;
use std::time::Instant;

use crate::cell::{Run, Tally};

/// Rounds for a microsecond, measured once on this machine at its best.
static ROUNDS_PER_MICROSECOND: LazyLock<u64> = LazyLock::new(|| {
    const PROBE: Busy = Busy { rounds: 200_000 };
    let best = (0..20)
        .map(|seed| {
            let started = Instant::now();
            black_box(PROBE.with(seed));
            started.elapsed()
        })
        .min()
        .expect("there were some");
    let nanoseconds = u64::try_from(best.as_nanos()).expect("it is short").max(1);
    (PROBE.rounds * 1000 / nanoseconds).max(1)
});

/// The function that is mapped.
#[derive(Clone, Copy)]
pub struct Busy {
    rounds: u64,
}

impl Busy {
    pub fn microseconds(microseconds: u64) -> Self {
        Busy {
            rounds: microseconds * *ROUNDS_PER_MICROSECOND,
        }
    }

    /// Works, and returns the item, whose value nobody can know before the work is done.
    pub fn with(self, item: usize) -> usize {
        let mut state = item as u64;
        for _ in 0..self.rounds {
            state = black_box(
                state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1),
            );
        }
        black_box((item, state)).0
    }
}

/// Takes the results of a map that has not started yet.
///
/// # Panics
///
/// When they are not in order.
pub fn timed<I: Iterator<Item = usize>>(start: impl FnOnce() -> I) -> Run {
    let started = Instant::now();
    let received = in_order(start());
    Run {
        elapsed: started.elapsed(),
        received,
    }
}

fn in_order(results: impl Iterator<Item = usize>) -> Tally {
    let mut tally = Tally::default();
    for (number, result) in results.enumerate() {
        assert_eq!(result, number, "the results are in the order of the items");
        tally.add(result);
    }
    tally
}
