//! The first of several puts and gets.

use crate::action::{try_get, try_put, Action};
use crate::outcome::{Outcome, Pending};
use crate::patience::Patience;
use crate::target::Target;
use crate::value::Value;
use millstream::EitherArm::{self, Left, Right};
use millstream::{RecvError, Select, SendError};
use pyo3::prelude::*;
use pyo3::{PyTraverseError, PyVisit};
use std::time::Duration;

/// The arms of a select, one for each target: the value to put, or `None` for a get.
pub(crate) struct Arms {
    pub(crate) puts: Vec<Option<Value>>,
    pub(crate) is_biased: bool,
    pub(crate) timeout: Option<Duration>,
    /// What the select yields when nothing was ready.
    pub(crate) default: Option<Py<PyAny>>,
}

impl Arms {
    /// Tries the arms without waiting.
    ///
    /// The engine's own first pass does the same; but it is the commonest case that some arm is ready, and then no
    /// future is made.
    pub(crate) fn attempt(
        mut self: Box<Self>,
        py: Python<'_>,
        targets: &[Target],
    ) -> PyResult<Result<Outcome, Action>> {
        let count = targets.len();
        let first = match self.is_biased || count == 0 {
            true => 0,
            false => fastrand::usize(..count),
        };
        for step in 0..count {
            let index = (first + step) % count;
            let put = self.puts[index].take();
            let outcome = targets[index].with_ends(py, |ends| match put {
                None => Ok(try_get(ends)),
                Some(value) => match try_put(ends, value) {
                    Ok(outcome) => Ok(Some(outcome)),
                    Err(Action::Put(value)) => Err(value),
                    Err(_) => unreachable!("a put that would wait is given back"),
                },
            })?;
            match outcome {
                Ok(Some(outcome)) => return Ok(Ok(won(index, outcome))),
                Ok(None) => {}
                Err(value) => self.puts[index] = Some(value),
            }
        }
        Ok(match (self.default.take(), self.timeout) {
            (Some(default), _) => Ok(Outcome::Nobody(Some(default))),
            (None, Some(Duration::ZERO)) => Ok(Outcome::Nobody(None)),
            (None, _) => Err(Action::Select(self)),
        })
    }

    pub(crate) fn into_pending(self, py: Python<'_>, targets: &[Target]) -> PyResult<Pending> {
        let ends: Vec<_> = targets
            .iter()
            .map(|target| target.ends(py))
            .collect::<PyResult<_>>()?;
        if ends.is_empty() {
            return Ok(Pending::new(Vec::new(), std::future::pending()));
        }
        let busy = ends.iter().filter_map(|ends| ends.busy()).collect();
        Ok(Pending::new(busy, async move {
            let arms = ends.iter().zip(self.puts).map(|(ends, put)| match put {
                Some(value) => Left(ends.sender().send(value)),
                None => Right(ends.receiver().recv()),
            });
            let select = Select::new().each(arms, concluded);
            let select = match self.is_biased {
                true => select.biased(),
                false => select,
            };
            let won = Patience::new(select).await;
            won.unwrap_or(Outcome::Nobody(None))
        }))
    }

    pub(crate) fn visit(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        let mut values = self.puts.iter().flatten();
        values.try_for_each(|value| visit.call(value.object()))?;
        visit.call(&self.default)
    }
}

type Concluded = EitherArm<Result<(), SendError<Value>>, Result<Value, RecvError>>;

fn concluded(index: usize, result: Concluded) -> Outcome {
    let (closed, value) = match result {
        Left(Ok(())) => (false, None),
        Left(Err(SendError(value))) => (true, Some(value)),
        Right(Ok(value)) => (false, Some(value)),
        Right(Err(RecvError)) => (true, None),
    };
    Outcome::Won {
        index,
        closed,
        value,
    }
}

/// What one arm came to, as the result of the select.
fn won(index: usize, outcome: Outcome) -> Outcome {
    let (closed, value) = match outcome {
        Outcome::Nothing => (false, None),
        Outcome::Value(value) => (false, Some(value)),
        Outcome::End => (true, None),
        Outcome::Refused(value) => (true, value),
        other => return other,
    };
    Outcome::Won {
        index,
        closed,
        value,
    }
}
