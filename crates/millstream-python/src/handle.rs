//! The objects that stand for a channel: both ends, the sending end, the receiving end.

use crate::action::Action;
use crate::attached::Attached;
use crate::core::Core;
use crate::ends::Ends;
use crate::errors;
use crate::operation::Operation;
use crate::stats::Stats;
use crate::target::Target;
use crate::trampoline::Hold;
use pyo3::prelude::*;
use pyo3::{PyTraverseError, PyVisit};
use std::sync::Arc;

/// What a handle is made of.
pub(crate) struct Inside {
    pub(crate) core: Py<Core>,
    ends: Held,
}

/// The ends as a handle has them.
enum Held {
    /// As long as the handle lives.
    Always(Arc<Ends>),
    /// Until it is detached.
    Until(Attached<Option<Arc<Ends>>>),
}

impl Inside {
    fn whole(core: Py<Core>, ends: Ends) -> Self {
        Inside {
            core,
            ends: Held::Always(Arc::new(ends)),
        }
    }

    pub(crate) fn half(core: Py<Core>, ends: Ends) -> Self {
        Inside {
            core,
            ends: Held::Until(Attached::new(Some(Arc::new(ends)))),
        }
    }

    pub(crate) fn ends(&self, py: Python<'_>) -> PyResult<Arc<Ends>> {
        self.core.get().process.check()?;
        match &self.ends {
            Held::Always(ends) => Ok(ends.clone()),
            Held::Until(ends) => ends.copy(py, Option::clone).ok_or_else(detached),
        }
    }

    #[inline(always)]
    pub(crate) fn with_ends<R>(
        &self,
        py: Python<'_>,
        use_them: impl FnOnce(&Ends) -> R,
    ) -> PyResult<R> {
        self.core.get().process.check()?;
        match &self.ends {
            Held::Always(ends) => Ok(use_them(ends)),
            Held::Until(ends) => {
                let ends = ends.copy(py, Option::clone).ok_or_else(detached)?;
                Ok(use_them(&ends))
            }
        }
    }

    /// Give this handle up now; False if it was given up already. The last one of its kind ends the channel.
    pub(crate) fn detach(&self, py: Python<'_>) -> bool {
        let Held::Until(ends) = &self.ends else {
            return false;
        };
        let ends = ends.replace(py, None);
        let was_attached = ends.is_some();
        drop(ends);
        was_attached
    }
}

fn detached() -> PyErr {
    errors::misuse("this handle was detached from its channel")
}

/// Both ends of a channel: what is put is got once, first in, first out, by tasks of any loop and by threads.
///
/// Made by bounded, rendezvous, unbounded, dropping, sliding, promise and with_buffer. `async for` and `for` (in a
/// thread) go over its values until it is closed; `async with` and `with` close it at the end, with the error if the
/// block raised one. The idea is Go's, and aiochan's.
#[pyclass(frozen, module = "millstream", weakref, generic)]
pub(crate) struct Chan {
    pub(crate) inside: Inside,
}

/// The sending end of a channel. When the last one goes, the channel is closed.
#[pyclass(frozen, module = "millstream", weakref, generic)]
pub(crate) struct Sender {
    pub(crate) inside: Inside,
}

/// The receiving end of a channel. When the last one goes, puts raise Closed.
#[pyclass(frozen, module = "millstream", weakref, generic)]
pub(crate) struct Receiver {
    pub(crate) inside: Inside,
}

/// A handle, whichever of the three.
pub(crate) trait Handle: Sized {
    fn inside(&self) -> &Inside;

    fn target(slf: &Bound<'_, Self>) -> Target;

    #[inline]
    fn operation(slf: &Bound<'_, Self>, action: Action) -> Operation {
        Operation::new(Self::target(slf), action)
    }
}

macro_rules! handles {
    ($($class:ident),*) => {$(
        impl Handle for $class {
            #[inline]
            fn inside(&self) -> &Inside {
                &self.inside
            }

            #[inline]
            fn target(slf: &Bound<'_, Self>) -> Target {
                Target::$class(slf.clone().unbind())
            }
        }
    )*};
}
handles!(Chan, Sender, Receiver);

impl Chan {
    pub(crate) fn new(core: Py<Core>, ends: Ends) -> Self {
        Chan {
            inside: Inside::whole(core, ends),
        }
    }
}

/// What every handle can do.
macro_rules! common {
    ($class:ty) => {
        #[pymethods]
        impl $class {
            /// The name the channel was given when it was made, or None.
            #[getter]
            fn name(&self) -> Option<&str> {
                self.inside.core.get().name.as_deref()
            }

            /// How many values the channel keeps before puts wait; None for no limit.
            #[getter]
            fn capacity(&self, py: Python<'_>) -> PyResult<Option<usize>> {
                Ok(self
                    .inside
                    .ends(py)?
                    .ask(|s| s.capacity(), |r| r.capacity()))
            }

            /// The error that the channel was closed with, or None.
            #[getter]
            fn error(&self, py: Python<'_>) -> Option<Py<PyAny>> {
                self.inside.core.get().error.get(py)
            }

            /// Close the channel for new values; False if it was closed already.
            ///
            /// Values that lie in it, and puts that were waiting, can still be got; after them get, iteration and join
            /// raise Closed, or `error` if one is given (an async for simply ends if there is none).
            #[pyo3(signature = (error=None))]
            fn close(&self, py: Python<'_>, error: Option<&Bound<'_, PyAny>>) -> PyResult<bool> {
                let ends = self.inside.ends(py)?;
                let _hold = Hold::new(py);
                if ends.ask(|s| s.is_closed(), |r| r.is_closed()) {
                    return Ok(false);
                }
                if let Some(error) = error {
                    if !error.is_instance_of::<pyo3::exceptions::PyBaseException>() {
                        return Err(pyo3::exceptions::PyTypeError::new_err(
                            "the error that a channel is closed with has to be an exception",
                        ));
                    }
                    self.inside.core.get().error.set(error);
                }
                Ok(ends.ask(|s| s.close(), |r| r.close()))
            }

            /// Whether the channel takes no more values.
            fn is_closed(&self, py: Python<'_>) -> PyResult<bool> {
                Ok(self
                    .inside
                    .ends(py)?
                    .ask(|s| s.is_closed(), |r| r.is_closed()))
            }

            /// Whether no value could be got now.
            fn is_empty(&self, py: Python<'_>) -> PyResult<bool> {
                Ok(self
                    .inside
                    .ends(py)?
                    .ask(|s| s.is_empty(), |r| r.is_empty()))
            }

            /// Whether a put would have to wait.
            fn is_full(&self, py: Python<'_>) -> PyResult<bool> {
                Ok(self.inside.ends(py)?.ask(|s| s.is_full(), |r| r.is_full()))
            }

            /// How many sending ends there are: a Chan counts as one, and so does a Sender. The last one to go closes it.
            fn sender_count(&self, py: Python<'_>) -> PyResult<usize> {
                Ok(self
                    .inside
                    .ends(py)?
                    .ask(|s| s.sender_count(), |r| r.sender_count()))
            }

            /// How many receiving ends there are. When the last one goes, puts raise Closed and values are dropped.
            fn receiver_count(&self, py: Python<'_>) -> PyResult<usize> {
                Ok(self
                    .inside
                    .ends(py)?
                    .ask(|s| s.receiver_count(), |r| r.receiver_count()))
            }

            /// A snapshot of what the channel has seen; see Stats.
            fn stats(&self, py: Python<'_>) -> PyResult<Stats> {
                let stats = self.inside.ends(py)?.ask(|s| s.stats(), |r| r.stats());
                Ok(Stats::new(stats, self.inside.core.get()))
            }

            fn __len__(&self, py: Python<'_>) -> PyResult<usize> {
                Ok(self.inside.ends(py)?.ask(|s| s.len(), |r| r.len()))
            }

            fn __bool__(&self) -> bool {
                true
            }

            fn __enter__(slf: Py<Self>) -> Py<Self> {
                slf
            }

            fn __exit__(
                slf: &Bound<'_, Self>,
                _kind: &Bound<'_, PyAny>,
                error: Option<&Bound<'_, PyAny>>,
                _traceback: &Bound<'_, PyAny>,
            ) -> PyResult<bool> {
                let reason = left_with(slf.as_any(), error);
                slf.get().close(slf.py(), reason.as_ref())?;
                Ok(false)
            }

            fn __aenter__(slf: Py<Self>, py: Python<'_>) -> PyResult<Py<PyAny>> {
                crate::ready::ready(py, slf.into_any())
            }

            fn __aexit__(
                slf: &Bound<'_, Self>,
                _kind: &Bound<'_, PyAny>,
                error: Option<&Bound<'_, PyAny>>,
                _traceback: &Bound<'_, PyAny>,
            ) -> PyResult<Py<PyAny>> {
                let reason = left_with(slf.as_any(), error);
                slf.get().close(slf.py(), reason.as_ref())?;
                crate::ready::ready(slf.py(), slf.py().None())
            }

            fn __repr__(slf: &Bound<'_, Self>) -> PyResult<String> {
                describe(slf.py(), stringify!($class), slf.get().inside())
            }

            fn __reduce__(&self) -> PyResult<()> {
                Err(pyo3::exceptions::PyTypeError::new_err(
                    "a channel cannot be pickled: it connects the tasks and threads of one process",
                ))
            }

            fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
                visit.call(&self.inside.core)
            }

            fn __clear__(&self) {
                Python::attach(|py| self.inside.detach(py));
            }
        }
    };
}
common!(Chan);
common!(Sender);
common!(Receiver);

/// The error that a channel is closed with when a block over it is left by one.
///
/// An exception that means to end a task, a thread or the program is meant for the one in which it was raised: others
/// are told that the channel is closed, and have it as the cause.
fn left_with<'py>(
    channel: &Bound<'py, PyAny>,
    error: Option<&Bound<'py, PyAny>>,
) -> Option<Bound<'py, PyAny>> {
    let error = error?;
    if error.is_instance_of::<pyo3::exceptions::PyException>() {
        return Some(error.clone());
    }
    let py = channel.py();
    let closed = errors::closed(py, channel.as_unbound(), None, Some(error.clone().unbind()));
    Some(closed.into_value(py).into_bound(py).into_any())
}

fn describe(py: Python<'_>, class: &str, inside: &Inside) -> PyResult<String> {
    let name = match &inside.core.get().name {
        Some(name) => format!(" {name:?}"),
        None => String::new(),
    };
    if inside.core.get().process.is_gone() {
        return Ok(format!(
            "<{class}{name}, of the process that this one was forked from>"
        ));
    }
    let Ok(ends) = inside.ends(py) else {
        return Ok(format!("<{class}{name}, detached>"));
    };
    let (len, capacity) = ends.ask(|s| (s.len(), s.capacity()), |r| (r.len(), r.capacity()));
    let of = match capacity {
        Some(capacity) => format!(" of {capacity}"),
        None => String::new(),
    };
    let closed = if ends.ask(|s| s.is_closed(), |r| r.is_closed()) {
        ", closed"
    } else {
        ""
    };
    Ok(format!("<{class}{name}, {len}{of} values{closed}>"))
}
