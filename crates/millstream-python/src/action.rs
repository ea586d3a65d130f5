//! What an operation does: tried at once first, then as a future of the engine's.

use crate::ends::Ends;
use crate::iterable::Items;
use crate::outcome::{Outcome, Pending};
use crate::patience::Patience;
use crate::select::Arms;
use crate::target::Target;
use crate::value::Value;
use millstream::{SendError, TryRecvError, TrySendError};
use pyo3::prelude::*;
use pyo3::{PyTraverseError, PyVisit};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::time::Duration;

/// What an operation does.
pub(crate) enum Action {
    Get,
    /// A step of an `async for`; the flag says whether a promise has given its value to this iteration.
    Next(Option<Arc<AtomicBool>>),
    Put(Value),
    GetMany(usize),
    PutMany(Items),
    /// Waits until the channel is closed and drained.
    Join,
    /// Waits until the channel takes no more values.
    Closed,
    Select(Box<Arms>),
}

impl Action {
    /// Tries it at once; gives itself back if it would have to wait.
    #[inline(always)]
    pub(crate) fn attempt(
        self,
        py: Python<'_>,
        targets: &[Target],
    ) -> PyResult<Result<Outcome, Action>> {
        match self {
            Action::Get => targets[0].with_ends(py, |ends| try_get(ends).ok_or(Action::Get)),
            Action::Put(value) => targets[0].with_ends(py, |ends| try_put(ends, value)),
            Action::Next(flag) => targets[0].with_ends(py, |ends| try_next(ends, flag)),
            Action::Select(arms) => arms.attempt(py, targets),
            other => Ok(Err(other)),
        }
    }

    /// The future that waits for it.
    pub(crate) fn into_pending(self, py: Python<'_>, targets: &[Target]) -> PyResult<Pending> {
        if let Action::Select(arms) = self {
            return arms.into_pending(py, targets);
        }
        let ends = targets[0].ends(py)?;
        Ok(self.wait(ends))
    }

    fn wait(self, ends: Arc<Ends>) -> Pending {
        let busy: Vec<_> = ends.busy().into_iter().collect();
        match self {
            Action::Get => Pending::new(busy, async move {
                match Patience::new(ends.receiver().recv()).await {
                    Some(value) => got(value.ok()),
                    None => Outcome::Nobody(None),
                }
            }),
            Action::Next(flag) => Pending::new(busy, async move {
                match Patience::new(ends.receiver().recv()).await {
                    Some(value) => next(value.ok(), flag.as_deref()),
                    None => Outcome::Nobody(None),
                }
            }),
            Action::Put(value) => Pending::new(busy, async move {
                match Patience::new(ends.sender().send(value)).await {
                    Some(Ok(())) => Outcome::Nothing,
                    Some(Err(SendError(value))) => Outcome::Refused(Some(value)),
                    None => Outcome::Nobody(None),
                }
            }),
            Action::GetMany(limit) => Pending::new(busy, async move {
                let mut values = Vec::new();
                let count = ends.receiver().recv_many(&mut values, limit).await;
                match count {
                    0 if limit > 0 => Outcome::NoMore,
                    _ => Outcome::Values(values),
                }
            }),
            Action::PutMany(items) => Pending::new(busy, async move {
                match ends.sender().send_many(items).await {
                    Ok(count) => Outcome::Count(count),
                    Err(SendError(refused)) => Outcome::Refused(refused.into_iter().next()),
                }
            }),
            Action::Join => Pending::new(busy, async move {
                ends.receiver().drained().await;
                Outcome::Drained
            }),
            Action::Closed => Pending::new(busy, async move {
                ends.sender().closed().await;
                Outcome::Nothing
            }),
            Action::Select(_) => unreachable!("the caller has seen to it"),
        }
    }

    /// The iterable that it takes items from.
    pub(crate) fn items(&self) -> Option<Items> {
        match self {
            Action::PutMany(items) => Some(items.clone()),
            _ => None,
        }
    }

    /// How long it waits at most.
    pub(crate) fn timeout(&self) -> Option<Duration> {
        match self {
            Action::Select(arms) => arms.timeout,
            _ => None,
        }
    }

    pub(crate) fn visit(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        match self {
            Action::Put(value) => visit.call(value.object()),
            Action::PutMany(items) => items.visit(visit),
            Action::Select(arms) => arms.visit(visit),
            _ => Ok(()),
        }
    }
}

/// `None` if there is nothing to get now.
#[inline(always)]
pub(crate) fn try_get(ends: &Ends) -> Option<Outcome> {
    match ends.engine(|ends| ends.receiver().try_recv()) {
        Ok(Ok(value)) => Some(Outcome::Value(value)),
        Ok(Err(TryRecvError::Closed)) => Some(Outcome::End),
        Ok(Err(TryRecvError::Empty)) => None,
        Err(error) => Some(Outcome::Raised(error)),
    }
}

#[inline]
fn try_next(ends: &Ends, flag: Option<Arc<AtomicBool>>) -> Result<Outcome, Action> {
    if flag
        .as_ref()
        .is_some_and(|flag| flag.load(Ordering::Relaxed))
    {
        return Ok(Outcome::EndOfIteration);
    }
    match try_get(ends) {
        None => Err(Action::Next(flag)),
        Some(Outcome::Value(value)) => Ok(next(Some(value), flag.as_deref())),
        Some(Outcome::End) => Ok(Outcome::EndOfIteration),
        Some(other) => Ok(other),
    }
}

#[inline(always)]
pub(crate) fn try_put(ends: &Ends, value: Value) -> Result<Outcome, Action> {
    match ends.engine(|ends| ends.sender().try_send(value)) {
        Ok(Ok(())) => Ok(Outcome::Nothing),
        Ok(Err(TrySendError::Full(value))) => Err(Action::Put(value)),
        Ok(Err(TrySendError::Closed(value))) => Ok(Outcome::Refused(Some(value))),
        Err(error) => Ok(Outcome::Raised(error)),
    }
}

fn got(value: Option<Value>) -> Outcome {
    value.map_or(Outcome::End, Outcome::Value)
}

fn next(value: Option<Value>, flag: Option<&AtomicBool>) -> Outcome {
    if let (Some(_), Some(flag)) = (&value, flag) {
        flag.store(true, Ordering::Relaxed);
    }
    value.map_or(Outcome::EndOfIteration, Outcome::Value)
}
