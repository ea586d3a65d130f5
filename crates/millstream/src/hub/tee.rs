//! Every value to every tap.

use super::outlets::{Bound, Outlets};
use crate::channel::{unbounded, Receiver, Sender};
use crate::runtime::{self, Turn};
use crate::select;
use futures_lite::future::poll_once;
use std::future::Future;

/// Gives every value of a channel to every tap (aiochan's `Dup`).
///
/// Taps come and go while it runs. A new tap sees the values that come after it; a tap leaves by dropping its receiver or
/// closing it. Each tap has a [`Bound`] of its own: it holds nobody up until it is that far behind, and then its bound says
/// what happens. Taps that wait do so side by side, not one after the other.
///
/// While there is no tap, nothing is taken from the input. When the input ends, the taps are closed. When the `Tee` is
/// dropped the taps go on, and when the last of them leaves, the input is let go of, so that its senders learn of it.
/// A panic of `T::clone` reaches every tap after what it was sent.
///
/// # Examples
///
/// ```
/// use millstream::hub::{Bound, Tee};
///
/// let (tx, rx) = millstream::bounded(4);
/// let tee = Tee::new(rx);
/// let (log, work) = (tee.tap(Bound::Wait(8)), tee.tap(Bound::Wait(8)));
/// tx.send_blocking("event").unwrap();
/// drop(tx);
/// assert_eq!(log.iter().collect::<Vec<_>>(), ["event"]);
/// assert_eq!(work.iter().collect::<Vec<_>>(), ["event"]);
/// ```
#[derive(Debug)]
pub struct Tee<T> {
    changes: Sender<Change<T>>,
}

/// What is said to the task that runs a tee.
#[derive(Debug)]
enum Change<T> {
    Add(Sender<T>),
    Stop,
}

impl<T: Clone + Send + 'static> Tee<T> {
    /// A tee on the current runtime.
    ///
    /// # Panics
    ///
    /// If there is no runtime; see [`runtime::current`](crate::runtime::current).
    pub fn new(input: Receiver<T>) -> Self {
        let (tee, driver) = Tee::with_driver(input);
        runtime::spawn(driver);
        tee
    }

    /// A tee that runs as long as the future is polled. Dropping the future while a tap holds it up drops the value that is
    /// being given out, for the taps that do not have it yet.
    pub fn with_driver(input: Receiver<T>) -> (Self, impl Future<Output = ()> + Send + 'static) {
        // As many changes as the author makes calls, and each is taken before the next value.
        let (changes, changed) = unbounded();
        (Tee { changes }, drive(input, changed))
    }
}

impl<T> Tee<T> {
    /// A new tap.
    pub fn tap(&self, bound: Bound) -> Receiver<T> {
        let (tx, rx) = bound.channel();
        self.tap_into(tx);
        rx
    }

    /// A channel of the caller's own as a tap. It is closed at the end only if no other sender of it is left.
    pub fn tap_into(&self, tap: Sender<T>) {
        // A tee that has ended drops the tap with the change, which closes it.
        let _ = self.changes.try_send(Change::Add(tap));
    }

    /// Ends the tee: the taps are closed after what they were sent, and the input is let go of. What is left in the input
    /// stays there for other receivers of it.
    pub fn close(self) {
        let _ = self.changes.try_send(Change::Stop);
    }
}

/// Gives values to taps until there are no more values, or nobody to give them to.
async fn drive<T: Clone>(input: Receiver<T>, changes: Receiver<Change<T>>) {
    let mut taps = Outlets::new();
    // Nobody can add a tap any more once the `Tee` is gone.
    let mut may_grow = true;
    let mut turn = Turn::new();
    loop {
        turn.taken().await;
        if taps.is_empty() && !may_grow {
            return;
        }
        let first = taps.first();
        // What is there is taken without a select, which is dear where nothing is waited for. As there, a change comes
        // before a value, and a value is taken only while somebody wants it.
        let is_changing = may_grow && (changes.is_closed() || !changes.is_empty());
        let is_wanted = !is_changing && first.is_some_and(|first| !first.is_closed());
        let at_hand = if is_wanted && !input.is_empty() {
            poll_once(input.recv()).await
        } else {
            None
        };
        let value = match at_hand {
            Some(Ok(value)) => value,
            Some(Err(_)) => return,
            None => {
                select! {
                    biased;
                    change = changes.recv(), if may_grow => {
                        match change {
                            Ok(Change::Add(tap)) => taps.add(tap),
                            Ok(Change::Stop) => return,
                            Err(_) => may_grow = false,
                        }
                        continue;
                    }
                    // As long as one tap is left it is worth waiting, so it is enough to watch one.
                    () = first.map(Sender::closed).expect("there is one"), if first.is_some() => {
                        taps.remove_closed();
                        continue;
                    }
                    claim = input.claim(), if first.is_some() => match claim {
                        Ok(claim) => claim.take(),
                        Err(_) => return,
                    },
                }
            }
        };
        if let Err(panic) = taps.deliver(value).await {
            return taps.fail(panic);
        }
    }
}
