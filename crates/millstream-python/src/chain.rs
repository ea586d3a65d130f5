//! A chain of steps over an async iterator, fused: every step runs in the task that asks for the item.

use crate::attached::Attached;
use crate::awaiting::{
    async_iterator, is_async_iterable, is_generator, next_of, type_name, Awaited,
};
use crate::budget;
use crate::errors;
use crate::handle::Target;
use crate::iterate::Iter;
use crate::leaving::Inside;
use crate::operation::Step;
use crate::slots;
use crate::stage::{Fate, Inner, Stage};
use pyo3::exceptions::{PyStopAsyncIteration, PyStopIteration, PyTypeError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyTuple;
use pyo3::{PyTraverseError, PyVisit};
use std::sync::Arc;

/// An async iterator with steps that its items go through.
#[pyclass(frozen, subclass, module = "millstream", weakref, generic)]
pub(crate) struct Chain {
    source: Py<PyAny>,
    stages: Attached<Stages>,
    items: Attached<Items>,
    /// The stage from which on items are still wanted; those before it have had their last. `None` while all are.
    cut: Attached<Option<usize>>,
    at: Attached<At>,
}

/// The steps of a chain. They are shared only while somebody is at work on the chain, so that nothing is counted twice.
type Stages = Arc<Vec<Py<Stage>>>;

/// Where the source's items come from.
enum Items {
    NotBegun,
    /// A channel, which is read without a detour.
    Channel(Py<Iter>),
    Other(Py<PyAny>),
    /// A plain iterator, which is asked at once.
    Plain(Py<PyAny>),
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
    /// The chain was closed while a task waited for this.
    Closed(Awaited),
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

/// Somebody at work on a chain.
struct Work<'a, 'py> {
    py: Python<'py>,
    chain: &'a Chain,
    stages: Stages,
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
    fn is_awaited(&self, py: Python<'_>) -> bool {
        self.at.copy(py, |at| {
            matches!(
                at,
                At::Source(_) | At::Inner(..) | At::Call(..) | At::Closed(_) | At::Busy
            )
        })
    }

    /// The task that waited in it is gone: what it waited for begins anew for the next.
    fn release(&self, py: Python<'_>) {
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

impl Work<'_, '_> {
    fn turn(&self, at: At) -> PyResult<Turn> {
        let py = self.py;
        match at {
            At::Pull => self.pull(),
            At::Source(awaited) => match awaited.step(py) {
                Ok(Step::Return(item)) => self.pass(0, item),
                Ok(Step::Yield(object)) => Ok(Turn::Yield(object, At::Source(awaited))),
                Err(error) => self.source_ended(error),
            },
            At::Inner(index, awaited) => match awaited.step(py) {
                Ok(Step::Return(item)) => self.pass(index + 1, item),
                Ok(Step::Yield(object)) => Ok(Turn::Yield(object, At::Inner(index, awaited))),
                Err(error) if error.is_instance_of::<PyStopAsyncIteration>(py) => {
                    self.stages[index].get().forget_inner(py);
                    Ok(Turn::GoOn(At::Pull))
                }
                Err(error) => Err(error),
            },
            At::Item(index, item) => self.pass(index, item),
            At::Call(index, item, awaited) => match awaited.step(py)? {
                Step::Yield(object) => Ok(Turn::Yield(object, At::Call(index, item, awaited))),
                Step::Return(result) => self.called(index, item, result),
            },
            At::Closed(awaited) => {
                awaited.close(py)?;
                Ok(Turn::End)
            }
            At::End => Ok(Turn::End),
            At::Busy => unreachable!("refused on entry"),
        }
    }

    /// Sends an item through the stages from `index` on; one that has been through all comes out.
    fn pass(&self, mut index: usize, mut item: Py<PyAny>) -> PyResult<Turn> {
        let py = self.py;
        while let Some(stage) = self.stages.get(index) {
            let stage = stage.get();
            let mut fate = stage.begin(item.bind(py))?;
            if let Fate::Called(result) = fate {
                if let Some(awaited) = Awaited::new(result.bind(py))? {
                    return Ok(Turn::GoOn(At::Call(index, item, awaited)));
                }
                fate = stage.finish(py, item, result)?;
            }
            match self.follow(index, fate) {
                Some(next) => item = next,
                None => return Ok(Turn::GoOn(At::Pull)),
            }
            index += 1;
        }
        Ok(Turn::Return(item))
    }

    /// A stage's function was called with an item, and what it returned was awaited.
    fn called(&self, index: usize, item: Py<PyAny>, result: Py<PyAny>) -> PyResult<Turn> {
        let fate = self.stages[index].get().finish(self.py, item, result)?;
        match self.follow(index, fate) {
            Some(item) => self.pass(index + 1, item),
            None => Ok(Turn::GoOn(At::Pull)),
        }
    }

    /// What goes on from a stage, if anything does.
    fn follow(&self, index: usize, fate: Fate) -> Option<Py<PyAny>> {
        match fate {
            Fate::Pass(item) => Some(item),
            Fate::Drop => None,
            Fate::Last(item) => {
                self.cut(index + 1);
                Some(item)
            }
            Fate::End => {
                self.cut(index + 1);
                None
            }
            Fate::Called(_) => unreachable!("a call was finished before"),
        }
    }

    /// No more items come to the stages before `first`.
    fn cut(&self, first: usize) {
        let cut = &self.chain.cut;
        cut.update(self.py, |cut| *cut = (*cut).max(Some(first)));
    }

    /// Gets an item from the last place that has some: what an item was turned into, before the source.
    fn pull(&self) -> PyResult<Turn> {
        let py = self.py;
        if budget::is_spent(py) {
            return Ok(Turn::Yield(py.None(), At::Pull));
        }
        let cut = self.chain.cut.copy(py, |cut| *cut);
        let first = cut.unwrap_or(0);
        let mut wanted = first;
        for (index, stage) in self.stages.iter().enumerate().skip(first).rev() {
            let stage = stage.get();
            if !stage.comes_before_source() {
                continue;
            }
            if stage.is_sated(py) {
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
                    None => stage.forget_inner(py),
                },
            }
        }
        match cut.is_some() || wanted > 0 {
            true => self.flush(wanted),
            false => self.pull_source(),
        }
    }

    fn pull_source(&self) -> PyResult<Turn> {
        let py = self.py;
        let items = match self.chain.items.copy(py, |items| items.clone_ref(py)) {
            Items::NotBegun => {
                let items = begin(self.chain.source.bind(py))?;
                self.chain.items.replace(py, items.clone_ref(py));
                items
            }
            items => items,
        };
        match items {
            Items::Channel(iter) => match iter.get().attempt(py) {
                Ok(Ok(item)) => Ok(Turn::GoOn(At::Item(0, item))),
                Ok(Err(operation)) => {
                    let operation = Bound::new(py, operation)?.into_any();
                    let awaited = Awaited::new(&operation)?.expect("an operation can be awaited");
                    Ok(Turn::GoOn(At::Source(awaited)))
                }
                Err(error) => self.source_ended(error),
            },
            Items::Other(iterator) => match next_of(iterator.bind(py)) {
                Ok(awaited) => Ok(Turn::GoOn(At::Source(awaited))),
                Err(error) => self.source_ended(error),
            },
            Items::Plain(iterator) => match next_plain(iterator.bind(py))? {
                Some(item) => Ok(Turn::GoOn(At::Item(0, item))),
                None => self.no_more(),
            },
            Items::NotBegun => unreachable!("it has just begun"),
        }
    }

    fn source_ended(&self, error: PyErr) -> PyResult<Turn> {
        if !error.is_instance_of::<PyStopAsyncIteration>(self.py) {
            return Err(error);
        }
        self.no_more()
    }

    /// Nothing more comes to the first stage; what the stages have kept is still to come out.
    fn no_more(&self) -> PyResult<Turn> {
        self.cut(0);
        self.flush(0)
    }

    /// Lets out what the stages from `first` on have kept, one after the other; then the chain is at its end.
    fn flush(&self, first: usize) -> PyResult<Turn> {
        for (index, stage) in self.stages.iter().enumerate().skip(first) {
            if let Some(left_over) = stage.get().flush(self.py)? {
                self.cut(index + 1);
                return Ok(Turn::GoOn(At::Item(index + 1, left_over)));
            }
        }
        Ok(Turn::End)
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
    fn clone_ref(&self, py: Python<'_>) -> Items {
        match self {
            Items::NotBegun => Items::NotBegun,
            Items::Channel(iter) => Items::Channel(iter.clone_ref(py)),
            Items::Other(iterator) => Items::Other(iterator.clone_ref(py)),
            Items::Plain(iterator) => Items::Plain(iterator.clone_ref(py)),
        }
    }
}

fn begin(source: &Bound<'_, PyAny>) -> PyResult<Items> {
    match Target::of(source) {
        Some(target) => Ok(Items::Channel(Py::new(source.py(), Iter::new(target))?)),
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
        Next {
            chain: slf,
            phase: Attached::new(Phase::New),
        }
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

/// What `__anext__` of a chain returns.
#[pyclass(frozen, module = "millstream._core", name = "_Next")]
pub(crate) struct Next {
    chain: Py<Chain>,
    phase: Attached<Phase>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    New,
    Begun,
    Ended,
}

impl Next {
    pub(crate) fn step(slf: &Bound<'_, Self>) -> PyResult<Step> {
        let this = slf.get();
        let py = slf.py();
        match this.phase.copy(py, |phase| *phase) {
            Phase::Ended => {
                return Err(errors::misuse(
                    "the next item of a stream can be awaited only once",
                ));
            }
            Phase::New if this.chain.get().is_awaited(py) => return Err(errors::one_task()),
            Phase::New | Phase::Begun => {}
        }
        let step = this.chain.get().step(py);
        this.note(py, &step);
        step
    }

    fn note(&self, py: Python<'_>, step: &PyResult<Step>) {
        let phase = match step {
            Ok(Step::Yield(_)) => Phase::Begun,
            _ => Phase::Ended,
        };
        self.phase.replace(py, phase);
    }

    /// Raises an exception where it stands; before it has begun, nothing is there to raise it in.
    fn raise(slf: &Bound<'_, Self>, error: &Bound<'_, PyAny>) -> PyResult<Step> {
        let this = slf.get();
        let py = slf.py();
        let step = match this.phase.copy(py, |phase| *phase) {
            Phase::Begun => this.chain.get().throw(error),
            Phase::New | Phase::Ended => Err(PyErr::from_value(error.clone())),
        };
        this.note(py, &step);
        step
    }
}

impl Drop for Next {
    fn drop(&mut self) {
        if *self.phase.get_mut() == Phase::Begun {
            Python::attach(|py| self.chain.get().release(py));
        }
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

    fn __next__(slf: &Bound<'_, Self>) -> PyResult<Option<Py<PyAny>>> {
        slots::answer(slf.py(), || Self::step(slf))
    }

    fn send(slf: &Bound<'_, Self>, value: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        errors::check_sent(value)?;
        Self::step(slf)?.hand_out(slf.py())
    }

    #[pyo3(signature = (kind, value=None, traceback=None, /))]
    fn throw(
        slf: &Bound<'_, Self>,
        kind: &Bound<'_, PyAny>,
        value: Option<&Bound<'_, PyAny>>,
        traceback: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Py<PyAny>> {
        let error = errors::thrown(kind, value, traceback)?;
        Self::raise(slf, &error)?.hand_out(slf.py())
    }

    fn close(slf: &Bound<'_, Self>) -> PyResult<()> {
        let py = slf.py();
        let kind = py.get_type::<pyo3::exceptions::PyGeneratorExit>();
        let error = kind.call0()?;
        match Self::raise(slf, &error) {
            Err(raised)
                if raised.value(py).is(&error) || raised.is_instance_of::<PyStopIteration>(py) =>
            {
                Ok(())
            }
            Err(raised) => Err(raised),
            Ok(_) => Err(errors::misuse(
                "a step of a stream ignored that it was closed",
            )),
        }
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.chain)
    }
}
