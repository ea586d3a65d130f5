//! The time-out of a select, on the clock of its loop.

use crate::leaving::Inside;
use crate::looped::LoopWait;
use crate::started::Started;
use crate::waiters::Waiters;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::{PyTraverseError, PyVisit};
use std::sync::Arc;
use std::time::Duration;

/// What the loop calls when the time is up.
#[pyclass(frozen, module = "millstream._core", name = "_TimeUp")]
pub(crate) struct TimeUp {
    of: Of,
    /// Who waits for nothing but this.
    waiters: Option<Arc<Waiters>>,
}

enum Of {
    Wait(Arc<LoopWait>),
    Started(Arc<Started>),
}

impl TimeUp {
    pub(crate) fn of_wait(wait: Arc<LoopWait>, waiters: Option<&Arc<Waiters>>) -> Self {
        TimeUp {
            of: Of::Wait(wait),
            waiters: waiters.cloned(),
        }
    }

    pub(crate) fn of_started(started: Arc<Started>, waiters: Option<&Arc<Waiters>>) -> Self {
        TimeUp {
            of: Of::Started(started),
            waiters: waiters.cloned(),
        }
    }

    pub(crate) fn schedule(
        self,
        event_loop: &Bound<'_, PyAny>,
        timeout: Duration,
    ) -> PyResult<Option<Py<PyAny>>> {
        let py = event_loop.py();
        let _inside = Inside::new(py);
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

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        let mut waiters = self.waiters.iter();
        waiters.try_for_each(|waiters| waiters.visit(&visit))
    }

    fn __clear__(&self) {
        if let Some(waiters) = &self.waiters {
            Python::attach(|py| waiters.clear(py));
        }
    }
}

impl Drop for TimeUp {
    /// A loop that is closed drops its timers: who waits for nothing else then waits for nothing at all.
    fn drop(&mut self) {
        if let Some(waiters) = &self.waiters {
            Python::try_attach(|py| waiters.clear(py));
        }
    }
}
