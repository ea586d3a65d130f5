//! The first of several puts and gets.

use crate::action::{Action, Target};
use crate::outcome::{Outcome, Pending};
use crate::value::Value;
use millstream::EitherArm::{self, Left, Right};
use millstream::{RecvError, Select, SendError};
use pyo3::{PyTraverseError, PyVisit};
use std::time::Duration;

/// The arms of a select, one for each target: the value to put, or `None` for a get.
pub(crate) struct Arms {
    pub(crate) puts: Vec<Option<Value>>,
    pub(crate) is_biased: bool,
    pub(crate) has_default: bool,
    pub(crate) timeout: Option<Duration>,
}

impl Arms {
    /// Tries the arms without waiting.
    ///
    /// The engine's own first pass does the same; but it is the commonest case that some arm is ready, and then no
    /// future is made.
    pub(crate) fn attempt(mut self, targets: &[Target]) -> Result<Outcome, Action> {
        let count = targets.len();
        let first = match self.is_biased || count == 0 {
            true => 0,
            false => fastrand::usize(..count),
        };
        for step in 0..count {
            let index = (first + step) % count;
            let ends = &targets[index].ends;
            let outcome = match self.puts[index].take() {
                None => crate::action::try_get(ends),
                Some(value) => match crate::action::try_put(ends, value) {
                    Ok(outcome) => Some(outcome),
                    Err(Action::Put(value)) => {
                        self.puts[index] = Some(value);
                        None
                    }
                    Err(_) => unreachable!("a put that would wait is given back"),
                },
            };
            if let Some(outcome) = outcome {
                return Ok(won(index, outcome));
            }
        }
        match self {
            Arms { has_default: true, .. } => Ok(Outcome::Default),
            Arms { timeout: Some(Duration::ZERO), .. } => Ok(Outcome::TimedOut),
            arms => Err(Action::Select(arms)),
        }
    }

    pub(crate) fn into_pending(self, targets: &[Target]) -> Pending {
        let ends: Vec<_> = targets.iter().map(|target| target.ends.clone()).collect();
        if ends.is_empty() {
            return Box::pin(std::future::pending());
        }
        Box::pin(async move {
            let arms = ends.iter().zip(self.puts).map(|(ends, put)| match put {
                Some(value) => Left(ends.sender().send(value)),
                None => Right(ends.receiver().recv()),
            });
            let select = Select::new().each(arms, concluded);
            match self.is_biased {
                true => select.biased().await,
                false => select.await,
            }
        })
    }

    pub(crate) fn visit(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        let mut values = self.puts.iter().flatten();
        values.try_for_each(|value| visit.call(value.object()))
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
