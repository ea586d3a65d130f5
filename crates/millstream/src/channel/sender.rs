//! The sending handle.

use super::closing::ClosedFuture;
use super::error::{SendError, SendTimeoutError, TrySendError};
use super::forecast::Forecast;
use super::many::SendManyFuture;
use super::permit::{Permit, ReserveFuture};
use super::send::SendFuture;
use super::sending::{Refused, Request};
use super::shared::Shared;
use super::sink::SendSink;
use super::stats::Stats;
use super::weak::WeakSender;
use crate::sync::atomic::Ordering;
use crate::sync::Arc;
use crate::wait::{block_on_until, Looks};
use std::pin::Pin;
use std::time::{Duration, Instant};

/// The sending end of a channel.
///
/// Clone it for as many producers as there are: every value goes to exactly one receiver. The same handle
/// serves tasks ([`send`](Self::send)) and threads ([`send_blocking`](Self::send_blocking)).
///
/// # On close and on drop
///
/// When the last `Sender` is dropped, or either side calls `close`, the channel takes no new values. What was
/// on its way stays good: values in the buffer, sends that were already waiting, and permits; receivers see
/// the end after those. When the last receiver goes, waiting senders get their values back in the error, and
/// the values in the channel are dropped there and then.
pub struct Sender<T> {
    pub(crate) shared: Arc<Shared<T>>,
    pub(super) forecast: Forecast,
}

/// Said of a value that the channel has not taken.
const REFUSED: &str = "a refused value stays with its sender";

impl<T> Sender<T> {
    /// Takes over a handle that is already counted.
    pub(super) fn new(shared: Arc<Shared<T>>) -> Self {
        Sender {
            shared,
            forecast: Forecast::default(),
        }
    }

    /// Sends a value, waiting for room; at capacity 0, for a receiver.
    ///
    /// Waiting senders are served in the order in which they came.
    ///
    /// # Errors
    ///
    /// [`SendError`] with the value if the channel is closed, or its last receiver goes while this waits.
    ///
    /// # Cancel safety
    ///
    /// A send that is dropped before it is done was not sent, and its value is dropped with it; one that was
    /// done before the drop was sent. To lose nothing, [`reserve`](Self::reserve) first and send through the
    /// permit. (`select!` gives a losing value back with `send_from`.)
    ///
    /// # Examples
    ///
    /// ```
    /// # millstream::block_on(async {
    /// let (tx, rx) = millstream::bounded(1);
    /// tx.send(1).await.unwrap();
    /// rx.close();
    /// assert_eq!(tx.send(2).await.unwrap_err().into_inner(), 2);
    /// assert_eq!(rx.recv().await, Ok(1));
    /// # });
    /// ```
    #[inline]
    pub fn send(&self, value: T) -> SendFuture<'_, T> {
        SendFuture::new(self, value)
    }

    /// [`send`](Self::send) for a thread.
    ///
    /// # Errors
    ///
    /// As for `send`.
    ///
    /// # Blocking
    ///
    /// Blocks the thread until the value is sent or the channel closes. Where more than one value can lie, it looks for
    /// room a few times, as long as that has paid lately, before it gets in line.
    pub fn send_blocking(&self, value: T) -> Result<(), SendError<T>> {
        self.send_until(value, None).map_err(|error| match error {
            SendTimeoutError::Closed(back) => SendError(back),
            SendTimeoutError::Timeout(_) => unreachable!("there is no deadline"),
        })
    }

    /// [`send`](Self::send) for a thread, for at most `timeout`.
    ///
    /// A `timeout` too long to be added to the clock means to wait as long as it takes, and one of zero to try once.
    ///
    /// # Errors
    ///
    /// [`SendTimeoutError`] with the value. A value that is taken at the last moment counts as sent.
    ///
    /// # Blocking
    ///
    /// Blocks the thread for that long at most; before it gets in line it looks as
    /// [`send_blocking`](Self::send_blocking) does. In async code use a `select!` with `after`.
    pub fn send_timeout(&self, value: T, timeout: Duration) -> Result<(), SendTimeoutError<T>> {
        self.send_until(value, Instant::now().checked_add(timeout))
    }

    /// [`send`](Self::send) for a thread, until `deadline`; one in the past makes a single attempt.
    ///
    /// # Errors
    ///
    /// As for [`send_timeout`](Self::send_timeout).
    ///
    /// # Blocking
    ///
    /// Blocks the thread until then at most.
    pub fn send_deadline(&self, value: T, deadline: Instant) -> Result<(), SendTimeoutError<T>> {
        self.send_until(value, Some(deadline))
    }

    fn send_until(&self, value: T, deadline: Option<Instant>) -> Result<(), SendTimeoutError<T>> {
        // It stays where it is until the channel has it: a large value costs more to move than a look.
        let mut value = Some(value);
        if self.shared.is_deep {
            for () in Looks::until(deadline) {
                match self.shared.try_request(&mut Request::Send(&mut value)) {
                    Ok(()) => return Ok(()),
                    Err(Refused::Full) => {}
                    Err(Refused::Closed) => {
                        return Err(SendTimeoutError::Closed(value.expect(REFUSED)))
                    }
                }
            }
        }
        let value = value.expect(REFUSED);
        let mut send = self.send(value);
        match block_on_until(Pin::new(&mut send), deadline) {
            Some(result) => result.map_err(SendTimeoutError::from),
            None => send.give_up(),
        }
    }

    /// Sends a value if that needs no waiting.
    ///
    /// Over a buffer of the user's own this may wait for a short call of its code on another thread.
    ///
    /// # Errors
    ///
    /// [`TrySendError`] with the value: `Full` if a send would wait, `Closed` if it would fail.
    #[inline]
    pub fn try_send(&self, value: T) -> Result<(), TrySendError<T>> {
        match self.shared.send_calm(value) {
            Ok(()) => Ok(()),
            Err(value) => self.try_send_in_full(value),
        }
    }

    /// [`Sender::try_send`] where the lock is taken, or somebody has to be told, or there is no room.
    #[inline(never)]
    fn try_send_in_full(&self, value: T) -> Result<(), TrySendError<T>> {
        let mut value = Some(value);
        match self.shared.try_request(&mut Request::Send(&mut value)) {
            Ok(()) => Ok(()),
            Err(refused) => {
                let value = value.expect(REFUSED);
                Err(match refused {
                    Refused::Full => TrySendError::Full(value),
                    Refused::Closed => TrySendError::Closed(value),
                })
            }
        }
    }

    /// Waits for the right to send one value; at capacity 0, until a receiver waits.
    ///
    /// A permit holds its place in the channel: it counts as a value that is on its way, survives a `close`,
    /// and its `send` needs no waiting and fails only when the last receiver is gone.
    ///
    /// # Errors
    ///
    /// [`SendError`] if the channel is closed.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: the value is not in the future at all. A reservation that is dropped gives up its turn,
    /// and one that was granted before the drop passes its place on.
    ///
    /// # Examples
    ///
    /// ```
    /// # millstream::block_on(async {
    /// let (tx, rx) = millstream::bounded(1);
    /// let permit = tx.reserve().await.unwrap();
    /// assert!(tx.try_send("other").unwrap_err().is_full(), "the place is taken");
    /// permit.send("mine").unwrap();
    /// assert_eq!(rx.recv().await, Ok("mine"));
    /// # });
    /// ```
    pub fn reserve(&self) -> ReserveFuture<'_, T> {
        ReserveFuture::new(self)
    }

    /// Takes the right to send one value if that needs no waiting.
    ///
    /// # Errors
    ///
    /// [`TrySendError`]: `Full` if [`reserve`](Self::reserve) would wait, `Closed` if it would fail.
    pub fn try_reserve(&self) -> Result<Permit<'_, T>, TrySendError<()>> {
        match self.shared.try_request(&mut Request::Reserve) {
            Ok(()) => Ok(Permit::new(self)),
            Err(Refused::Full) => Err(TrySendError::Full(())),
            Err(Refused::Closed) => Err(TrySendError::Closed(())),
        }
    }

    /// Sends all items of an iterator, in order, and says how many they were.
    ///
    /// An item is pulled only when the channel has a place for it, so backpressure reaches the iterator. For
    /// the same reason an iterator that does not know its length (`size_hint`) is asked for its end only once
    /// there is a place for one more. Sibling tasks get a turn now and then however ready the channel is. An
    /// iterator that says it is empty is done at once, also on a closed channel.
    ///
    /// # Errors
    ///
    /// [`SendError`] if the channel closes before the end, with the item that was pulled and not sent. What
    /// was not pulled is still in the iterator: pass `&mut iter` to keep it.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe with `&mut iter`: items that were pulled were sent, the others are still in it.
    ///
    /// # Examples
    ///
    /// ```
    /// # millstream::block_on(async {
    /// let (tx, rx) = millstream::bounded(8);
    /// assert_eq!(tx.send_many(["a", "b", "c"]).await, Ok(3));
    /// assert_eq!(rx.drain().collect::<String>(), "abc");
    /// # });
    /// ```
    pub fn send_many<I>(&self, items: I) -> SendManyFuture<'_, T, I::IntoIter>
    where
        I: IntoIterator<Item = T>,
    {
        SendManyFuture::new(self, items.into_iter())
    }

    /// Closes the channel for new values; `false` if it was closed already. What was on its way stays good.
    pub fn close(&self) -> bool {
        self.shared.close()
    }

    /// Closes the channel because what feeds it has panicked; the panic comes out at the receiving end.
    pub(crate) fn fail(&self, payload: Box<dyn std::any::Any + Send>) {
        self.shared.fail(payload);
    }

    /// Waits until the channel takes no more values, for whatever reason.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe.
    pub fn closed(&self) -> ClosedFuture<'_, T> {
        ClosedFuture::new(&self.shared)
    }

    /// A `Sink` over this sender, which reserves in `poll_ready`, so that its `start_send` never waits.
    pub fn sink(&self) -> SendSink<T> {
        SendSink::new(self.clone())
    }

    /// A handle that does not keep the channel open.
    pub fn downgrade(&self) -> WeakSender<T> {
        WeakSender::new(self.shared.clone())
    }
}

macro_rules! queries {
    ($handle:ident) => {
        impl<T> $handle<T> {
            /// Whether the channel takes no more values: closed by either side, or one side is gone.
            pub fn is_closed(&self) -> bool {
                self.shared.state.lock().closed
            }

            /// How many values `try_recv` could take now, one after the other: those in the buffer that no
            /// receiver is committed to take, and those of senders that wait. (Into a buffer of one's own,
            /// senders put their values themselves, so there they do not count while they wait.)
            ///
            /// For [`from_iter`](crate::from_iter) this is the iterator's own lower bound.
            pub fn len(&self) -> usize {
                self.shared.state.lock().receivable()
            }

            /// Whether `try_recv` would find nothing; for [`from_iter`](crate::from_iter), whether the
            /// iterator promises nothing.
            pub fn is_empty(&self) -> bool {
                self.len() == 0
            }

            /// Whether `try_send` would say `Full`.
            pub fn is_full(&self) -> bool {
                self.shared.state.lock().is_full()
            }

            /// How many values the channel keeps before senders wait; `None` for no limit.
            pub fn capacity(&self) -> Option<usize> {
                self.shared.state.lock().capacity()
            }

            /// How many `Sender`s there are.
            pub fn sender_count(&self) -> usize {
                self.shared.senders.load(Ordering::Relaxed)
            }

            /// How many `Receiver`s there are.
            pub fn receiver_count(&self) -> usize {
                self.shared.receivers.load(Ordering::Relaxed)
            }

            /// Whether both are handles of one channel.
            pub fn same_channel(&self, other: &Self) -> bool {
                Arc::ptr_eq(&self.shared, &other.shared)
            }

            /// A snapshot of the channel's counters.
            pub fn stats(&self) -> Stats {
                self.shared.stats()
            }
        }
    };
}
pub(super) use queries;

queries!(Sender);

impl<T> Clone for Sender<T> {
    /// Another handle of the same channel.
    fn clone(&self) -> Self {
        // Relaxed: this handle keeps the count above 0 meanwhile.
        self.shared.senders.fetch_add(1, Ordering::Relaxed);
        Sender::new(self.shared.clone())
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        self.shared.drop_sender();
    }
}
