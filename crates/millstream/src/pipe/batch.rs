//! How many values a worker takes at once, found by measuring what one costs.

use crate::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// How long a batch should take: long beside what its hand-over costs (a few microseconds), short beside what a person or
/// a neighbour stage notices.
pub(super) const AIM: Duration = Duration::from_micros(64);

/// The most values of one batch, however cheap they are.
pub(super) const MOST: usize = 256;

/// The size of the next batch of a stage.
///
/// It starts at one value, and follows what the measured cost says: at most twice as large as the last, at least a quarter
/// of it. Growing slower than falling errs on the side of short batches; that one batch does not count for everything keeps
/// a thread that was off its processor for a moment from being taken for one with dear values.
#[derive(Debug)]
pub(super) struct BatchSize {
    now: AtomicUsize,
    most: usize,
}

impl BatchSize {
    /// Never more than `most` values a batch (at least one), nor more than [`MOST`].
    pub(super) fn new(most: usize) -> Self {
        BatchSize {
            now: AtomicUsize::new(1),
            most: most.clamp(1, MOST),
        }
    }

    /// The most values that a batch can have.
    pub(super) fn most(&self) -> usize {
        self.most
    }

    /// How many values to take when `available` are there for `workers` workers: what there is is shared, so that a few
    /// values do not all end with whoever comes first. Nobody asks what is there for a batch of one.
    pub(super) fn of(&self, available: impl FnOnce() -> usize, workers: usize) -> usize {
        // Relaxed: it is a guess, and nothing else is read on the strength of it.
        match self.now.load(Ordering::Relaxed) {
            1 => 1,
            now => now.min(available().div_ceil(workers)).max(1),
        }
    }

    /// Takes note that `count` values took `elapsed`.
    pub(super) fn measured(&self, count: usize, elapsed: Duration) {
        if self.most == 1 || count == 0 {
            return;
        }
        let now = self.now.load(Ordering::Relaxed);
        let fitting = AIM.as_nanos() * count as u128 / elapsed.as_nanos().max(1);
        let fitting = usize::try_from(fitting).unwrap_or(MOST);
        let next = fitting.clamp((now / 4).max(1), self.most.min(now.saturating_mul(2)));
        if next != now {
            // Relaxed, and a lost update does no harm: the next batch measures again.
            self.now.store(next, Ordering::Relaxed);
        }
    }
}

#[cfg(all(test, not(any(loom, shuttle))))]
mod tests {
    use super::*;

    #[test]
    fn it_grows_step_by_step_and_falls_faster() {
        let size = BatchSize::new(100);
        let mut sizes = Vec::new();
        for _ in 0..9 {
            let count = size.of(|| usize::MAX, 2);
            sizes.push(count);
            size.measured(count, Duration::from_nanos(100) * count as u32);
        }
        assert_eq!(sizes, [1, 2, 4, 8, 16, 32, 64, 100, 100]);
        for fallen in [25, 6, 1, 1] {
            size.measured(100, AIM * 100);
            assert_eq!(size.of(|| usize::MAX, 2), fallen);
        }
    }

    #[test]
    fn it_aims_at_a_time() {
        let size = BatchSize::new(usize::MAX);
        for _ in 0..20 {
            let count = size.of(|| usize::MAX, 2);
            size.measured(count, Duration::from_micros(4) * count as u32);
        }
        assert_eq!(size.of(|| usize::MAX, 2), 16);
    }

    #[test]
    fn what_is_there_is_shared() {
        let size = BatchSize::new(64);
        for count in [1, 2, 4, 8, 16, 32] {
            size.measured(count, Duration::ZERO);
        }
        assert_eq!(size.of(|| 1000, 4), 64);
        assert_eq!(size.of(|| 10, 4), 3);
        assert_eq!(size.of(|| 1, 4), 1);
        assert_eq!(size.of(|| 0, 4), 1);
    }

    #[test]
    fn nothing_measured_and_no_time_are_no_division_by_zero() {
        let size = BatchSize::new(0);
        assert_eq!(size.most(), 1);
        size.measured(0, Duration::ZERO);
        size.measured(1, Duration::ZERO);
        assert_eq!(size.of(|| 5, 1), 1);
    }
}
