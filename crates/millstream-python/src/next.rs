//! The awaitable of a chain's next item.

use crate::attached::Attached;
use crate::chain::Chain;
use crate::errors;
use crate::operation::Step;
use crate::slots;
use pyo3::exceptions::PyStopIteration;
use pyo3::prelude::*;
use pyo3::{PyTraverseError, PyVisit};

/// What `__anext__` of a chain returns.
#[pyclass(frozen, module = "millstream._core", name = "_Next")]
pub(crate) struct Next {
    chain: Py<Chain>,
    phase: Attached<Phase>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    New,
    Begun,
    Ended,
}

impl Next {
    pub(crate) fn new(chain: Py<Chain>) -> Self {
        Next {
            chain,
            phase: Attached::new(Phase::New),
        }
    }

    pub(crate) fn step(slf: &Bound<'_, Self>) -> PyResult<Step> {
        let this = slf.get();
        let py = slf.py();
        match this.phase.copy(py, |phase| *phase) {
            Phase::Ended => {
                return Err(errors::misuse(
                    "the next item of a stream can be awaited only once",
                ));
            }
            Phase::New if this.chain.get().is_awaited(py) => return Err(errors::one_task()),
            Phase::New | Phase::Begun => {}
        }
        let step = this.chain.get().step(py);
        this.note(py, &step);
        step
    }

    fn note(&self, py: Python<'_>, step: &PyResult<Step>) {
        let phase = match step {
            Ok(Step::Yield(_)) => Phase::Begun,
            _ => Phase::Ended,
        };
        self.phase.replace(py, phase);
    }

    /// Raises an exception where it stands; before it has begun, nothing is there to raise it in.
    fn raise(slf: &Bound<'_, Self>, error: &Bound<'_, PyAny>) -> PyResult<Step> {
        let this = slf.get();
        let py = slf.py();
        let step = match this.phase.copy(py, |phase| *phase) {
            Phase::Begun => this.chain.get().throw(error),
            Phase::New | Phase::Ended => Err(PyErr::from_value(error.clone())),
        };
        this.note(py, &step);
        step
    }
}

impl Drop for Next {
    fn drop(&mut self) {
        if *self.phase.get_mut() == Phase::Begun {
            Python::attach(|py| self.chain.get().release(py));
        }
    }
}

#[pymethods]
impl Next {
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
        let error = errors::thrown(kind, value, traceback)?;
        Self::raise(slf, &error)?.hand_out(slf.py())
    }

    fn close(slf: &Bound<'_, Self>) -> PyResult<()> {
        let py = slf.py();
        let kind = py.get_type::<pyo3::exceptions::PyGeneratorExit>();
        let error = kind.call0()?;
        match Self::raise(slf, &error) {
            Err(raised)
                if raised.value(py).is(&error) || raised.is_instance_of::<PyStopIteration>(py) =>
            {
                Ok(())
            }
            Err(raised) => Err(raised),
            Ok(_) => Err(errors::misuse(
                "a step of a stream ignored that it was closed",
            )),
        }
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.chain)
    }
}
