//! What handles with a sending end can do.

use crate::action::{try_put, Action};
use crate::blocking::seconds;
use crate::errors;
use crate::handle::{Chan, Handle, Sender};
use crate::iterable::Items;
use crate::operation::Operation;
use crate::outcome::Outcome;
use crate::trampoline::Hold;
use crate::value::Value;
use pyo3::prelude::*;

macro_rules! sending {
    ($class:ty) => {
        #[pymethods]
        impl $class {
            /// Put a value, waiting for room; without a buffer, for a get.
            ///
            /// An awaitable: nothing happens before it is awaited or started. Raises Closed, with the value, if the channel
            /// is closed. Waiting puts are served in order. Cancelled before it was done, the value was not put.
            ///
            /// >>> await chan.put(7)
            fn put(slf: &Bound<'_, Self>, value: Py<PyAny>) -> PyResult<Py<Operation>> {
                Operation::object(slf.py(), Self::target(slf), Action::Put(Value::new(value)))
            }

            /// Put a value if that needs no waiting. Raises Full or Closed, with the value.
            fn put_nowait(slf: &Bound<'_, Self>, value: Py<PyAny>) -> PyResult<()> {
                let py = slf.py();
                let ends = slf.get().inside.ends(slf.py())?;
                let _hold = Hold::new(py);
                match try_put(&ends, Value::new(value)) {
                    Ok(Outcome::Nothing) => Ok(()),
                    Ok(Outcome::Refused(value)) => {
                        let cause = slf.get().inside.core.get().error.get(py);
                        let value = value.map(Value::into_object);
                        Err(errors::closed(py, slf.as_any().as_unbound(), value, cause))
                    }
                    Ok(Outcome::Raised(error)) => Err(error),
                    Ok(_) => unreachable!("a put has no other ends"),
                    Err(Action::Put(value)) => Err(errors::full(
                        py,
                        slf.as_any().as_unbound(),
                        value.into_object(),
                    )),
                    Err(_) => unreachable!("a put is given back as a put"),
                }
            }

            /// Put a value from a thread, which blocks; other threads run meanwhile. Not for use in async code.
            ///
            /// Raises Closed, or TimeoutError if `timeout` seconds were not enough: then the value was not put.
            #[pyo3(signature = (value, timeout=None))]
            fn put_blocking(
                slf: &Bound<'_, Self>,
                value: Py<PyAny>,
                timeout: Option<f64>,
            ) -> PyResult<()> {
                let operation = Self::operation(slf, Action::Put(Value::new(value)));
                let done = operation.run_blocking(slf.py(), seconds(timeout)?)?;
                done.map(drop)
                    .ok_or_else(|| errors::timed_out(timeout, "the put"))
            }

            /// Put every item of an iterable, in order; an awaitable of how many there were.
            ///
            /// An item is taken from the iterable only when there is a place for it, so that backpressure reaches it. Raises
            /// Closed with the one item that was taken and not put, and whatever the iterable raises.
            fn put_many(slf: &Bound<'_, Self>, values: &Bound<'_, PyAny>) -> PyResult<Operation> {
                Ok(Self::operation(slf, Action::PutMany(Items::new(values)?)))
            }

            /// An awaitable that waits until the channel takes no more values.
            fn closed(slf: &Bound<'_, Self>) -> Operation {
                Self::operation(slf, Action::Closed)
            }
        }
    };
}
sending!(Chan);
sending!(Sender);
