//! A stage on worker threads: a plain function applied to everything that comes out of a channel.

use super::batch::MOST;
use super::stateful::StatefulThreads;
use crate::channel::{bounded, Receiver, Sender};

/// How many results for each thread the output of [`Threads::map`] keeps, unless the author says otherwise.
const AHEAD: usize = 64;

/// A stage on worker threads, about to be started; see [`threads`].
#[derive(Clone, Debug)]
#[must_use = "a stage does nothing until it is given an input"]
pub struct Threads {
    pub(super) count: usize,
    pub(super) name: Option<String>,
    pub(super) ordered: bool,
    pub(super) batch: usize,
    capacity: Option<usize>,
}

/// A stage on `count` threads of its own (at least one), which apply a plain function to each value of a channel.
///
/// The function may compute or block: these threads do nothing else. Async functions go to [`tasks`](super::tasks()).
///
/// # End
///
/// The stage ends by itself. When its input is closed and drained, and everything has been sent, it lets go of its output,
/// which closes it if there is no other sender. When nobody receives from its output any more, or the output is closed, it
/// lets go of its input, and so on upstream, whether or not anything is in the input; a thread that is inside the function
/// finishes that call first.
///
/// # Order
///
/// Values are taken in order. Results leave in the order in which they are done, or, with [`ordered`](Threads::ordered),
/// in the order of their values.
///
/// # Batches
///
/// A thread takes several values at once where they are cheap, so that values of a microsecond still gain from threads:
/// as many as make about 64 µs of work by what the last ones took, at most 256, and no more than its share of what is
/// there. A value never waits for others to come: what is there is taken, one value alone if there is one. Nor is a batch
/// larger than the capacity of the output, so a stage into `bounded(1)` or a rendezvous takes one value at a time;
/// [`batch`](Threads::batch) says less.
///
/// An input made by [`from_iter`](crate::from_iter) is asked for as many items as it says it has (`size_hint`); one that
/// promises none is asked for one at a time.
///
/// # Bounds
///
/// Let `b` be the largest batch: the smallest of 256, the output's capacity (at least 1) and what
/// [`batch`](Threads::batch) says. Between the input and the output are at most `count * b` values, or `2 * count * b` if
/// the stage is ordered. With [`flat_map`](Threads::flat_map) in order, each of these at most `2 * count` batches keeps up
/// to `b` results that wait for their turn.
///
/// # Panics in the function
///
/// A panic ends the stage: its input is let go of, what was sent stays receivable (in an ordered stage: exactly what comes
/// before the value), and after that the panic comes out of the receive that would have been told the end. It is never
/// mistaken for a clean end. A panic of whatever feeds the input is passed on in the same way.
///
/// The output is closed by it for others who send into it, too: they could only add to what has come to its end.
///
/// # Examples
///
/// ```
/// use millstream::pipe;
///
/// let words = millstream::from_iter(["a", "bb", "ccc"]);
/// let lengths = pipe::threads(4).ordered().map(words, str::len);
/// assert_eq!(lengths.iter().collect::<Vec<_>>(), [1, 2, 3]);
/// ```
pub fn threads(count: usize) -> Threads {
    Threads {
        count: count.max(1),
        name: None,
        ordered: false,
        batch: MOST,
        capacity: None,
    }
}

impl Threads {
    /// Names the threads, for debuggers and panic messages.
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Results leave in the order of their values.
    ///
    /// A slow value holds up the results of those behind it, not their work, as far as the stage's
    /// [bounds](threads#bounds) go.
    pub fn ordered(mut self) -> Self {
        self.ordered = true;
        self
    }

    /// No thread takes more than `most` values (at least one) at once.
    ///
    /// 1 is for values that are large, or very uneven in what they cost: then no value waits for another that was taken
    /// with it.
    pub fn batch(mut self, most: usize) -> Self {
        self.batch = most.max(1);
        self
    }

    /// How many results the output of [`map`](Self::map), [`flat_map`](Self::flat_map) or [`try_map`](Self::try_map)
    /// keeps; without it 64 for each thread.
    pub fn capacity(mut self, results: usize) -> Self {
        self.capacity = Some(results);
        self
    }

    /// Each thread makes a state of its own, once, before its first value, and the function gets it by `&mut`.
    ///
    /// The state is made and dropped on its thread, and need not be `Send`. If `init` panics, the stage ends at once: what
    /// is in the output stays receivable, then the panic comes out.
    ///
    /// # Examples
    ///
    /// ```
    /// use millstream::pipe;
    ///
    /// let words = millstream::from_iter(["1", "22"]);
    /// let doubled = pipe::threads(2)
    ///     .ordered()
    ///     .init(String::new)
    ///     .map(words, |buffer: &mut String, word| {
    ///         buffer.clear();
    ///         buffer.push_str(word);
    ///         buffer.push_str(word);
    ///         buffer.len()
    ///     });
    /// assert_eq!(doubled.iter().collect::<Vec<_>>(), [2, 4]);
    /// ```
    pub fn init<S, I>(self, init: I) -> StatefulThreads<I>
    where
        I: Fn() -> S + Send + Sync + 'static,
    {
        StatefulThreads::new(self, init)
    }

    /// Starts the stage, with an output channel of its own; see [`capacity`](Self::capacity).
    ///
    /// # Panics
    ///
    /// If the operating system gives no thread.
    pub fn map<T, R>(
        self,
        input: Receiver<T>,
        function: impl Fn(T) -> R + Send + Sync + 'static,
    ) -> Receiver<R>
    where
        T: Send + 'static,
        R: Send + 'static,
    {
        let (tx, rx) = self.output();
        self.map_into(input, tx, function);
        rx
    }

    /// Starts the stage between two channels.
    ///
    /// # Panics
    ///
    /// If the operating system gives no thread.
    pub fn map_into<T, R>(
        self,
        input: Receiver<T>,
        output: Sender<R>,
        function: impl Fn(T) -> R + Send + Sync + 'static,
    ) where
        T: Send + 'static,
        R: Send + 'static,
    {
        let stateless = self.init(|| ());
        stateless.map_into(input, output, move |(), value| function(value));
    }

    /// Starts the stage with a function that makes any number of results of one value, and an output channel of its own.
    ///
    /// # Panics
    ///
    /// If the operating system gives no thread.
    ///
    /// # Examples
    ///
    /// ```
    /// use millstream::pipe;
    ///
    /// let lines = millstream::from_iter(["a b", "", "c"]);
    /// let words = pipe::threads(2).ordered().flat_map(lines, str::split_whitespace);
    /// assert_eq!(words.iter().collect::<Vec<_>>(), ["a", "b", "c"]);
    /// ```
    pub fn flat_map<T, I>(
        self,
        input: Receiver<T>,
        function: impl Fn(T) -> I + Send + Sync + 'static,
    ) -> Receiver<I::Item>
    where
        T: Send + 'static,
        I: IntoIterator,
        I::Item: Send + 'static,
    {
        let (tx, rx) = self.output();
        self.flat_map_into(input, tx, function);
        rx
    }

    /// Starts the stage between two channels, with a function that makes any number of results of one value. Its iterator
    /// runs on the worker thread too. Each result is sent before the next is made, as the output has room; in an ordered
    /// stage a batch that is not in front keeps some, within the [bounds](threads#bounds).
    ///
    /// # Panics
    ///
    /// If the operating system gives no thread.
    pub fn flat_map_into<T, I>(
        self,
        input: Receiver<T>,
        output: Sender<I::Item>,
        function: impl Fn(T) -> I + Send + Sync + 'static,
    ) where
        T: Send + 'static,
        I: IntoIterator,
        I::Item: Send + 'static,
    {
        let stateless = self.init(|| ());
        stateless.flat_map_into(input, output, move |(), value| function(value));
    }

    /// Starts the stage with a function that can fail, and an output channel of its own: the first error ends the stage.
    ///
    /// In an ordered stage that is the first in the order of the values, and it is the last thing that leaves. Without
    /// order it is the first to be done, and results that other threads are about to send may still come behind it. Either
    /// way the input is let go of, and what else was taken from it is dropped.
    ///
    /// # Panics
    ///
    /// If the operating system gives no thread.
    ///
    /// # Examples
    ///
    /// ```
    /// use millstream::pipe;
    ///
    /// let words = millstream::from_iter(["1", "2", "x", "4"]);
    /// let numbers = pipe::threads(2).ordered().try_map(words, str::parse::<u32>);
    /// let numbers: Vec<_> = numbers.iter().collect();
    /// assert!(matches!(numbers[..], [Ok(1), Ok(2), Err(_)]));
    /// ```
    pub fn try_map<T, R, E>(
        self,
        input: Receiver<T>,
        function: impl Fn(T) -> Result<R, E> + Send + Sync + 'static,
    ) -> Receiver<Result<R, E>>
    where
        T: Send + 'static,
        R: Send + 'static,
        E: Send + 'static,
    {
        let (tx, rx) = self.output();
        self.try_map_into(input, tx, function);
        rx
    }

    /// [`try_map`](Self::try_map) between two channels. After an error the stage lets go of the output; it does not close
    /// it for others who send into it.
    ///
    /// # Panics
    ///
    /// If the operating system gives no thread.
    pub fn try_map_into<T, R, E>(
        self,
        input: Receiver<T>,
        output: Sender<Result<R, E>>,
        function: impl Fn(T) -> Result<R, E> + Send + Sync + 'static,
    ) where
        T: Send + 'static,
        R: Send + 'static,
        E: Send + 'static,
    {
        let stateless = self.init(|| ());
        stateless.try_map_into(input, output, move |(), value| function(value));
    }

    pub(super) fn output<R>(&self) -> (Sender<R>, Receiver<R>) {
        let default = || self.count.saturating_mul(AHEAD);
        bounded(self.capacity.unwrap_or_else(default))
    }
}
