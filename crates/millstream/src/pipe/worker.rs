//! What one worker thread of a stage does, from its first batch to its last.

use super::batch::AIM;
use super::panic::caught;
use super::stage::{Outcome, Over, Stage};
use crate::block_on;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

/// Where the function of a stage puts what it makes of a value.
pub(super) struct Outlet<'a, T, R> {
    stage: &'a Stage<T, R>,
    number: u64,
    /// Results that have not been delivered.
    results: Vec<R>,
    /// When the work began that has not been counted yet.
    since: Instant,
    /// The work that has been counted. Waiting for room in the output is none of it, except between the results of one
    /// value, where the two are not told apart.
    worked: Duration,
    /// How many values there are between two looks at the clock.
    stride: usize,
    /// How many there were since the last.
    unlooked: usize,
}

impl<T, R> Outlet<'_, T, R> {
    /// Keeps a result until the batch is done, or has taken longer than it should.
    pub(super) fn keep(&mut self, result: R) {
        self.results.push(result);
    }

    /// Delivers a result at once, with those that were kept.
    pub(super) fn send(&mut self, result: R) -> Result<(), Over> {
        self.results.push(result);
        block_on(self.stage.deliver(self.number, &mut self.results))
    }

    /// Delivers what was kept if the batch has begun to take long, and looks whether anybody wants it.
    ///
    /// Asking for the time is dear beside values of a microsecond, so it is done some 16 times a batch.
    fn late(&mut self) -> Result<(), Over> {
        self.unlooked += 1;
        if self.unlooked < self.stride {
            return Ok(());
        }
        self.unlooked = 0;
        if self.since.elapsed() < AIM {
            return Ok(());
        }
        if self.stage.is_unwanted() {
            return Err(Over);
        }
        self.deliver()
    }

    fn deliver(&mut self) -> Result<(), Over> {
        let now = Instant::now();
        self.worked += now - self.since;
        let delivered = block_on(self.stage.deliver(self.number, &mut self.results));
        self.since = Instant::now();
        delivered
    }
}

/// What the function of a stage says of a value: to go on, or how the stage ends.
pub(super) type Step = ControlFlow<Outcome>;

/// Works until there is nothing to do or nobody to do it for.
pub(super) fn work<T, R, S>(
    stage: &Stage<T, R>,
    init: impl FnOnce() -> S,
    apply: impl Fn(&mut S, T, &mut Outlet<'_, T, R>) -> Step,
) {
    let ran = caught(|| {
        let mut state = init();
        let mut hand = stage.hand(Instant::now);
        while let Some(taken) = block_on(hand.take()) {
            let count = hand.values.len();
            let mut outlet = Outlet {
                stage,
                number: taken.number,
                results: Vec::with_capacity(count),
                since: taken.since,
                worked: Duration::ZERO,
                stride: count.div_ceil(16),
                unlooked: 0,
            };
            let ended = caught(|| {
                for value in hand.values.drain(..) {
                    if let ControlFlow::Break(outcome) = apply(&mut state, value, &mut outlet) {
                        return Ok(Some(outcome));
                    }
                    outlet.late()?;
                }
                Ok(None)
            });
            let outcome = match ended {
                Ok(Err(Over)) => return stage.quit(),
                Ok(Ok(Some(outcome))) => outcome,
                Ok(Ok(None)) => hand
                    .panicked
                    .take()
                    .map_or(Outcome::Done, Outcome::Panicked),
                Err(_) if seeded!("panic-is-a-clean-end") => Outcome::Ended,
                Err(payload) => Outcome::Panicked(payload),
            };
            if outlet.deliver().is_err() {
                return;
            }
            stage.size.measured(count, outlet.worked);
            let advanced = match stage.finish(taken.number, outcome) {
                Ok(Some(outcome)) => block_on(stage.advance(outcome)),
                finished => finished.map(drop),
            };
            if advanced.is_err() {
                return;
            }
        }
    });
    if let Err(payload) = ran {
        // Not the function's panic, which has its place in the order: that of `init`, or of a `Drop`.
        stage.fail(payload);
    }
}
