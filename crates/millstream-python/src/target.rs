//! A handle as an operation refers to it.

use crate::core::Core;
use crate::ends::Ends;
use crate::handle::{Chan, Inside, Receiver, Sender};
use pyo3::prelude::*;
use pyo3::{PyTraverseError, PyVisit};
use std::sync::Arc;

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
