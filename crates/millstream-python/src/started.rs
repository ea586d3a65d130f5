//! Operations that run without a task: whoever completes one looks at it right there, and calls back.

use crate::attached::Attached;
use crate::busy::this_thread;
use crate::errors;
use crate::leaving;
use crate::operation::Operation;
use crate::outcome::{Outcome, Pending};
use crate::quiet::Quiet;
use crate::trampoline::Hold;
use crate::waiters::{self, Places};
use pyo3::prelude::*;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Wake, Waker};

// What a started operation is doing.
/// It waits for a wake-up.
const IDLE: u8 = 0;
/// Some thread looks at it.
const LOOKING: u8 = 1;
/// Some thread looks at it, and has to look once more.
const AGAIN: u8 = 2;
/// It has ended.
const ENDED: u8 = 3;

/// Stands for no thread.
const NOBODY: usize = 0;

/// One operation that was started and waits.
pub(crate) struct Started {
    /// Taken out while it is polled, so that nothing is held then.
    pending: Mutex<Option<Pending>>,
    phase: AtomicU8,
    /// The thread that looks at it; `NOBODY` while none does, and while the next has not said so yet.
    looker: AtomicUsize,
    timed_out: AtomicBool,
    /// Where the operation's object lies, in each channel that could complete it.
    places: Attached<Places>,
}

impl Started {
    pub(crate) fn new(pending: Pending) -> Arc<Self> {
        Arc::new(Started {
            pending: Mutex::new(Some(pending)),
            phase: AtomicU8::new(LOOKING),
            looker: AtomicUsize::new(this_thread()),
            timed_out: AtomicBool::new(false),
            places: Attached::new(Places::default()),
        })
    }

    /// The first look. If the operation has to wait, `settle` says where its object lies from then on.
    pub(crate) fn launch(
        self: &Arc<Self>,
        py: Python<'_>,
        settle: impl FnOnce() -> Places,
    ) -> Option<Outcome> {
        let mut settle = Some(settle);
        loop {
            if let Poll::Ready(outcome) = self.poll() {
                self.phase.store(ENDED, Ordering::SeqCst);
                drop(self.unsettle(py));
                return Some(outcome);
            }
            if let Some(settle) = settle.take() {
                self.places.replace(py, settle());
            }
            if self.rest() {
                return None;
            }
        }
    }

    /// Withdraws it; gives what it came to if it has happened all the same and nobody has seen that yet, `None` if
    /// somebody has. Waits while another thread looks at it.
    pub(crate) fn cancel(&self, py: Python<'_>) -> PyResult<Option<Outcome>> {
        loop {
            match self
                .phase
                .compare_exchange(IDLE, ENDED, Ordering::SeqCst, Ordering::SeqCst)
            {
                Ok(_) => {
                    let pending = lock(&self.pending).take();
                    let outcome = pending.map_or(Outcome::Nobody(None), Pending::give_up);
                    drop(self.unsettle(py));
                    return Ok(Some(outcome));
                }
                Err(ENDED) => return Ok(None),
                // It runs code of the user's, such as an iterable, which has called this.
                Err(_) if self.looker.load(Ordering::SeqCst) == this_thread() => {
                    return Err(errors::misuse("an operation cannot be cancelled by the iterable or buffer that it is using"));
                }
                Err(_) => py.detach(std::thread::yield_now),
            }
        }
    }

    /// Lets go of everything, for an operation whose object goes.
    pub(crate) fn release(&self, py: Python<'_>) {
        self.phase.store(ENDED, Ordering::SeqCst);
        let pending = lock(&self.pending).take();
        drop(pending);
        drop(self.unsettle(py));
    }

    pub(crate) fn time_up(self: &Arc<Self>) {
        self.timed_out.store(true, Ordering::SeqCst);
        self.clone().wake();
    }

    fn poll(self: &Arc<Self>) -> Poll<Outcome> {
        let Some(mut pending) = lock(&self.pending).take() else {
            return Poll::Pending;
        };
        let waker = Waker::from(self.clone());
        let poll = pending.poll(&mut Context::from_waker(&waker));
        if poll.is_pending() {
            if self.timed_out.load(Ordering::SeqCst) {
                return Poll::Ready(pending.give_up());
            }
            *lock(&self.pending) = Some(pending);
        }
        poll
    }

    /// Ends a look; `false` if it has to be done once more.
    fn rest(&self) -> bool {
        // Before others may look, so that who comes next is not taken for this thread.
        let looker = self.looker.swap(NOBODY, Ordering::SeqCst);
        let rested = self
            .phase
            .compare_exchange(LOOKING, IDLE, Ordering::SeqCst, Ordering::SeqCst);
        match rested {
            Ok(_) => true,
            Err(_) => {
                self.looker.store(looker, Ordering::SeqCst);
                self.phase.store(LOOKING, Ordering::SeqCst);
                false
            }
        }
    }

    /// Begins a look, unless one is under way that will see to it, or there is nothing left to look at.
    fn begin(&self) -> bool {
        let change = |phase| match phase {
            IDLE => Some(LOOKING),
            LOOKING => Some(AGAIN),
            _ => None,
        };
        let before = self
            .phase
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, change);
        let is_ours = before == Ok(IDLE);
        if is_ours {
            self.looker.store(this_thread(), Ordering::SeqCst);
        }
        is_ours
    }

    fn look(self: &Arc<Self>, py: Python<'_>) {
        let _quiet = Quiet::new(py);
        let _hold = Hold::new(py);
        loop {
            if let Poll::Ready(outcome) = self.poll() {
                self.phase.store(ENDED, Ordering::SeqCst);
                let operation = self.unsettle(py);
                let operation = operation
                    .and_then(|object| object.into_bound(py).cast_into::<Operation>().ok());
                if let Some(operation) = operation {
                    Operation::complete(&operation, outcome);
                }
                return;
            }
            if self.rest() {
                return;
            }
        }
    }

    fn unsettle(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        waiters::take(self.places.replace(py, Places::default()), py)
    }
}

impl Wake for Started {
    fn wake(self: Arc<Self>) {
        if self.begin() {
            // While the interpreter shuts down nobody is left to be told.
            leaving::try_attached(|py| self.look(py));
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("nothing panics under this lock")
}
