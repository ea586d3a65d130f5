//! A payload with an identity whose life is kept in a shared ledger, and which can be told to misbehave.

use std::collections::BTreeMap;
use std::fmt;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::waker::Deliberate;

/// The book in which every [`Tracked`] value it issued is entered and struck out.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    entries: Arc<Mutex<Entries>>,
}

#[derive(Debug, Default)]
struct Entries {
    created: usize,
    dropped: usize,
    /// How many values with this identity are alive; clones share the identity.
    alive: BTreeMap<u64, usize>,
}

impl Ledger {
    /// An empty ledger.
    pub fn new() -> Self {
        Self::default()
    }

    fn entries(&self) -> MutexGuard<'_, Entries> {
        // Nothing of the user runs under this lock, so what a panic elsewhere left behind is still right.
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn enter(&self, id: u64) {
        let mut entries = self.entries();
        entries.created += 1;
        *entries.alive.entry(id).or_default() += 1;
    }

    /// A new value with this identity.
    pub fn issue(&self, id: u64) -> Tracked {
        self.enter(id);
        Tracked {
            id,
            ledger: self.clone(),
            on_drop: None,
            panics_on_clone: None,
        }
    }

    /// How many values were created, clones included.
    pub fn created(&self) -> usize {
        self.entries().created
    }

    /// How many values were dropped.
    pub fn dropped(&self) -> usize {
        self.entries().dropped
    }

    /// The identities of the values that are alive, in order, each as often as it is alive.
    pub fn alive(&self) -> Vec<u64> {
        let entries = self.entries();
        let repeat = |(&id, &times)| std::iter::repeat_n(id, times);
        entries.alive.iter().flat_map(repeat).collect()
    }

    /// How many values are alive.
    pub fn live(&self) -> usize {
        let entries = self.entries();
        entries.created - entries.dropped
    }
}

/// A value that is entered in a [`Ledger`] while it lives.
pub struct Tracked {
    id: u64,
    ledger: Ledger,
    on_drop: Option<Box<dyn FnOnce() + Send + Sync>>,
    /// While this says true, cloning panics.
    panics_on_clone: Option<Arc<AtomicBool>>,
}

impl Tracked {
    /// Which value this is.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// Makes this value run `action` when it is dropped, after it was struck out of the ledger.
    pub fn on_drop(mut self, action: impl FnOnce() + Send + Sync + 'static) -> Self {
        self.on_drop = Some(Box::new(action));
        self
    }

    /// Makes this value panic when it is dropped, without a word from the panic hook.
    pub fn panicking_on_drop(self) -> Self {
        self.on_drop(|| resume_unwind(Box::new(Deliberate)))
    }

    /// Makes cloning this value panic while `switch` is on, without a word from the panic hook.
    pub fn panicking_on_clone(mut self, switch: Arc<AtomicBool>) -> Self {
        self.panics_on_clone = Some(switch);
        self
    }
}

impl Clone for Tracked {
    /// A value of the same identity, entered in the same ledger. It does not misbehave.
    fn clone(&self) -> Self {
        let panics = |switch: &Arc<AtomicBool>| switch.load(SeqCst);
        if self.panics_on_clone.as_ref().is_some_and(panics) {
            resume_unwind(Box::new(Deliberate));
        }
        self.ledger.issue(self.id)
    }
}

impl Drop for Tracked {
    fn drop(&mut self) {
        {
            let mut entries = self.ledger.entries();
            entries.dropped += 1;
            if let Some(times) = entries.alive.get_mut(&self.id) {
                *times = times.saturating_sub(1);
            }
        }
        if let Some(action) = self.on_drop.take() {
            action();
        }
    }
}

impl fmt::Debug for Tracked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Tracked").field(&self.id).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic::{catch_unwind, AssertUnwindSafe};

    #[test]
    fn the_ledger_knows_who_lives() {
        let ledger = Ledger::new();
        let (one, two) = (ledger.issue(1), ledger.issue(2));
        let copy = two.clone();
        assert_eq!(ledger.alive(), [1, 2, 2]);
        drop(two);
        assert_eq!(ledger.alive(), [1, 2]);
        drop((one, copy));
        assert_eq!(
            (ledger.created(), ledger.dropped(), ledger.live()),
            (3, 3, 0)
        );
    }

    #[test]
    fn a_hostile_value_is_struck_out_before_it_misbehaves() {
        let ledger = Ledger::new();
        let value = ledger.issue(1).panicking_on_drop();
        catch_unwind(AssertUnwindSafe(|| drop(value))).expect_err("it panics on drop");
        let switch = Arc::new(AtomicBool::new(true));
        let value = ledger.issue(2).panicking_on_clone(Arc::clone(&switch));
        catch_unwind(AssertUnwindSafe(|| value.clone())).expect_err("it panics on clone");
        assert_eq!(ledger.alive(), [2]);
        switch.store(false, SeqCst);
        assert_eq!(value.clone().id(), 2);
    }
}
