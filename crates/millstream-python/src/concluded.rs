//! What an outcome means to Python: a result or an exception.

use crate::errors;
use crate::outcome::Outcome;
use crate::selected::Selected;
use crate::targets::Targets;
use pyo3::exceptions::PyStopAsyncIteration;
use pyo3::prelude::*;
use pyo3::types::PyList;

/// What the outcome means to Python.
#[inline]
pub(crate) fn conclude(py: Python<'_>, targets: &Targets, outcome: Outcome) -> PyResult<Py<PyAny>> {
    match outcome {
        Outcome::Value(value) => Ok(value.into_object()),
        Outcome::Nothing => Ok(py.None()),
        other => conclude_rarer(py, targets, other),
    }
}

#[cold]
fn conclude_rarer(py: Python<'_>, targets: &Targets, outcome: Outcome) -> PyResult<Py<PyAny>> {
    let target = || &targets.all()[0];
    let end = || Err(target().core().end(py, target().object()));
    match outcome {
        Outcome::Value(_) | Outcome::Nothing => unreachable!("the caller has seen to these"),
        Outcome::Values(values) => {
            let objects: Vec<_> = values
                .into_iter()
                .map(|value| value.into_object())
                .collect();
            Ok(PyList::new(py, objects)?.into_any().unbind())
        }
        Outcome::Count(count) => Ok(count.into_pyobject(py)?.into_any().unbind()),
        Outcome::End => end(),
        Outcome::EndOfIteration => match target().core().error.get(py) {
            Some(_) => end(),
            None => Err(PyStopAsyncIteration::new_err(())),
        },
        Outcome::Drained => match target().core().error.get(py) {
            Some(_) => end(),
            None => Ok(py.None()),
        },
        Outcome::NoMore => match target().core().error.get(py) {
            Some(_) => end(),
            None => Ok(PyList::empty(py).into_any().unbind()),
        },
        Outcome::Refused(value) => {
            let cause = target().core().error.get(py);
            let value = value.map(|value| value.into_object());
            Err(errors::closed(py, target().object(), value, cause))
        }
        Outcome::Won {
            index,
            closed,
            value,
        } => {
            let target = &targets.all()[index];
            let value = value.map(|value| value.into_object());
            let selected = Selected::won(py, index, target, closed, value);
            Ok(Py::new(py, selected)?.into_any())
        }
        Outcome::Nobody(default) => Ok(Py::new(py, Selected::nobody(default))?.into_any()),
        Outcome::Raised(error) => Err(error),
    }
}
