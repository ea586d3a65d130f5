//! A runtime for tests: its tasks run, and its clock moves, only when it is told to.

mod clock;
mod tasks;

use crate::sync::unmodelled::Arc;
use crate::sync::unmodelled::{AtomicBool, Ordering};
use std::fmt;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};

use self::clock::VirtualClock;
use self::tasks::Tasks;
use super::current::EnterGuard;
use super::handle::Handle;
use super::sleepers::Sleep;
use super::task::Entered;
use super::traits::{BoxFuture, Timer};

/// A runtime with a clock of its own, which runs tasks on the calling thread when it is told to.
///
/// Nothing happens between the calls: a spawned task waits for [`run_until_stalled`](Self::run_until_stalled),
/// [`advance`](Self::advance) or [`block_on`](Self::block_on), and time passes only by the latter two. Tasks run in the
/// order in which they were spawned or woken, sleepers wake in the order of their deadlines and, where these are
/// equal, in the order in which they fell asleep. So a test takes the same course every time.
///
/// Tasks and sleeps may be woken from other threads, and handles used there; that is safe, but how it interleaves is
/// then up to those threads.
///
/// Dropping the `Manual` shuts it down: tasks that have not ended are dropped then, tasks spawned through a remaining
/// handle are dropped at once, and its time stands still.
///
/// # Examples
///
/// ```
/// use millstream::runtime::{Manual, Timer};
/// use std::sync::mpsc;
/// use std::time::Duration;
///
/// let mut manual = Manual::new();
/// let (tell, told) = mpsc::channel();
///
/// let runtime = manual.handle();
/// manual.spawn(async move {
///     for n in 1..=3 {
///         runtime.sleep(Duration::from_secs(3600)).await;
///         tell.send(n).unwrap();
///     }
/// });
///
/// manual.advance(Duration::from_secs(2 * 3600));
/// assert_eq!(told.try_iter().collect::<Vec<_>>(), [1, 2]);
/// assert_eq!(manual.tasks(), 1);
///
/// manual.advance(Duration::from_secs(3600));
/// assert_eq!(told.try_iter().collect::<Vec<_>>(), [3]);
/// assert_eq!(manual.tasks(), 0);
/// ```
pub struct Manual {
    /// What handles have a share in.
    shared: Shared,
    /// What the clock showed in the beginning.
    started: Instant,
}

/// The part of a [`Manual`] that its handles can reach: all but the power to run tasks and to move the clock.
#[derive(Clone)]
pub(super) struct Shared {
    clock: Arc<VirtualClock>,
    tasks: Arc<Tasks>,
}

impl Manual {
    /// A runtime without tasks, its clock showing the present time.
    pub fn new() -> Self {
        let started = Instant::now();
        Self {
            shared: Shared {
                clock: Arc::new(VirtualClock::new(started)),
                tasks: Arc::new(Tasks::new()),
            },
            started,
        }
    }

    /// A handle to this runtime, to spawn and to sleep with.
    pub fn handle(&self) -> Handle {
        Handle::manual(self.shared.clone())
    }

    /// Makes this runtime the current one on this thread; see [`enter`](super::enter).
    pub fn enter(&self) -> EnterGuard {
        self.handle().enter()
    }

    /// Puts a task in line; see [`Handle::spawn`].
    pub fn spawn(&self, future: impl Future<Output = ()> + Send + 'static) {
        self.handle().spawn(future);
    }

    /// What the clock shows.
    pub fn now(&self) -> Instant {
        self.shared.now()
    }

    /// How far the clock has moved since the runtime was made.
    pub fn elapsed(&self) -> Duration {
        self.now() - self.started
    }

    /// The deadline the clock would reach first, if any sleep is waiting.
    pub fn next_deadline(&self) -> Option<Instant> {
        self.shared.clock.first_deadline()
    }

    /// The number of spawned tasks that have not ended.
    ///
    /// A test that ends with `assert_eq!(manual.tasks(), 0)` proves that nothing was left running.
    pub fn tasks(&self) -> usize {
        self.shared.tasks.len()
    }

    /// The number of sleeps that have been polled and are waiting for the clock.
    ///
    /// A dropped sleep is not counted, so this shows whether a cancelled timeout was cleaned up.
    pub fn sleepers(&self) -> usize {
        self.shared.clock.waiting()
    }

    /// Polls tasks, those that are woken or spawned meanwhile too, until each is waiting or has ended. The clock does
    /// not move.
    ///
    /// Tasks that keep waking themselves, or each other, keep this from returning.
    ///
    /// # Panics
    ///
    /// A panic in a task comes out of this call. That task has ended; the others are as they were, and the runtime can
    /// be used further.
    pub fn run_until_stalled(&mut self) {
        while self.shared.tasks.run_one() {}
    }

    /// Moves the clock on by `duration`, stopping at each deadline on the way to let tasks run.
    ///
    /// First, tasks run until they stall. Then the clock moves from deadline to deadline; at each, those who waited
    /// for it are woken and tasks run until they stall, and what they then wait for is part of the way if it lies
    /// within it. In the end the clock has moved by exactly `duration`.
    ///
    /// # Panics
    ///
    /// If the clock would pass the last instant the platform can name; nothing has happened then. Also as
    /// [`run_until_stalled`](Self::run_until_stalled) does; a panic out of a waker is passed on likewise, after
    /// everyone who was due has been woken. The clock then stays where it was at that moment.
    ///
    /// # Examples
    ///
    /// ```
    /// use millstream::runtime::Manual;
    /// use std::time::Duration;
    ///
    /// let mut manual = Manual::new();
    /// manual.advance(Duration::from_secs(90));
    /// assert_eq!(manual.elapsed(), Duration::from_secs(90));
    /// ```
    pub fn advance(&mut self, duration: Duration) {
        let Some(end) = self.now().checked_add(duration) else {
            panic!("the clock cannot be moved on by {duration:?}: there is no such instant");
        };
        self.run_until_stalled();
        while let Some(deadline) = self.next_deadline().filter(|&deadline| deadline <= end) {
            self.move_to(deadline);
        }
        self.move_to(end);
    }

    /// Moves the clock to the next deadline and lets tasks run there until they stall. Returns how far the clock has
    /// moved, or `None` if no sleep is waiting.
    ///
    /// Tasks run until they stall before the deadline is looked up as well.
    ///
    /// # Panics
    ///
    /// As [`advance`](Self::advance) does.
    pub fn advance_to_next(&mut self) -> Option<Duration> {
        self.run_until_stalled();
        let before = self.now();
        let deadline = self.next_deadline()?;
        self.move_to(deadline);
        Some(self.now() - before)
    }

    /// Runs `future` on the calling thread, and spawned tasks with it, until it ends. Whenever all of them wait, the
    /// clock moves to the next deadline, so that no time is spent asleep.
    ///
    /// This runtime is the current one for `future`, which need not be `Send`. Tasks that have not ended stay and can
    /// be run further.
    ///
    /// This is for code that waits for nothing outside this runtime. If a thread is to wake it, its clock may move
    /// before the thread gets round to that.
    ///
    /// # Panics
    ///
    /// If everything waits and no sleep is among it, so that this would never return. Also as
    /// [`advance`](Self::advance) does.
    ///
    /// # Examples
    ///
    /// ```
    /// use millstream::runtime::{current, Manual, Timer};
    /// use std::time::Duration;
    ///
    /// let mut manual = Manual::new();
    /// let day = Duration::from_secs(24 * 3600);
    /// manual.block_on(async move { current().sleep(day).await });
    /// assert_eq!(manual.elapsed(), day);
    /// ```
    pub fn block_on<F: Future>(&mut self, future: F) -> F::Output {
        let _entered = self.enter();
        let woken = Arc::new(Woken(AtomicBool::new(true)));
        let waker = Waker::from(woken.clone());
        let mut cx = Context::from_waker(&waker);
        let mut future = pin!(future);
        loop {
            // The future takes its turn among the tasks: were it polled only when these have stalled, a task that
            // never does would keep it from ending.
            if woken.0.swap(false, Ordering::AcqRel) {
                if let Poll::Ready(output) = future.as_mut().poll(&mut cx) {
                    return output;
                }
            }
            if self.shared.tasks.run_one() || woken.0.load(Ordering::Acquire) {
                continue;
            }
            match self.next_deadline() {
                Some(deadline) => self.shared.clock.set(deadline),
                None => {
                    panic!("nothing can go on: the future and all tasks wait, and none for a time")
                }
            }
        }
    }

    /// Moves the clock to `time` and lets tasks run until they stall.
    fn move_to(&mut self, time: Instant) {
        self.shared.clock.set(time);
        self.run_until_stalled();
    }
}

impl Default for Manual {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Manual {
    fn drop(&mut self) {
        self.shared.tasks.shut_down();
    }
}

impl fmt::Debug for Manual {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Manual")
            .field("elapsed", &self.elapsed())
            .field("tasks", &self.tasks())
            .field("sleepers", &self.sleepers())
            .finish_non_exhaustive()
    }
}

impl Shared {
    /// Puts a task in line.
    pub(super) fn spawn(&self, task: Entered) {
        Tasks::spawn(&self.tasks, task);
    }
}

impl Timer for Shared {
    fn now(&self) -> Instant {
        self.clock.time()
    }

    fn sleep_until(&self, deadline: Instant) -> BoxFuture<'static, ()> {
        Box::pin(Sleep::new(self.clock.clone(), deadline))
    }
}

/// Whether the future of `block_on` was woken since it was last polled.
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        // It is a swap so that the poll that follows sees what was written before each of several wakes.
        self.0.swap(true, Ordering::AcqRel);
    }
}
