//! Ticks in a fixed rhythm that does not drift, for consumers that may be late.

use super::sleep_while_wanted;
use crate::channel::{bounded, sliding, Receiver, Sender};
use crate::runtime::{self, Handle, Timer};
use std::time::{Duration, Instant};

/// One tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tick {
    /// How many ticks were due before this one, whether anybody took them or not: the first is number 0.
    pub number: u64,
    /// When this tick was due, by the runtime's clock: the start and `number` periods. It may have come later.
    pub due: Instant,
}

/// What becomes of a tick that nobody takes in time. There is never a backlog.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Late {
    /// The newest tick waits for the consumer and stands for those before it: a consumer that comes late gets one at
    /// once, and sees from its number how many it missed.
    #[default]
    Coalesce,
    /// A tick that finds nobody waiting is skipped: a consumer that comes late waits for the next.
    Skip,
}

/// A rhythm about to be started; [`tick`] is the short form.
///
/// # Examples
///
/// ```
/// use millstream::time::{Late, Ticker};
/// use std::time::Duration;
///
/// let ticks = Ticker::every(Duration::from_millis(1)).late(Late::Skip).start();
/// assert!(ticks.recv_blocking().is_ok(), "the next tick for which somebody waits");
/// ```
#[derive(Clone, Debug)]
#[must_use = "a ticker does nothing until it is started"]
pub struct Ticker {
    period: Duration,
    start_at: Option<Instant>,
    late: Late,
}

/// A receiver of ticks, one every `period`, the first one period from now.
///
/// Tick `n` is due at the start and `n` periods, however late the ones before came: the rhythm does not drift. A
/// consumer that is late finds one tick waiting, the newest ([`Late::Coalesce`]); [`Ticker`] has the other choice, and
/// another start. Dropping the receiver, and its clones, stops the ticking.
///
/// The idea is aiochan's `tick_tock`, without its pile of unread ticks.
///
/// # Panics
///
/// If `period` is zero, or there is no runtime; see [`runtime::current`](crate::runtime::current).
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// let ticks = millstream::tick(Duration::from_millis(1));
/// let numbers: Vec<u64> = ticks.iter().take(3).map(|tick| tick.number).collect();
/// assert!(numbers.windows(2).all(|pair| pair[0] < pair[1]));
/// ```
pub fn tick(period: Duration) -> Receiver<Tick> {
    Ticker::every(period).start()
}

impl Ticker {
    /// A rhythm of one tick every `period`.
    ///
    /// # Panics
    ///
    /// If `period` is zero.
    pub fn every(period: Duration) -> Self {
        assert!(
            !period.is_zero(),
            "a ticker needs a period longer than zero"
        );
        Ticker {
            period,
            start_at: None,
            late: Late::default(),
        }
    }

    /// The time at which tick 0 is due, by the runtime's clock; otherwise one period after the start. Ticks that would
    /// have been due in the past count as missed.
    pub fn start_at(mut self, start: Instant) -> Self {
        self.start_at = Some(start);
        self
    }

    /// What becomes of a tick that nobody takes in time.
    pub fn late(mut self, late: Late) -> Self {
        self.late = late;
        self
    }

    /// Starts ticking on the current runtime.
    ///
    /// # Panics
    ///
    /// If there is no runtime; see [`runtime::current`](crate::runtime::current).
    pub fn start(self) -> Receiver<Tick> {
        let (tx, rx) = match self.late {
            Late::Coalesce => sliding(1),
            Late::Skip => bounded(0),
        };
        let runtime = runtime::current();
        let start = self
            .start_at
            .or_else(|| runtime.now().checked_add(self.period));
        runtime.clone().spawn(async move {
            // A rhythm that starts after all time has no ticks, and no end until nobody listens.
            match start {
                Some(start) => run(tx, runtime, start, self.period).await,
                None => tx.closed().await,
            }
        });
        rx
    }
}

/// Sends the ticks until nobody is left to receive them.
async fn run(tx: Sender<Tick>, runtime: Handle, start: Instant, period: Duration) {
    let mut number = 0u64;
    while let Some(due) = due_at(start, period, number) {
        if !sleep_while_wanted(&tx, runtime.sleep_until(due)).await {
            return;
        }
        // Woken late, it is not this tick that is due but the newest one that is.
        let behind = runtime.now().saturating_duration_since(due).as_nanos() / period.as_nanos();
        number = number.saturating_add(u64::try_from(behind).unwrap_or(u64::MAX));
        let Some(due) = due_at(start, period, number) else {
            break;
        };
        // Full means that it skips and nobody waits; closed is found out by the next sleep.
        let _ = tx.try_send(Tick { number, due });
        number = number.saturating_add(1);
    }
    tx.closed().await;
}

/// When tick `number` is due; `None` if the clock does not go that far.
fn due_at(start: Instant, period: Duration, number: u64) -> Option<Instant> {
    let nanos = period.as_nanos().checked_mul(u128::from(number))?;
    let seconds = u64::try_from(nanos / 1_000_000_000).ok()?;
    let below_second = u32::try_from(nanos % 1_000_000_000).ok()?;
    start.checked_add(Duration::new(seconds, below_second))
}
