//! What handles with a receiving end can do.

use crate::action::{try_get, Action};
use crate::blocking::seconds;
use crate::errors;
use crate::handle::{Chan, Handle, Receiver};
use crate::iterate::{BlockingIter, Iter};
use crate::operation::Operation;
use crate::outcome::Outcome;
use crate::trampoline::Hold;
use crate::value::Value;
use pyo3::prelude::*;
use pyo3::types::PyType;

macro_rules! receiving {
    ($class:ty) => {
        #[pymethods]
        impl $class {
            /// Get the next value, waiting for it.
            ///
            /// An awaitable: nothing happens before it is awaited or started. Raises Closed once the channel is closed and
            /// everything in it was got, or the error it was closed with. Waiting gets are served in order. Cancelled at
            /// any moment, no value is lost: the next to get has it.
            ///
            /// >>> await chan.get()
            fn get(slf: &Bound<'_, Self>) -> PyResult<Py<Operation>> {
                Operation::object(slf.py(), Self::target(slf), Action::Get)
            }

            /// Get the next value if it is there. Raises Empty, Closed, or the error the channel was closed with.
            fn get_nowait(slf: &Bound<'_, Self>) -> PyResult<Py<PyAny>> {
                let py = slf.py();
                let inside = slf.get().inside();
                let ends = inside.ends(py)?;
                let _hold = Hold::new(py);
                match try_get(&ends) {
                    Some(Outcome::Value(value)) => Ok(value.into_object()),
                    Some(Outcome::Raised(error)) => Err(error),
                    Some(_) => Err(inside.core.get().end(py, slf.as_any().as_unbound())),
                    None => Err(errors::empty(py, slf.as_any().as_unbound())),
                }
            }

            /// Get the next value in a thread, which blocks; other threads run meanwhile. Not for use in async code.
            ///
            /// Raises Closed or the error the channel was closed with, and TimeoutError after `timeout` seconds.
            #[pyo3(signature = (timeout=None))]
            fn get_blocking(slf: &Bound<'_, Self>, timeout: Option<f64>) -> PyResult<Py<PyAny>> {
                let operation = Self::operation(slf, Action::Get);
                let done = operation.run_blocking(slf.py(), seconds(timeout)?)?;
                done.ok_or_else(|| errors::timed_out(timeout, "the get"))
            }

            /// Get up to `limit` values at once; an awaitable of a list of at least one.
            ///
            /// An empty list means that the channel is closed and has no more; if it was closed with an error, that is
            /// raised. Cancelling loses nothing.
            fn get_many(slf: &Bound<'_, Self>, limit: usize) -> Operation {
                Self::operation(slf, Action::GetMany(limit))
            }

            /// Get everything that is there now, as a list. Never waits.
            fn drain(slf: &Bound<'_, Self>) -> PyResult<Vec<Py<PyAny>>> {
                let ends = slf.get().inside.ends(slf.py())?;
                let _hold = Hold::new(slf.py());
                let values: Vec<_> = ends.engine(|ends| ends.receiver().drain().collect())?;
                Ok(values.into_iter().map(Value::into_object).collect())
            }

            /// A list of the values that lie in the channel, and of those waiting to be put. Takes nothing.
            fn peek(&self, py: Python<'_>) -> PyResult<Vec<Py<PyAny>>> {
                let core = self.inside.core.get();
                core.process.check()?;
                Ok(core.snapshot(py))
            }

            /// Put a value that was got back to the front, even if the channel is full or closed.
            fn unget(slf: &Bound<'_, Self>, value: Py<PyAny>) -> PyResult<()> {
                let ends = slf.get().inside.ends(slf.py())?;
                let _hold = Hold::new(slf.py());
                ends.engine(|ends| ends.receiver().put_back(Value::new(value)))
            }

            /// An awaitable that waits until the channel is closed and everything in it was got.
            ///
            /// Raises the error the channel was closed with.
            fn join(slf: &Bound<'_, Self>) -> Operation {
                Self::operation(slf, Action::Join)
            }

            /// Whether at least `n` values could be got now; 0 always can.
            fn is_len_at_least(&self, py: Python<'_>, n: usize) -> PyResult<bool> {
                Ok(self.inside.ends(py)?.receiver().is_len_at_least(n))
            }

            /// Whether the channel is closed and everything in it was got.
            fn is_drained(&self, py: Python<'_>) -> PyResult<bool> {
                let ends = self.inside.ends(py)?;
                let receiver = ends.receiver();
                Ok(receiver.is_closed()
                    && (receiver.is_empty() || self.inside.core.get().is_promise))
            }

            /// The channel's values as a Stream, which has operators such as map and filter.
            fn stream(slf: &Bound<'_, Self>) -> PyResult<Py<PyAny>> {
                let py = slf.py();
                static STREAM: pyo3::sync::PyOnceLock<Py<PyType>> = pyo3::sync::PyOnceLock::new();
                let class = STREAM.import(py, "millstream._streams", "Stream")?;
                Ok(class.call1((slf,))?.unbind())
            }

            fn __aiter__(slf: &Bound<'_, Self>) -> Iter {
                Iter::new(Self::target(slf))
            }

            fn __iter__(slf: &Bound<'_, Self>) -> BlockingIter {
                BlockingIter::new(Iter::new(Self::target(slf)))
            }
        }
    };
}
receiving!(Chan);
receiving!(Receiver);
