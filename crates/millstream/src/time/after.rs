//! A channel with one value at a certain time, and one that only closes then.

use super::sleep_while_wanted;
use crate::channel::{bounded, Receiver};
use crate::runtime::{self, Timer};
use std::time::{Duration, Instant};

/// A receiver of one value, the time, after `delay`; then the channel is closed.
///
/// The delay counts from this call, by the clock of the current [`runtime`](crate::runtime). A delay too long for the
/// clock never ends. Dropping the receiver, and its clones, stops the timer. For a limit on one `select!` its own
/// `after` arm is simpler; this one is for a limit on a whole conversation.
///
/// # Panics
///
/// If there is no runtime; see [`runtime::current`](crate::runtime::current).
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// let time_is_up = millstream::after(Duration::from_millis(1));
/// assert!(time_is_up.recv_blocking().is_ok());
/// assert!(time_is_up.recv_blocking().is_err(), "it comes once");
/// ```
pub fn after(delay: Duration) -> Receiver<Instant> {
    let (tx, rx) = bounded(1);
    let runtime = runtime::current();
    let sleep = runtime.sleep(delay);
    let clock = runtime.clone();
    runtime.spawn(async move {
        if sleep_while_wanted(&tx, sleep).await {
            // The channel has room for its one value, unless nobody wants it any more.
            let _ = tx.try_send(clock.now());
        }
    });
    rx
}

/// A receiver that gets no value and is closed after `delay` (aiochan's `timeout`).
///
/// Everything else is as for [`after`]. Use it where the end of a channel is what matters: in an arm of a `select!`
/// that ends a loop, or as something to iterate beside others.
///
/// # Panics
///
/// If there is no runtime; see [`runtime::current`](crate::runtime::current).
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// let limit = millstream::timeout(Duration::from_millis(1));
/// assert_eq!(limit.recv_blocking(), Err(millstream::RecvError));
/// ```
pub fn timeout(delay: Duration) -> Receiver<()> {
    let (tx, rx) = bounded(0);
    let runtime = runtime::current();
    let sleep = runtime.sleep(delay);
    runtime.spawn(async move {
        sleep_while_wanted(&tx, sleep).await;
    });
    rx
}
