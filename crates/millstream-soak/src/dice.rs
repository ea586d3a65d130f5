//! The choices of a run, all of which follow from its seed.

use std::time::Duration;

/// A generator of choices. Whoever runs beside others gets [a set of its own](Dice::fork), so that a seed repeats what
/// each of them chooses, whichever of them the system lets go first.
#[derive(Clone, Debug)]
pub struct Dice(fastrand::Rng);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Dice(fastrand::Rng::with_seed(seed))
    }

    pub fn fork(&mut self) -> Self {
        Dice(self.0.fork())
    }

    pub fn below(&mut self, bound: usize) -> usize {
        self.0.usize(..bound)
    }

    /// A number from `least` to `most`.
    pub fn between(&mut self, least: usize, most: usize) -> usize {
        self.0.usize(least..=most)
    }

    /// True once in `times`.
    pub fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    pub fn pick<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }

    /// A time that is often nothing at all, and never long.
    pub fn moment(&mut self) -> Duration {
        Duration::from_micros(self.0.u64(..60).saturating_sub(20))
    }
}
