//! How an operation ended, before it is told to Python.

use crate::busy::Busy;
use crate::drive;
use crate::fork::{self, Process};
use crate::patience;
use crate::value::Value;
use pyo3::prelude::*;
use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

/// How an operation ended.
pub(crate) enum Outcome {
    /// It has nothing to say.
    Nothing,
    Value(Value),
    Values(Vec<Value>),
    Count(usize),
    /// The channel is closed and has no value left.
    End,
    /// The same, told to an `async for`.
    EndOfIteration,
    /// The same, told to whoever waited for it.
    Drained,
    /// The same, told to whoever asked for several values.
    NoMore,
    /// The channel takes no more values; this one comes back.
    Refused(Option<Value>),
    /// An arm of a select has won.
    Won {
        index: usize,
        closed: bool,
        value: Option<Value>,
    },
    /// No arm of a select was ready in time; perhaps there is a default.
    Nobody(Option<Py<PyAny>>),
    /// Code of the user's that the operation ran has raised this.
    Raised(PyErr),
}

/// What waits.
pub(crate) type Waits = Pin<Box<dyn Future<Output = Outcome> + Send>>;

/// An operation that has to wait.
pub(crate) struct Pending {
    /// `None` only while it is dropped.
    future: Option<Waits>,
    process: Process,
    /// Of those of its channels that are over a buffer written in Python.
    busy: Vec<Busy>,
}

impl Pending {
    pub(crate) fn new(
        busy: Vec<Busy>,
        future: impl Future<Output = Outcome> + Send + 'static,
    ) -> Self {
        Pending {
            future: Some(Box::pin(future)),
            process: Process::current(),
            busy,
        }
    }

    pub(crate) fn poll(&mut self, context: &mut Context<'_>) -> Poll<Outcome> {
        match &mut self.future {
            Some(future) if !self.process.is_gone() => match self.busy.is_empty() {
                true => drive::poll(future, context),
                false => poll_busy(&self.busy, future, context.waker()),
            },
            _ => Poll::Ready(Outcome::Raised(fork::complaint())),
        }
    }
}

/// Polls what may use several buffers: each must be another thread's, or nobody's.
fn poll_busy(busy: &[Busy], future: &mut Waits, waker: &Waker) -> Poll<Outcome> {
    let polled = match busy {
        [] => Ok(drive::poll(future, &mut Context::from_waker(waker))),
        [one, others @ ..] => one.engine(|| poll_busy(others, future, waker)),
    };
    polled.unwrap_or_else(|error| Poll::Ready(Outcome::Raised(error)))
}

impl Pending {
    /// Gives it up; what it came to if it has happened all the same, else `Nobody`.
    pub(crate) fn give_up(mut self) -> Outcome {
        let polled = patience::last(|| self.poll(&mut Context::from_waker(Waker::noop())));
        match polled {
            Poll::Ready(outcome) => outcome,
            // It takes nothing before it is ready.
            Poll::Pending => Outcome::Nobody(None),
        }
    }
}

impl Drop for Pending {
    /// What a forked child has of the operation is left alone.
    fn drop(&mut self) {
        if self.process.is_gone() {
            mem::forget(self.future.take());
        }
    }
}
