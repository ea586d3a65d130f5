//! The objects that stand for a channel: both ends, the sending end, the receiving end.

use crate::action::{try_get, try_put, Action};
use crate::attached::Attached;
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
use std::sync::Arc;

/// What a handle is made of.
struct Inside {
    core: Py<Core>,
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

    fn half(core: Py<Core>, ends: Ends) -> Self {
        Inside {
            core,
            ends: Held::Until(Attached::new(Some(Arc::new(ends)))),
        }
    }

    fn ends(&self, py: Python<'_>) -> PyResult<Arc<Ends>> {
        self.core.get().process.check()?;
        match &self.ends {
            Held::Always(ends) => Ok(ends.clone()),
            Held::Until(ends) => ends.copy(py, Option::clone).ok_or_else(detached),
        }
    }

    #[inline(always)]
    fn with_ends<R>(&self, py: Python<'_>, use_them: impl FnOnce(&Ends) -> R) -> PyResult<R> {
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
    fn detach(&self, py: Python<'_>) -> bool {
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

/// A handle as an operation refers to it; errors name it.
pub(crate) enum Target {
    Chan(Py<Chan>),
    Sender(Py<Sender>),
    Receiver(Py<Receiver>),
}

impl Target {
    /// The handle that an object is, if it is one.
    pub(crate) fn of(object: &Bound<'_, PyAny>) -> Option<Self> {
        if let Ok(chan) = object.cast::<Chan>() {
            return Some(Target::Chan(chan.clone().unbind()));
        }
        if let Ok(receiver) = object.cast::<Receiver>() {
            return Some(Target::Receiver(receiver.clone().unbind()));
        }
        let sender = object.cast::<Sender>().ok()?;
        Some(Target::Sender(sender.clone().unbind()))
    }

    #[inline]
    fn inside(&self) -> &Inside {
        match self {
            Target::Chan(chan) => &chan.get().inside,
            Target::Sender(sender) => &sender.get().inside,
            Target::Receiver(receiver) => &receiver.get().inside,
        }
    }

    pub(crate) fn ends(&self, py: Python<'_>) -> PyResult<Arc<Ends>> {
        self.inside().ends(py)
    }

    #[inline(always)]
    pub(crate) fn with_ends<R>(
        &self,
        py: Python<'_>,
        use_them: impl FnOnce(&Ends) -> R,
    ) -> PyResult<R> {
        self.inside().with_ends(py, use_them)
    }

    pub(crate) fn core(&self) -> &Core {
        self.inside().core.get()
    }

    pub(crate) fn takes_values(&self) -> bool {
        !matches!(self, Target::Receiver(_))
    }

    pub(crate) fn gives_values(&self) -> bool {
        !matches!(self, Target::Sender(_))
    }

    /// The handle as the object that it is.
    pub(crate) fn object(&self) -> &Py<PyAny> {
        match self {
            Target::Chan(chan) => chan.as_any(),
            Target::Sender(sender) => sender.as_any(),
            Target::Receiver(receiver) => receiver.as_any(),
        }
    }

    pub(crate) fn clone_ref(&self, py: Python<'_>) -> Self {
        match self {
            Target::Chan(chan) => Target::Chan(chan.clone_ref(py)),
            Target::Sender(sender) => Target::Sender(sender.clone_ref(py)),
            Target::Receiver(receiver) => Target::Receiver(receiver.clone_ref(py)),
        }
    }

    /// Drops it, on a thread that is known to be attached: it need not be asked whether it is.
    #[inline]
    pub(crate) fn let_go(self, py: Python<'_>) {
        match self {
            Target::Chan(chan) => chan.drop_ref(py),
            Target::Sender(sender) => sender.drop_ref(py),
            Target::Receiver(receiver) => receiver.drop_ref(py),
        }
    }

    pub(crate) fn visit(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(self.object())
    }
}

/// Both ends of a channel: what is put is got once, first in, first out, by tasks of any loop and by threads.
///
/// Made by bounded, rendezvous, unbounded, dropping, sliding, promise and with_buffer. `async for` and `for` (in a
/// thread) go over its values until it is closed; `async with` and `with` close it at the end, with the error if the
/// block raised one. The idea is Go's, and aiochan's.
#[pyclass(frozen, module = "millstream", weakref, generic)]
pub(crate) struct Chan {
    inside: Inside,
}

/// The sending end of a channel. When the last one goes, the channel is closed.
#[pyclass(frozen, module = "millstream", weakref, generic)]
pub(crate) struct Sender {
    inside: Inside,
}

/// The receiving end of a channel. When the last one goes, puts raise Closed.
#[pyclass(frozen, module = "millstream", weakref, generic)]
pub(crate) struct Receiver {
    inside: Inside,
}

/// A handle, whichever of the three.
trait Handle: Sized {
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

/// What handles with a sending end can do.
macro_rules! sending {
    ($class:ty) => {
        #[pymethods]
        impl $class {
            /// Put a value, waiting for room; without a buffer, for a get.
            ///
            /// An awaitable: nothing happens before it is awaited or started. Raises Closed, with the value, if the channel
            /// is closed. Waiting puts are served in order. Cancelled before it was done, the value was not put.
            ///
            /// >>> await chan.put(7)
            fn put(slf: &Bound<'_, Self>, value: Py<PyAny>) -> PyResult<Py<Operation>> {
                Operation::object(slf.py(), Self::target(slf), Action::Put(Value::new(value)))
            }

            /// Put a value if that needs no waiting. Raises Full or Closed, with the value.
            fn put_nowait(slf: &Bound<'_, Self>, value: Py<PyAny>) -> PyResult<()> {
                let py = slf.py();
                let ends = slf.get().inside.ends(slf.py())?;
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
                    Err(Action::Put(value)) => Err(errors::full(
                        py,
                        slf.as_any().as_unbound(),
                        value.into_object(),
                    )),
                    Err(_) => unreachable!("a put is given back as a put"),
                }
            }

            /// Put a value from a thread, which blocks; other threads run meanwhile. Not for use in async code.
            ///
            /// Raises Closed, or TimeoutError if `timeout` seconds were not enough: then the value was not put.
            #[pyo3(signature = (value, timeout=None))]
            fn put_blocking(
                slf: &Bound<'_, Self>,
                value: Py<PyAny>,
                timeout: Option<f64>,
            ) -> PyResult<()> {
                let operation = Self::operation(slf, Action::Put(Value::new(value)));
                let done = operation.run_blocking(slf.py(), seconds(timeout)?)?;
                done.map(drop)
                    .ok_or_else(|| errors::timed_out(timeout, "the put"))
            }

            /// Put every item of an iterable, in order; an awaitable of how many there were.
            ///
            /// An item is taken from the iterable only when there is a place for it, so that backpressure reaches it. Raises
            /// Closed with the one item that was taken and not put, and whatever the iterable raises.
            fn put_many(slf: &Bound<'_, Self>, values: &Bound<'_, PyAny>) -> PyResult<Operation> {
                Ok(Self::operation(slf, Action::PutMany(Items::new(values)?)))
            }

            /// An awaitable that waits until the channel takes no more values.
            fn closed(slf: &Bound<'_, Self>) -> Operation {
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
            /// Get the next value, waiting for it.
            ///
            /// An awaitable: nothing happens before it is awaited or started. Raises Closed once the channel is closed and
            /// everything in it was got, or the error it was closed with. Waiting gets are served in order. Cancelled at
            /// any moment, no value is lost: the next to get has it.
            ///
            /// >>> await chan.get()
            fn get(slf: &Bound<'_, Self>) -> PyResult<Py<Operation>> {
                Operation::object(slf.py(), Self::target(slf), Action::Get)
            }

            /// Get the next value if it is there. Raises Empty, Closed, or the error the channel was closed with.
            fn get_nowait(slf: &Bound<'_, Self>) -> PyResult<Py<PyAny>> {
                let py = slf.py();
                let inside = slf.get().inside();
                let ends = inside.ends(py)?;
                let _hold = Hold::new(py);
                match try_get(&ends) {
                    Some(Outcome::Value(value)) => Ok(value.into_object()),
                    Some(Outcome::Raised(error)) => Err(error),
                    Some(_) => Err(inside.core.get().end(py, slf.as_any().as_unbound())),
                    None => Err(errors::empty(py, slf.as_any().as_unbound())),
                }
            }

            /// Get the next value in a thread, which blocks; other threads run meanwhile. Not for use in async code.
            ///
            /// Raises Closed or the error the channel was closed with, and TimeoutError after `timeout` seconds.
            #[pyo3(signature = (timeout=None))]
            fn get_blocking(slf: &Bound<'_, Self>, timeout: Option<f64>) -> PyResult<Py<PyAny>> {
                let operation = Self::operation(slf, Action::Get);
                let done = operation.run_blocking(slf.py(), seconds(timeout)?)?;
                done.ok_or_else(|| errors::timed_out(timeout, "the get"))
            }

            /// Get up to `limit` values at once; an awaitable of a list of at least one.
            ///
            /// An empty list means that the channel is closed and has no more; if it was closed with an error, that is
            /// raised. Cancelling loses nothing.
            fn get_many(slf: &Bound<'_, Self>, limit: usize) -> Operation {
                Self::operation(slf, Action::GetMany(limit))
            }

            /// Get everything that is there now, as a list. Never waits.
            fn drain(slf: &Bound<'_, Self>) -> PyResult<Vec<Py<PyAny>>> {
                let ends = slf.get().inside.ends(slf.py())?;
                let _hold = Hold::new(slf.py());
                let values: Vec<_> = ends.engine(|ends| ends.receiver().drain().collect())?;
                Ok(values.into_iter().map(Value::into_object).collect())
            }

            /// A list of the values that lie in the channel, and of those waiting to be put. Takes nothing.
            fn peek(&self, py: Python<'_>) -> PyResult<Vec<Py<PyAny>>> {
                let core = self.inside.core.get();
                core.process.check()?;
                Ok(core.snapshot(py))
            }

            /// Put a value that was got back to the front, even if the channel is full or closed.
            fn unget(slf: &Bound<'_, Self>, value: Py<PyAny>) -> PyResult<()> {
                let ends = slf.get().inside.ends(slf.py())?;
                let _hold = Hold::new(slf.py());
                ends.engine(|ends| ends.receiver().put_back(Value::new(value)))
            }

            /// An awaitable that waits until the channel is closed and everything in it was got.
            ///
            /// Raises the error the channel was closed with.
            fn join(slf: &Bound<'_, Self>) -> Operation {
                Self::operation(slf, Action::Join)
            }

            /// Whether at least `n` values could be got now; 0 always can.
            fn is_len_at_least(&self, py: Python<'_>, n: usize) -> PyResult<bool> {
                Ok(self.inside.ends(py)?.receiver().is_len_at_least(n))
            }

            /// Whether the channel is closed and everything in it was got.
            fn is_drained(&self, py: Python<'_>) -> PyResult<bool> {
                let ends = self.inside.ends(py)?;
                let receiver = ends.receiver();
                Ok(receiver.is_closed()
                    && (receiver.is_empty() || self.inside.core.get().is_promise))
            }

            /// The channel's values as a Stream, which has operators such as map and filter.
            fn stream(slf: &Bound<'_, Self>) -> PyResult<Py<PyAny>> {
                let py = slf.py();
                static STREAM: pyo3::sync::PyOnceLock<Py<PyType>> = pyo3::sync::PyOnceLock::new();
                let class = STREAM.import(py, "millstream._streams", "Stream")?;
                Ok(class.call1((slf,))?.unbind())
            }

            fn __aiter__(slf: &Bound<'_, Self>) -> Iter {
                Iter::new(Self::target(slf))
            }

            fn __iter__(slf: &Bound<'_, Self>) -> BlockingIter {
                BlockingIter::new(Iter::new(Self::target(slf)))
            }
        }
    };
}
receiving!(Chan);
receiving!(Receiver);

#[pymethods]
impl Chan {
    /// A sending end of this channel. It keeps the channel open, and only that.
    fn sender(&self, py: Python<'_>) -> PyResult<Sender> {
        let ends = self.inside.ends(py)?;
        let own = Ends::new(Some(ends.sender().clone()), None, ends.busy());
        Ok(Sender {
            inside: Inside::half(self.inside.core.clone_ref(py), own),
        })
    }

    /// A receiving end of this channel.
    fn receiver(&self, py: Python<'_>) -> PyResult<Receiver> {
        let ends = self.inside.ends(py)?;
        let own = Ends::new(None, Some(ends.receiver().clone()), ends.busy());
        Ok(Receiver {
            inside: Inside::half(self.inside.core.clone_ref(py), own),
        })
    }

    /// A sending and a receiving end.
    ///
    /// The Chan itself goes on to count as one of each: drop it, or begin with pair(), where dropping the last Sender
    /// is to close the channel.
    fn split(&self, py: Python<'_>) -> PyResult<(Sender, Receiver)> {
        Ok((self.sender(py)?, self.receiver(py)?))
    }
}

#[pymethods]
impl Sender {
    /// Another handle of the same end.
    fn clone(&self, py: Python<'_>) -> PyResult<Sender> {
        let ends = self.inside.ends(py)?;
        let own = Ends::new(Some(ends.sender().clone()), None, ends.busy());
        Ok(Sender {
            inside: Inside::half(self.inside.core.clone_ref(py), own),
        })
    }

    /// Give this handle up now; False if it was given up already. The last one of its kind ends the channel.
    fn detach(&self, py: Python<'_>) -> bool {
        let _hold = Hold::new(py);
        self.inside.detach(py)
    }
}

#[pymethods]
impl Receiver {
    /// Another handle of the same end.
    fn clone(&self, py: Python<'_>) -> PyResult<Receiver> {
        let ends = self.inside.ends(py)?;
        let own = Ends::new(None, Some(ends.receiver().clone()), ends.busy());
        Ok(Receiver {
            inside: Inside::half(self.inside.core.clone_ref(py), own),
        })
    }

    /// Give this handle up now; False if it was given up already. The last one of its kind ends the channel.
    fn detach(&self, py: Python<'_>) -> bool {
        let _hold = Hold::new(py);
        self.inside.detach(py)
    }
}

/// A sender and a receiver of one channel, without an object that has both.
pub(crate) fn pair(py: Python<'_>, core: Py<Core>, ends: Ends) -> PyResult<Bound<'_, PyTuple>> {
    let chan = Chan::new(core, ends);
    let (sender, receiver) = chan.split(py)?;
    PyTuple::new(
        py,
        [
            Py::new(py, sender)?.into_any(),
            Py::new(py, receiver)?.into_any(),
        ],
    )
}

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
