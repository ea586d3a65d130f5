//! The Python objects that wait for a channel, held where the garbage collector sees them.

use crate::attached::Attached;
use crate::few::Few;
use crate::operation::Operation;
use crate::waiter::Waiter;
use pyo3::prelude::*;
use pyo3::{PyTraverseError, PyVisit};
use slab::Slab;
use std::sync::Arc;

/// What waits for one channel: objects that a wake-up has to reach, kept alive by the channel.
///
/// The engine's own list holds wakers, which the collector cannot look into. So a waker knows only a place in here,
/// and the object lies here, in sight: a waiting task lives as long as its channel can be reached, and a channel that
/// only its own waiting tasks can reach is collected with them.
pub(crate) struct Waiters {
    objects: Attached<Slab<Py<PyAny>>>,
}

/// A place among the waiters of a channel.
pub(crate) struct Place {
    waiters: Arc<Waiters>,
    key: usize,
}

impl Waiters {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Waiters {
            objects: Attached::new(Slab::new()),
        })
    }

    pub(crate) fn insert(self: &Arc<Self>, py: Python<'_>, object: Py<PyAny>) -> Place {
        let key = self.objects.update(py, |objects| objects.insert(object));
        Place {
            waiters: self.clone(),
            key,
        }
    }

    pub(crate) fn visit(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        // SAFETY: the collector calls, attached, and nothing is replaced before this returns.
        let objects = unsafe { self.objects.look() };
        objects
            .iter()
            .try_for_each(|(_, object)| visit.call(object))
    }

    /// Lets go of everything, for a channel that is being collected. Whoever waits here is garbage as well: it is given up
    /// first, so that nothing of it runs when other things that it waits for are taken apart.
    pub(crate) fn clear(&self, py: Python<'_>) {
        let objects = self.objects.replace(py, Slab::new());
        for (_, object) in objects {
            let object = object.bind(py);
            if let Ok(operation) = object.cast::<Operation>() {
                operation.get().abandon(py);
            } else if let Ok(waiter) = object.cast::<Waiter>() {
                waiter.get().abandon(py);
            }
        }
    }
}

impl Place {
    /// Takes the object out, unless the channel was collected meanwhile.
    pub(crate) fn take(self, py: Python<'_>) -> Option<Py<PyAny>> {
        self.waiters
            .objects
            .update(py, |objects| objects.try_remove(self.key))
    }
}

/// The places of one object: one for most operations, several for a select.
pub(crate) type Places = Few<Place>;

/// Takes an object back from wherever it lies.
pub(crate) fn take(places: Places, py: Python<'_>) -> Option<Py<PyAny>> {
    let mut places = places.into_iter();
    let object = places.next()?.take(py);
    for place in places {
        drop(place.take(py));
    }
    object
}
