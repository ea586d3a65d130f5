//! The time-out of a select, on the clock of its loop.

use crate::looped::LoopWait;
use crate::started::Started;
use pyo3::intern;
use pyo3::prelude::*;
use std::sync::Arc;
use std::time::Duration;

/// What the loop calls when the time is up.
#[pyclass(frozen, module = "millstream._core", name = "_TimeUp")]
pub(crate) struct TimeUp {
    of: Of,
}

enum Of {
    Wait(Arc<LoopWait>),
    Started(Arc<Started>),
}

impl TimeUp {
    pub(crate) fn of_wait(wait: Arc<LoopWait>) -> Self {
        TimeUp { of: Of::Wait(wait) }
    }

    pub(crate) fn of_started(started: Arc<Started>) -> Self {
        TimeUp {
            of: Of::Started(started),
        }
    }

    pub(crate) fn schedule(
        self,
        event_loop: &Bound<'_, PyAny>,
        timeout: Duration,
    ) -> PyResult<Option<Py<PyAny>>> {
        let py = event_loop.py();
        let call = Py::new(py, self)?;
        let handle =
            event_loop.call_method1(intern!(py, "call_later"), (timeout.as_secs_f64(), call))?;
        Ok(Some(handle.unbind()))
    }
}

#[pymethods]
impl TimeUp {
    fn __call__(&self) {
        match &self.of {
            Of::Wait(wait) => wait.time_up(),
            Of::Started(started) => started.time_up(),
        }
    }
}
