//! The handle to a runtime: cheap to clone, and all that the rest of millstream knows of one.

use crate::sync::unmodelled::Arc;
use std::fmt;
use std::future::{pending, ready, Future};
use std::time::{Duration, Instant};

use super::current::{enter, EnterGuard};
use super::manual::{Manual, Shared};
use super::task::Entered;
use super::traits::{BoxFuture, Runtime, Spawn, Timer};

/// How far ahead a deadline is taken to mean "never": a hundred years.
///
/// Timers are not made for such deadlines. They overflow, wake up every two years to look, or, if the clock is a test
/// clock that skips idle time, take it there step by step.
const NEVER: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

/// A runtime to spawn on and to measure time with.
///
/// Handles are cheap to clone and may be kept and sent anywhere. A handle does not keep its runtime running: what
/// happens to the tasks of a runtime that has been shut down is up to that runtime.
///
/// # Examples
///
/// ```
/// use millstream::runtime::{Handle, Manual, Timer};
/// use std::time::Duration;
///
/// let mut manual = Manual::new();
/// let runtime: Handle = manual.handle();
///
/// let nap = runtime.sleep(Duration::from_secs(60));
/// runtime.spawn(nap);
///
/// manual.advance(Duration::from_secs(59));
/// assert_eq!(manual.tasks(), 1);
/// manual.advance(Duration::from_secs(1));
/// assert_eq!(manual.tasks(), 0);
/// ```
#[derive(Clone)]
pub struct Handle(Kind);

/// Which runtime it is. Those known here take no allocation for a handle and none for the task's second box.
#[derive(Clone)]
enum Kind {
    Custom(Arc<dyn Runtime>),
    Manual(Shared),
    #[cfg(feature = "tokio")]
    Tokio(super::tokio::Tokio),
    #[cfg(feature = "smol")]
    Smol,
    #[cfg(feature = "runtime")]
    BuiltIn,
}

impl Handle {
    /// A handle to a runtime of your own.
    ///
    /// # Examples
    ///
    /// Each task on a thread of its own, with a clock that a test moves:
    ///
    /// ```
    /// use millstream::runtime::{BoxFuture, Handle, Manual, Spawn, Timer};
    /// use std::time::Instant;
    ///
    /// struct Threads {
    ///     clock: Handle,
    /// }
    ///
    /// impl Spawn for Threads {
    ///     fn spawn(&self, task: BoxFuture<'static, ()>) {
    ///         std::thread::spawn(move || millstream::block_on(task));
    ///     }
    /// }
    ///
    /// impl Timer for Threads {
    ///     fn now(&self) -> Instant {
    ///         self.clock.now()
    ///     }
    ///     fn sleep_until(&self, deadline: Instant) -> BoxFuture<'static, ()> {
    ///         self.clock.sleep_until(deadline)
    ///     }
    /// }
    ///
    /// let manual = Manual::new();
    /// let runtime = Handle::new(Threads { clock: manual.handle() });
    /// let (tell, told) = std::sync::mpsc::channel();
    /// runtime.spawn(async move { tell.send("done").unwrap() });
    /// assert_eq!(told.recv(), Ok("done"));
    /// ```
    pub fn new(runtime: impl Runtime + 'static) -> Self {
        Self(Kind::Custom(Arc::new(runtime)))
    }

    /// A handle to a [`Manual`] runtime.
    pub(super) fn manual(shared: Shared) -> Self {
        Self(Kind::Manual(shared))
    }

    /// The runtime that comes with millstream: one for the process, started when it is first used.
    ///
    /// It has as many worker threads as the machine has processors, and one thread for timers. A panic in a task ends
    /// that task only; the panic hook reports it. Threads and unfinished tasks end with the process, without running
    /// destructors.
    ///
    /// Tasks should not block: one that does keeps a worker from the others.
    ///
    /// # Panics
    ///
    /// This call does not panic. The first `spawn` does if no worker thread can be started, and the first poll of a
    /// sleep does if the timer thread cannot; the next use tries again.
    #[cfg(feature = "runtime")]
    pub fn built_in() -> Self {
        Self(Kind::BuiltIn)
    }

    /// The tokio runtime of this handle, of either flavour.
    ///
    /// Time is tokio's, so it stands still and jumps where `tokio::time::pause` says so. Sleeps work under any
    /// executor, but as with all that is tokio's only while the tokio runtime is being driven: one of the
    /// current-thread flavour is so only within its `block_on`. Once the runtime has been shut down, tasks spawned on
    /// it are dropped.
    ///
    /// # Panics
    ///
    /// This call does not panic. [`sleep_until`](Timer::sleep_until) does if the tokio runtime was built without
    /// `enable_time` or `enable_all`, and a sleep does if it is polled after tokio's runtime was shut down.
    #[cfg(feature = "tokio")]
    pub fn tokio(handle: ::tokio::runtime::Handle) -> Self {
        Self(Kind::Tokio(super::tokio::Tokio::new(handle)))
    }

    /// smol's global executor and timers.
    ///
    /// The executor has one thread unless the environment variable `SMOL_THREADS` says otherwise. A panic in a task
    /// ends that task only; the panic hook reports it.
    #[cfg(feature = "smol")]
    pub fn smol() -> Self {
        Self(Kind::Smol)
    }

    /// The runtime that counts where none was entered.
    pub(super) fn ambient() -> Option<Self> {
        #[cfg(feature = "tokio")]
        if let Some(tokio) = super::tokio::Tokio::of_this_thread() {
            return Some(Self(Kind::Tokio(tokio)));
        }
        #[cfg(feature = "smol")]
        let background = Some(Self::smol());
        #[cfg(all(feature = "runtime", not(feature = "smol")))]
        let background = Some(Self::built_in());
        #[cfg(not(any(feature = "runtime", feature = "smol")))]
        let background = None;
        background
    }

    /// Spawns `future` on this runtime, which is the current one for it whenever it is polled, and when it is dropped.
    /// It goes on by itself until it ends.
    pub fn spawn(&self, future: impl Future<Output = ()> + Send + 'static) {
        Spawn::spawn(self, Box::pin(future));
    }

    /// Makes this runtime the current one on this thread; see [`enter`].
    pub fn enter(&self) -> EnterGuard {
        enter(self)
    }

    /// What measures time for this runtime.
    fn timer(&self) -> &dyn Timer {
        match &self.0 {
            Kind::Custom(runtime) => runtime,
            Kind::Manual(shared) => shared,
            #[cfg(feature = "tokio")]
            Kind::Tokio(tokio) => tokio,
            #[cfg(feature = "smol")]
            Kind::Smol => &super::smol::Smol,
            #[cfg(feature = "runtime")]
            Kind::BuiltIn => &super::timer_thread::RealTime,
        }
    }
}

impl Spawn for Handle {
    fn spawn(&self, task: BoxFuture<'static, ()>) {
        let task = Entered::new(self.clone(), task);
        match &self.0 {
            Kind::Custom(runtime) => runtime.spawn(Box::pin(task)),
            Kind::Manual(shared) => shared.spawn(task),
            #[cfg(feature = "tokio")]
            Kind::Tokio(tokio) => tokio.spawn(task),
            #[cfg(feature = "smol")]
            Kind::Smol => super::smol::spawn(task),
            #[cfg(feature = "runtime")]
            Kind::BuiltIn => super::default::spawn(task),
        }
    }
}

impl Timer for Handle {
    fn now(&self) -> Instant {
        self.timer().now()
    }

    /// A future that ends when this timer reaches `deadline`, and never earlier. A deadline that has passed needs no
    /// timer; one that is more than a hundred years ahead is never reached.
    fn sleep_until(&self, deadline: Instant) -> BoxFuture<'static, ()> {
        let timer = self.timer();
        match deadline.saturating_duration_since(timer.now()) {
            Duration::ZERO => Box::pin(ready(())),
            wait if wait > NEVER => Box::pin(pending()),
            _ => timer.sleep_until(deadline),
        }
    }
}

impl From<&Handle> for Handle {
    fn from(handle: &Handle) -> Self {
        handle.clone()
    }
}

impl From<&Manual> for Handle {
    fn from(manual: &Manual) -> Self {
        manual.handle()
    }
}

impl From<Arc<dyn Runtime>> for Handle {
    fn from(runtime: Arc<dyn Runtime>) -> Self {
        Self(Kind::Custom(runtime))
    }
}

impl<R: Runtime + 'static> From<Arc<R>> for Handle {
    fn from(runtime: Arc<R>) -> Self {
        Self(Kind::Custom(runtime))
    }
}

#[cfg(feature = "tokio")]
impl From<::tokio::runtime::Handle> for Handle {
    fn from(handle: ::tokio::runtime::Handle) -> Self {
        Self::tokio(handle)
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match &self.0 {
            Kind::Custom(_) => "custom",
            Kind::Manual(_) => "manual",
            #[cfg(feature = "tokio")]
            Kind::Tokio(_) => "tokio",
            #[cfg(feature = "smol")]
            Kind::Smol => "smol",
            #[cfg(feature = "runtime")]
            Kind::BuiltIn => "built-in",
        };
        f.debug_tuple("Handle")
            .field(&format_args!("{name}"))
            .finish()
    }
}
