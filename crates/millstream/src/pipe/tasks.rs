//! A stage on tasks: an async function applied to everything that comes out of a channel, many values at once.

use super::panic::{caught, dropped_by_runtime, Caught};
use super::stage::{Outcome, Over, Plan, Stage};
use crate::channel::{bounded, Receiver, Sender};
use crate::runtime::{self, Turn};
use crate::sync::Arc;
use std::future::{poll_fn, Future};
use std::iter::{once, Once};
use std::pin::pin;

/// A stage on tasks, about to be started; see [`tasks`].
#[derive(Clone, Debug)]
#[must_use = "a stage does nothing until it is given an input"]
pub struct Tasks {
    count: usize,
    ordered: bool,
    capacity: Option<usize>,
}

/// A stage on `count` tasks (at least one) of the current [`runtime`](crate::runtime), which apply an async function to
/// each value of a channel.
///
/// The tasks go on while the consumer works, which a `buffered(n)` that is polled by the consumer does not: there, nothing
/// runs between its polls. Work that computes for long, or blocks, goes to [`threads`](super::threads()).
///
/// # End
///
/// The stage ends by itself. When its input is closed and drained, and everything has been sent, it lets go of its output,
/// which closes it if there is no other sender. When nobody receives from its output any more, or the output is closed,
/// futures of the function that are running are dropped where they wait, and the input is let go of: no task is left.
///
/// # Order
///
/// Values are taken in order. Results leave in the order in which they are done, or, with [`ordered`](Tasks::ordered), in
/// the order of their values.
///
/// # Bounds
///
/// At most `count` values are between the input and the output, those included that are done and wait for their turn or for
/// room. With [`flat_map`](Tasks::flat_map) in order, each of them keeps at most one result that waits for its turn.
///
/// # Panics in the function
///
/// As for [`threads`](super::threads()#panics-in-the-function): the stage ends, and the panic comes out at the consumer. If
/// the runtime drops the tasks before they are done, because it is shut down, that comes out as a panic too.
///
/// # Examples
///
/// ```
/// use millstream::pipe;
///
/// async fn fetch(page: u32) -> String {
///     format!("page {page}")
/// }
///
/// # millstream::block_on(async {
/// let pages = pipe::tasks(8).ordered().map(millstream::from_iter(1..=3), fetch);
/// assert_eq!(pages.recv().await.unwrap(), "page 1");
/// assert_eq!(pages.recv().await.unwrap(), "page 2");
/// assert_eq!(pages.recv().await.unwrap(), "page 3");
/// assert!(pages.recv().await.is_err());
/// # });
/// ```
pub fn tasks(count: usize) -> Tasks {
    Tasks {
        count: count.max(1),
        ordered: false,
        capacity: None,
    }
}

impl Tasks {
    /// Results leave in the order of their values.
    ///
    /// A slow value holds up the results of those behind it, not their work, as far as the stage's [bounds](tasks#bounds)
    /// go.
    pub fn ordered(mut self) -> Self {
        self.ordered = true;
        self
    }

    /// How many results the output of [`map`](Self::map), [`flat_map`](Self::flat_map) or [`try_map`](Self::try_map)
    /// keeps; without it one for each task.
    pub fn capacity(mut self, results: usize) -> Self {
        self.capacity = Some(results);
        self
    }

    /// Starts the stage, with an output channel of its own; see [`capacity`](Self::capacity).
    ///
    /// # Panics
    ///
    /// If there is no runtime; see [`runtime::current`](crate::runtime::current).
    #[track_caller]
    pub fn map<T, R, F>(
        self,
        input: Receiver<T>,
        function: impl Fn(T) -> F + Send + Sync + 'static,
    ) -> Receiver<R>
    where
        T: Send + 'static,
        R: Send + 'static,
        F: Future<Output = R> + Send,
    {
        let (tx, rx) = self.output();
        self.map_into(input, tx, function);
        rx
    }

    /// Starts the stage between two channels.
    ///
    /// # Panics
    ///
    /// If there is no runtime; see [`runtime::current`](crate::runtime::current).
    #[track_caller]
    pub fn map_into<T, R, F>(
        self,
        input: Receiver<T>,
        output: Sender<R>,
        function: impl Fn(T) -> F + Send + Sync + 'static,
    ) where
        T: Send + 'static,
        R: Send + 'static,
        F: Future<Output = R> + Send,
    {
        self.start(input, output, one_result(function), |_| false);
    }

    /// Starts the stage with an async function that gives any number of results for one value, and an output channel of its
    /// own.
    ///
    /// # Panics
    ///
    /// If there is no runtime; see [`runtime::current`](crate::runtime::current).
    ///
    /// # Examples
    ///
    /// ```
    /// use millstream::pipe;
    ///
    /// let pairs = pipe::tasks(2)
    ///     .ordered()
    ///     .flat_map(millstream::from_iter([1, 2]), async |n: u32| vec![n; 2]);
    /// assert_eq!(pairs.iter().collect::<Vec<_>>(), [1, 1, 2, 2]);
    /// ```
    #[track_caller]
    pub fn flat_map<T, I, F>(
        self,
        input: Receiver<T>,
        function: impl Fn(T) -> F + Send + Sync + 'static,
    ) -> Receiver<I::Item>
    where
        T: Send + 'static,
        I: IntoIterator<IntoIter: Send>,
        I::Item: Send + 'static,
        F: Future<Output = I> + Send,
    {
        let (tx, rx) = self.output();
        self.flat_map_into(input, tx, function);
        rx
    }

    /// Starts the stage between two channels, with an async function that gives any number of results for one value. They
    /// are drawn from its iterator one by one, as the output has room.
    ///
    /// # Panics
    ///
    /// If there is no runtime; see [`runtime::current`](crate::runtime::current).
    #[track_caller]
    pub fn flat_map_into<T, I, F>(
        self,
        input: Receiver<T>,
        output: Sender<I::Item>,
        function: impl Fn(T) -> F + Send + Sync + 'static,
    ) where
        T: Send + 'static,
        I: IntoIterator<IntoIter: Send>,
        I::Item: Send + 'static,
        F: Future<Output = I> + Send,
    {
        self.start(input, output, function, |_| false);
    }

    /// Starts the stage with an async function that can fail, and an output channel of its own: the first error ends the
    /// stage.
    ///
    /// In an ordered stage that is the first in the order of the values, and it is the last thing that leaves. Without
    /// order it is the first to be done, and results that other tasks are about to send may still come behind it. Either
    /// way the input is let go of, what else was taken from it is dropped, and so are the futures that still run.
    ///
    /// # Panics
    ///
    /// If there is no runtime; see [`runtime::current`](crate::runtime::current).
    ///
    /// # Examples
    ///
    /// ```
    /// use millstream::pipe;
    ///
    /// let words = millstream::from_iter(["1", "2", "x", "4"]);
    /// let numbers = pipe::tasks(2).ordered().try_map(words, async |word: &str| word.parse::<u32>());
    /// let numbers: Vec<_> = numbers.iter().collect();
    /// assert!(matches!(numbers[..], [Ok(1), Ok(2), Err(_)]));
    /// ```
    #[track_caller]
    pub fn try_map<T, R, E, F>(
        self,
        input: Receiver<T>,
        function: impl Fn(T) -> F + Send + Sync + 'static,
    ) -> Receiver<Result<R, E>>
    where
        T: Send + 'static,
        R: Send + 'static,
        E: Send + 'static,
        F: Future<Output = Result<R, E>> + Send,
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
    /// If there is no runtime; see [`runtime::current`](crate::runtime::current).
    #[track_caller]
    pub fn try_map_into<T, R, E, F>(
        self,
        input: Receiver<T>,
        output: Sender<Result<R, E>>,
        function: impl Fn(T) -> F + Send + Sync + 'static,
    ) where
        T: Send + 'static,
        R: Send + 'static,
        E: Send + 'static,
        F: Future<Output = Result<R, E>> + Send,
    {
        self.start(input, output, one_result(function), Result::is_err);
    }

    fn output<R>(&self) -> (Sender<R>, Receiver<R>) {
        bounded(self.capacity.unwrap_or(self.count))
    }

    /// Spawns the tasks; a result of which `is_last` is true ends the stage.
    #[track_caller]
    fn start<T, I, F>(
        self,
        input: Receiver<T>,
        output: Sender<I::Item>,
        function: impl Fn(T) -> F + Send + Sync + 'static,
        is_last: fn(&I::Item) -> bool,
    ) where
        T: Send + 'static,
        I: IntoIterator<IntoIter: Send>,
        I::Item: Send + 'static,
        F: Future<Output = I> + Send,
    {
        let runtime = runtime::current();
        let plan = Plan {
            workers: self.count,
            ordered: self.ordered,
            window: self.count,
            batch: 1,
        };
        let stage = Arc::new(Stage::new(input, output, plan));
        let function = Arc::new(function);
        for _ in 0..self.count {
            let guard = Guard {
                stage: stage.clone(),
                is_done: false,
            };
            let function = function.clone();
            runtime.spawn(async move {
                let mut guard = guard;
                let ran = Caught::new(work(&guard.stage, &*function, is_last)).await;
                guard.is_done = true;
                if let Err(payload) = ran {
                    // Not the function's panic, which has its place in the order: that of a `Drop`.
                    guard.stage.fail(payload);
                }
            });
        }
    }
}

/// The function with its result as an iterator of one.
fn one_result<T, R, F>(
    function: impl Fn(T) -> F + Send + Sync + 'static,
) -> impl Fn(T) -> OneResult<F> + Send + Sync + 'static
where
    F: Future<Output = R>,
{
    move |value| OneResult {
        future: function(value),
    }
}

pin_project_lite::pin_project! {
    /// A future whose output is an iterator of one.
    struct OneResult<F> {
        #[pin]
        future: F,
    }
}

impl<F: Future> Future for OneResult<F> {
    type Output = Once<F::Output>;

    fn poll(
        self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Self::Output> {
        self.project().future.poll(context).map(once)
    }
}

/// What one task does until there is nothing to do or nobody to do it for.
async fn work<T, I, F>(
    stage: &Stage<T, I::Item>,
    function: &(impl Fn(T) -> F + Sync),
    is_last: fn(&I::Item) -> bool,
) where
    I: IntoIterator<IntoIter: Send>,
    F: Future<Output = I>,
{
    let mut turn = Turn::new();
    let mut hand = stage.hand(|| ());
    let mut results = Vec::with_capacity(1);
    while let Some(taken) = hand.take().await {
        let outcome = 'value: {
            let Some(value) = hand.values.pop() else {
                break 'value hand
                    .panicked
                    .take()
                    .map_or(Outcome::Done, Outcome::Panicked);
            };
            let made = {
                let mut called = pin!(Caught::new(async { function(value).await.into_iter() }));
                poll_fn(|context| hand.poll_while_wanted(called.as_mut(), context)).await
            };
            let mut made = match made {
                Err(Over) => return stage.quit(),
                Ok(Err(payload)) => break 'value Outcome::Panicked(payload),
                Ok(Ok(made)) => made,
            };
            loop {
                match caught(|| made.next()) {
                    Err(payload) => break Outcome::Panicked(payload),
                    Ok(None) => break Outcome::Done,
                    Ok(Some(result)) => {
                        let last = is_last(&result);
                        results.push(result);
                        if stage.deliver(taken.number, &mut results).await.is_err() {
                            return;
                        }
                        if last {
                            break Outcome::Ended;
                        }
                        turn.taken().await;
                    }
                }
            }
        };
        let advanced = match stage.finish(taken.number, outcome) {
            Ok(Some(outcome)) => stage.advance(outcome).await,
            finished => finished.map(drop),
        };
        if advanced.is_err() {
            return;
        }
        turn.taken().await;
    }
}

/// Notices when a task is dropped before it is done.
struct Guard<T, R> {
    stage: Arc<Stage<T, R>>,
    is_done: bool,
}

impl<T, R> Drop for Guard<T, R> {
    fn drop(&mut self) {
        if !self.is_done && !self.stage.is_unwanted() {
            self.stage.fail(dropped_by_runtime());
        }
    }
}
