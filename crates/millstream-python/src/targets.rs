//! The channels that an operation is on.

use crate::target::Target;
use crate::waiters::Waiters;
use pyo3::prelude::*;
use pyo3::{PyTraverseError, PyVisit};
use std::sync::Arc;

/// The channels that an operation is on.
pub(crate) enum Targets {
    One(Target),
    Many(Box<[Target]>),
    /// None: it waits for its time to be up, and lies where the timer shows it.
    None(Arc<Waiters>),
}

impl Targets {
    pub(crate) fn all(&self) -> &[Target] {
        match self {
            Targets::One(target) => std::slice::from_ref(target),
            Targets::Many(targets) => targets,
            Targets::None(_) => &[],
        }
    }

    /// Drops them, on a thread that is known to be attached.
    #[inline]
    pub(crate) fn let_go(self, py: Python<'_>) {
        match self {
            Targets::One(target) => target.let_go(py),
            others => drop(others),
        }
    }

    /// The timer's own waiters, if there is no channel.
    pub(crate) fn of_timer(&self) -> Option<&Arc<Waiters>> {
        match self {
            Targets::None(waiters) => Some(waiters),
            _ => None,
        }
    }

    /// All waiters among which somebody who waits has to be.
    pub(crate) fn waiters(&self) -> impl Iterator<Item = &Arc<Waiters>> {
        let of_channels = self.all().iter().map(|target| &target.core().waiters);
        of_channels.chain(self.of_timer())
    }

    pub(crate) fn visit(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        let mut targets = self.all().iter();
        targets.try_for_each(|target| target.visit(visit))
    }
}
