//! The work on a chain: items are got, go through its steps, and come out.

use crate::awaiting::{next_of, Awaited};
use crate::budget;
use crate::chain::{begin, At, Chain, Items, Stages};
use crate::operation::Step;
use crate::stage::{Fate, Inner};
use pyo3::exceptions::PyStopAsyncIteration;
use pyo3::prelude::*;

/// What a turn of the chain's work comes to.
pub(crate) enum Turn {
    GoOn(At),
    Yield(Py<PyAny>, At),
    Return(Py<PyAny>),
    End,
}

/// Somebody at work on a chain.
pub(crate) struct Work<'a, 'py> {
    pub(crate) py: Python<'py>,
    pub(crate) chain: &'a Chain,
    pub(crate) stages: Stages,
}

impl Work<'_, '_> {
    pub(crate) fn turn(&self, at: At) -> PyResult<Turn> {
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

fn next_plain(iterator: &Bound<'_, PyAny>) -> PyResult<Option<Py<PyAny>>> {
    let next = iterator.cast::<pyo3::types::PyIterator>()?.clone().next();
    Ok(next.transpose()?.map(Bound::unbind))
}
