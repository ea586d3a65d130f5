//! Wakers that count what happens to them and run a hook when it does: re-enter the channel, or panic.

mod raw;

use std::fmt;
use std::future::Future;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

type Hook = Box<dyn Fn() + Send + Sync>;

/// The moment in a waker's life at which a [`Probe`] runs its hook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// `wake` or `wake_by_ref`.
    Wake,
    /// `clone`, before the clone exists.
    Clone,
    /// The drop of a waker that was not consumed by `wake`.
    Drop,
}

/// A source of wakers that counts wakes, clones and drops, and may run one hook at one [`Moment`].
///
/// The hook runs only while the probe is armed and never inside itself, so that a test chooses the exact operation
/// in which the channel meets it, and the test's own wakers can be cloned and dropped in peace.
#[derive(Clone)]
pub struct Probe {
    token: Arc<Token>,
}

/// What the raw wakers of a probe point to. Two wakers are equal to `will_wake` if they point to the same token.
struct Token {
    shared: Arc<Shared>,
    /// Every clone of a waker gets a token of its own.
    is_nameless: bool,
}

impl Token {
    /// The token of a clone of the waker that has this one.
    fn cloned(self: &Arc<Self>) -> Arc<Self> {
        self.shared.cloned();
        if self.is_nameless {
            Arc::new(Self {
                shared: Arc::clone(&self.shared),
                is_nameless: true,
            })
        } else {
            Arc::clone(self)
        }
    }
}

struct Shared {
    wakes: AtomicUsize,
    clones: AtomicUsize,
    drops: AtomicUsize,
    /// Wakers that exist now, the test's own included.
    alive: AtomicUsize,
    hook: Option<(Moment, Hook)>,
    /// How often the hook ran.
    hook_runs: AtomicUsize,
    armed: AtomicBool,
    /// Set while the hook runs: it is not run again from inside itself.
    inside: AtomicBool,
}

impl Shared {
    fn reached(&self, moment: Moment) {
        let Some((chosen, hook)) = &self.hook else {
            return;
        };
        if *chosen != moment || !self.armed.load(SeqCst) || self.inside.swap(true, SeqCst) {
            return;
        }
        /// Clears the flag also when the hook panics.
        struct Leave<'a>(&'a AtomicBool);
        impl Drop for Leave<'_> {
            fn drop(&mut self) {
                self.0.store(false, SeqCst);
            }
        }
        let _leave = Leave(&self.inside);
        self.hook_runs.fetch_add(1, SeqCst);
        hook();
    }

    fn woken(&self) {
        self.wakes.fetch_add(1, SeqCst);
        self.reached(Moment::Wake);
    }

    fn cloned(&self) {
        // The hook comes first: when it panics there is no clone to count.
        self.reached(Moment::Clone);
        self.clones.fetch_add(1, SeqCst);
        self.alive.fetch_add(1, SeqCst);
    }

    fn dropped(&self) {
        self.drops.fetch_add(1, SeqCst);
        self.alive.fetch_sub(1, SeqCst);
        self.reached(Moment::Drop);
    }

    fn consumed(&self) {
        self.alive.fetch_sub(1, SeqCst);
        self.woken();
    }
}

impl Probe {
    /// A probe that only counts.
    pub fn counting() -> Self {
        Self::build(None, false)
    }

    /// A probe that only counts, and whose wakers do not know each other: no waker `will_wake` its own clone.
    ///
    /// That is allowed, since `will_wake` does its best and promises nothing.
    pub fn nameless() -> Self {
        Self::build(None, true)
    }

    /// A probe that runs `hook` at `moment` while armed. It starts unarmed.
    pub fn hooked(moment: Moment, hook: impl Fn() + Send + Sync + 'static) -> Self {
        Self::build(Some((moment, Box::new(hook))), false)
    }

    /// A probe that panics at `moment` while armed, without a word from the panic hook. It starts unarmed.
    pub fn panicking(moment: Moment) -> Self {
        Self::hooked(moment, || resume_unwind(Box::new(Deliberate)))
    }

    /// A probe that panics like [`panicking`](Self::panicking), but only the first time: two panics at once end the
    /// process, and an operation may well drop two wakers.
    pub fn panicking_once(moment: Moment) -> Self {
        let spent = AtomicBool::new(false);
        Self::hooked(moment, move || {
            if !spent.swap(true, SeqCst) {
                resume_unwind(Box::new(Deliberate));
            }
        })
    }

    fn build(hook: Option<(Moment, Hook)>, is_nameless: bool) -> Self {
        let shared = Arc::new(Shared {
            wakes: AtomicUsize::new(0),
            clones: AtomicUsize::new(0),
            drops: AtomicUsize::new(0),
            alive: AtomicUsize::new(0),
            hook,
            hook_runs: AtomicUsize::new(0),
            armed: AtomicBool::new(false),
            inside: AtomicBool::new(false),
        });
        Self {
            token: Arc::new(Token {
                shared,
                is_nameless,
            }),
        }
    }

    fn shared(&self) -> &Shared {
        &self.token.shared
    }

    /// A new waker of this probe. All wakers of one probe `will_wake` each other, unless it is
    /// [`nameless`](Self::nameless).
    pub fn waker(&self) -> Waker {
        self.shared().alive.fetch_add(1, SeqCst);
        raw::waker_of(Arc::clone(&self.token))
    }

    /// From now on the hook runs.
    pub fn arm(&self) {
        self.shared().armed.store(true, SeqCst);
    }

    /// From now on the hook does not run.
    pub fn disarm(&self) {
        self.shared().armed.store(false, SeqCst);
    }

    /// How often a waker of this probe was woken.
    pub fn wakes(&self) -> usize {
        self.shared().wakes.load(SeqCst)
    }

    /// How often a waker of this probe was cloned.
    pub fn clones(&self) -> usize {
        self.shared().clones.load(SeqCst)
    }

    /// How many wakers of this probe were dropped without being consumed by `wake`.
    pub fn drops(&self) -> usize {
        self.shared().drops.load(SeqCst)
    }

    /// How many wakers of this probe exist.
    pub fn alive(&self) -> usize {
        self.shared().alive.load(SeqCst)
    }

    /// How often the hook ran.
    pub fn hook_runs(&self) -> usize {
        self.shared().hook_runs.load(SeqCst)
    }
}

impl fmt::Debug for Probe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Probe")
            .field("wakes", &self.wakes())
            .field("clones", &self.clones())
            .field("drops", &self.drops())
            .field("alive", &self.alive())
            .finish_non_exhaustive()
    }
}

/// The payload of every panic that the testkit raises on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deliberate;

/// Polls `future` once with `waker`.
pub fn poll_once<F: Future + ?Sized>(future: Pin<&mut F>, waker: &Waker) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(waker))
}

/// Panics unless the expression is `Poll::Pending`.
#[macro_export]
macro_rules! assert_pending {
    ($poll:expr) => {
        match $poll {
            ::std::task::Poll::Pending => {}
            ::std::task::Poll::Ready(_) => {
                panic!("expected Pending, got Ready from {}", stringify!($poll))
            }
        }
    };
}

/// Unwraps `Poll::Ready`, and panics on `Poll::Pending`.
#[macro_export]
macro_rules! assert_ready {
    ($poll:expr) => {
        match $poll {
            ::std::task::Poll::Ready(output) => output,
            ::std::task::Poll::Pending => {
                panic!("expected Ready, got Pending from {}", stringify!($poll))
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic::{catch_unwind, AssertUnwindSafe};

    #[test]
    fn every_event_is_counted_once() {
        let probe = Probe::counting();
        let first = probe.waker();
        let second = first.clone();
        assert!(first.will_wake(&second));
        assert_eq!((probe.clones(), probe.alive()), (1, 2));
        second.wake_by_ref();
        second.wake();
        assert_eq!((probe.wakes(), probe.drops(), probe.alive()), (2, 0, 1));
        drop(first);
        assert_eq!((probe.drops(), probe.alive()), (1, 0));
    }

    #[test]
    fn nameless_wakers_wake_all_the_same() {
        let probe = Probe::nameless();
        let first = probe.waker();
        let second = first.clone();
        assert!(!first.will_wake(&second));
        second.wake();
        drop(first);
        assert_eq!((probe.wakes(), probe.alive()), (1, 0));
    }

    #[test]
    fn a_hook_runs_when_armed_and_not_inside_itself() {
        let slot: Arc<std::sync::Mutex<Option<Waker>>> = Arc::default();
        let inner = Arc::clone(&slot);
        let probe = Probe::hooked(Moment::Wake, move || {
            let waker = inner.lock().unwrap().clone();
            waker.expect("the slot was filled").wake();
        });
        let waker = probe.waker();
        *slot.lock().unwrap() = Some(waker.clone());
        waker.wake_by_ref();
        assert_eq!((probe.wakes(), probe.hook_runs()), (1, 0));
        probe.arm();
        waker.wake_by_ref();
        assert_eq!((probe.wakes(), probe.hook_runs()), (3, 1));
        slot.lock().unwrap().take();
        assert_eq!(probe.alive(), 1);
    }

    #[test]
    fn a_panicking_probe_keeps_its_counts_right() {
        for moment in [Moment::Wake, Moment::Clone, Moment::Drop] {
            let probe = Probe::panicking(moment);
            let waker = probe.waker();
            probe.arm();
            let panic = catch_unwind(AssertUnwindSafe(|| match moment {
                Moment::Wake => waker.wake(),
                Moment::Clone => drop(waker.clone()),
                Moment::Drop => drop(waker),
            }));
            assert!(panic.expect_err("it panics").is::<Deliberate>());
            assert_eq!(probe.alive(), 0, "{moment:?}");
            assert_eq!(Arc::strong_count(&probe.token), 1, "{moment:?}");
        }
    }

    #[test]
    fn the_macros_tell_ready_from_pending() {
        let waker = Probe::counting().waker();
        let mut ready = std::pin::pin!(std::future::ready(7));
        assert_eq!(assert_ready!(poll_once(ready.as_mut(), &waker)), 7);
        let mut pending = std::pin::pin!(std::future::pending::<()>());
        assert_pending!(poll_once(pending.as_mut(), &waker));
    }
}
