//! The objects that stand for a channel: both ends, the sending end, the receiving end.

use crate::action::{try_get, try_put, Action, Target};
use crate::blocking::seconds;
use crate::core::Core;
use crate::ends::Ends;
use crate::errors;
use crate::iterable::Items;
use crate::iterate::{BlockingIter, Iter};
use crate::operation::Operation;
use crate::outcome::Outcome;
use crate::stats::Stats;
use crate::trampoline::Hold;
use crate::value::Value;
use pyo3::prelude::*;
use pyo3::types::{PyTuple, PyType};
use pyo3::{PyTraverseError, PyVisit};
use std::sync::{Arc, Mutex, MutexGuard};

/// What a handle is made of.
struct Inside {
    core: Py<Core>,
    /// `None` after the handle was detached.
    ends: Mutex<Option<Arc<Ends>>>,
}

impl Inside {
    fn new(core: Py<Core>, ends: Ends) -> Self {
        Inside {
            core,
            ends: Mutex::new(Some(Arc::new(ends))),
        }
    }

    #[inline]
    fn ends(&self) -> PyResult<Arc<Ends>> {
        let ends = self.lock().clone();
        ends.ok_or_else(|| errors::misuse("this handle was detached from its channel"))
    }

    fn detach(&self) -> bool {
        let ends = self.lock().take();
        let was_attached = ends.is_some();
        drop(ends);
        was_attached
    }

    fn lock(&self) -> MutexGuard<'_, Option<Arc<Ends>>> {
        self.ends.lock().expect("nothing panics under this lock")
    }
}

/// Both ends of a channel.
#[pyclass(frozen, module = "millstream", weakref, generic)]
pub(crate) struct Chan {
    inside: Inside,
}

/// The sending end of a channel.
#[pyclass(frozen, module = "millstream", weakref, generic)]
pub(crate) struct Sender {
    inside: Inside,
}

/// The receiving end of a channel.
#[pyclass(frozen, module = "millstream", weakref, generic)]
pub(crate) struct Receiver {
    inside: Inside,
}

/// A handle, whichever of the three.
trait Handle: pyo3::PyClass<Frozen = pyo3::pyclass::boolean_struct::True> + Sync {
    fn inside(&self) -> &Inside;

    #[inline]
    fn target(slf: &Bound<'_, Self>) -> PyResult<Target> {
        let inside = slf.get().inside();
        let ends = inside.ends()?;
        Ok(Target {
            chan: slf.clone().into_any().unbind(),
            core: inside.core.clone_ref(slf.py()),
            ends,
        })
    }

    #[inline]
    fn operation(slf: &Bound<'_, Self>, action: Action) -> PyResult<Operation> {
        Ok(Operation::new(Self::target(slf)?, action))
    }
}

macro_rules! handles {
    ($($class:ty),*) => {$(
        impl Handle for $class {
            #[inline]
            fn inside(&self) -> &Inside {
                &self.inside
            }
        }
    )*};
}
handles!(Chan, Sender, Receiver);

impl Chan {
    pub(crate) fn new(core: Py<Core>, ends: Ends) -> Self {
        Chan {
            inside: Inside::new(core, ends),
        }
    }
}

/// The target of a select's arm.
pub(crate) fn target_of(object: &Bound<'_, PyAny>) -> Option<PyResult<Target>> {
    if let Ok(chan) = object.cast::<Chan>() {
        return Some(Chan::target(chan));
    }
    if let Ok(receiver) = object.cast::<Receiver>() {
        return Some(Receiver::target(receiver));
    }
    let sender = object.cast::<Sender>().ok()?;
    Some(Sender::target(sender))
}

/// What every handle can do.
macro_rules! common {
    ($class:ty) => {
        #[pymethods]
        impl $class {
            #[getter]
            fn name(&self) -> Option<&str> {
                self.inside.core.get().name.as_deref()
            }

            #[getter]
            fn capacity(&self) -> PyResult<Option<usize>> {
                Ok(self.inside.ends()?.ask(|s| s.capacity(), |r| r.capacity()))
            }

            #[getter]
            fn error(&self, py: Python<'_>) -> Option<Py<PyAny>> {
                self.inside.core.get().error.get(py)
            }

            #[pyo3(signature = (error=None))]
            fn close(&self, py: Python<'_>, error: Option<&Bound<'_, PyAny>>) -> PyResult<bool> {
                let ends = self.inside.ends()?;
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

            fn is_closed(&self) -> PyResult<bool> {
                Ok(self.inside.ends()?.ask(|s| s.is_closed(), |r| r.is_closed()))
            }

            fn is_empty(&self) -> PyResult<bool> {
                Ok(self.inside.ends()?.ask(|s| s.is_empty(), |r| r.is_empty()))
            }

            fn is_full(&self) -> PyResult<bool> {
                Ok(self.inside.ends()?.ask(|s| s.is_full(), |r| r.is_full()))
            }

            fn sender_count(&self) -> PyResult<usize> {
                Ok(self.inside.ends()?.ask(|s| s.sender_count(), |r| r.sender_count()))
            }

            fn receiver_count(&self) -> PyResult<usize> {
                Ok(self.inside.ends()?.ask(|s| s.receiver_count(), |r| r.receiver_count()))
            }

            fn stats(&self) -> PyResult<Stats> {
                let stats = self.inside.ends()?.ask(|s| s.stats(), |r| r.stats());
                Ok(Stats::new(stats, self.inside.core.get()))
            }

            fn __len__(&self) -> PyResult<usize> {
                Ok(self.inside.ends()?.ask(|s| s.len(), |r| r.len()))
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
                slf.get().close(slf.py(), error)?;
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
                slf.get().close(slf.py(), error)?;
                crate::ready::ready(slf.py(), slf.py().None())
            }

            fn __repr__(slf: &Bound<'_, Self>) -> PyResult<String> {
                describe(stringify!($class), slf.get().inside())
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
                self.inside.detach();
            }
        }
    };
}
common!(Chan);
common!(Sender);
common!(Receiver);

/// What handles with a sending end can do.
macro_rules! sending {
    ($class:ty) => {
        #[pymethods]
        impl $class {
            fn put(slf: &Bound<'_, Self>, value: Py<PyAny>) -> PyResult<Operation> {
                Self::operation(slf, Action::Put(Value::new(value)))
            }

            fn put_nowait(slf: &Bound<'_, Self>, value: Py<PyAny>) -> PyResult<()> {
                let py = slf.py();
                let ends = slf.get().inside.ends()?;
                let _hold = Hold::new(py);
                match try_put(&ends, Value::new(value)) {
                    Ok(Outcome::Nothing) => Ok(()),
                    Ok(Outcome::Refused(value)) => {
                        let cause = slf.get().inside.core.get().error.get(py);
                        let value = value.map(Value::into_object);
                        Err(errors::closed(py, slf.as_any().as_unbound(), value, cause))
                    }
                    Ok(Outcome::Raised(error)) => Err(error),
                    Ok(_) => unreachable!("a put has no other ends"),
                    Err(Action::Put(value)) => {
                        Err(errors::full(py, slf.as_any().as_unbound(), value.into_object()))
                    }
                    Err(_) => unreachable!("a put is given back as a put"),
                }
            }

            #[pyo3(signature = (value, timeout=None))]
            fn put_blocking(
                slf: &Bound<'_, Self>,
                value: Py<PyAny>,
                timeout: Option<f64>,
            ) -> PyResult<()> {
                let operation = Self::operation(slf, Action::Put(Value::new(value)))?;
                let done = operation.run_blocking(slf.py(), seconds(timeout)?)?;
                done.map(drop)
                    .ok_or_else(|| errors::timed_out(timeout, "the put"))
            }

            fn put_many(slf: &Bound<'_, Self>, values: &Bound<'_, PyAny>) -> PyResult<Operation> {
                Self::operation(slf, Action::PutMany(Items::new(values)?))
            }

            fn closed(slf: &Bound<'_, Self>) -> PyResult<Operation> {
                Self::operation(slf, Action::Closed)
            }
        }
    };
}
sending!(Chan);
sending!(Sender);

/// What handles with a receiving end can do.
macro_rules! receiving {
    ($class:ty) => {
        #[pymethods]
        impl $class {
            fn get(slf: &Bound<'_, Self>) -> PyResult<Operation> {
                Self::operation(slf, Action::Get)
            }

            fn get_nowait(slf: &Bound<'_, Self>) -> PyResult<Py<PyAny>> {
                let py = slf.py();
                let inside = slf.get().inside();
                let ends = inside.ends()?;
                let _hold = Hold::new(py);
                match try_get(&ends) {
                    Some(Outcome::Value(value)) => Ok(value.into_object()),
                    Some(Outcome::Raised(error)) => Err(error),
                    Some(_) => Err(inside.core.get().end(py, slf.as_any().as_unbound())),
                    None => Err(errors::empty(py, slf.as_any().as_unbound())),
                }
            }

            #[pyo3(signature = (timeout=None))]
            fn get_blocking(slf: &Bound<'_, Self>, timeout: Option<f64>) -> PyResult<Py<PyAny>> {
                let operation = Self::operation(slf, Action::Get)?;
                let done = operation.run_blocking(slf.py(), seconds(timeout)?)?;
                done.ok_or_else(|| errors::timed_out(timeout, "the get"))
            }

            fn get_many(slf: &Bound<'_, Self>, limit: usize) -> PyResult<Operation> {
                Self::operation(slf, Action::GetMany(limit))
            }

            fn drain(slf: &Bound<'_, Self>) -> PyResult<Vec<Py<PyAny>>> {
                let ends = slf.get().inside.ends()?;
                let _hold = Hold::new(slf.py());
                let values = crate::drive::catch(|| ends.receiver().drain())?;
                Ok(values.map(Value::into_object).collect())
            }

            fn peek(&self, py: Python<'_>) -> Vec<Py<PyAny>> {
                self.inside.core.get().snapshot(py)
            }

            fn unget(slf: &Bound<'_, Self>, value: Py<PyAny>) -> PyResult<()> {
                let ends = slf.get().inside.ends()?;
                let _hold = Hold::new(slf.py());
                ends.receiver().put_back(Value::new(value));
                Ok(())
            }

            fn join(slf: &Bound<'_, Self>) -> PyResult<Operation> {
                Self::operation(slf, Action::Join)
            }

            fn is_len_at_least(&self, n: usize) -> PyResult<bool> {
                Ok(self.inside.ends()?.receiver().is_len_at_least(n))
            }

            fn is_drained(&self) -> PyResult<bool> {
                let ends = self.inside.ends()?;
                let receiver = ends.receiver();
                Ok(receiver.is_closed() && (receiver.is_empty() || self.inside.core.get().is_promise))
            }

            fn stream(slf: &Bound<'_, Self>) -> PyResult<Py<PyAny>> {
                let py = slf.py();
                static STREAM: pyo3::sync::PyOnceLock<Py<PyType>> = pyo3::sync::PyOnceLock::new();
                let class = STREAM.import(py, "millstream._streams", "Stream")?;
                Ok(class.call1((slf,))?.unbind())
            }

            fn __aiter__(slf: &Bound<'_, Self>) -> PyResult<Iter> {
                Ok(Iter::new(Self::target(slf)?))
            }

            fn __iter__(slf: &Bound<'_, Self>) -> PyResult<BlockingIter> {
                Ok(BlockingIter::new(Iter::new(Self::target(slf)?)))
            }
        }
    };
}
receiving!(Chan);
receiving!(Receiver);

#[pymethods]
impl Chan {
    fn sender(&self, py: Python<'_>) -> PyResult<Sender> {
        let ends = self.inside.ends()?;
        let own = Ends::new(Some(ends.sender().clone()), None);
        Ok(Sender {
            inside: Inside::new(self.inside.core.clone_ref(py), own),
        })
    }

    fn receiver(&self, py: Python<'_>) -> PyResult<Receiver> {
        let ends = self.inside.ends()?;
        let own = Ends::new(None, Some(ends.receiver().clone()));
        Ok(Receiver {
            inside: Inside::new(self.inside.core.clone_ref(py), own),
        })
    }

    fn split(&self, py: Python<'_>) -> PyResult<(Sender, Receiver)> {
        Ok((self.sender(py)?, self.receiver(py)?))
    }
}

#[pymethods]
impl Sender {
    fn clone(&self, py: Python<'_>) -> PyResult<Sender> {
        let ends = self.inside.ends()?;
        let own = Ends::new(Some(ends.sender().clone()), None);
        Ok(Sender {
            inside: Inside::new(self.inside.core.clone_ref(py), own),
        })
    }

    fn detach(&self, py: Python<'_>) -> bool {
        let _hold = Hold::new(py);
        self.inside.detach()
    }
}

#[pymethods]
impl Receiver {
    fn clone(&self, py: Python<'_>) -> PyResult<Receiver> {
        let ends = self.inside.ends()?;
        let own = Ends::new(None, Some(ends.receiver().clone()));
        Ok(Receiver {
            inside: Inside::new(self.inside.core.clone_ref(py), own),
        })
    }

    fn detach(&self, py: Python<'_>) -> bool {
        let _hold = Hold::new(py);
        self.inside.detach()
    }
}

/// A sender and a receiver of one channel, without an object that has both.
pub(crate) fn pair(
    py: Python<'_>,
    core: Py<Core>,
    ends: Ends,
) -> PyResult<Bound<'_, PyTuple>> {
    let chan = Chan::new(core, ends);
    let (sender, receiver) = chan.split(py)?;
    PyTuple::new(py, [Py::new(py, sender)?.into_any(), Py::new(py, receiver)?.into_any()])
}

fn describe(class: &str, inside: &Inside) -> PyResult<String> {
    let name = match &inside.core.get().name {
        Some(name) => format!(" {name:?}"),
        None => String::new(),
    };
    let Ok(ends) = inside.ends() else {
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
