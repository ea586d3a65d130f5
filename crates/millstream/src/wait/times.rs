//! How long waiters wait in a line: kept only where somebody wants to see it.

use std::time::{Duration, Instant};

/// The times of one line.
#[derive(Debug, Default)]
pub(super) struct Times {
    /// How long those waited who have left the line.
    blocked: Duration,
    /// Since when each slot's waiter stands in line, if it does.
    since: Vec<Option<Instant>>,
}

impl Times {
    /// The waiter of that slot joins the line.
    #[cold]
    pub(super) fn start(&mut self, slot: u32) {
        let slot = slot as usize;
        if self.since.len() <= slot {
            self.since.resize(slot + 1, None);
        }
        self.since[slot] = Some(Instant::now());
    }

    /// The waiter of that slot leaves the line.
    #[cold]
    pub(super) fn stop(&mut self, slot: u32) {
        if let Some(since) = self.since.get_mut(slot as usize).and_then(Option::take) {
            self.blocked += since.elapsed();
        }
    }

    /// The sum, with what those have waited so far who still do.
    pub(super) fn sum(&self) -> Duration {
        let now = Instant::now();
        let waiting = self.since.iter().flatten();
        let waiting: Duration = waiting
            .map(|since| now.saturating_duration_since(*since))
            .sum();
        self.blocked + waiting
    }
}
