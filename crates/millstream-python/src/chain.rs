//! A chain of steps over an async iterator, fused: every step runs in the task that asks for the item.

use crate::awaiting::{async_iterator, next_of, Awaited};
use crate::budget;
use crate::errors;
use crate::handle::target_of;
use crate::iterate::Iter;
use crate::operation::{stop_iteration, Step};
use crate::stage::{Fate, Inner, Stage};
use pyo3::exceptions::{PyStopAsyncIteration, PyStopIteration, PyTypeError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyTuple;
use pyo3::{PyTraverseError, PyVisit};
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard};

/// An async iterator with steps that its items go through.
#[pyclass(frozen, subclass, module = "millstream", weakref, generic)]
pub(crate) struct Chain {
    source: Py<PyAny>,
    progress: Mutex<Progress>,
}

struct Progress {
    stages: Stages,
    items: Items,
    /// The stage from which on items are still wanted; those before it have had their last. `None` while all are.
    cut: Option<usize>,
    at: At,
}

/// The steps of a chain. They are shared only while somebody is at work on the chain, so that nothing is counted twice.
type Stages = Arc<Vec<Py<Stage>>>;

/// Where the source's items come from.
enum Items {
    NotBegun,
    /// A channel, which is read without a detour.
    Channel(Py<Iter>),
    Other(Py<PyAny>),
}

/// How far the chain is with the item under way.
enum At {
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
    /// There are no more items.
    End,
    /// Somebody is at it right now.
    Busy,
}

/// What a turn of the chain's work comes to.
enum Turn {
    GoOn(At),
    Yield(Py<PyAny>, At),
    Return(Py<PyAny>),
    End,
}

impl Chain {
    fn lock(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().expect("nothing panics under this lock")
    }

    /// Goes on until an item comes out, or the task has to wait.
    pub(crate) fn step(slf: &Bound<'_, Self>) -> PyResult<Step> {
        let mut at = Self::enter(slf)?;
        loop {
            match Self::turn(slf, at) {
                Ok(Turn::GoOn(next)) => at = next,
                Ok(Turn::Yield(object, at)) => {
                    Self::leave(slf, at);
                    return Ok(Step::Yield(object));
                }
                Ok(Turn::Return(item)) => {
                    Self::leave(slf, At::Pull);
                    return Ok(Step::Return(item));
                }
                Ok(Turn::End) => {
                    Self::leave(slf, At::End);
                    return Err(PyStopAsyncIteration::new_err(()));
                }
                Err(error) => {
                    Self::leave(slf, At::End);
                    return Err(error);
                }
            }
        }
    }

    fn enter(slf: &Bound<'_, Self>) -> PyResult<At> {
        let at = mem::replace(&mut slf.get().lock().at, At::Busy);
        if let At::Busy = at {
            return Err(errors::misuse("a stream is for one task at a time: share() or fork() it for several"));
        }
        Ok(at)
    }

    fn leave(slf: &Bound<'_, Self>, at: At) {
        let before = mem::replace(&mut slf.get().lock().at, at);
        drop(before);
    }

    fn turn(slf: &Bound<'_, Self>, at: At) -> PyResult<Turn> {
        let py = slf.py();
        match at {
            At::Pull => Self::pull(slf),
            At::Source(awaited) => match awaited.step(py) {
                Ok(Step::Return(item)) => Ok(Turn::GoOn(At::Item(0, item))),
                Ok(Step::Yield(object)) => Ok(Turn::Yield(object, At::Source(awaited))),
                Err(error) => Self::source_ended(slf, error),
            },
            At::Inner(index, awaited) => match awaited.step(py) {
                Ok(Step::Return(item)) => Ok(Turn::GoOn(At::Item(index + 1, item))),
                Ok(Step::Yield(object)) => Ok(Turn::Yield(object, At::Inner(index, awaited))),
                Err(error) if error.is_instance_of::<PyStopAsyncIteration>(py) => {
                    if let Some(stage) = Self::stage(slf, index) {
                        stage.get().forget_inner();
                    }
                    Ok(Turn::GoOn(At::Pull))
                }
                Err(error) => Err(error),
            },
            At::Item(index, item) => Self::pass(slf, index, item),
            At::Call(index, item, awaited) => match awaited.step(py)? {
                Step::Yield(object) => Ok(Turn::Yield(object, At::Call(index, item, awaited))),
                Step::Return(result) => {
                    let stage = Self::stage(slf, index).expect("the stage whose function was called");
                    let fate = stage.get().finish(py, item, result)?;
                    Self::follow(slf, index, fate)
                }
            },
            At::End => Ok(Turn::End),
            At::Busy => unreachable!("refused on entry"),
        }
    }

    fn stage<'py>(slf: &Bound<'py, Self>, index: usize) -> Option<Bound<'py, Stage>> {
        let progress = slf.get().lock();
        Some(progress.stages.get(index)?.bind(slf.py()).clone())
    }

    /// Sends an item through a stage; one that has been through all comes out.
    fn pass(slf: &Bound<'_, Self>, index: usize, item: Py<PyAny>) -> PyResult<Turn> {
        let py = slf.py();
        let Some(stage) = Self::stage(slf, index) else {
            return Ok(Turn::Return(item));
        };
        match stage.get().begin(item.bind(py))? {
            Fate::Called(result) => match Awaited::new(result.bind(py))? {
                Some(awaited) => Ok(Turn::GoOn(At::Call(index, item, awaited))),
                None => {
                    let fate = stage.get().finish(py, item, result)?;
                    Self::follow(slf, index, fate)
                }
            },
            fate => Self::follow(slf, index, fate),
        }
    }

    fn follow(slf: &Bound<'_, Self>, index: usize, fate: Fate) -> PyResult<Turn> {
        let next = match fate {
            Fate::Pass(item) => At::Item(index + 1, item),
            Fate::Drop => At::Pull,
            Fate::Last(item) => {
                Self::cut(slf, index);
                At::Item(index + 1, item)
            }
            Fate::End => {
                Self::cut(slf, index);
                At::Pull
            }
            Fate::Called(_) => unreachable!("a call was finished before"),
        };
        Ok(Turn::GoOn(next))
    }

    /// No more items go through the stages up to this one.
    fn cut(slf: &Bound<'_, Self>, index: usize) {
        let mut progress = slf.get().lock();
        progress.cut = progress.cut.max(Some(index + 1));
    }

    /// Gets an item from the last place that has some: what an item was turned into, before the source.
    fn pull(slf: &Bound<'_, Self>) -> PyResult<Turn> {
        let py = slf.py();
        if budget::is_spent() {
            return Ok(Turn::Yield(py.None(), At::Pull));
        }
        let (stages, first) = {
            let progress = slf.get().lock();
            (progress.stages.clone(), progress.cut.unwrap_or(0))
        };
        let mut wanted = first;
        for (index, stage) in stages.iter().enumerate().skip(first).rev() {
            let stage = stage.get();
            if !stage.comes_before_source() {
                continue;
            }
            if stage.is_sated() {
                // It wants no more, whatever those before it have.
                wanted = index + 1;
                break;
            }
            match stage.inner(py) {
                None => {}
                Some(Inner::Async(iterator)) => {
                    let awaited = next_of(iterator.bind(py))?;
                    return Ok(Turn::GoOn(At::Inner(index, awaited)));
                }
                Some(Inner::Plain(iterator)) => match next_plain(iterator.bind(py))? {
                    Some(item) => return Ok(Turn::GoOn(At::Item(index + 1, item))),
                    None => stage.forget_inner(),
                },
            }
        }
        let is_cut = slf.get().lock().cut.is_some();
        match is_cut || wanted > 0 {
            true => Self::flush(slf, wanted),
            false => Self::pull_source(slf),
        }
    }

    fn pull_source(slf: &Bound<'_, Self>) -> PyResult<Turn> {
        let py = slf.py();
        let this = slf.get();
        let begun = match &this.lock().items {
            Items::NotBegun => None,
            Items::Channel(iter) => Some(Items::Channel(iter.clone_ref(py))),
            Items::Other(iterator) => Some(Items::Other(iterator.clone_ref(py))),
        };
        let items = match begun {
            Some(items) => items,
            None => {
                let items = begin(this.source.bind(py))?;
                this.lock().items = items.clone_ref(py);
                items
            }
        };
        match items {
            Items::Channel(iter) => match iter.get().attempt(py) {
                Ok(Ok(item)) => Ok(Turn::GoOn(At::Item(0, item))),
                Ok(Err(operation)) => {
                    let operation = Bound::new(py, operation)?.into_any();
                    let awaited = Awaited::new(&operation)?.expect("an operation can be awaited");
                    Ok(Turn::GoOn(At::Source(awaited)))
                }
                Err(error) => Self::source_ended(slf, error),
            },
            Items::Other(iterator) => match next_of(iterator.bind(py)) {
                Ok(awaited) => Ok(Turn::GoOn(At::Source(awaited))),
                Err(error) => Self::source_ended(slf, error),
            },
            Items::NotBegun => unreachable!("it has just begun"),
        }
    }

    fn source_ended(slf: &Bound<'_, Self>, error: PyErr) -> PyResult<Turn> {
        if !error.is_instance_of::<PyStopAsyncIteration>(slf.py()) {
            return Err(error);
        }
        // Nothing more comes to the first stage; what the stages have kept is still to come out.
        let mut progress = slf.get().lock();
        progress.cut = progress.cut.max(Some(0));
        drop(progress);
        Self::flush(slf, 0)
    }

    /// Lets out what the stages from `first` on have kept, one after the other; then the chain is at its end.
    fn flush(slf: &Bound<'_, Self>, first: usize) -> PyResult<Turn> {
        let py = slf.py();
        let count = slf.get().lock().stages.len();
        for index in first..count {
            let stage = Self::stage(slf, index).expect("its number is below their count");
            if let Some(left_over) = stage.get().flush(py)? {
                Self::cut(slf, index);
                return Ok(Turn::GoOn(At::Item(index + 1, left_over)));
            }
        }
        Ok(Turn::End)
    }

    /// An exception is raised into the task that waits for an item.
    pub(crate) fn throw(slf: &Bound<'_, Self>, error: &Bound<'_, PyAny>) -> PyResult<Step> {
        let at = Self::enter(slf)?;
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
            other => {
                Self::leave(slf, other);
                return Err(PyErr::from_value(error.clone()));
            }
        };
        match thrown {
            Ok(Step::Yield(object)) => {
                Self::leave(slf, again.still());
                Ok(Step::Yield(object))
            }
            // It was caught, and there is an item or a result all the same.
            Ok(Step::Return(value)) => {
                let at = match again {
                    Again::Source(_) => At::Item(0, value),
                    Again::Inner(index, _) => At::Item(index + 1, value),
                    Again::Call(index, item, _) => {
                        let stage = Self::stage(slf, index).expect("the stage whose function was called");
                        match stage.get().finish(slf.py(), item, value) {
                            Ok(fate) => match Self::follow(slf, index, fate)? {
                                Turn::GoOn(at) => at,
                                _ => unreachable!("following an item's fate goes on"),
                            },
                            Err(error) => {
                                Self::leave(slf, At::End);
                                return Err(error);
                            }
                        }
                    }
                };
                Self::leave(slf, at);
                Self::step(slf)
            }
            Err(raised) => {
                // What was raised comes back out: the item stays where it was, for whoever asks next. Any other
                // exception is the source's or the function's own, and ends the stream.
                let at = match raised.value(slf.py()).is(error) {
                    true => again.anew(),
                    false => At::End,
                };
                Self::leave(slf, at);
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
    fn clone_ref(&self, py: Python<'_>) -> Items {
        match self {
            Items::NotBegun => Items::NotBegun,
            Items::Channel(iter) => Items::Channel(iter.clone_ref(py)),
            Items::Other(iterator) => Items::Other(iterator.clone_ref(py)),
        }
    }
}

fn begin(source: &Bound<'_, PyAny>) -> PyResult<Items> {
    match target_of(source) {
        Some(target) => Ok(Items::Channel(Py::new(source.py(), Iter::new(target?))?)),
        None => Ok(Items::Other(async_iterator(source)?)),
    }
}

fn next_plain(iterator: &Bound<'_, PyAny>) -> PyResult<Option<Py<PyAny>>> {
    let next = iterator.cast::<pyo3::types::PyIterator>()?.clone().next();
    Ok(next.transpose()?.map(Bound::unbind))
}

#[pymethods]
impl Chain {
    #[new]
    fn new(source: &Bound<'_, PyAny>) -> PyResult<Self> {
        let is_channel = match target_of(source) {
            Some(target) => target?.ends.maybe_receiver().is_some(),
            None => false,
        };
        if !is_channel && !crate::awaiting::is_async_iterable(source) {
            let kind = source.get_type();
            return Err(PyTypeError::new_err(format!(
                "a stream is made of an async iterable, such as a channel or an async generator; not of {kind}"
            )));
        }
        Ok(Chain {
            source: source.clone().unbind(),
            progress: Mutex::new(Progress {
                stages: Stages::default(),
                items: Items::NotBegun,
                cut: None,
                at: At::Pull,
            }),
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
        let has_begun = !matches!(own.lock().items, Items::NotBegun);
        if !has_begun {
            let items = begin(own.source.bind(py))?;
            own.lock().items = items;
        }
        let (mut stages, items, cut) = {
            let progress = own.lock();
            let stages: Vec<_> = progress.stages.iter().map(|stage| stage.clone_ref(py)).collect();
            (stages, progress.items.clone_ref(py), progress.cut)
        };
        stages.push(stage);
        let chain = longer.cast::<Chain>()?.get();
        let mut progress = chain.lock();
        progress.stages = Arc::new(stages);
        progress.items = items;
        progress.cut = cut;
        drop(progress);
        Ok(longer.unbind())
    }

    fn __aiter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __anext__(slf: Py<Self>) -> Next {
        Next {
            chain: slf,
            has_ended: Mutex::new(false),
        }
    }

    /// Ends the chain, and closes its source if that can be closed.
    fn aclose(slf: &Bound<'_, Self>) -> PyResult<Py<PyAny>> {
        let py = slf.py();
        let at = Self::enter(slf)?;
        Self::leave(slf, At::End);
        let awaited = match at {
            At::Source(awaited) | At::Inner(_, awaited) | At::Call(_, _, awaited) => Some(awaited),
            _ => None,
        };
        if let Some(awaited) = awaited {
            awaited.close(py)?;
        }
        let items = slf.get().lock().items.clone_ref(py);
        let source = match &items {
            Items::Other(iterator) => iterator.bind(py),
            Items::Channel(_) | Items::NotBegun => slf.get().source.bind(py),
        };
        match source.getattr_opt(intern!(py, "aclose"))? {
            Some(close) => Ok(close.call0()?.unbind()),
            None => crate::ready::ready(py, py.None()),
        }
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.source)?;
        // A collection must not wait for a lock.
        let Ok(progress) = self.progress.try_lock() else {
            return Ok(());
        };
        progress.stages.iter().try_for_each(|stage| visit.call(stage))?;
        match &progress.items {
            Items::NotBegun => {}
            Items::Channel(iter) => visit.call(iter)?,
            Items::Other(iterator) => visit.call(iterator)?,
        }
        match &progress.at {
            At::Source(awaited) | At::Inner(_, awaited) => visit.call(awaited.object()),
            At::Item(_, item) => visit.call(item),
            At::Call(_, item, awaited) => {
                visit.call(item)?;
                visit.call(awaited.object())
            }
            At::Pull | At::End | At::Busy => Ok(()),
        }
    }

    fn __clear__(&self) {
        let mut progress = self.lock();
        let stages = mem::take(&mut progress.stages);
        let items = mem::replace(&mut progress.items, Items::NotBegun);
        let at = mem::replace(&mut progress.at, At::End);
        drop(progress);
        drop((stages, items, at));
    }
}

/// What `__anext__` of a chain returns.
#[pyclass(frozen, module = "millstream._core", name = "_Next")]
pub(crate) struct Next {
    chain: Py<Chain>,
    has_ended: Mutex<bool>,
}

impl Next {
    pub(crate) fn step(slf: &Bound<'_, Self>) -> PyResult<Step> {
        let this = slf.get();
        if *this.ended() {
            return Err(errors::misuse("the next item of a stream can be awaited only once"));
        }
        let step = Chain::step(this.chain.bind(slf.py()));
        *this.ended() = !matches!(step, Ok(Step::Yield(_)));
        step
    }

    fn ended(&self) -> MutexGuard<'_, bool> {
        self.has_ended.lock().expect("nothing panics under this lock")
    }
}

#[pymethods]
impl Next {
    fn __await__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __next__(slf: &Bound<'_, Self>) -> PyResult<Py<PyAny>> {
        match Self::step(slf)? {
            Step::Yield(object) => Ok(object),
            Step::Return(value) => Err(stop_iteration(slf.py(), value)),
        }
    }

    fn send(slf: &Bound<'_, Self>, _value: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        Self::__next__(slf)
    }

    #[pyo3(signature = (kind, value=None, traceback=None, /))]
    fn throw(
        slf: &Bound<'_, Self>,
        kind: &Bound<'_, PyAny>,
        value: Option<&Bound<'_, PyAny>>,
        traceback: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Py<PyAny>> {
        let error = errors::thrown(kind, value, traceback)?;
        let step = Chain::throw(slf.get().chain.bind(slf.py()), &error);
        *slf.get().ended() = !matches!(step, Ok(Step::Yield(_)));
        match step? {
            Step::Yield(object) => Ok(object),
            Step::Return(value) => Err(stop_iteration(slf.py(), value)),
        }
    }

    fn close(slf: &Bound<'_, Self>) -> PyResult<()> {
        let py = slf.py();
        *slf.get().ended() = true;
        let kind = py.get_type::<pyo3::exceptions::PyGeneratorExit>();
        let error = kind.call0()?;
        match Chain::throw(slf.get().chain.bind(py), &error) {
            Err(raised)
                if raised.value(py).is(&error) || raised.is_instance_of::<PyStopIteration>(py) =>
            {
                Ok(())
            }
            Err(raised) => Err(raised),
            Ok(_) => Err(errors::misuse("a step of a stream ignored that it was closed")),
        }
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.chain)
    }
}
