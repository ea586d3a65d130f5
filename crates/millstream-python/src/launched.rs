//! Operations that run without a task: how they begin, are completed and withdrawn, and what they came to.

use crate::action::Action;
use crate::begun::Begun;
use crate::concluded::conclude;
use crate::errors;
use crate::iterable::Items;
use crate::looped::Running;
use crate::operation::{cancel_timer, Operation, State};
use crate::outcome::Outcome;
use crate::started::Started;
use crate::targets::Targets;
use crate::timer::TimeUp;
use crate::trampoline::{self, Hold};
use crate::waiters::Places;
use pyo3::prelude::*;
use std::sync::Arc;

/// One that was started and has not ended.
pub(crate) struct Launched {
    pub(crate) targets: Targets,
    pub(crate) started: Arc<Started>,
    pub(crate) callback: Option<Py<PyAny>>,
    pub(crate) timer: Option<Py<PyAny>>,
    pub(crate) items: Option<Items>,
}

impl Operation {
    /// A started operation has ended; whoever started it is called back.
    pub(crate) fn complete(slf: &Bound<'_, Self>, outcome: Outcome) {
        let this = slf.get();
        let py = slf.py();
        let State::Started(launched) = this.exchange(py, State::Spent) else {
            return;
        };
        let launched = *launched;
        this.end_with(py, conclude(py, &launched.targets, outcome));
        cancel_timer(py, launched.timer);
        let Some(callback) = launched.callback else {
            return;
        };
        match callback.bind(py).cast::<Begun>() {
            // It only wakes tasks, which run later, so there is nothing to hold back.
            Ok(begun) => Begun::complete(begun),
            Err(_) => trampoline::call(py, callback, slf.clone().into_any().unbind()),
        }
    }

    /// Begins without a task; `true` if it was done at once.
    pub(crate) fn begin(slf: &Bound<'_, Self>, callback: Option<Py<PyAny>>) -> PyResult<bool> {
        let py = slf.py();
        let this = slf.get();
        let _hold = Hold::new(py);
        let (targets, action) = match this.exchange(py, State::Spent) {
            State::New(targets, action) => (targets, action),
            other => {
                this.exchange(py, other);
                return Err(errors::misuse(
                    "an operation can be started only once, and not while it is awaited",
                ));
            }
        };
        match action.attempt(py, targets.all())? {
            Ok(outcome) => {
                this.end_with(py, conclude(py, &targets, outcome));
                Ok(true)
            }
            Err(action) => {
                this.exchange(py, State::New(targets, action));
                Self::launch(slf, callback)
            }
        }
    }

    /// Begins without a task what has to wait, as far as one knows; `true` if it was done all the same.
    pub(crate) fn launch(slf: &Bound<'_, Self>, callback: Option<Py<PyAny>>) -> PyResult<bool> {
        let py = slf.py();
        let this = slf.get();
        let _hold = Hold::new(py);
        let State::New(targets, action) = this.exchange(py, State::Spent) else {
            unreachable!("the caller has seen to it");
        };
        let timeout = action.timeout();
        let running = match timeout {
            None => None,
            Some(timeout) => match Running::current(py) {
                Ok(running) => Some((running, timeout)),
                Err(error) => {
                    this.exchange(py, State::New(targets, action));
                    return Err(error);
                }
            },
        };
        let items = action.items();
        let started = Started::new(action.into_pending(py, targets.all())?);
        let timer = match running {
            Some((running, timeout)) => TimeUp::of_started(started.clone(), targets.of_timer())
                .schedule(running.event_loop.bind(py), timeout)?,
            None => None,
        };
        this.exchange(
            py,
            State::Started(Box::new(Launched {
                targets,
                started: started.clone(),
                callback,
                timer,
                items,
            })),
        );
        let settle = || this.lay(py, slf.as_any().as_unbound()).unwrap_or_default();
        let Some(outcome) = started.launch(py, settle) else {
            return Ok(false);
        };
        if let State::Started(launched) = this.exchange(py, State::Spent) {
            let launched = *launched;
            this.end_with(py, conclude(py, &launched.targets, outcome));
            cancel_timer(py, launched.timer);
        }
        Ok(true)
    }

    /// Withdraws it; `false` if it has happened.
    pub(crate) fn withdraw(slf: &Bound<'_, Self>) -> PyResult<bool> {
        let this = slf.get();
        let py = slf.py();
        let started = this.state.copy(py, |state| match state {
            State::Started(launched) => Some(launched.started.clone()),
            _ => None,
        });
        let Some(started) = started else {
            return Ok(false);
        };
        let _hold = Hold::new(py);
        match started.cancel(py)? {
            None => return Ok(false),
            Some(Outcome::Nobody(_)) => {}
            Some(outcome) => {
                // It has happened, and whoever did it has not come round to saying so.
                Self::complete(slf, outcome);
                return Ok(false);
            }
        }
        if let State::Started(launched) = this.exchange(py, State::Spent) {
            cancel_timer(py, launched.timer);
        }
        Ok(true)
    }

    /// Keeps what it came to, where the collector sees it: an error may refer to the channel, and so to anything.
    fn end_with(&self, py: Python<'_>, result: PyResult<Py<PyAny>>) {
        let result = result.map_err(|error| error.into_value(py).into_any());
        self.exchange(py, State::Ended(Box::new(result)));
    }

    /// One that was started, as it were, and has ended so.
    pub(crate) fn ended(py: Python<'_>, result: PyResult<Py<PyAny>>) -> Self {
        let operation = Operation::on(Targets::Many(Box::default()), Action::Get);
        operation.end_with(py, result);
        operation
    }

    /// Whether it was started and has a result to give.
    #[inline]
    pub(crate) fn has_ended(&self, py: Python<'_>) -> bool {
        self.state
            .copy(py, |state| matches!(state, State::Ended(_)))
    }

    /// Has an object lie wherever this operation can be completed; `None` if it is started no more.
    pub(crate) fn lay(&self, py: Python<'_>, object: &Py<PyAny>) -> Option<Places> {
        self.state.copy(py, |state| {
            let State::Started(launched) = state else {
                return None;
            };
            let mut places = Places::default();
            for waiters in launched.targets.waiters() {
                places.push(waiters.insert(py, object.clone_ref(py)));
            }
            Some(places)
        })
    }
}
