//! A parked thread as a waker: how a blocking call waits for the same operation that a task would await.

use super::atomic::{AtomicU32, Ordering};
use super::{pause, thread, Arc, Patience};
use std::cell::Cell;
use std::task::Wake;
use std::time::Instant;

/// Nothing has happened and the thread runs.
const RUNNING: u32 = 0;
/// The thread sleeps, or is about to.
const PARKED: u32 = 1;
/// A wake-up has come and was not consumed yet.
const NOTIFIED: u32 = 2;

/// How often a thread looks for its wake-up before it sleeps: the most takes about as long as sleeping and being woken.
type Spins = Patience<64, 1024>;

/// Every so many looks the thread gives its processor away: whom it waits for may need it.
const LOOKS_UNTIL_YIELD: u32 = 64;

#[cfg(not(any(loom, shuttle)))]
std::thread_local! {
    static SPINS: Cell<Spins> = const { Cell::new(Spins::new()) };
}

/// One thread that can be put to sleep and woken.
///
/// | `state` | means | who moves it |
/// |---|---|---|
/// | `RUNNING` | no wake-up is pending | the thread, when it consumes a wake-up |
/// | `PARKED` | the thread sleeps | the thread, by compare-and-swap from `RUNNING` |
/// | `NOTIFIED` | a wake-up is pending | any waker, by swap; it unparks the thread if that was `PARKED` |
pub(crate) struct Parker {
    /// See the table above.
    state: AtomicU32,
    /// The thread to unpark.
    thread: thread::Thread,
}

impl Parker {
    /// A parker for the calling thread.
    pub(crate) fn new() -> Self {
        Parker {
            state: AtomicU32::new(RUNNING),
            thread: thread::current(),
        }
    }

    /// Waits for a wake-up, or until `deadline`; `false` means that the deadline came first.
    ///
    /// Only the thread that made the parker may call this.
    pub(crate) fn park(&self, deadline: Option<Instant>) -> bool {
        if self.consume() || self.spin() {
            return true;
        }
        if seeded!("parker-stores-over-a-wake-up") {
            self.state.store(RUNNING, Ordering::Release);
        }
        // Acquire on failure: a wake-up came in between, and what was done before it is visible.
        if self
            .state
            .compare_exchange(RUNNING, PARKED, Ordering::AcqRel, Ordering::Acquire)
            .is_err()
        {
            return self.consume();
        }
        loop {
            match deadline {
                None => thread::park(),
                Some(deadline) => park_until(deadline),
            }
            if self.consume() {
                return true;
            }
            if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
                // Whoever swaps in `NOTIFIED` from here on finds a running thread; a wake-up that came
                // just before is consumed now rather than left for the next wait.
                return self.state.swap(RUNNING, Ordering::AcqRel) == NOTIFIED;
            }
        }
    }

    /// Takes a pending wake-up.
    fn consume(&self) -> bool {
        // Acquire pairs with the release in `notify`.
        self.state
            .compare_exchange(NOTIFIED, RUNNING, Ordering::Acquire, Ordering::Relaxed)
            .is_ok()
    }

    /// Looks for a wake-up a bounded number of times, so that a peer that answers at once costs no system
    /// call; learns from each wait whether that is worth it.
    #[cfg(not(any(loom, shuttle)))]
    fn spin(&self) -> bool {
        let spins = SPINS.get();
        for look in 1..=spins.looks() {
            if self.state.load(Ordering::Relaxed) == NOTIFIED && self.consume() {
                SPINS.set(spins.paid(look));
                return true;
            }
            if look % LOOKS_UNTIL_YIELD == 0 {
                thread::yield_now();
            } else {
                pause(1);
            }
        }
        SPINS.set(spins.failed());
        false
    }

    /// A model gains nothing from spinning.
    #[cfg(any(loom, shuttle))]
    fn spin(&self) -> bool {
        let _ = (LOOKS_UNTIL_YIELD, pause as fn(u32), None::<Cell<Spins>>);
        false
    }

    /// Leaves a wake-up for the thread and wakes it if it sleeps.
    fn notify(&self) {
        // Release pairs with the acquire in `consume`.
        if self.state.swap(NOTIFIED, Ordering::AcqRel) == PARKED {
            self.thread.unpark();
        }
    }
}

impl Wake for Parker {
    fn wake(self: Arc<Self>) {
        self.notify();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.notify();
    }
}

/// Parks until `deadline` at the latest; may return early, as parking always may.
#[cfg(not(any(loom, shuttle)))]
fn park_until(deadline: Instant) {
    thread::park_timeout(deadline.saturating_duration_since(Instant::now()));
}

/// A model has no clock. A deadline that has passed is one that passes at any moment: the thread goes on, and
/// the model runs what others do before, between and after its steps. For any other the thread waits.
#[cfg(any(loom, shuttle))]
fn park_until(deadline: Instant) {
    if Instant::now() < deadline {
        thread::yield_now();
    }
}
