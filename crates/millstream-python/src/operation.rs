//! The awaitable that every operation on a channel is.

use crate::action::Action;
use crate::attached::Attached;
use crate::blocking;
use crate::budget;
use crate::concluded::conclude;
use crate::errors;
use crate::iterable::Items;
use crate::launched::Launched;
use crate::leaving::Inside;
use crate::looped::{LoopWait, Running};
use crate::outcome::Outcome;
use crate::slots;
use crate::spare;
use crate::target::Target;
use crate::targets::Targets;
use crate::timer::TimeUp;
use crate::trampoline::Hold;
use crate::waiter::Waiter;
use pyo3::exceptions::{PyStopIteration, PyTypeError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::{PyTraverseError, PyVisit};
use std::mem;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

/// One put, get, select or the like: an awaitable, and a coroutine as far as tasks care.
///
/// Nothing happens before it is awaited or started.
#[pyclass(frozen, module = "millstream", generic)]
pub(crate) struct Operation {
    pub(crate) state: Attached<State>,
}

pub(crate) enum State {
    New(Targets, Action),
    /// A task waits for it.
    Waiting(Waiting),
    /// It was started, and calls back.
    Started(Box<Launched>),
    /// It was started and has ended so.
    Ended(Box<Result<Py<PyAny>, Py<PyAny>>>),
    /// It was awaited to its end, or given up; or somebody is at it right now.
    Spent,
}

pub(crate) struct Waiting {
    targets: Targets,
    wait: Arc<LoopWait>,
    timer: Option<Py<PyAny>>,
    items: Option<Items>,
}

/// What one step of an awaitable comes to.
pub(crate) enum Step {
    Yield(Py<PyAny>),
    Return(Py<PyAny>),
}

impl Step {
    /// What an iterator does to tell the one from the other.
    pub(crate) fn hand_out(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        match self {
            Step::Yield(object) => Ok(object),
            Step::Return(value) => Err(stop_iteration(py, value)),
        }
    }
}

impl Operation {
    #[inline]
    pub(crate) fn new(target: Target, action: Action) -> Self {
        Operation::on(Targets::One(target), action)
    }

    pub(crate) fn on(targets: Targets, action: Action) -> Self {
        Operation {
            state: Attached::new(State::New(targets, action)),
        }
    }

    /// The object of a new operation. One that was used before is taken again if nobody else has it: making and freeing
    /// an object costs as much as the rest of an operation that need not wait.
    #[inline]
    pub(crate) fn object(py: Python<'_>, target: Target, action: Action) -> PyResult<Py<Self>> {
        match spare::take(py) {
            Some(spare) => {
                let spent = spare
                    .get()
                    .exchange(py, State::New(Targets::One(target), action));
                debug_assert!(matches!(spent, State::Spent));
                // It refers to nothing, and looking for what it may refer to costs.
                mem::forget(spent);
                Ok(spare)
            }
            None => Py::new(py, Operation::new(target, action)),
        }
    }

    /// What a task does with it, again and again, until it returns.
    #[inline]
    pub(crate) fn step(slf: &Bound<'_, Self>) -> PyResult<Step> {
        let this = slf.get();
        let py = slf.py();
        // Whoever comes to it while this step is under way finds it spent.
        match this.exchange(py, State::Spent) {
            State::New(targets, action) => {
                if budget::is_spent(py) {
                    this.exchange(py, State::New(targets, action));
                    return Ok(Step::Yield(py.None()));
                }
                match action.attempt(py, targets.all())? {
                    Ok(outcome) => {
                        spare::offer(slf);
                        let concluded = conclude(py, &targets, outcome);
                        targets.let_go(py);
                        concluded.map(Step::Return)
                    }
                    Err(action) => this.begin_to_wait(py, targets, action),
                }
            }
            State::Waiting(waiting) => this.look_again(slf, waiting),
            other => {
                let complaint = other.complaint();
                this.exchange(py, other);
                Err(errors::misuse(complaint))
            }
        }
    }

    fn begin_to_wait(&self, py: Python<'_>, targets: Targets, action: Action) -> PyResult<Step> {
        budget::renew(py);
        let running = match Running::current(py) {
            Ok(running) => running,
            Err(error) => {
                self.exchange(py, State::New(targets, action));
                return Err(error);
            }
        };
        let timeout = action.timeout();
        let items = action.items();
        let pending = action.into_pending(py, targets.all())?;
        let wait = LoopWait::new(pending, running.queue.clone());
        let poll = wait.poll(py);
        let timer = match (&poll, timeout) {
            (Some(Poll::Pending), Some(timeout)) => {
                TimeUp::of_wait(wait.clone(), targets.of_timer())
                    .schedule(running.event_loop.bind(py), timeout)?
            }
            _ => None,
        };
        let waiting = Waiting {
            targets,
            wait,
            timer,
            items,
        };
        self.after_poll(py, waiting, poll, &running)
    }

    fn look_again(&self, slf: &Bound<'_, Self>, waiting: Waiting) -> PyResult<Step> {
        let py = slf.py();
        if !waiting.wait.is_woken() {
            self.exchange(py, State::Waiting(waiting));
            return Err(errors::misuse(
                "an operation on a channel is awaited by one task only, and another is at it",
            ));
        }
        match waiting.wait.poll(py) {
            Some(Poll::Ready(outcome)) => {
                spare::offer(slf);
                let targets = waiting.end(py);
                let concluded = conclude(py, &targets, outcome);
                targets.let_go(py);
                concluded.map(Step::Return)
            }
            poll => {
                let running = Running::current(py)?;
                self.after_poll(py, waiting, poll, &running)
            }
        }
    }

    fn after_poll(
        &self,
        py: Python<'_>,
        waiting: Waiting,
        poll: Option<Poll<Outcome>>,
        running: &Running,
    ) -> PyResult<Step> {
        match poll {
            Some(Poll::Ready(outcome)) => {
                let targets = waiting.end(py);
                conclude(py, &targets, outcome).map(Step::Return)
            }
            Some(Poll::Pending) => {
                let event_loop = running.event_loop.clone_ref(py);
                let waiter = Waiter::new(waiting.wait.clone(), event_loop);
                let waiter = Py::new(py, waiter)?.into_any();
                for waiters in waiting.targets.waiters() {
                    let place = waiters.insert(py, waiter.clone_ref(py));
                    waiting.wait.settle(py, place);
                }
                self.exchange(py, State::Waiting(waiting));
                Ok(Step::Yield(waiter))
            }
            None => {
                waiting.end(py);
                Err(errors::misuse(
                    "the event loop of this operation was closed while it waited",
                ))
            }
        }
    }

    /// Tries it at once; gives itself back if it has to wait.
    pub(crate) fn attempt(self, py: Python<'_>) -> PyResult<Result<Py<PyAny>, Self>> {
        let State::New(targets, action) = self.exchange(py, State::Spent) else {
            unreachable!("it was made for this call");
        };
        match action.attempt(py, targets.all())? {
            Ok(outcome) => conclude(py, &targets, outcome).map(Ok),
            Err(action) => {
                self.exchange(py, State::New(targets, action));
                Ok(Err(self))
            }
        }
    }

    /// Runs it to its end on this thread; `None` if that took too long.
    pub(crate) fn run_blocking(
        self,
        py: Python<'_>,
        timeout: Option<Duration>,
    ) -> PyResult<Option<Py<PyAny>>> {
        let State::New(targets, action) = self.exchange(py, State::Spent) else {
            unreachable!("it was made for this call");
        };
        let _hold = Hold::new(py);
        let outcome = match action.attempt(py, targets.all())? {
            Ok(outcome) => outcome,
            Err(action) => {
                let pending = action.into_pending(py, targets.all())?;
                match blocking::run(py, pending, timeout)? {
                    Some(outcome) => outcome,
                    None => return Ok(None),
                }
            }
        };
        conclude(py, &targets, outcome).map(Some)
    }

    fn give_up(&self, py: Python<'_>) {
        match self.exchange(py, State::Spent) {
            State::Waiting(waiting) => drop(waiting.end(py)),
            State::New(targets, action) => drop((targets, action)),
            other => {
                self.exchange(py, other);
            }
        }
    }

    /// Ends it without effect and without a word, for one that the collector has found to be garbage.
    pub(crate) fn abandon(&self, py: Python<'_>) {
        match self.exchange(py, State::Spent) {
            State::Waiting(waiting) => {
                waiting.wait.give_up(py);
                clear_items(py, waiting.items);
            }
            State::Started(launched) => {
                launched.started.release(py);
                clear_items(py, launched.items);
            }
            other => drop(other),
        }
    }

    #[inline]
    pub(crate) fn exchange(&self, py: Python<'_>, state: State) -> State {
        self.state.replace(py, state)
    }
}

impl Waiting {
    /// Nobody waits any more: whatever is left of it goes.
    fn end(self, py: Python<'_>) -> Targets {
        self.wait.give_up(py);
        cancel_timer(py, self.timer);
        self.targets
    }
}

impl State {
    fn complaint(&self) -> &'static str {
        match self {
            State::Spent => "an operation on a channel can be awaited only once",
            _ => "an operation that was started cannot be awaited",
        }
    }
}

fn clear_items(py: Python<'_>, items: Option<Items>) {
    if let Some(items) = items {
        items.clear(py);
    }
}

pub(crate) fn cancel_timer(py: Python<'_>, timer: Option<Py<PyAny>>) {
    if let Some(timer) = timer {
        let _inside = Inside::new(py);
        // A timer of a loop that is closed has nothing left to cancel.
        let _ = timer.call_method0(py, intern!(py, "cancel"));
    }
}

impl Drop for Operation {
    /// An operation that goes while it waits has not happened.
    fn drop(&mut self) {
        match self.state.get_mut() {
            State::Waiting(waiting) => Python::attach(|py| waiting.wait.give_up(py)),
            State::Started(launched) => Python::attach(|py| launched.started.release(py)),
            _ => {}
        }
    }
}

#[pymethods]
impl Operation {
    fn __await__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __next__(slf: &Bound<'_, Self>) -> PyResult<Option<Py<PyAny>>> {
        slots::answer(slf.py(), || Self::step(slf))
    }

    fn send(slf: &Bound<'_, Self>, value: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        errors::check_sent(value)?;
        Self::step(slf)?.hand_out(slf.py())
    }

    #[pyo3(signature = (kind, value=None, traceback=None, /))]
    fn throw(
        slf: &Bound<'_, Self>,
        kind: &Bound<'_, PyAny>,
        value: Option<&Bound<'_, PyAny>>,
        traceback: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Py<PyAny>> {
        slf.get().give_up(slf.py());
        let error = errors::thrown(kind, value, traceback)?;
        Err(PyErr::from_value(error))
    }

    fn close(&self, py: Python<'_>) {
        self.give_up(py);
    }

    /// Begin without a task; True if it was done at once, and then `callback` is not called.
    ///
    /// Otherwise callback(operation) is called when it is done, by whoever completes it, after all locks are released and
    /// never inside another callback. Whatever the callback raises goes to sys.unraisablehook.
    #[pyo3(signature = (callback=None))]
    fn start(slf: &Bound<'_, Self>, callback: Option<Py<PyAny>>) -> PyResult<bool> {
        if callback
            .as_ref()
            .is_some_and(|callback| !callback.bind(slf.py()).is_callable())
        {
            return Err(PyTypeError::new_err(
                "the callback of an operation has to be a function",
            ));
        }
        Self::begin(slf, callback)
    }

    /// Withdraw an operation that was started: True if it did not happen and will not, False if it is done.
    pub(crate) fn cancel(slf: &Bound<'_, Self>) -> PyResult<bool> {
        Self::withdraw(slf)
    }

    /// Whether it has ended.
    fn done(&self, py: Python<'_>) -> bool {
        self.state
            .copy(py, |state| matches!(state, State::Ended(_) | State::Spent))
    }

    /// What a started operation came to; raises what it raised, and RuntimeError before it is done.
    pub(crate) fn result(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        self.state.copy(py, |state| match state {
            State::Ended(result) => match &**result {
                Ok(value) => Ok(value.clone_ref(py)),
                Err(error) => Err(PyErr::from_value(error.clone_ref(py).into_bound(py))),
            },
            State::Spent => Err(errors::misuse(
                "the operation was awaited or cancelled, and has no result to give",
            )),
            _ => Err(errors::misuse("the operation has not ended yet")),
        })
    }

    fn __repr__(&self, py: Python<'_>) -> &'static str {
        self.state.copy(py, |state| match state {
            State::New(..) => "<channel operation, not awaited>",
            State::Waiting(_) | State::Started(_) => "<channel operation, waiting>",
            State::Ended(_) | State::Spent => "<channel operation, ended>",
        })
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        // SAFETY: the collector calls, attached, and nothing is replaced before this returns.
        match unsafe { self.state.look() } {
            State::New(targets, action) => {
                targets.visit(&visit)?;
                action.visit(&visit)
            }
            State::Waiting(waiting) => {
                waiting.targets.visit(&visit)?;
                visit.call(&waiting.timer)?;
                waiting
                    .items
                    .iter()
                    .try_for_each(|items| items.visit(&visit))
            }
            State::Started(launched) => {
                launched.targets.visit(&visit)?;
                visit.call(&launched.callback)?;
                visit.call(&launched.timer)?;
                launched
                    .items
                    .iter()
                    .try_for_each(|items| items.visit(&visit))
            }
            State::Ended(result) => match &**result {
                Ok(object) | Err(object) => visit.call(object),
            },
            State::Spent => Ok(()),
        }
    }

    fn __clear__(&self) {
        Python::attach(|py| self.abandon(py));
    }
}

/// The exception by which an iterator returns a value. One that is a tuple or an exception would be taken apart if it
/// were not wrapped here.
pub(crate) fn stop_iteration(py: Python<'_>, value: Py<PyAny>) -> PyErr {
    match py.get_type::<PyStopIteration>().call1((value,)) {
        Ok(error) => PyErr::from_value(error),
        Err(error) => error,
    }
}
