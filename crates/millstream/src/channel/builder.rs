//! How channels are made: one constructor a policy, and a builder that names them.

use super::receiver::Receiver;
use super::registry::register;
use super::sender::Sender;
use super::shared::Shared;
use super::state::{Source, State};
use super::stats::Label;
use crate::buffer::{shelve, Buffer, CustomStore, IterStore, Limits, Store};
use crate::sync::Arc;

/// A channel without a buffer: each send meets a receive.
///
/// A send completes only against a receiver that waits, so when it returns `Ok` a receiver is committed to
/// take a value. The idea is CSP's own, by way of occam, Go and aiochan.
///
/// # Examples
///
/// ```
/// let (tx, rx) = millstream::rendezvous();
/// assert!(tx.try_send(1).unwrap_err().is_full(), "nobody waits to receive");
/// let receiver = std::thread::spawn(move || rx.recv_blocking());
/// tx.send_blocking(2).unwrap();
/// assert_eq!(receiver.join().unwrap(), Ok(2));
/// ```
pub fn rendezvous<T>() -> (Sender<T>, Receiver<T>) {
    bounded(0)
}

/// A channel that keeps up to `capacity` values before senders wait; 0 makes it a [`rendezvous`].
///
/// Memory is taken as values come, not in advance, so any capacity up to `usize::MAX` is fine; `usize::MAX` itself
/// means no limit. Values are moved into the channel and out of it: box one that is too large for the stack.
///
/// # Examples
///
/// ```
/// let (tx, rx) = millstream::bounded(1);
/// tx.try_send("first").unwrap();
/// assert_eq!(tx.try_send("second").unwrap_err().into_inner(), "second");
/// assert_eq!(rx.try_recv(), Ok("first"));
/// ```
pub fn bounded<T>(capacity: usize) -> (Sender<T>, Receiver<T>) {
    plain(with_limits(Limits::bounded(capacity)))
}

/// A channel in which senders never wait.
///
/// Nothing bounds its memory but the program that uses it: prefer [`bounded`] unless something else limits
/// what is sent.
///
/// # Examples
///
/// ```
/// let (tx, rx) = millstream::unbounded();
/// for n in 0..1000 {
///     tx.try_send(n).unwrap();
/// }
/// assert_eq!(rx.len(), 1000);
/// ```
pub fn unbounded<T>() -> (Sender<T>, Receiver<T>) {
    bounded(usize::MAX)
}

/// A channel that keeps the first `capacity` values; while it is full, newer ones are dropped.
///
/// A send never waits and says `Ok` for a dropped value too; [`stats`](Sender::stats) counts them. Dropping
/// happens outside every lock, in the send that caused it. With a `capacity` of 0 every value is dropped that no
/// receiver waits for.
///
/// # Examples
///
/// ```
/// let (tx, rx) = millstream::dropping(2);
/// for n in 1..=4 {
///     tx.try_send(n).unwrap();
/// }
/// assert_eq!(rx.drain().collect::<Vec<_>>(), [1, 2]);
/// assert_eq!(tx.stats().dropped, 2);
/// ```
pub fn dropping<T>(capacity: usize) -> (Sender<T>, Receiver<T>) {
    plain(with_limits(Limits::dropping(capacity)))
}

/// A channel that keeps the last `capacity` values; while it is full, the oldest makes room for the newest.
///
/// A send never waits. A value that a receiver is committed to take is never dropped. With a `capacity` of 0 every
/// value is dropped that no receiver waits for.
///
/// # Examples
///
/// ```
/// let (tx, rx) = millstream::sliding(2);
/// for n in 1..=4 {
///     tx.try_send(n).unwrap();
/// }
/// assert_eq!(rx.drain().collect::<Vec<_>>(), [3, 4]);
/// ```
pub fn sliding<T>(capacity: usize) -> (Sender<T>, Receiver<T>) {
    plain(with_limits(Limits::sliding(capacity)))
}

/// A channel for one value that everybody gets.
///
/// The first value sent stays; every receive answers with a clone of it, at once and as often as asked, from
/// any number of receivers, before and after the channel closes. Further values are accepted and dropped.
/// What counts is that a value was sent, not what it is. As a `Stream`, and in [`iter`](Receiver::iter), the
/// value comes once per receiver handle, and that is the end.
///
/// Cloning is done outside every lock.
///
/// # Examples
///
/// ```
/// let (tx, rx) = millstream::promise();
/// let early = std::thread::spawn({ let rx = rx.clone(); move || rx.recv_blocking() });
/// tx.try_send(42).unwrap();
/// drop(tx);
/// assert_eq!(early.join().unwrap(), Ok(42));
/// assert_eq!(rx.try_recv(), Ok(42));
/// assert_eq!(rx.iter().collect::<Vec<_>>(), [42]);
/// ```
pub fn promise<T: Clone + Send + Sync + 'static>() -> (Sender<T>, Receiver<T>) {
    plain(promise_state)
}

/// A channel over a buffer of one's own. See [`Buffer`].
///
/// A buffer says only whether it takes one value more. So there is one [`Permit`](crate::Permit) at a time, and while
/// it is out, other sends wait for what becomes of it.
pub fn with_buffer<T, B: Buffer<T> + 'static>(buffer: B) -> (Sender<T>, Receiver<T>) {
    plain(with_store(CustomStore(buffer)))
}

/// A receiver of an iterator's items, pulled lazily, one at a time, by whoever receives.
///
/// The channel is closed on creation. Nothing is pulled ahead, so an endless iterator is fine. The iterator
/// runs on the thread of the receive that asks for an item, never under a lock; receivers that come while it
/// runs wait for it. Its panic comes out of the receive that caused it, and the channel ends there.
///
/// # Blocking
///
/// An iterator that blocks, blocks the receive that runs it, async ones included.
///
/// # Examples
///
/// ```
/// let rx = millstream::from_iter((1..).map(|n| n * n));
/// assert_eq!(rx.recv_blocking(), Ok(1));
/// assert_eq!(rx.iter().take(2).collect::<Vec<_>>(), [4, 9]);
/// ```
pub fn from_iter<I>(iter: I) -> Receiver<I::Item>
where
    I: IntoIterator,
    I::IntoIter: Send + 'static,
{
    let (tx, rx) = plain(with_store(IterStore::new(iter.into_iter())));
    drop(tx);
    rx
}

/// Starts a channel with a name.
///
/// The name appears in `Debug`, in [`Stats`](crate::Stats) and in the pictures of
/// [`observe`](crate::observe), and a named channel also keeps the time that each side waits.
///
/// # Examples
///
/// ```
/// let (tx, _rx) = millstream::named("lines").between("read", "count").bounded::<String>(64);
/// assert_eq!(tx.stats().name.as_deref(), Some("lines"));
/// ```
pub fn named(name: impl Into<String>) -> Builder {
    Builder {
        name: name.into().into(),
        from: None,
        to: None,
    }
}

/// A channel about to be made; see [`named`].
///
/// Named channels are on the list of [`observe::snapshot`](crate::observe::snapshot()) as long as they live,
/// which is why their values must be `Send + 'static`.
#[derive(Clone, Debug)]
#[must_use = "a builder makes nothing until one of its constructors is called"]
pub struct Builder {
    name: Arc<str>,
    from: Option<Arc<str>>,
    to: Option<Arc<str>>,
}

impl Builder {
    /// Says between which stages of a pipeline the channel lies, for the pictures.
    pub fn between(mut self, from: impl Into<String>, to: impl Into<String>) -> Self {
        self.from = Some(from.into().into());
        self.to = Some(to.into().into());
        self
    }

    /// A [`rendezvous`] channel.
    pub fn rendezvous<T: Send + 'static>(self) -> (Sender<T>, Receiver<T>) {
        self.bounded(0)
    }

    /// A [`bounded`] channel.
    pub fn bounded<T: Send + 'static>(self, capacity: usize) -> (Sender<T>, Receiver<T>) {
        self.registered(with_limits(Limits::bounded(capacity)))
    }

    /// An [`unbounded`] channel.
    pub fn unbounded<T: Send + 'static>(self) -> (Sender<T>, Receiver<T>) {
        self.bounded(usize::MAX)
    }

    /// A [`dropping`] channel.
    pub fn dropping<T: Send + 'static>(self, capacity: usize) -> (Sender<T>, Receiver<T>) {
        self.registered(with_limits(Limits::dropping(capacity)))
    }

    /// A [`sliding`] channel.
    pub fn sliding<T: Send + 'static>(self, capacity: usize) -> (Sender<T>, Receiver<T>) {
        self.registered(with_limits(Limits::sliding(capacity)))
    }

    /// A [`promise`] channel.
    pub fn promise<T: Clone + Send + Sync + 'static>(self) -> (Sender<T>, Receiver<T>) {
        self.registered(promise_state)
    }

    /// A channel over a buffer of one's own; see [`with_buffer`].
    ///
    /// # Panics
    ///
    /// If one of the buffer's methods that tell its size does.
    pub fn with_buffer<T: Send + 'static, B: Buffer<T> + 'static>(
        self,
        buffer: B,
    ) -> (Sender<T>, Receiver<T>) {
        self.registered(with_store(CustomStore(buffer)))
    }

    /// A receiver of an iterator's items; see [`from_iter`].
    #[allow(clippy::wrong_self_convention)] // The name is the constructor's, and the receiver is the builder.
    pub fn from_iter<I>(self, iter: I) -> Receiver<I::Item>
    where
        I: IntoIterator,
        I::IntoIter: Send + 'static,
        I::Item: Send + 'static,
    {
        let (tx, rx) = self.registered(with_store(IterStore::new(iter.into_iter())));
        drop(tx);
        rx
    }

    fn registered<T: Send + 'static>(
        self,
        state: impl FnOnce(bool) -> State<T>,
    ) -> (Sender<T>, Receiver<T>) {
        let label = Label::new(self.name, self.from, self.to);
        let shared = Shared::new(state(true), Some(label));
        register(&shared);
        (Sender::new(shared.clone()), Receiver::new(shared))
    }
}

/// A channel without a name.
fn plain<T>(state: impl FnOnce(bool) -> State<T>) -> (Sender<T>, Receiver<T>) {
    let shared = Shared::new(state(false), None);
    (Sender::new(shared.clone()), Receiver::new(shared))
}

// What follows makes the states: functions of whether the channel keeps the time that waiters wait.

fn with_limits<T>(limits: Limits) -> impl FnOnce(bool) -> State<T> {
    move |timed| State::new(limits, timed)
}

fn promise_state<T: Clone + Send + Sync + 'static>(timed: bool) -> State<T> {
    let mut state = State::new(Limits::bounded(usize::MAX), timed);
    state.maker = Some(shelve);
    state.plain = false;
    state
}

fn with_store<T>(store: impl Store<T> + 'static) -> impl FnOnce(bool) -> State<T> {
    move |timed| {
        let mut state = State::new(Limits::bounded(usize::MAX), timed);
        let shape = store.shape();
        state.source = Source::Home(Box::new(store), shape);
        state.plain = false;
        state
    }
}
