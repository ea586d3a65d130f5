//! How channels and selects are made.

use crate::action::Action;
use crate::blocking::seconds;
use crate::buffer::ObjectBuffer;
use crate::busy::Busy;
use crate::core::{Core, ErrorSlot};
use crate::drive;
use crate::ends::Ends;
use crate::halves;
use crate::handle::Chan;
use crate::operation::Operation;
use crate::select::Arms;
use crate::selected::Selected;
use crate::shown::Shown;
use crate::target::Target;
use crate::targets::Targets;
use crate::value::Value;
use crate::waiters::Waiters;
use millstream::{Builder, Receiver, Sender};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyTuple;
use pyo3::Borrowed;
use std::convert::Infallible;
use std::sync::Arc;

type Pair = (Sender<Value>, Receiver<Value>);

/// A new channel's parts.
struct Made {
    core: Py<Core>,
    ends: Ends,
}

impl Made {
    fn new(py: Python<'_>, pair: Pair, name: Option<String>, is_promise: bool) -> PyResult<Self> {
        Made::with_parts(py, pair, name, is_promise, Arc::default(), None)
    }

    fn with_parts(
        py: Python<'_>,
        (sender, receiver): Pair,
        name: Option<String>,
        is_promise: bool,
        error: Arc<ErrorSlot>,
        buffer: Option<(Shown, Busy)>,
    ) -> PyResult<Self> {
        let (shown, busy) = buffer.unzip();
        let core = Core::new(receiver.downgrade(), error, name, is_promise, shown);
        Ok(Made {
            core: Py::new(py, core)?,
            ends: Ends::new(Some(sender), Some(receiver), busy),
        })
    }

    fn chan(self) -> Chan {
        Chan::new(self.core, self.ends)
    }
}

/// A channel that keeps a name and the waiting times if it was given one.
fn build(
    name: &Option<String>,
    named: impl FnOnce(Builder) -> Pair,
    plain: impl FnOnce() -> Pair,
) -> Pair {
    match name {
        Some(name) => named(millstream::named(name.clone())),
        None => plain(),
    }
}

fn capacity(n: isize) -> PyResult<usize> {
    usize::try_from(n).map_err(|_| PyValueError::new_err("a channel's capacity is 0 or more"))
}

/// A channel that keeps up to `n` values before puts wait; 0 makes it a rendezvous.
///
/// With a name it also keeps how long each side waited; see Stats. Raises ValueError if `n` is negative.
///
/// >>> chan = ms.bounded(16)
#[pyfunction]
#[pyo3(signature = (n, *, name=None))]
pub(crate) fn bounded(py: Python<'_>, n: isize, name: Option<String>) -> PyResult<Chan> {
    let n = capacity(n)?;
    let pair = build(&name, |named| named.bounded(n), || millstream::bounded(n));
    Ok(Made::new(py, pair, name, false)?.chan())
}

/// A channel without a buffer: each put waits for a get.
#[pyfunction]
#[pyo3(signature = (*, name=None))]
pub(crate) fn rendezvous(py: Python<'_>, name: Option<String>) -> PyResult<Chan> {
    bounded(py, 0, name)
}

/// A channel in which puts never wait. Nothing bounds its memory: prefer bounded.
#[pyfunction]
#[pyo3(signature = (*, name=None))]
pub(crate) fn unbounded(py: Python<'_>, name: Option<String>) -> PyResult<Chan> {
    let pair = build(&name, |named| named.unbounded(), millstream::unbounded);
    Ok(Made::new(py, pair, name, false)?.chan())
}

/// A channel that keeps `n` values and drops what is put beyond them. Puts never wait.
#[pyfunction]
#[pyo3(signature = (n, *, name=None))]
pub(crate) fn dropping(py: Python<'_>, n: isize, name: Option<String>) -> PyResult<Chan> {
    let n = capacity(n)?;
    let pair = build(&name, |named| named.dropping(n), || millstream::dropping(n));
    Ok(Made::new(py, pair, name, false)?.chan())
}

/// A channel that keeps the newest `n` values and drops the oldest. Puts never wait.
#[pyfunction]
#[pyo3(signature = (n, *, name=None))]
pub(crate) fn sliding(py: Python<'_>, n: isize, name: Option<String>) -> PyResult<Chan> {
    let n = capacity(n)?;
    let pair = build(&name, |named| named.sliding(n), || millstream::sliding(n));
    Ok(Made::new(py, pair, name, false)?.chan())
}

/// A channel of one value, which every get returns. Later puts are ignored; an iteration yields it once.
#[pyfunction]
#[pyo3(signature = (*, name=None))]
pub(crate) fn promise(py: Python<'_>, name: Option<String>) -> PyResult<Chan> {
    let pair = build(&name, |named| named.promise(), millstream::promise);
    Ok(Made::new(py, pair, name, true)?.chan())
}

/// A channel over a buffer of your own: an object with push(value), pop(), __len__() and is_full().
///
/// Its methods are called one at a time and under no lock. An exception in one closes the channel with it.
#[pyfunction]
#[pyo3(signature = (buffer, *, name=None))]
pub(crate) fn with_buffer(
    py: Python<'_>,
    buffer: Bound<'_, PyAny>,
    name: Option<String>,
) -> PyResult<Chan> {
    for method in ["push", "pop", "__len__", "is_full"] {
        if !buffer.hasattr(method)? {
            return Err(PyTypeError::new_err(format!(
                "a buffer needs the methods push(value), pop(), __len__() and is_full(); this one has no {method}"
            )));
        }
    }
    let error: Arc<ErrorSlot> = Arc::default();
    let busy = Busy::default();
    let shown = Shown::new(buffer.unbind());
    let buffer = ObjectBuffer::new(shown.clone(), error.clone(), busy.clone());
    // It is asked at once what it holds, which may raise.
    let pair = drive::catch(|| match &name {
        Some(name) => millstream::named(name.clone()).with_buffer(buffer),
        None => millstream::with_buffer(buffer),
    })?;
    Ok(Made::with_parts(py, pair, name, false, error, Some((shown, busy)))?.chan())
}

/// A Sender and a Receiver of one channel that keeps `capacity` values (None: without limit).
///
/// Unlike with a Chan, the channel is closed when the last Sender goes.
///
/// >>> sender, receiver = ms.pair(8)
#[pyfunction]
#[pyo3(signature = (capacity=Some(0), *, name=None), text_signature = "(capacity=0, *, name=None)")]
pub(crate) fn pair(
    py: Python<'_>,
    capacity: Option<isize>,
    name: Option<String>,
) -> PyResult<Bound<'_, PyTuple>> {
    let ends = match capacity {
        Some(n) => {
            let n = self::capacity(n)?;
            build(&name, |named| named.bounded(n), || millstream::bounded(n))
        }
        None => build(&name, |named| named.unbounded(), millstream::unbounded),
    };
    let made = Made::new(py, ends, name, false)?;
    halves::pair(py, made.core, made.ends)
}

/// What a select yields if no arm is ready, if that was given: `None` is a value like any other.
pub(crate) struct Default(Option<Py<PyAny>>);

impl<'py> FromPyObject<'_, 'py> for Default {
    type Error = Infallible;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> Result<Self, Infallible> {
        Ok(Default(Some(object.to_owned().unbind())))
    }
}

/// Wait for the first of several gets and puts; exactly one of them happens. An awaitable of Selected.
///
/// An arm is a channel to get from, or a tuple (channel, value) to put. The arms are tried from a random one on,
/// or in order if `biased`. After `timeout` seconds none happens; with a `default` it never waits. A closed channel
/// makes its arm ready. Cancelled, nothing has happened. The idea is Go's select.
///
/// >>> chan, value = await ms.select(orders, (results, 7), timeout=1.0)
#[pyfunction]
#[pyo3(signature = (*arms, timeout=None, default=Default(None), biased=false), text_signature = "(*arms, timeout=None, default=..., biased=False)")]
pub(crate) fn select(
    arms: &Bound<'_, PyTuple>,
    timeout: Option<f64>,
    default: Default,
    biased: bool,
) -> PyResult<Operation> {
    let mut targets = Vec::with_capacity(arms.len());
    let mut puts = Vec::with_capacity(arms.len());
    for arm in arms {
        let (chan, value) = match arm.cast::<PyTuple>() {
            Ok(put) if put.len() == 2 => (put.get_item(0)?, Some(put.get_item(1)?)),
            _ => (arm.clone(), None),
        };
        let target = Target::of(&chan).ok_or_else(|| {
            PyTypeError::new_err(format!(
                "an arm of a select is a channel to get from, or a tuple (channel, value) to put; not {arm:?}"
            ))
        })?;
        match &value {
            None if !target.gives_values() => {
                return Err(PyTypeError::new_err(
                    "a Sender cannot be got from: give (sender, value) to put",
                ));
            }
            Some(_) if !target.takes_values() => {
                return Err(PyTypeError::new_err(
                    "a Receiver takes no values: give it alone to get from it",
                ));
            }
            _ => {}
        }
        targets.push(target);
        puts.push(value.map(|value| Value::new(value.unbind())));
    }
    let default = default.0;
    let timeout = seconds(timeout)?;
    if targets.is_empty() && timeout.is_none() && default.is_none() {
        return Err(PyValueError::new_err(
            "a select without arms, timeout or default would wait for ever",
        ));
    }
    let arms = Arms {
        puts,
        is_biased: biased,
        timeout,
        default,
    };
    let targets = match targets.is_empty() {
        false => Targets::Many(targets.into()),
        true => Targets::None(Waiters::new()),
    };
    Ok(Operation::on(targets, Action::Select(Box::new(arms))))
}

/// Select in a thread, which blocks; see select. Not for use in async code.
#[pyfunction]
#[pyo3(signature = (*arms, timeout=None, default=Default(None), biased=false), text_signature = "(*arms, timeout=None, default=..., biased=False)")]
pub(crate) fn select_blocking(
    arms: &Bound<'_, PyTuple>,
    timeout: Option<f64>,
    default: Default,
    biased: bool,
) -> PyResult<Py<PyAny>> {
    let py = arms.py();
    let operation = select(arms, timeout, default, biased)?;
    match operation.run_blocking(py, seconds(timeout)?)? {
        Some(selected) => Ok(selected),
        None => Ok(Py::new(py, Selected::nobody(None))?.into_any()),
    }
}
