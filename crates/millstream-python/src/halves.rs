//! The ends of a channel by themselves: how they are made of others, and given up.

use crate::core::Core;
use crate::ends::Ends;
use crate::handle::{Chan, Inside, Receiver, Sender};
use crate::trampoline::Hold;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

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
