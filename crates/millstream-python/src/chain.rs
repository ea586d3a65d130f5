//! A chain of steps over an async iterator, fused: every step runs in the task that asks for the item.

use crate::attached::Attached;
use crate::awaiting::{async_iterator, is_async_iterable, is_generator, type_name, Awaited};
use crate::errors;
use crate::iterate::Iter;
use crate::leaving::Inside;
use crate::next::Next;
use crate::operation::Step;
use crate::stage::Stage;
use crate::target::Target;
use crate::work::{Turn, Work};
use pyo3::exceptions::{PyStopAsyncIteration, PyTypeError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyTuple;
use pyo3::{PyTraverseError, PyVisit};
use std::sync::Arc;

/// An async iterator with steps that its items go through.
#[pyclass(frozen, subclass, module = "millstream", weakref, generic)]
pub(crate) struct Chain {
    pub(crate) source: Py<PyAny>,
    stages: Attached<Stages>,
    pub(crate) items: Attached<Items>,
    /// The stage from which on items are still wanted; those before it have had their last. `None` while all are.
    pub(crate) cut: Attached<Option<usize>>,
    at: Attached<At>,
}

/// The steps of a chain. They are shared only while somebody is at work on the chain, so that nothing is counted twice.
pub(crate) type Stages = Arc<Vec<Py<Stage>>>;

/// Where the source's items come from.
pub(crate) enum Items {
    NotBegun,
    /// A channel, which is read without a detour.
    Channel(Py<Iter>),
    Other(Py<PyAny>),
    /// A plain iterator, which is asked at once.
    Plain(Py<PyAny>),
}

/// How far the chain is with the item under way.
pub(crate) enum At {
    /// An item is to be got: from the source, or from what an earlier item was turned into.
    Pull,
    /// The source's next item is awaited.
    Source(Awaited),
    /// The next item of what an item was turned into is awaited.
    Inner(usize, Awaited),
    /// An item is to go through the stage of that number.
    Item(usize, Py<PyAny>),
    /// The function of that stage was called with the item, and is awaited.
    Call(usize, Py<PyAny>, Awaited),
    /// The chain was closed while a task waited for this.
    Closed(Awaited),
    /// There are no more items.
    End,
    /// Somebody is at it right now.
    Busy,
}

impl Chain {
    /// Goes on until an item comes out, or the task has to wait.
    pub(crate) fn step(&self, py: Python<'_>) -> PyResult<Step> {
        let _inside = Inside::new(py);
        let mut at = self.enter(py)?;
        let work = Work {
            py,
            chain: self,
            stages: self.stages.copy(py, Arc::clone),
        };
        loop {
            match work.turn(at) {
                Ok(Turn::GoOn(next)) => at = next,
                Ok(Turn::Yield(object, at)) => {
                    self.at.replace(py, at);
                    return Ok(Step::Yield(object));
                }
                Ok(Turn::Return(item)) => {
                    self.at.replace(py, At::Pull);
                    return Ok(Step::Return(item));
                }
                Ok(Turn::End) => {
                    self.at.replace(py, At::End);
                    return Err(PyStopAsyncIteration::new_err(()));
                }
                Err(error) => {
                    self.at.replace(py, At::End);
                    return Err(error);
                }
            }
        }
    }

    /// Whether some task waits in it.
    pub(crate) fn is_awaited(&self, py: Python<'_>) -> bool {
        self.at.copy(py, |at| {
            matches!(
                at,
                At::Source(_) | At::Inner(..) | At::Call(..) | At::Closed(_) | At::Busy
            )
        })
    }

    /// The task that waited in it is gone: what it waited for begins anew for the next.
    pub(crate) fn release(&self, py: Python<'_>) {
        let again = match self.at.replace(py, At::Busy) {
            At::Source(awaited) => Again::Source(awaited),
            At::Inner(index, awaited) => Again::Inner(index, awaited),
            At::Call(index, item, awaited) => Again::Call(index, item, awaited),
            At::Closed(_) => return drop(self.at.replace(py, At::End)),
            other => return drop(self.at.replace(py, other)),
        };
        self.at.replace(py, again.anew());
    }

    fn enter(&self, py: Python<'_>) -> PyResult<At> {
        match self.at.replace(py, At::Busy) {
            At::Busy => Err(errors::one_task()),
            at => Ok(at),
        }
    }
}

impl Chain {
    /// An exception is raised into the task that waits for an item.
    pub(crate) fn throw(&self, error: &Bound<'_, PyAny>) -> PyResult<Step> {
        let py = error.py();
        let at = self.enter(py)?;
        let (thrown, again) = match at {
            At::Source(awaited) => {
                let thrown = awaited.throw(error);
                (thrown, Again::Source(awaited))
            }
            At::Inner(index, awaited) => {
                let thrown = awaited.throw(error);
                (thrown, Again::Inner(index, awaited))
            }
            At::Call(index, item, awaited) => {
                let thrown = awaited.throw(error);
                (thrown, Again::Call(index, item, awaited))
            }
            At::Closed(awaited) => {
                self.at.replace(py, At::End);
                awaited.close(py)?;
                return Err(PyErr::from_value(error.clone()));
            }
            other => {
                self.at.replace(py, other);
                return Err(PyErr::from_value(error.clone()));
            }
        };
        match thrown {
            Ok(Step::Yield(object)) => {
                self.at.replace(py, again.still());
                Ok(Step::Yield(object))
            }
            // It was caught, and there is an item or a result all the same.
            Ok(Step::Return(value)) => {
                let at = match again {
                    Again::Source(_) => At::Item(0, value),
                    Again::Inner(index, _) => At::Item(index + 1, value),
                    Again::Call(index, item, _) => {
                        let result = crate::ready::ready(py, value)?;
                        let result = Awaited::new(result.bind(py))?.expect("made to be awaited");
                        At::Call(index, item, result)
                    }
                };
                self.at.replace(py, at);
                self.step(py)
            }
            Err(raised) => {
                // What was raised comes back out: the item stays where it was, for whoever asks next. Any other
                // exception is the source's or the function's own, and ends the stream.
                let at = match raised.value(py).is(error) {
                    true => again.anew(),
                    false => At::End,
                };
                self.at.replace(py, at);
                Err(raised)
            }
        }
    }
}

/// What was being awaited when an exception was raised into it.
enum Again {
    Source(Awaited),
    Inner(usize, Awaited),
    Call(usize, Py<PyAny>, Awaited),
}

impl Again {
    /// It is awaited still.
    fn still(self) -> At {
        match self {
            Again::Source(awaited) => At::Source(awaited),
            Again::Inner(index, awaited) => At::Inner(index, awaited),
            Again::Call(index, item, awaited) => At::Call(index, item, awaited),
        }
    }

    /// It has to be done anew.
    fn anew(self) -> At {
        match self {
            Again::Source(_) | Again::Inner(..) => At::Pull,
            Again::Call(index, item, _) => At::Item(index, item),
        }
    }
}

impl Items {
    pub(crate) fn clone_ref(&self, py: Python<'_>) -> Items {
        match self {
            Items::NotBegun => Items::NotBegun,
            Items::Channel(iter) => Items::Channel(iter.clone_ref(py)),
            Items::Other(iterator) => Items::Other(iterator.clone_ref(py)),
            Items::Plain(iterator) => Items::Plain(iterator.clone_ref(py)),
        }
    }
}

pub(crate) fn begin(source: &Bound<'_, PyAny>) -> PyResult<Items> {
    match Target::of(source) {
        Some(target) => Ok(Items::Channel(Py::new(source.py(), Iter::new(target))?)),
        None => Ok(Items::Other(async_iterator(source)?)),
    }
}

#[pymethods]
impl Chain {
    #[new]
    fn new(source: &Bound<'_, PyAny>) -> PyResult<Self> {
        let is_channel = Target::of(source).is_some_and(|target| target.gives_values());
        let items = if is_channel || is_async_iterable(source) {
            Items::NotBegun
        } else {
            let iterator = source.try_iter().map_err(|_| {
                let kind = type_name(source);
                PyTypeError::new_err(format!(
                    "a stream is made of an async iterable, such as a channel or an async generator, or of an iterable; not {kind}"
                ))
            })?;
            Items::Plain(iterator.into_any().unbind())
        };
        Ok(Chain {
            source: source.clone().unbind(),
            stages: Attached::new(Stages::default()),
            items: Attached::new(items),
            cut: Attached::new(None),
            at: Attached::new(At::Pull),
        })
    }

    /// This chain with one more step. Both read from one source, and share the steps they have in common.
    #[pyo3(signature = (step, *arguments))]
    fn _with(
        slf: &Bound<'_, Self>,
        step: &str,
        arguments: &Bound<'_, PyTuple>,
    ) -> PyResult<Py<PyAny>> {
        let py = slf.py();
        let stage = Py::new(py, Stage::new(step, arguments)?)?;
        let longer = slf.get_type().call1((&slf.get().source,))?;
        let own = slf.get();
        if own.items.copy(py, |items| matches!(items, Items::NotBegun)) {
            let items = begin(own.source.bind(py))?;
            own.items.replace(py, items);
        }
        let mut stages: Vec<_> = own
            .stages
            .copy(py, Arc::clone)
            .iter()
            .map(|stage| stage.clone_ref(py))
            .collect();
        stages.push(stage);
        let chain = longer.cast::<Chain>()?.get();
        chain.stages.replace(py, Arc::new(stages));
        chain
            .items
            .replace(py, own.items.copy(py, |items| items.clone_ref(py)));
        chain.cut.replace(py, own.cut.copy(py, |cut| *cut));
        Ok(longer.unbind())
    }

    fn __aiter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __anext__(slf: Py<Self>) -> Next {
        Next::new(slf)
    }

    /// Ends the chain, and closes its source if that can be closed. A task that waits for an item meanwhile finds the
    /// end when it is woken.
    fn aclose(slf: &Bound<'_, Self>) -> PyResult<Py<PyAny>> {
        let py = slf.py();
        let this = slf.get();
        // A task that waits in it is left to find out, by what it waits for or by being cancelled: what it waits for
        // is not ours to end under it.
        let closed = match this.enter(py)? {
            At::Source(awaited)
            | At::Inner(_, awaited)
            | At::Call(_, _, awaited)
            | At::Closed(awaited) => At::Closed(awaited),
            _ => At::End,
        };
        this.at.replace(py, closed);
        let items = this.items.copy(py, |items| items.clone_ref(py));
        let source = match &items {
            Items::Other(iterator) => iterator.bind(py),
            Items::Channel(_) | Items::Plain(_) | Items::NotBegun => this.source.bind(py),
        };
        if let Items::Plain(iterator) = &items {
            // A generator has an end of its own to come to.
            if let Some(close) = iterator.bind(py).getattr_opt(intern!(py, "close"))? {
                if is_generator(iterator.bind(py)) {
                    close.call0()?;
                }
            }
            return crate::ready::ready(py, py.None());
        }
        match source.getattr_opt(intern!(py, "aclose"))? {
            Some(close) => Ok(close.call0()?.unbind()),
            None => crate::ready::ready(py, py.None()),
        }
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.source)?;
        // SAFETY: the collector calls, attached, and nothing is replaced before this returns.
        let (stages, items, at) =
            unsafe { (self.stages.look(), self.items.look(), self.at.look()) };
        stages.iter().try_for_each(|stage| visit.call(stage))?;
        match items {
            Items::NotBegun => {}
            Items::Channel(iter) => visit.call(iter)?,
            Items::Other(iterator) | Items::Plain(iterator) => visit.call(iterator)?,
        }
        match at {
            At::Source(awaited) | At::Inner(_, awaited) | At::Closed(awaited) => {
                visit.call(awaited.object())
            }
            At::Item(_, item) => visit.call(item),
            At::Call(_, item, awaited) => {
                visit.call(item)?;
                visit.call(awaited.object())
            }
            At::Pull | At::End | At::Busy => Ok(()),
        }
    }

    fn __clear__(&self) {
        Python::attach(|py| {
            let stages = self.stages.replace(py, Stages::default());
            let items = self.items.replace(py, Items::NotBegun);
            let at = self.at.replace(py, At::End);
            drop((stages, items, at));
        });
    }
}
