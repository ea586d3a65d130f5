//! What a waiting operation yields to its task: the part of a future that asyncio's tasks ask for.

use crate::attached::Attached;
use crate::begun::Begun;
use crate::errors;
use crate::few::Few;
use crate::looped::LoopWait;
use crate::waking;
use pyo3::exceptions::PyException;
use pyo3::ffi;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use pyo3::{PyTraverseError, PyVisit};
use std::mem;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;

/// The future-like object that a task waits for. It carries no value: it only says "look again".
#[pyclass(frozen, module = "millstream._core", name = "_Waiter", weakref)]
pub(crate) struct Waiter {
    wait: Arc<LoopWait>,
    event_loop: Py<PyAny>,
    /// What is waited for, if it is not the task's own operation but one that had begun before.
    begun: Option<Py<Begun>>,
    /// asyncio's own flag, which a task reads and resets.
    blocking: AtomicBool,
    state: Attached<State>,
}

struct State {
    status: Status,
    /// Those to be called.
    callbacks: Few<Callback>,
}

enum Status {
    Waiting,
    Woken,
    Cancelled(Option<Py<PyAny>>),
}

struct Callback {
    function: Py<PyAny>,
    context: Option<Py<PyAny>>,
    /// Whether it wakes a task of asyncio's.
    wakes_task: bool,
}

impl Waiter {
    pub(crate) fn new(wait: Arc<LoopWait>, event_loop: Py<PyAny>) -> Self {
        Waiter::of(wait, event_loop, None)
    }

    pub(crate) fn of_begun(wait: Arc<LoopWait>, event_loop: Py<PyAny>, begun: Py<Begun>) -> Self {
        Waiter::of(wait, event_loop, Some(begun))
    }

    fn of(wait: Arc<LoopWait>, event_loop: Py<PyAny>, begun: Option<Py<Begun>>) -> Self {
        Waiter {
            wait,
            event_loop,
            begun,
            blocking: AtomicBool::new(true),
            state: Attached::new(State {
                status: Status::Waiting,
                callbacks: Few::default(),
            }),
        }
    }

    /// Calls those who wait for it. Errors that are not for the loop's handler come out.
    pub(crate) fn resume(slf: &Bound<'_, Self>) -> PyResult<()> {
        let (callbacks, is_woken) = slf.get().state.update(slf.py(), |state| {
            if let Status::Waiting = state.status {
                state.status = Status::Woken;
            }
            let is_woken = matches!(state.status, Status::Woken);
            (mem::take(&mut state.callbacks), is_woken)
        });
        let mut fatal = Ok(());
        for callback in callbacks {
            if let Err(error) = callback.call(slf, is_woken) {
                if error.is_instance_of::<PyException>(slf.py()) {
                    slf.get().report(slf, error)?;
                } else {
                    fatal = Err(error);
                }
            }
        }
        fatal
    }

    /// Nobody will ever be told.
    pub(crate) fn abandon(&self, py: Python<'_>) {
        self.wait.give_up(py);
    }

    /// The loop of its task was closed.
    pub(crate) fn lose(&self, py: Python<'_>) {
        if let Some(begun) = &self.begun {
            Begun::lose(begun.bind(py));
        }
    }

    fn report(&self, slf: &Bound<'_, Self>, error: PyErr) -> PyResult<()> {
        let py = slf.py();
        let about = PyDict::new(py);
        about.set_item(
            "message",
            "Exception in a callback of a waiting channel operation",
        )?;
        about.set_item("exception", error)?;
        about.set_item("future", slf)?;
        self.event_loop
            .call_method1(py, intern!(py, "call_exception_handler"), (about,))?;
        Ok(())
    }
}

impl Callback {
    fn call(&self, waiter: &Bound<'_, Waiter>, is_woken: bool) -> PyResult<()> {
        let py = waiter.py();
        let waiter = match self.wakes_task && is_woken {
            true => waking::done(py)?,
            false => waiter.as_any(),
        };
        let Some(context) = &self.context else {
            self.function.call1(py, (waiter,))?;
            return Ok(());
        };
        // SAFETY: the thread is attached, and `context` is checked to be a context by the call itself.
        if unsafe { ffi::PyContext_Enter(context.as_ptr()) } < 0 {
            return Err(PyErr::fetch(py));
        }
        let called = self.function.call1(py, (waiter,));
        // SAFETY: it was entered above by this thread, which is still attached.
        if unsafe { ffi::PyContext_Exit(context.as_ptr()) } < 0 && called.is_ok() {
            return Err(PyErr::fetch(py));
        }
        called.map(drop)
    }
}

#[pymethods]
impl Waiter {
    #[getter(_asyncio_future_blocking)]
    fn blocking(&self) -> bool {
        self.blocking.load(Ordering::Relaxed)
    }

    #[setter(_asyncio_future_blocking)]
    fn set_blocking(&self, blocking: bool) {
        self.blocking.store(blocking, Ordering::Relaxed);
    }

    fn get_loop(&self, py: Python<'_>) -> Py<PyAny> {
        self.event_loop.clone_ref(py)
    }

    #[pyo3(signature = (function, *, context=None))]
    fn add_done_callback(
        slf: &Bound<'_, Self>,
        function: Py<PyAny>,
        context: Option<Py<PyAny>>,
    ) -> PyResult<()> {
        let this = slf.get();
        let py = slf.py();
        let wakes_task = waking::wakes_task(function.bind(py));
        let late = this.state.update(py, |state| match state.status {
            Status::Waiting => {
                let callback = Callback {
                    function,
                    context,
                    wakes_task,
                };
                state.callbacks.push(callback);
                None
            }
            _ => Some((function, context)),
        });
        let Some((function, context)) = late else {
            return Ok(());
        };
        let keywords = PyDict::new(py);
        keywords.set_item("context", context)?;
        this.event_loop.bind(py).call_method(
            intern!(py, "call_soon"),
            (function, slf),
            Some(&keywords),
        )?;
        Ok(())
    }

    fn remove_done_callback(slf: &Bound<'_, Self>, function: &Bound<'_, PyAny>) -> PyResult<usize> {
        // Comparing is code of the user's, so it runs on what was taken out.
        let py = slf.py();
        let state = &slf.get().state;
        let callbacks = state.update(py, |state| mem::take(&mut state.callbacks));
        let mut kept = Few::default();
        let mut removed = 0;
        for callback in callbacks {
            if callback.function.bind(py).eq(function)? {
                removed += 1;
            } else {
                kept.push(callback);
            }
        }
        state.update(py, |state| {
            kept.into_iter()
                .for_each(|callback| state.callbacks.push(callback));
        });
        Ok(removed)
    }

    /// Asked by `Task.cancel`. After a wake-up it is too late: the task then raises into the operation itself.
    #[pyo3(signature = (msg=None))]
    fn cancel(&self, py: Python<'_>, msg: Option<Py<PyAny>>) -> PyResult<bool> {
        if let Some(begun) = &self.begun {
            // As of any future, all who await it are told.
            return Begun::cancel(begun.bind(py), msg);
        }
        let is_waiting = self
            .state
            .copy(py, |state| matches!(state.status, Status::Waiting));
        if !is_waiting || !self.wait.wake_once() {
            return Ok(false);
        }
        let status = Status::Cancelled(msg);
        let before = self
            .state
            .update(py, |state| mem::replace(&mut state.status, status));
        drop(before);
        Ok(true)
    }

    fn cancelled(&self, py: Python<'_>) -> bool {
        self.state
            .copy(py, |state| matches!(state.status, Status::Cancelled(_)))
    }

    fn done(&self, py: Python<'_>) -> bool {
        self.state
            .copy(py, |state| !matches!(state.status, Status::Waiting))
    }

    fn result(&self, py: Python<'_>) -> PyResult<()> {
        let message = self.state.copy(py, |state| match &state.status {
            Status::Woken => Ok(None),
            Status::Waiting => Err(errors::misuse("it is still waiting")),
            Status::Cancelled(message) => {
                Ok(Some(message.as_ref().map(|message| message.clone_ref(py))))
            }
        })?;
        match message {
            Some(message) => Err(errors::cancelled(py, message)),
            None => Ok(()),
        }
    }

    fn exception(&self, py: Python<'_>) -> PyResult<()> {
        self.result(py)
    }

    fn __repr__(&self, py: Python<'_>) -> &'static str {
        self.state.copy(py, |state| match state.status {
            Status::Waiting => "<channel operation waiting>",
            Status::Woken => "<channel operation woken>",
            Status::Cancelled(_) => "<channel operation cancelled>",
        })
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.event_loop)?;
        visit.call(&self.begun)?;
        // SAFETY: the collector calls, attached, and nothing is replaced before this returns.
        let state = unsafe { self.state.look() };
        if let Status::Cancelled(message) = &state.status {
            visit.call(message)?;
        }
        for callback in state.callbacks.iter() {
            visit.call(&callback.function)?;
            visit.call(&callback.context)?;
        }
        Ok(())
    }

    fn __clear__(&self) {
        let callbacks = Python::attach(|py| {
            self.state
                .update(py, |state| mem::take(&mut state.callbacks))
        });
        drop(callbacks);
    }
}
