//! The awaitable that every operation on a channel is.

use crate::action::{Action, Target};
use crate::blocking;
use crate::budget;
use crate::errors;
use crate::looped::{LoopQueue, LoopWait};
use crate::outcome::Outcome;
use crate::selected::Selected;
use crate::started::Started;
use crate::timer::TimeUp;
use crate::trampoline::{self, Hold};
use crate::waiter::Waiter;
use pyo3::exceptions::{PyStopAsyncIteration, PyStopIteration, PyTypeError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyList;
use pyo3::{PyTraverseError, PyVisit};
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::Poll;
use std::time::Duration;

/// One put, get, select or the like: an awaitable, and a coroutine as far as tasks care.
///
/// Nothing happens before it is awaited or started.
#[pyclass(frozen, module = "millstream", weakref, generic)]
pub(crate) struct Operation {
    targets: Targets,
    state: Mutex<State>,
    /// What a select yields when nothing was ready.
    default: Option<Py<PyAny>>,
}

pub(crate) enum Targets {
    One(Target),
    Many(Vec<Target>),
}

enum State {
    New(Action),
    /// A task waits for it.
    Waiting {
        wait: Arc<LoopWait>,
        timer: Option<Py<PyAny>>,
    },
    /// It was started, and calls back.
    Started {
        started: Arc<Started>,
        callback: Option<Py<PyAny>>,
        timer: Option<Py<PyAny>>,
    },
    /// Somebody is at it right now.
    Busy,
    /// It was started and has ended so.
    Ended(Result<Py<PyAny>, PyErr>),
    /// It was awaited to its end, or given up.
    Spent,
}

/// What one step of an awaitable comes to.
pub(crate) enum Step {
    Yield(Py<PyAny>),
    Return(Py<PyAny>),
}

impl Targets {
    fn all(&self) -> &[Target] {
        match self {
            Targets::One(target) => std::slice::from_ref(target),
            Targets::Many(targets) => targets,
        }
    }
}

impl Operation {
    #[inline]
    pub(crate) fn new(target: Target, action: Action) -> Self {
        Operation {
            targets: Targets::One(target),
            state: Mutex::new(State::New(action)),
            default: None,
        }
    }

    pub(crate) fn select(
        targets: Vec<Target>,
        action: Action,
        default: Option<Py<PyAny>>,
    ) -> Self {
        Operation {
            targets: Targets::Many(targets),
            state: Mutex::new(State::New(action)),
            default,
        }
    }

    /// What a task does with it, again and again, until it returns.
    #[inline]
    pub(crate) fn step(slf: &Bound<'_, Self>) -> PyResult<Step> {
        let this = slf.get();
        match this.exchange(State::Busy) {
            State::New(action) => {
                if budget::is_spent() {
                    this.exchange(State::New(action));
                    return Ok(Step::Yield(slf.py().None()));
                }
                match action.attempt(this.targets.all()) {
                    Ok(outcome) => {
                        this.exchange(State::Spent);
                        this.conclude(slf.py(), outcome).map(Step::Return)
                    }
                    Err(action) => this.begin_to_wait(slf.py(), action),
                }
            }
            State::Waiting { wait, timer } => this.look_again(slf.py(), wait, timer),
            other => {
                let complaint = other.complaint();
                this.exchange(other);
                Err(errors::misuse(complaint))
            }
        }
    }

    #[cold]
    fn begin_to_wait(&self, py: Python<'_>, action: Action) -> PyResult<Step> {
        budget::renew();
        let (queue, event_loop) = match LoopQueue::current(py) {
            Ok(current) => current,
            Err(error) => {
                self.exchange(State::New(action));
                return Err(error);
            }
        };
        let timeout = action.timeout();
        let wait = LoopWait::new(action.into_pending(self.targets.all()), queue);
        self.poll(py, wait, None, |wait| match timeout {
            None => Ok(None),
            Some(timeout) => TimeUp::of_wait(wait.clone()).schedule(&event_loop, timeout),
        })
    }

    fn look_again(
        &self,
        py: Python<'_>,
        wait: Arc<LoopWait>,
        timer: Option<Py<PyAny>>,
    ) -> PyResult<Step> {
        self.poll(py, wait, timer, |_| Ok(None))
    }

    fn poll(
        &self,
        py: Python<'_>,
        wait: Arc<LoopWait>,
        timer: Option<Py<PyAny>>,
        make_timer: impl FnOnce(&Arc<LoopWait>) -> PyResult<Option<Py<PyAny>>>,
    ) -> PyResult<Step> {
        match wait.poll() {
            Some(Poll::Ready(outcome)) => {
                wait.give_up();
                self.exchange(State::Spent);
                cancel_timer(py, timer);
                self.conclude(py, outcome).map(Step::Return)
            }
            Some(Poll::Pending) => {
                let timer = match timer {
                    Some(timer) => Some(timer),
                    None => make_timer(&wait)?,
                };
                let event_loop = LoopQueue::current(py)?.1.unbind();
                let waiter = Py::new(py, Waiter::new(wait.clone(), event_loop))?.into_any();
                let places = self.targets.all().iter().map(|target| {
                    let waiters = &target.core.get().waiters;
                    waiters.insert(waiter.clone_ref(py))
                });
                wait.settle(places);
                self.exchange(State::Waiting { wait, timer });
                Ok(Step::Yield(waiter))
            }
            None => {
                self.exchange(State::Spent);
                cancel_timer(py, timer);
                Err(errors::misuse("the event loop of this operation was closed while it waited"))
            }
        }
    }

    /// What the outcome means to Python.
    #[inline]
    fn conclude(&self, py: Python<'_>, outcome: Outcome) -> PyResult<Py<PyAny>> {
        match outcome {
            Outcome::Value(value) => Ok(value.into_object()),
            Outcome::Nothing => Ok(py.None()),
            other => self.conclude_rarer(py, other),
        }
    }

    #[cold]
    fn conclude_rarer(&self, py: Python<'_>, outcome: Outcome) -> PyResult<Py<PyAny>> {
        let target = || &self.targets.all()[0];
        match outcome {
            Outcome::Value(_) | Outcome::Nothing => unreachable!("the caller has seen to these"),
            Outcome::Values(values) => {
                let objects = values.into_iter().map(|value| value.into_object());
                Ok(PyList::new(py, objects.collect::<Vec<_>>())?.into_any().unbind())
            }
            Outcome::Count(count) => Ok(count.into_pyobject(py)?.into_any().unbind()),
            Outcome::End => self.end(py),
            Outcome::EndOfIteration => match target().core.get().error.get(py) {
                Some(_) => Err(target().core.get().end(py, &target().chan)),
                None => Err(PyStopAsyncIteration::new_err(())),
            },
            Outcome::Refused(value) => {
                let cause = target().core.get().error.get(py);
                let value = value.map(|value| value.into_object());
                Err(errors::closed(py, &target().chan, value, cause))
            }
            Outcome::Won {
                index,
                closed,
                value,
            } => {
                let target = &self.targets.all()[index];
                let value = value.map(|value| value.into_object());
                let selected = Selected::won(py, index, target, closed, value);
                Ok(Py::new(py, selected)?.into_any())
            }
            Outcome::Default => {
                let default = self.default.as_ref().map(|default| default.clone_ref(py));
                Ok(Py::new(py, Selected::nobody(default))?.into_any())
            }
            Outcome::TimedOut => Ok(Py::new(py, Selected::nobody(None))?.into_any()),
            Outcome::Raised(error) => {
                if let Targets::One(target) = &self.targets {
                    target.core.get().error.set(error.value(py).as_any());
                }
                Err(error)
            }
        }
    }

    /// The end of a channel, for a get or a join.
    fn end(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let target = &self.targets.all()[0];
        Err(target.core.get().end(py, &target.chan))
    }

    /// A started operation has ended; whoever started it is called back.
    pub(crate) fn complete(slf: &Bound<'_, Self>, outcome: Outcome) {
        let this = slf.get();
        let py = slf.py();
        let result = this.conclude(py, outcome);
        let before = this.exchange(State::Ended(result));
        if let State::Started {
            callback, timer, ..
        } = before
        {
            cancel_timer(py, timer);
            if let Some(callback) = callback {
                trampoline::call(py, callback, slf.clone().into_any().unbind());
            }
        }
    }

    /// Tries it at once; gives itself back if it has to wait.
    pub(crate) fn attempt(self, py: Python<'_>) -> PyResult<Result<Py<PyAny>, Self>> {
        let State::New(action) = self.exchange(State::Spent) else {
            unreachable!("it was made for this call");
        };
        match action.attempt(self.targets.all()) {
            Ok(outcome) => self.conclude(py, outcome).map(Ok),
            Err(action) => {
                self.exchange(State::New(action));
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
        let State::New(action) = self.exchange(State::Spent) else {
            unreachable!("it was made for this call");
        };
        let _hold = Hold::new(py);
        let outcome = match action.attempt(self.targets.all()) {
            Ok(outcome) => outcome,
            Err(action) => {
                let pending = action.into_pending(self.targets.all());
                match blocking::run(py, pending, timeout)? {
                    Some(outcome) => outcome,
                    None => return Ok(None),
                }
            }
        };
        self.conclude(py, outcome).map(Some)
    }

    fn give_up(&self, py: Python<'_>) {
        match self.exchange(State::Spent) {
            State::Waiting { wait, timer } => {
                wait.give_up();
                cancel_timer(py, timer);
            }
            State::New(action) => drop(action),
            other => {
                self.exchange(other);
            }
        }
    }

    #[inline]
    fn exchange(&self, state: State) -> State {
        mem::replace(&mut *self.lock(), state)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nothing panics under this lock")
    }
}

impl State {
    fn complaint(&self) -> &'static str {
        match self {
            State::Spent => "an operation on a channel can be awaited only once",
            State::Started { .. } | State::Ended(_) => "an operation that was started cannot be awaited",
            _ => "an operation on a channel can be awaited by one task only",
        }
    }
}

fn cancel_timer(py: Python<'_>, timer: Option<Py<PyAny>>) {
    if let Some(timer) = timer {
        // A timer of a loop that is closed has nothing left to cancel.
        let _ = timer.call_method0(py, intern!(py, "cancel"));
    }
}

impl Drop for Operation {
    /// An operation that goes while it waits has not happened.
    fn drop(&mut self) {
        match mem::replace(&mut *self.lock(), State::Spent) {
            State::Waiting { wait, .. } => wait.give_up(),
            State::Started { started, .. } => started.release(),
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

    fn __next__(slf: &Bound<'_, Self>) -> PyResult<Py<PyAny>> {
        match Self::step(slf)? {
            Step::Yield(object) => Ok(object),
            Step::Return(value) => Err(stop_iteration(slf.py(), value)),
        }
    }

    fn send(slf: &Bound<'_, Self>, value: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        if !value.is_none() {
            return Err(PyTypeError::new_err("only None can be sent into an operation"));
        }
        Self::__next__(slf)
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

    #[pyo3(signature = (callback=None))]
    fn start(slf: &Bound<'_, Self>, callback: Option<Py<PyAny>>) -> PyResult<bool> {
        let py = slf.py();
        let this = slf.get();
        let _hold = Hold::new(py);
        let action = match this.exchange(State::Busy) {
            State::New(action) => action,
            other => {
                this.exchange(other);
                return Err(errors::misuse("an operation can be started only once, and not while it is awaited"));
            }
        };
        let action = match action.attempt(this.targets.all()) {
            Ok(outcome) => {
                let result = this.conclude(py, outcome);
                this.exchange(State::Ended(result));
                return Ok(true);
            }
            Err(action) => action,
        };
        let timeout = action.timeout();
        let event_loop = match timeout {
            None => None,
            Some(_) => match LoopQueue::current(py) {
                Ok((_, event_loop)) => Some(event_loop),
                Err(error) => {
                    this.exchange(State::New(action));
                    return Err(error);
                }
            },
        };
        let started = Started::new(action.into_pending(this.targets.all()));
        let timer = match (event_loop, timeout) {
            (Some(event_loop), Some(timeout)) => {
                TimeUp::of_started(started.clone()).schedule(&event_loop, timeout)?
            }
            _ => None,
        };
        this.exchange(State::Started {
            started: started.clone(),
            callback,
            timer,
        });
        let settle = || {
            let targets = this.targets.all().iter();
            let places = targets.map(|target| {
                let waiters = &target.core.get().waiters;
                waiters.insert(slf.clone().into_any().unbind())
            });
            places.collect()
        };
        let Some(outcome) = started.launch(settle) else {
            return Ok(false);
        };
        let result = this.conclude(py, outcome);
        if let State::Started { timer, .. } = this.exchange(State::Ended(result)) {
            cancel_timer(py, timer);
        }
        Ok(true)
    }

    fn cancel(slf: &Bound<'_, Self>) -> bool {
        let this = slf.get();
        let py = slf.py();
        let started = match &*this.lock() {
            State::Started { started, .. } => started.clone(),
            _ => return false,
        };
        let _hold = Hold::new(py);
        if !started.cancel(py) {
            return false;
        }
        if let State::Started { timer, .. } = this.exchange(State::Spent) {
            cancel_timer(py, timer);
        }
        true
    }

    fn done(&self) -> bool {
        matches!(&*self.lock(), State::Ended(_) | State::Spent)
    }

    fn result(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        match &*self.lock() {
            State::Ended(Ok(value)) => Ok(value.clone_ref(py)),
            State::Ended(Err(error)) => Err(error.clone_ref(py)),
            State::Spent => Err(errors::misuse("the operation was awaited or cancelled, and has no result to give")),
            _ => Err(errors::misuse("the operation has not ended yet")),
        }
    }

    fn __repr__(&self) -> &'static str {
        match &*self.lock() {
            State::New(_) => "<channel operation, not awaited>",
            State::Waiting { .. } | State::Started { .. } => "<channel operation, waiting>",
            State::Busy => "<channel operation, under way>",
            State::Ended(_) | State::Spent => "<channel operation, ended>",
        }
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        let mut targets = self.targets.all().iter();
        targets.try_for_each(|target| target.visit(&visit))?;
        visit.call(&self.default)?;
        // A collection must not wait for a lock.
        let Ok(state) = self.state.try_lock() else {
            return Ok(());
        };
        match &*state {
            State::New(action) => action.visit(&visit),
            State::Waiting { timer, .. } => visit.call(timer),
            State::Started {
                callback, timer, ..
            } => {
                visit.call(callback)?;
                visit.call(timer)
            }
            State::Ended(Ok(value)) => visit.call(value),
            State::Ended(Err(_)) | State::Busy | State::Spent => Ok(()),
        }
    }

    fn __clear__(&self) {
        match self.exchange(State::Spent) {
            State::Waiting { wait, .. } => wait.give_up(),
            State::Started { started, .. } => started.release(),
            other => drop(other),
        }
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
