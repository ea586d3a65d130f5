//! The handles of a scope: what the body gets to start things with, and what tasks take along.

use super::attached::Door;
use super::core::Core;
use super::member::Member;
use super::task::Task;
use crate::channel::Signal;
use crate::channel::{bounded, ClosedFuture};
use crate::runtime::{self, Timer};
use crate::sync::Arc;
use std::convert::Infallible;
use std::fmt;
use std::future::{poll_fn, Future};
use std::ops::Deref;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

/// What the body of a [`scope`](super::scope) has in its hands; `'env` is what attached futures may borrow.
///
/// Cheap to clone. It has the methods of [`Spawner`], and those that belong to the scope's own task.
pub struct Scope<'env, E> {
    spawner: Spawner<E>,
    door: Arc<Door<'env>>,
}

/// Starts and cancels the tasks of a scope; unlike [`Scope`] it borrows nothing, so tasks can take it along.
///
/// Cheap to clone. It does not keep the scope from ending; what is started after that is dropped at once.
///
/// # Examples
///
/// A task that starts its siblings:
///
/// ```
/// use millstream::scope::scope;
///
/// # millstream::block_on(async {
/// let (tx, rx) = millstream::unbounded();
/// let done = scope(|s| async move {
///     let siblings = s.spawner();
///     s.spawn(async move {
///         for n in 0..3 {
///             let tx = tx.clone();
///             siblings.spawn(async move { tx.send(n).await });
///         }
///         Ok(())
///     });
///     Ok(())
/// })
/// .await;
/// assert_eq!(done, Ok(()));
/// assert_eq!(rx.len(), 3);
/// # });
/// ```
pub struct Spawner<E> {
    core: Arc<Core<E>>,
}

impl<E: Send + 'static> Spawner<E> {
    pub(super) fn new(core: Arc<Core<E>>) -> Self {
        Spawner { core }
    }

    /// Starts a task on the current runtime.
    ///
    /// The scope does not end before it. If it returns an error or panics, the scope cancels all others. If the scope is
    /// cancelled, the future is dropped where it is. If the scope was cancelled or has ended already, it is dropped here.
    ///
    /// # Panics
    ///
    /// If there is no runtime; see [`runtime::current`](crate::runtime::current).
    pub fn spawn<F, T>(&self, future: F) -> Task<T>
    where
        F: Future<Output = Result<T, E>> + Send + 'static,
        T: Send + 'static,
    {
        self.start(future, &self.core.cancelled)
    }

    /// Starts a task that a cancellation does not drop: it learns of it by [`cancelled`](Self::cancelled), finishes what
    /// it has to, and ends by itself.
    ///
    /// The scope waits for it, without limit unless there is a [`grace`](super::ScopeFuture::grace). It is dropped when
    /// the grace is over, or when the scope's future is dropped. Everything else is as for [`spawn`](Self::spawn).
    ///
    /// # Panics
    ///
    /// If there is no runtime; see [`runtime::current`](crate::runtime::current).
    ///
    /// # Examples
    ///
    /// ```
    /// use millstream::scope::scope;
    /// use millstream::select;
    ///
    /// # millstream::block_on(async {
    /// let (tx, rx) = millstream::unbounded();
    /// let (_idle, work) = millstream::rendezvous::<u32>();
    /// let ended = scope(|s| async move {
    ///     let signal = s.spawner();
    ///     s.spawn_cooperative(async move {
    ///         loop {
    ///             select! {
    ///                 _ = work.recv() => {}
    ///                 _ = signal.cancelled() => {
    ///                     let _ = tx.send("saved").await;
    ///                     return Ok(());
    ///                 }
    ///             }
    ///         }
    ///     });
    ///     Err::<(), _>("no more")
    /// })
    /// .await;
    /// assert_eq!(ended, Err("no more"));
    /// assert_eq!(rx.try_recv(), Ok("saved"));
    /// # });
    /// ```
    pub fn spawn_cooperative<F, T>(&self, future: F) -> Task<T>
    where
        F: Future<Output = Result<T, E>> + Send + 'static,
        T: Send + 'static,
    {
        self.start(future, &self.core.cut)
    }

    fn start<F, T>(&self, future: F, stop: &Signal) -> Task<T>
    where
        F: Future<Output = Result<T, E>> + Send + 'static,
        T: Send + 'static,
    {
        let runtime = runtime::current();
        let (result, value) = bounded(1);
        if let Some(membership) = self.core.enter() {
            let core = self.core.clone();
            runtime.spawn(Member::new(future, result, stop.watch(), core, membership));
        }
        Task::new(value)
    }

    /// Cancels the tasks; the body goes on, and its result is the scope's unless something else goes wrong.
    pub fn cancel(&self) {
        self.core.cancelled.raise();
    }

    /// Whether the scope was cancelled, by a failure or by [`cancel`](Self::cancel), or has ended.
    pub fn is_cancelled(&self) -> bool {
        self.core.cancelled.is_raised()
    }

    /// Waits until [`is_cancelled`](Self::is_cancelled). It can be an arm of a [`select!`](crate::select!).
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: nothing happens but waiting.
    pub fn cancelled(&self) -> ClosedFuture<'_, Infallible> {
        self.core.cancelled.raised()
    }
}

impl<'env, E: Send + 'static> Scope<'env, E> {
    pub(super) fn new(core: Arc<Core<E>>, door: Arc<Door<'env>>) -> Self {
        Scope {
            spawner: Spawner::new(core),
            door,
        }
    }

    /// A handle for tasks to take along.
    pub fn spawner(&self) -> Spawner<E> {
        self.spawner.clone()
    }

    /// Runs a future on the scope's own task, beside the body. It may borrow what outlives the scope.
    ///
    /// It is polled when it is woken and the scope's future is polled. For its errors, its panics and for cancellation
    /// it is like a spawned task.
    ///
    /// # Examples
    ///
    /// ```
    /// use millstream::scope::scope;
    ///
    /// # millstream::block_on(async {
    /// let words = vec!["to", "be", "or"];
    /// let (tx, rx) = millstream::rendezvous();
    /// let lengths: Result<Vec<usize>, millstream::SendError<usize>> = scope(|s| {
    ///     let words = &words;
    ///     async move {
    ///         s.attach(async move {
    ///             for word in words {
    ///                 tx.send(word.len()).await?;
    ///             }
    ///             Ok(())
    ///         });
    ///         let mut lengths = Vec::new();
    ///         while let Ok(length) = rx.recv().await {
    ///             lengths.push(length);
    ///         }
    ///         Ok(lengths)
    ///     }
    /// })
    /// .await;
    /// assert_eq!(lengths.unwrap(), [2, 2, 2]);
    /// # drop(words);
    /// # });
    /// ```
    pub fn attach<F, T>(&self, future: F) -> Task<T>
    where
        F: Future<Output = Result<T, E>> + Send + 'env,
        T: Send + 'env,
    {
        let core = &self.spawner.core;
        let (result, value) = bounded(1);
        if let Some(membership) = core.enter() {
            let stop = core.cancelled.watch();
            let member = Member::new(future, result, stop, core.clone(), membership);
            self.door.attach(Box::pin(member));
        }
        Task::new(value)
    }

    /// Waits until nothing of the scope but its body is in flight, for `limit` at most; then cancels what is left.
    ///
    /// Returns whether everything has ended by itself. Tasks may go on to start others meanwhile; these count too. It is
    /// for the body: a task that calls this waits for itself, until the limit. The limit is measured by the current
    /// runtime; one too long for its clock is none.
    ///
    /// # Panics
    ///
    /// If there is no runtime; see [`runtime::current`](crate::runtime::current).
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: nothing is cancelled if it is dropped before the limit.
    ///
    /// # Examples
    ///
    /// ```
    /// use millstream::scope::scope;
    /// use std::time::Duration;
    ///
    /// # millstream::block_on(async {
    /// let all_done = scope(|s| async move {
    ///     s.spawn(async { Ok(()) });
    ///     let quick = s.drain(Duration::from_secs(60)).await;
    ///     s.spawn(std::future::pending::<Result<(), ()>>());
    ///     let slow = s.drain(Duration::from_millis(1)).await;
    ///     Ok((quick, slow))
    /// })
    /// .await;
    /// assert_eq!(all_done, Ok((true, false)));
    /// # });
    /// ```
    pub async fn drain(&self, limit: Duration) -> bool {
        let core = &self.spawner.core;
        let mut time_is_up = runtime::current().sleep(limit);
        let mut idle = pin!(async {
            while let Some(mut idle) = core.idle() {
                poll_fn(|context| idle.poll(context)).await;
            }
        });
        let in_time = poll_fn(|context| {
            if idle.as_mut().poll(context).is_ready() {
                return Poll::Ready(true);
            }
            time_is_up.as_mut().poll(context).map(|()| false)
        })
        .await;
        if !in_time {
            self.cancel();
        }
        in_time
    }
}

impl<E> Deref for Scope<'_, E> {
    type Target = Spawner<E>;

    fn deref(&self) -> &Spawner<E> {
        &self.spawner
    }
}

impl<E> Clone for Scope<'_, E> {
    fn clone(&self) -> Self {
        Scope {
            spawner: self.spawner.clone(),
            door: self.door.clone(),
        }
    }
}

impl<E> Clone for Spawner<E> {
    fn clone(&self) -> Self {
        Spawner {
            core: self.core.clone(),
        }
    }
}

impl<E> fmt::Debug for Scope<'_, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scope")
            .field("cancelled", &self.spawner.core.cancelled.is_raised())
            .finish_non_exhaustive()
    }
}

impl<E> fmt::Debug for Spawner<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Spawner")
            .field("cancelled", &self.core.cancelled.is_raised())
            .finish_non_exhaustive()
    }
}
