//! How an operation ended, before it is told to Python.

use crate::value::Value;
use pyo3::prelude::*;
use std::future::Future;
use std::pin::Pin;

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

/// An operation that has to wait.
pub(crate) type Pending = Pin<Box<dyn Future<Output = Outcome> + Send>>;
