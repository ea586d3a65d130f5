//! An operation that began when it was called, for a future that tells how it went: it can be awaited by several tasks, by
//! none, or be asked.

use crate::attached::Attached;
use crate::budget;
use crate::call::{truth, CallChan};
use crate::errors;
use crate::few::Few;
use crate::fork::Process;
use crate::future;
use crate::looped::{LoopWait, Running};
use crate::operation::{Operation, Step};
use crate::target::Target;
use crate::trampoline;
use crate::waiter::Waiter;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::{PyTraverseError, PyVisit};
use std::mem;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;
use std::thread;

/// How many operations of one kind wait on a channel that nobody awaits.
pub(crate) type Count = Arc<AtomicUsize>;

/// The place of an operation among them, until somebody awaits it or it ends.
#[derive(Default)]
pub(crate) enum Queued {
    #[default]
    Nowhere,
    One(Count),
    /// Those of a select.
    Many(Vec<Count>),
}

impl Queued {
    pub(crate) fn one(count: &Count) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Queued::One(count.clone())
    }

    fn many<'a>(counts: impl Iterator<Item = &'a Count>) -> Self {
        let counted = counts.inspect(|count| {
            count.fetch_add(1, Ordering::Relaxed);
        });
        Queued::Many(counted.cloned().collect())
    }
}

impl Drop for Queued {
    fn drop(&mut self) {
        let counts = match self {
            Queued::Nowhere => &[],
            Queued::One(count) => std::slice::from_ref(count),
            Queued::Many(counts) => counts.as_slice(),
        };
        for count in counts {
            count.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

/// What its result means.
pub(crate) enum Kind {
    /// `True`, or `False` if the channel is closed.
    Put,
    /// A value, or `None` if the channel is closed and empty. The channel is where it goes back to.
    Get(Target),
    /// What this object says that it means; it also gives back what nobody reads.
    Select(Py<PyAny>),
}

/// An operation that is under way, or has ended.
#[pyclass(frozen, module = "millstream._core", name = "_Begun")]
pub(crate) struct Begun {
    operation: Py<Operation>,
    kind: Kind,
    process: Process,
    state: Attached<State>,
}

#[derive(Default)]
struct State {
    queued: Queued,
    /// The tasks that are suspended in it.
    waits: Few<Arc<LoopWait>>,
    /// How many have been suspended in it and have not left.
    awaiters: usize,
    /// Whether the first who asks gives way.
    gives_way: bool,
    /// Whether what came with it is somebody's.
    was_read: bool,
    /// What it was cancelled with, if it was. One whose value went back to its channel counts as cancelled: it is read once.
    cancelled: Option<Option<Py<PyAny>>>,
    /// Called when it has ended.
    callback: Option<Py<PyAny>>,
}

impl Begun {
    pub(crate) fn new(operation: Py<Operation>, kind: Kind, queued: Queued) -> Self {
        let state = State {
            queued,
            ..State::default()
        };
        Begun {
            operation,
            kind,
            process: Process::current(),
            state: Attached::new(state),
        }
    }

    /// Begins the operation, which could not be done at once.
    pub(crate) fn launch(slf: &Bound<'_, Self>) -> PyResult<()> {
        let operation = slf.get().operation.bind(slf.py());
        if Operation::launch(operation, Some(slf.clone().into_any().unbind()))? {
            Self::complete(slf);
        }
        Ok(())
    }

    /// The first who awaits it is to let others run before.
    pub(crate) fn give_way(&self, py: Python<'_>) {
        self.state.update(py, |state| state.gives_way = true);
    }

    /// What a task does with it, again and again, until it returns.
    pub(crate) fn step(slf: &Bound<'_, Self>) -> PyResult<Step> {
        let py = slf.py();
        let this = slf.get();
        loop {
            if let Some(message) = this.cancelled_with(py) {
                return Err(errors::cancelled(py, message));
            }
            if this.operation.get().has_ended(py) {
                break;
            }
            if let Some(waiter) = Self::suspend(slf)? {
                return Ok(Step::Yield(waiter));
            }
            // Another thread is completing it, or withdrawing it, and about to say so.
            py.detach(thread::yield_now);
        }
        let is_first = this
            .state
            .copy(py, |state| state.awaiters == 0 && !state.was_read);
        if is_first {
            let is_due = this
                .state
                .update(py, |state| mem::take(&mut state.gives_way));
            if is_due || budget::is_spent(py) {
                this.state.update(py, |state| state.awaiters += 1);
                return Ok(Step::Yield(py.None()));
            }
        }
        this.state.update(py, |state| state.was_read = true);
        this.outcome(py).map(Step::Return)
    }

    /// What a task yields that waits for it; `None` if it does not wait itself any more.
    fn suspend(slf: &Bound<'_, Self>) -> PyResult<Option<Py<PyAny>>> {
        let py = slf.py();
        let this = slf.get();
        this.process.check()?;
        let queued = this.state.update(py, |state| mem::take(&mut state.queued));
        drop(queued);
        budget::renew(py);
        let running = Running::current(py)?;
        let wait = LoopWait::told(running.queue);
        let waiter = Waiter::of_begun(wait.clone(), running.event_loop, slf.clone().unbind());
        let waiter = Py::new(py, waiter)?.into_any();
        // From here on nobody else comes in between, so that whoever completes it finds both or neither.
        let Some(places) = this.operation.get().lay(py, &waiter) else {
            return Ok(None);
        };
        wait.settle_in(py, places);
        this.state.update(py, |state| {
            state.awaiters += 1;
            state.waits.push(wait);
        });
        Ok(Some(waiter))
    }

    /// The operation has ended: those who wait for it are told.
    pub(crate) fn complete(slf: &Bound<'_, Self>) {
        let (queued, waits, callback) = slf.get().state.update(slf.py(), |state| {
            (
                mem::take(&mut state.queued),
                mem::take(&mut state.waits),
                state.callback.take(),
            )
        });
        drop(queued);
        for wait in waits {
            wait.wake_once();
        }
        if let Some(callback) = callback {
            trampoline::call(slf.py(), callback, slf.clone().into_any().unbind());
        }
    }

    /// What an operation came to that has ended.
    fn outcome(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        match (self.operation.get().result(py), &self.kind) {
            (Ok(value), Kind::Get(_)) => Ok(value),
            (Ok(_), Kind::Put) => Ok(truth(py, true)),
            (Ok(selected), Kind::Select(asker)) => {
                asker.call_method1(py, intern!(py, "outcome"), (selected,))
            }
            (Err(error), Kind::Put) if errors::is_closed(py, &error) => Ok(truth(py, false)),
            (Err(error), Kind::Get(_)) if errors::is_closed(py, &error) => Ok(py.None()),
            (Err(error), _) => Err(error),
        }
    }

    fn cancelled_with(&self, py: Python<'_>) -> Option<Option<Py<PyAny>>> {
        self.state.copy(py, |state| {
            let message = state.cancelled.as_ref()?;
            Some(message.as_ref().map(|message| message.clone_ref(py)))
        })
    }

    /// The loop of a task that waits in it was closed.
    pub(crate) fn lose(slf: &Bound<'_, Self>) {
        if let Err(error) = Self::leave(slf) {
            error.write_unraisable(slf.py(), Some(slf));
        }
    }
}

#[pymethods]
impl Begun {
    /// Whether it has ended or was cancelled.
    fn done(&self, py: Python<'_>) -> bool {
        self.operation.get().has_ended(py) || self.cancelled(py)
    }

    fn cancelled(&self, py: Python<'_>) -> bool {
        self.state.copy(py, |state| state.cancelled.is_some())
    }

    /// Its result; CancelledError, or InvalidStateError before it has ended.
    fn result(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        if let Some(message) = self.cancelled_with(py) {
            return Err(errors::cancelled(py, message));
        }
        match self.operation.get().has_ended(py) {
            true => self.outcome(py),
            false => Err(errors::not_done(py)),
        }
    }

    /// Withdraw the operation; False if it has happened, or was withdrawn before.
    #[pyo3(signature = (message=None))]
    pub(crate) fn cancel(slf: &Bound<'_, Self>, message: Option<Py<PyAny>>) -> PyResult<bool> {
        let this = slf.get();
        let py = slf.py();
        if !Operation::cancel(this.operation.bind(py))? {
            return Ok(false);
        }
        this.state
            .update(py, |state| state.cancelled = Some(message));
        Self::complete(slf);
        Ok(true)
    }

    /// One that awaited it does so no more. If it was the last, and nobody has read what came, the operation is given up.
    fn leave(slf: &Bound<'_, Self>) -> PyResult<()> {
        let is_last = slf.get().state.update(slf.py(), |state| {
            state.awaiters = state.awaiters.saturating_sub(1);
            state.awaiters == 0
        });
        match is_last {
            true => Self::give_up(slf),
            false => Ok(()),
        }
    }

    /// Nobody will read it: it is withdrawn, or the value that came with it goes back.
    fn give_up(slf: &Bound<'_, Self>) -> PyResult<()> {
        let this = slf.get();
        let py = slf.py();
        let is_over = || {
            this.state
                .copy(py, |state| state.was_read || state.cancelled.is_some())
        };
        if is_over() || Self::cancel(slf, None)? || is_over() {
            return Ok(());
        }
        let Ok(result) = this.operation.get().result(py) else {
            return Ok(());
        };
        let (taker, give_back) = match &this.kind {
            Kind::Put => return Ok(()),
            Kind::Get(target) => (target.object(), intern!(py, "unget")),
            Kind::Select(asker) => (asker, intern!(py, "give_back")),
        };
        this.state.update(py, |state| state.cancelled = Some(None));
        taker.call_method1(py, give_back, (result,))?;
        Ok(())
    }

    /// What came with it is somebody's now, who does not await it.
    fn hand_over(&self, py: Python<'_>) {
        self.state.update(py, |state| state.was_read = true);
    }

    /// Have callback(self) called once it has ended; False if it has.
    fn when_done(&self, py: Python<'_>, callback: Py<PyAny>) -> bool {
        if self.done(py) {
            return false;
        }
        let before = self
            .state
            .update(py, |state| state.callback.replace(callback));
        drop(before);
        true
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.operation)?;
        match &self.kind {
            Kind::Put => {}
            Kind::Get(target) => target.visit(&visit)?,
            Kind::Select(asker) => visit.call(asker)?,
        }
        // SAFETY: the collector calls, attached, and nothing is replaced before this returns.
        let state = unsafe { self.state.look() };
        visit.call(&state.callback)?;
        state
            .cancelled
            .iter()
            .try_for_each(|message| visit.call(message))
    }

    fn __clear__(&self) {
        Python::attach(|py| {
            let gone = self
                .state
                .update(py, |state| (state.callback.take(), state.cancelled.take()));
            drop(gone);
        });
    }
}

/// Begins a select, and gives its future. `asker` says what its result means; `chans` are those that it is on, each with
/// whether it puts.
#[pyfunction]
pub(crate) fn _begin(
    operation: Bound<'_, Operation>,
    asker: Bound<'_, PyAny>,
    chans: Vec<(Bound<'_, CallChan>, bool)>,
) -> PyResult<Py<PyAny>> {
    let py = operation.py();
    let queued = Queued::many(chans.iter().map(|(chan, is_put)| chan.get().count(*is_put)));
    let kind = Kind::Select(asker.clone().unbind());
    let begun = Begun::new(operation.clone().unbind(), kind, queued);
    let begun = Bound::new(py, begun)?;
    if Operation::begin(&operation, Some(begun.clone().into_any().unbind()))? {
        Begun::complete(&begun);
    }
    future::of_begun(begun, asker.getattr(intern!(py, "owner"))?.unbind())
}
