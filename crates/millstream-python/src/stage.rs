//! One step of a chain: what it does with an item, and what it remembers.

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyList, PyTuple};
use pyo3::{PyTraverseError, PyVisit};
use std::mem;

use crate::attached::Attached;
use crate::awaiting::{async_iterator, is_async_iterable};

/// One step of a chain. Chains that were made from one another share their common steps.
#[pyclass(frozen, module = "millstream._core", name = "_Stage")]
pub(crate) struct Stage {
    kind: Kind,
    memory: Attached<Memory>,
}

enum Kind {
    Map(Py<PyAny>),
    Filter(Py<PyAny>),
    FilterMap(Py<PyAny>),
    FlatMap(Py<PyAny>),
    TakeWhile(Py<PyAny>),
    SkipWhile(Py<PyAny>),
    Inspect(Py<PyAny>),
    Scan(Py<PyAny>),
    /// With the function that makes the key, if there is one.
    Distinct(Option<Py<PyAny>>),
    Take,
    Skip,
    Enumerate,
    Chunks(usize),
}

/// What a step remembers from one item to the next.
enum Memory {
    Nothing,
    /// How many items are still to be taken or skipped, or the number of the next.
    Number(i64),
    /// The last result, or the last key.
    Object(Option<Py<PyAny>>),
    /// The chunk that has begun.
    Items(Vec<Py<PyAny>>),
    /// The items that one item was turned into.
    Inner(Inner),
    /// Whether skipping is over.
    Passed,
}

/// Where the items come from that one item was turned into.
pub(crate) enum Inner {
    Plain(Py<PyAny>),
    Async(Py<PyAny>),
}

/// What becomes of an item.
pub(crate) enum Fate {
    /// It goes on, as this.
    Pass(Py<PyAny>),
    /// It goes no further.
    Drop,
    /// It goes on, and is the last that does.
    Last(Py<PyAny>),
    /// It goes no further, and none after it does.
    End,
    /// A function was called with it, and has returned this.
    Called(Py<PyAny>),
}

impl Stage {
    pub(crate) fn new(step: &str, arguments: &Bound<'_, PyTuple>) -> PyResult<Self> {
        let function = || -> PyResult<Py<PyAny>> { Ok(arguments.get_item(0)?.unbind()) };
        let number = || -> PyResult<i64> {
            let n: i64 = arguments.get_item(0)?.extract()?;
            match n {
                0.. => Ok(n),
                _ => Err(PyValueError::new_err(format!(
                    "{step} needs a number that is 0 or more, not {n}"
                ))),
            }
        };
        let (kind, memory) = match step {
            "map" => (Kind::Map(function()?), Memory::Nothing),
            "filter" => (Kind::Filter(function()?), Memory::Nothing),
            "filter_map" => (Kind::FilterMap(function()?), Memory::Nothing),
            "flat_map" => (Kind::FlatMap(function()?), Memory::Nothing),
            "take_while" => (Kind::TakeWhile(function()?), Memory::Nothing),
            "skip_while" => (Kind::SkipWhile(function()?), Memory::Nothing),
            "inspect" => (Kind::Inspect(function()?), Memory::Nothing),
            "scan" => {
                let initial = arguments.get_item(0)?.unbind();
                let function = arguments.get_item(1)?.unbind();
                (Kind::Scan(function), Memory::Object(Some(initial)))
            }
            "distinct" => {
                let key = arguments.get_item(0)?;
                (
                    Kind::Distinct((!key.is_none()).then(|| key.unbind())),
                    Memory::Object(None),
                )
            }
            "take" => (Kind::Take, Memory::Number(number()?)),
            "skip" => (Kind::Skip, Memory::Number(number()?)),
            "enumerate" => (
                Kind::Enumerate,
                Memory::Number(arguments.get_item(0)?.extract()?),
            ),
            "chunks" => match usize::try_from(number()?) {
                Ok(size @ 1..) => (Kind::Chunks(size), Memory::Items(Vec::new())),
                _ => return Err(PyValueError::new_err("chunks have a size of 1 or more")),
            },
            other => {
                return Err(PyValueError::new_err(format!(
                    "a chain has no step {other:?}"
                )))
            }
        };
        let stage = Stage {
            kind,
            memory: Attached::new(memory),
        };
        if let Some(function) = stage.function() {
            if !function.bind(arguments.py()).is_callable() {
                let kind = function.bind(arguments.py()).get_type();
                return Err(PyTypeError::new_err(format!(
                    "{step} needs a function, not {kind}"
                )));
            }
        }
        Ok(stage)
    }

    /// What becomes of an item, or what its function returned.
    pub(crate) fn begin(&self, item: &Bound<'_, PyAny>) -> PyResult<Fate> {
        let py = item.py();
        let kept = || item.clone().unbind();
        match &self.kind {
            Kind::Map(function)
            | Kind::Filter(function)
            | Kind::FilterMap(function)
            | Kind::FlatMap(function)
            | Kind::TakeWhile(function)
            | Kind::Inspect(function)
            | Kind::Distinct(Some(function)) => Ok(Fate::Called(function.call1(py, (item,))?)),
            Kind::SkipWhile(function) => {
                match self
                    .memory
                    .copy(py, |memory| matches!(memory, Memory::Passed))
                {
                    true => Ok(Fate::Pass(kept())),
                    false => Ok(Fate::Called(function.call1(py, (item,))?)),
                }
            }
            Kind::Scan(function) => {
                let last = self.remembered(py);
                Ok(Fate::Called(function.call1(py, (last, item))?))
            }
            Kind::Distinct(None) => self.distinct(kept(), kept(), py),
            Kind::Take => Ok(self.take(py, kept())),
            Kind::Skip => match self.count_down(py) {
                0 => Ok(Fate::Pass(kept())),
                _ => Ok(Fate::Drop),
            },
            Kind::Enumerate => {
                let number = self.memory.update(py, |memory| match memory {
                    Memory::Number(number) => mem::replace(number, *number + 1),
                    _ => 0,
                });
                let pair = PyTuple::new(py, [number.into_pyobject(py)?.into_any(), item.clone()])?;
                Ok(Fate::Pass(pair.into_any().unbind()))
            }
            Kind::Chunks(size) => {
                let full = self.memory.update(py, |memory| match memory {
                    Memory::Items(items) => {
                        items.push(kept());
                        (items.len() >= *size).then(|| mem::take(items))
                    }
                    _ => None,
                });
                match full {
                    Some(items) => Ok(Fate::Pass(PyList::new(py, items)?.into_any().unbind())),
                    None => Ok(Fate::Drop),
                }
            }
        }
    }

    /// What becomes of an item now that its function has returned, and was awaited if need be.
    pub(crate) fn finish(
        &self,
        py: Python<'_>,
        item: Py<PyAny>,
        result: Py<PyAny>,
    ) -> PyResult<Fate> {
        let fate = match &self.kind {
            Kind::Map(_) => Fate::Pass(result),
            Kind::Filter(_) if result.bind(py).is_truthy()? => Fate::Pass(item),
            Kind::Filter(_) => Fate::Drop,
            Kind::FilterMap(_) if result.is_none(py) => Fate::Drop,
            Kind::FilterMap(_) => Fate::Pass(result),
            Kind::TakeWhile(_) if result.bind(py).is_truthy()? => Fate::Pass(item),
            Kind::TakeWhile(_) => Fate::End,
            Kind::SkipWhile(_) if result.bind(py).is_truthy()? => Fate::Drop,
            Kind::SkipWhile(_) => {
                self.remember(py, Memory::Passed);
                Fate::Pass(item)
            }
            Kind::Inspect(_) => Fate::Pass(item),
            Kind::Scan(_) => {
                self.remember(py, Memory::Object(Some(result.clone_ref(py))));
                Fate::Pass(result)
            }
            Kind::Distinct(_) => return self.distinct(item, result, py),
            Kind::FlatMap(_) => {
                let result = result.bind(py);
                let inner = match is_async_iterable(result) {
                    true => Inner::Async(async_iterator(result)?),
                    false => Inner::Plain(result.try_iter()?.into_any().unbind()),
                };
                self.remember(py, Memory::Inner(inner));
                Fate::Drop
            }
            Kind::Take | Kind::Skip | Kind::Enumerate | Kind::Chunks(_) => {
                unreachable!("these have no function")
            }
        };
        Ok(fate)
    }

    /// Whether it may have items of its own, or enough of them, before the source is asked.
    pub(crate) fn comes_before_source(&self) -> bool {
        matches!(self.kind, Kind::FlatMap(_) | Kind::Take)
    }

    /// Whether no item is wanted any more.
    pub(crate) fn is_sated(&self, py: Python<'_>) -> bool {
        matches!(self.kind, Kind::Take)
            && self
                .memory
                .copy(py, |memory| matches!(memory, Memory::Number(0)))
    }

    /// What is left over at the end of the items.
    pub(crate) fn flush(&self, py: Python<'_>) -> PyResult<Option<Py<PyAny>>> {
        let items = self.memory.update(py, |memory| match memory {
            Memory::Items(items) => mem::take(items),
            _ => Vec::new(),
        });
        match items.is_empty() {
            true => Ok(None),
            false => Ok(Some(PyList::new(py, items)?.into_any().unbind())),
        }
    }

    /// The iterator over what an item was turned into, if that goes on.
    pub(crate) fn inner(&self, py: Python<'_>) -> Option<Inner> {
        self.memory.copy(py, |memory| match memory {
            Memory::Inner(Inner::Plain(inner)) => Some(Inner::Plain(inner.clone_ref(py))),
            Memory::Inner(Inner::Async(inner)) => Some(Inner::Async(inner.clone_ref(py))),
            _ => None,
        })
    }

    pub(crate) fn forget_inner(&self, py: Python<'_>) {
        self.remember(py, Memory::Nothing);
    }

    /// The last result, or the last key.
    fn remembered(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        self.memory.copy(py, |memory| match memory {
            Memory::Object(object) => object.as_ref().map(|object| object.clone_ref(py)),
            _ => None,
        })
    }

    fn distinct(&self, item: Py<PyAny>, key: Py<PyAny>, py: Python<'_>) -> PyResult<Fate> {
        let is_same = match self.remembered(py) {
            Some(last) => last.bind(py).eq(&key)?,
            None => false,
        };
        if is_same {
            return Ok(Fate::Drop);
        }
        self.remember(py, Memory::Object(Some(key)));
        Ok(Fate::Pass(item))
    }

    fn take(&self, py: Python<'_>, item: Py<PyAny>) -> Fate {
        match self.count_down(py) {
            0 => Fate::End,
            1 => Fate::Last(item),
            _ => Fate::Pass(item),
        }
    }

    /// The number as it was, and one less from now on.
    fn count_down(&self, py: Python<'_>) -> i64 {
        self.memory.update(py, |memory| match memory {
            Memory::Number(left) if *left > 0 => mem::replace(left, *left - 1),
            _ => 0,
        })
    }

    fn remember(&self, py: Python<'_>, memory: Memory) {
        let before = self.memory.replace(py, memory);
        drop(before);
    }

    fn function(&self) -> Option<&Py<PyAny>> {
        match &self.kind {
            Kind::Map(function)
            | Kind::Filter(function)
            | Kind::FilterMap(function)
            | Kind::FlatMap(function)
            | Kind::TakeWhile(function)
            | Kind::SkipWhile(function)
            | Kind::Inspect(function)
            | Kind::Scan(function) => Some(function),
            Kind::Distinct(key) => key.as_ref(),
            Kind::Take | Kind::Skip | Kind::Enumerate | Kind::Chunks(_) => None,
        }
    }
}

#[pymethods]
impl Stage {
    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(self.function())?;
        // SAFETY: the collector calls, attached, and nothing is replaced before this returns.
        match unsafe { self.memory.look() } {
            Memory::Object(object) => visit.call(object),
            Memory::Items(items) => items.iter().try_for_each(|item| visit.call(item)),
            Memory::Inner(Inner::Plain(inner) | Inner::Async(inner)) => visit.call(inner),
            Memory::Nothing | Memory::Number(_) | Memory::Passed => Ok(()),
        }
    }

    fn __clear__(&self) {
        Python::attach(|py| self.remember(py, Memory::Nothing));
    }
}
