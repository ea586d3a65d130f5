//! The Python objects that wait for a channel, held where the garbage collector sees them.

use pyo3::prelude::*;
use pyo3::{PyTraverseError, PyVisit};
use slab::Slab;
use std::sync::{Arc, Mutex};

/// What waits for one channel: objects that a wake-up has to reach, kept alive by the channel.
///
/// The engine's own list holds wakers, which the collector cannot look into. So a waker knows only a place in here,
/// and the object lies here, in sight: a waiting task lives as long as its channel can be reached, and a channel that
/// only its own waiting tasks can reach is collected with them.
#[derive(Default)]
pub(crate) struct Waiters {
    objects: Mutex<Slab<Py<PyAny>>>,
}

/// A place among the waiters of a channel.
pub(crate) struct Place {
    waiters: Arc<Waiters>,
    key: usize,
}

impl Waiters {
    pub(crate) fn insert(self: &Arc<Self>, object: Py<PyAny>) -> Place {
        let key = self.lock().insert(object);
        Place {
            waiters: self.clone(),
            key,
        }
    }

    pub(crate) fn visit(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        // A collection must not wait for a lock. What is not shown now is kept until the next one.
        let Ok(objects) = self.objects.try_lock() else {
            return Ok(());
        };
        objects.iter().try_for_each(|(_, object)| visit.call(object))
    }

    /// Lets go of everything, for a channel that is being collected.
    pub(crate) fn clear(&self) {
        let objects = std::mem::take(&mut *self.lock());
        drop(objects);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Slab<Py<PyAny>>> {
        self.objects.lock().expect("nothing panics under this lock")
    }
}

impl Place {
    /// Takes the object out, unless the channel was collected meanwhile.
    pub(crate) fn take(self) -> Option<Py<PyAny>> {
        self.waiters.lock().try_remove(self.key)
    }
}
