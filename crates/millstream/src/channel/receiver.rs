//! The receiving handle.

use super::claim::ClaimFuture;
use super::closing::DrainedFuture;
use super::error::{RecvError, RecvTimeoutError, TryRecvError};
use super::forecast::Forecast;
use super::iter::{Drain, Iter, TryIter};
use super::many::RecvManyFuture;
use super::receiving::RecvOutcome;
use super::recv::RecvFuture;
use super::sender::queries;
use super::shared::Shared;
use super::stats::Stats;
use super::weak::WeakReceiver;
use crate::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use crate::sync::Arc;
use crate::wait::{block_on_until, Key, Looks};
use std::pin::Pin;
use std::time::{Duration, Instant};

/// The receiving end of a channel, and a `Stream` of its values.
///
/// Clone it for as many consumers as there are: every value goes to exactly one of them. The same handle
/// serves tasks ([`recv`](Self::recv), or as a `Stream`) and threads ([`recv_blocking`](Self::recv_blocking),
/// [`iter`](Self::iter)).
///
/// # On close and on drop
///
/// After the channel closes, receives go on until everything that was on its way has come: values in the
/// buffer, sends that were already waiting, permits. Then they say [`RecvError`]. When the last `Receiver`
/// is dropped, the values that are left are dropped there and then, and waiting senders get theirs back.
///
/// # As a stream
///
/// A receiver that was polled as a stream and left aside may stand in line, or hold a claim on a value. Any
/// other operation on the same handle takes that over first; a clone starts without it. Polled again after its
/// end, the stream is at its end again.
pub struct Receiver<T> {
    pub(crate) shared: Arc<Shared<T>>,
    /// The slot in which this handle waits as a stream, as [`Key::to_bits`]; 0 for none.
    parked: AtomicU64,
    /// Whether this handle, as a stream, has had the value of a promise.
    promise_taken: AtomicBool,
    pub(super) forecast: Forecast,
}

impl<T> Receiver<T> {
    /// Takes over a handle that is already counted.
    pub(super) fn new(shared: Arc<Shared<T>>) -> Self {
        Receiver {
            shared,
            parked: AtomicU64::new(0),
            promise_taken: AtomicBool::new(false),
            forecast: Forecast::default(),
        }
    }

    /// Receives the next value, waiting for it.
    ///
    /// Waiting receivers are served in the order in which they came.
    ///
    /// # Errors
    ///
    /// [`RecvError`] once the channel is closed and everything in it has been received.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: no value is taken before the poll that returns it. A receive that was matched with a
    /// value and is dropped passes its turn to the next receiver in line. One that was matched and is kept
    /// aside, neither polled nor dropped, withholds one value, and the news that the channel is closed.
    ///
    /// # Examples
    ///
    /// ```
    /// # millstream::block_on(async {
    /// let (tx, rx) = millstream::bounded(4);
    /// tx.send("value").await.unwrap();
    /// drop(tx);
    /// assert_eq!(rx.recv().await, Ok("value"));
    /// assert_eq!(rx.recv().await, Err(millstream::RecvError));
    /// # });
    /// ```
    #[inline]
    pub fn recv(&self) -> RecvFuture<'_, T> {
        RecvFuture::new(self)
    }

    /// [`recv`](Self::recv) for a thread.
    ///
    /// # Errors
    ///
    /// As for `recv`.
    ///
    /// # Blocking
    ///
    /// Blocks the thread until there is a value or the channel is closed and drained. Where more than one value can lie,
    /// it looks for one a few times, as long as that has paid lately, before it gets in line.
    pub fn recv_blocking(&self) -> Result<T, RecvError> {
        self.recv_until(None).map_err(|error| match error {
            RecvTimeoutError::Closed => RecvError,
            RecvTimeoutError::Timeout => unreachable!("there is no deadline"),
        })
    }

    /// [`recv`](Self::recv) for a thread, for at most `timeout`.
    ///
    /// A `timeout` too long to be added to the clock means to wait as long as it takes, and one of zero to try once.
    ///
    /// # Errors
    ///
    /// [`RecvTimeoutError`]. A value that comes at the last moment is received, not lost.
    ///
    /// # Blocking
    ///
    /// Blocks the thread for that long at most; before it gets in line it looks as
    /// [`recv_blocking`](Self::recv_blocking) does. In async code use a `select!` with `after`.
    pub fn recv_timeout(&self, timeout: Duration) -> Result<T, RecvTimeoutError> {
        if seeded!("longest-time-overflows") {
            return self.recv_until(Some(Instant::now() + timeout));
        }
        self.recv_until(Instant::now().checked_add(timeout))
    }

    /// [`recv`](Self::recv) for a thread, until `deadline`; one in the past makes a single attempt.
    ///
    /// # Errors
    ///
    /// As for [`recv_timeout`](Self::recv_timeout).
    ///
    /// # Blocking
    ///
    /// Blocks the thread until then at most.
    pub fn recv_deadline(&self, deadline: Instant) -> Result<T, RecvTimeoutError> {
        self.recv_until(Some(deadline))
    }

    fn recv_until(&self, deadline: Option<Instant>) -> Result<T, RecvTimeoutError> {
        if self.shared.is_deep {
            for () in Looks::until(deadline) {
                match self.try_recv() {
                    Ok(value) => return Ok(value),
                    Err(TryRecvError::Closed) => return Err(RecvTimeoutError::Closed),
                    Err(TryRecvError::Empty) => {}
                }
            }
        }
        let mut recv = self.recv();
        match block_on_until(Pin::new(&mut recv), deadline) {
            Some(result) => result.map_err(RecvTimeoutError::from),
            None => recv.give_up(),
        }
    }

    /// Receives the next value if that needs no waiting.
    ///
    /// A value that a waiting receiver is committed to take is not up for taking. Over a buffer or iterator
    /// of the user's own this may wait for a short call of its code on another thread.
    ///
    /// # Errors
    ///
    /// [`TryRecvError`]: `Empty` if a receive would wait, `Closed` if it would fail. While a claimed value, a
    /// waiting sender or a permit is left in a closed channel, the answer is still `Empty`.
    #[inline]
    pub fn try_recv(&self) -> Result<T, TryRecvError> {
        match self.recv_calm() {
            Some(value) => Ok(value),
            None => self.try_recv_in_full(),
        }
    }

    /// Receives in the commonest case, in which nobody needs to be told, the lock is free, and nothing has been begun here.
    #[inline]
    fn recv_calm(&self) -> Option<T> {
        if self.has_parked() || seeded!("try-recv-empty-behind-a-claim") {
            return None;
        }
        self.shared.state.try_lock()?.take_calm()
    }

    /// [`Receiver::try_recv`] where the lock is taken, or somebody has to be told, or there is no value.
    #[inline(never)]
    fn try_recv_in_full(&self) -> Result<T, TryRecvError> {
        if let Some(value) = self.conclude_parked() {
            return Ok(value);
        }
        match self.shared.try_recv() {
            Some(Some(value)) => Ok(value),
            Some(None) => Err(TryRecvError::Closed),
            None => Err(TryRecvError::Empty),
        }
    }

    /// Receives up to `limit` values at once, appending them to `values`, and says how many they were.
    ///
    /// Waits until there is at least one. 0 means that the channel is closed and drained, or that `limit`
    /// is 0.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: values are moved only in the poll that returns.
    ///
    /// # Examples
    ///
    /// ```
    /// # millstream::block_on(async {
    /// let (tx, rx) = millstream::bounded(8);
    /// tx.send_many(1..=5).await.unwrap();
    /// let mut batch = Vec::new();
    /// assert_eq!(rx.recv_many(&mut batch, 3).await, 3);
    /// assert_eq!(batch, [1, 2, 3]);
    /// # });
    /// ```
    pub fn recv_many<'a>(&'a self, values: &'a mut Vec<T>, limit: usize) -> RecvManyFuture<'a, T> {
        RecvManyFuture::new(self, values, limit)
    }

    /// Waits for the right to take the next value, which can be given back.
    ///
    /// What [`reserve`](crate::Sender::reserve) is for sending, this is for receiving: a task that needs a place for a
    /// value before it takes it, claims first, then finds the place, then takes.
    ///
    /// # Errors
    ///
    /// As for [`recv`](Self::recv).
    ///
    /// # Cancel safety
    ///
    /// Cancel safe, as `recv` is. A claim that is dropped passes its turn on; one that is kept withholds one value.
    ///
    /// # Examples
    ///
    /// ```
    /// # millstream::block_on(async {
    /// let (tx, rx) = millstream::bounded(4);
    /// tx.send(1).await.unwrap();
    /// let claim = rx.claim().await.unwrap();
    /// assert!(rx.try_recv().is_err(), "it is spoken for");
    /// drop(claim);
    /// assert_eq!(rx.claim().await.unwrap().take(), 1);
    /// # });
    /// ```
    pub fn claim(&self) -> ClaimFuture<'_, T> {
        ClaimFuture::new(self)
    }

    /// Takes everything that is in the channel now, in one step, and iterates over it. Never waits.
    ///
    /// What is not consumed from the iterator is dropped with it. From a buffer of one's own or an iterator, as
    /// many values are taken, one by one, as it says it has, so an endless iterator is drained for ever; a promise
    /// gives its value once.
    pub fn drain(&self) -> Drain<T> {
        Drain::new(self)
    }

    /// The values as a blocking iterator, until the channel is closed and drained.
    ///
    /// # Blocking
    ///
    /// `next` blocks the thread until there is a value.
    pub fn iter(&self) -> Iter<'_, T> {
        Iter::new(self)
    }

    /// The values that can be had without waiting, until there is none.
    pub fn try_iter(&self) -> TryIter<'_, T> {
        TryIter::new(self)
    }

    /// Whether at least `n` values could be taken now; 0 are always there.
    pub fn is_len_at_least(&self, n: usize) -> bool {
        n == 0 || self.len() >= n
    }

    /// Closes the channel for new values; `false` if it was closed already. What was on its way can still be
    /// received.
    pub fn close(&self) -> bool {
        self.shared.close()
    }

    /// Waits until the channel is closed and everything in it has been received (the seeds' `join`).
    ///
    /// A promise, whose value is never used up, counts as drained once it is closed.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe.
    pub fn drained(&self) -> DrainedFuture<'_, T> {
        // A value that this handle was matched with as a stream would never be received while it waits here.
        self.release_parked();
        DrainedFuture::new(&self.shared)
    }

    /// A handle that does not keep the channel open.
    pub fn downgrade(&self) -> WeakReceiver<T> {
        WeakReceiver::new(self.shared.clone())
    }

    /// Takes over the place in line that this handle kept as a stream.
    #[inline]
    pub(crate) fn take_parked(&self) -> Option<Key> {
        if !self.has_parked() {
            return None;
        }
        Key::from_bits(self.parked.swap(0, Ordering::Relaxed))
    }

    /// Whether this handle has begun something as a stream.
    #[inline]
    fn has_parked(&self) -> bool {
        // Relaxed: the key means something only under the channel's lock, which whoever has it takes next.
        self.parked.load(Ordering::Relaxed) != 0
    }

    /// Keeps a place in line for the next operation.
    pub(super) fn park(&self, key: Key) {
        self.parked.store(key.to_bits(), Ordering::Relaxed);
    }

    /// Ends what this handle had begun as a stream, and takes the value if it was granted one.
    #[inline]
    pub(crate) fn conclude_parked(&self) -> Option<T> {
        let key = self.take_parked()?;
        match self.shared.conclude_recv(key) {
            RecvOutcome::Value(value) => Some(value),
            RecvOutcome::Closed | RecvOutcome::Look => None,
        }
    }

    /// Ends what this handle had begun as a stream; a claim passes to the next in line.
    pub(crate) fn release_parked(&self) {
        if let Some(key) = self.take_parked() {
            self.shared.cancel_recv(key);
        }
    }

    /// Whether a promise's value has been had from this handle as a sequence; marks it so when `taken`.
    pub(super) fn promise_taken(&self, taken: bool) -> bool {
        let is_promise = self.shared.is_promise;
        if taken && is_promise {
            self.promise_taken.store(true, Ordering::Relaxed);
        }
        is_promise && self.promise_taken.load(Ordering::Relaxed)
    }
}

queries!(Receiver);

impl<T> Clone for Receiver<T> {
    /// Another handle of the same channel, which shares its values.
    fn clone(&self) -> Self {
        // Relaxed: this handle keeps the count above 0 meanwhile.
        self.shared.receivers.fetch_add(1, Ordering::Relaxed);
        Receiver::new(self.shared.clone())
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        self.release_parked();
        self.shared.drop_receiver();
    }
}
