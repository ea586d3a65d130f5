//! Channels whose puts and gets happen when they are called, and tell by a future how they went: what the aiochan module
//! stands on.

use crate::action::{try_get, try_put, Action};
use crate::begun::{Begun, Count, Kind, Queued};
use crate::budget;
use crate::errors;
use crate::future;
use crate::operation::Operation;
use crate::outcome::Outcome;
use crate::target::Target;
use crate::trampoline::Hold;
use crate::value::Value;
use pyo3::exceptions::{PyException, PyTypeError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyTuple, PyWeakrefReference};
use pyo3::{PyTraverseError, PyVisit};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::OnceLock;

/// A channel whose `put` and `get` act at once. The rest of it is Python's.
#[pyclass(frozen, subclass, module = "millstream._core", name = "_CallChan")]
pub(crate) struct CallChan {
    made: OnceLock<Made>,
    puts: Count,
    gets: Count,
    /// Whether Python has something to do before the first operation waits.
    is_unbound: AtomicBool,
}

/// What there is from the constructor in Python on.
struct Made {
    target: Target,
    /// A weak reference to the channel, by which its futures ask for its loop.
    owner: Py<PyAny>,
    /// What a put returns that was accepted at once. It says nothing but that, so one does for all.
    accepted: Py<PyAny>,
}

impl CallChan {
    fn made(&self) -> PyResult<&Made> {
        self.made
            .get()
            .ok_or_else(|| errors::misuse("this channel has not been initialized"))
    }

    /// How many puts or gets of it wait that nobody awaits.
    pub(crate) fn count(&self, is_put: bool) -> &Count {
        if is_put {
            &self.puts
        } else {
            &self.gets
        }
    }

    /// What could not be done at once waits from here on.
    fn wait(slf: &Bound<'_, Self>, made: &Made, action: Action) -> PyResult<Py<PyAny>> {
        let py = slf.py();
        let this = slf.get();
        if this.is_unbound.load(Ordering::Relaxed) {
            slf.call_method0(intern!(py, "_bind_to_running"))?;
        }
        let is_put = matches!(action, Action::Put(_));
        let (kind, admit) = match is_put {
            true => (Kind::Put, intern!(py, "_admit_put")),
            false => (
                Kind::Get(made.target.clone_ref(py)),
                intern!(py, "_admit_get"),
            ),
        };
        let count = this.count(is_put);
        if count.load(Ordering::Relaxed) > 0 {
            slf.call_method0(admit)?;
        }
        let operation = Operation::object(py, made.target.clone_ref(py), action)?;
        // It is counted before it is begun, since another thread may complete it at any time after.
        let begun = Begun::new(operation, kind, Queued::one(count));
        let begun = Bound::new(py, begun)?;
        Begun::launch(&begun)?;
        future::of_begun(begun, made.owner.clone_ref(py))
    }
}

impl Made {
    /// A future of what has happened.
    #[inline]
    fn done(&self, value: Py<PyAny>, py: Python<'_>) -> PyResult<Py<PyAny>> {
        future::of_value(value, self.owner.clone_ref(py), py)
    }

    /// A future of what has happened, whose awaiter gives way before it goes on.
    #[cold]
    fn giving_way(&self, py: Python<'_>, kind: Kind, value: Py<PyAny>) -> PyResult<Py<PyAny>> {
        self.ended(py, kind, Ok(value), true)
    }

    #[cold]
    fn ended(
        &self,
        py: Python<'_>,
        kind: Kind,
        result: PyResult<Py<PyAny>>,
        gives_way: bool,
    ) -> PyResult<Py<PyAny>> {
        let operation = Py::new(py, Operation::ended(py, result))?;
        let begun = Bound::new(py, Begun::new(operation, kind, Queued::Nowhere))?;
        if gives_way {
            begun.get().give_way(py);
        }
        future::of_begun(begun, self.owner.clone_ref(py))
    }
}

#[pymethods]
impl CallChan {
    #[new]
    #[pyo3(signature = (*_args, **_keywords))]
    fn new(_args: &Bound<'_, PyTuple>, _keywords: Option<&Bound<'_, PyDict>>) -> Self {
        CallChan {
            made: OnceLock::new(),
            puts: Count::default(),
            gets: Count::default(),
            is_unbound: AtomicBool::new(true),
        }
    }

    /// Called by the constructor in Python: the engine's channel, or its sending end for one that only takes values.
    fn _set_up(slf: &Bound<'_, Self>, chan: &Bound<'_, PyAny>) -> PyResult<()> {
        let py = slf.py();
        let target = Target::of(chan)
            .ok_or_else(|| PyTypeError::new_err("a channel is made over one of the engine's"))?;
        let owner = PyWeakrefReference::new(slf.as_any())?.into_any().unbind();
        let accepted = future::of_value(truth(py, true), owner.clone_ref(py), py)?;
        let made = Made {
            target,
            owner,
            accepted,
        };
        match slf.get().made.set(made) {
            Ok(()) => Ok(()),
            Err(_) => Err(errors::misuse("this channel has been initialized already")),
        }
    }

    #[getter]
    fn _is_unbound(&self) -> bool {
        self.is_unbound.load(Ordering::Relaxed)
    }

    #[setter(_is_unbound)]
    fn set_is_unbound(&self, is_unbound: bool) {
        self.is_unbound.store(is_unbound, Ordering::Relaxed);
    }

    /// How many puts wait that nobody awaits.
    #[getter]
    fn _queued_puts(&self) -> usize {
        self.puts.load(Ordering::Relaxed)
    }

    /// How many gets wait that nobody awaits.
    #[getter]
    fn _queued_gets(&self) -> usize {
        self.gets.load(Ordering::Relaxed)
    }

    fn _count_put(&self, more: isize) {
        self.puts.fetch_add(more as usize, Ordering::Relaxed);
    }

    fn _count_get(&self, more: isize) {
        self.gets.fetch_add(more as usize, Ordering::Relaxed);
    }

    /// Put val now, if there is room or a get waits; otherwise as soon as there is.
    ///
    /// Returns a future: True when the value was accepted, False if the channel was closed before. It need not be
    /// awaited. Cancelling it, or a task that awaits it, withdraws a put that waits.
    ///
    /// Raises TypeError if val is None, which stands for the end of a channel, and QueueLimitError if MAX_OP_QUEUE_SIZE
    /// puts wait already that nobody awaits.
    fn put(slf: &Bound<'_, Self>, val: Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        let py = slf.py();
        if val.is_none() {
            return Err(PyTypeError::new_err("None cannot be put on a channel"));
        }
        let made = slf.get().made()?;
        let tried = {
            let _hold = Hold::new(py);
            made.target
                .with_ends(py, |ends| try_put(ends, Value::new(val.unbind())))?
        };
        match tried {
            Ok(Outcome::Nothing) if budget::is_spent(py) => {
                made.giving_way(py, Kind::Put, py.None())
            }
            Ok(Outcome::Nothing) => Ok(made.accepted.clone_ref(py)),
            Ok(Outcome::Raised(error)) => Err(error),
            Ok(_) => made.done(truth(py, false), py),
            Err(action) => Self::wait(slf, made, action),
        }
    }

    /// Get a value now, if there is one; otherwise as soon as there is.
    ///
    /// Returns a future: the value, or None when the channel is closed and has none left. Cancelling it, or a task that
    /// awaits it, withdraws a get that waits; a value that had arrived but was not read goes back to the front of the
    /// channel. If a function in front of the channel has failed, the future raises its error after the last value.
    ///
    /// Raises QueueLimitError if MAX_OP_QUEUE_SIZE gets wait already that nobody awaits.
    fn get(slf: &Bound<'_, Self>) -> PyResult<Py<PyAny>> {
        let py = slf.py();
        let made = slf.get().made()?;
        if !made.target.gives_values() {
            return Err(PyTypeError::new_err(
                "this is the out channel of async_apply: the function that was given it can only put",
            ));
        }
        let tried = {
            let _hold = Hold::new(py);
            made.target.with_ends(py, try_get)?
        };
        let kind = || Kind::Get(made.target.clone_ref(py));
        match tried {
            Some(Outcome::Value(value)) if budget::is_spent(py) => {
                made.giving_way(py, kind(), value.into_object())
            }
            Some(Outcome::Value(value)) => made.done(value.into_object(), py),
            None => Self::wait(slf, made, Action::Get),
            Some(Outcome::Raised(error)) if !error.is_instance_of::<PyException>(py) => Err(error),
            Some(Outcome::Raised(error)) => made.ended(py, kind(), Err(error), false),
            Some(_) => {
                let core = made.target.core();
                match core.error.get(py) {
                    None => made.done(py.None(), py),
                    Some(_) => {
                        let end = core.end(py, made.target.object());
                        made.ended(py, kind(), Err(end), false)
                    }
                }
            }
        }
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        let Some(made) = self.made.get() else {
            return Ok(());
        };
        made.target.visit(&visit)?;
        visit.call(&made.owner)?;
        visit.call(&made.accepted)
    }
}

pub(crate) fn truth(py: Python<'_>, value: bool) -> Py<PyAny> {
    PyBool::new(py, value).to_owned().into_any().unbind()
}
