//! Payloads that tell when they are dropped, or panic then.

use std::fmt;
use std::sync::{Arc, Mutex};

/// What became of the payloads that were made from it.
#[derive(Clone, Default)]
pub struct Ledger(Arc<Mutex<Vec<u32>>>);

impl Ledger {
    pub fn new() -> Self {
        Ledger::default()
    }

    /// A payload with this number.
    pub fn make(&self, number: u32) -> Tracked {
        Tracked {
            number,
            ledger: self.clone(),
        }
    }

    /// The numbers of the payloads that were dropped, in that order.
    pub fn dropped(&self) -> Vec<u32> {
        self.0.lock().unwrap().clone()
    }

    fn note(&self, number: u32) {
        self.0.lock().unwrap().push(number);
    }
}

/// A value that is entered in its ledger when it is dropped. A second entry means that it was dropped twice,
/// a missing one that it was leaked.
pub struct Tracked {
    pub number: u32,
    ledger: Ledger,
}

impl Drop for Tracked {
    fn drop(&mut self) {
        self.ledger.note(self.number);
    }
}

impl PartialEq<u32> for Tracked {
    fn eq(&self, number: &u32) -> bool {
        self.number == *number
    }
}

impl fmt::Debug for Tracked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tracked({})", self.number)
    }
}

/// A tracked value whose drop panics, if it is told to.
#[derive(Debug)]
pub struct Bomb {
    pub explodes: bool,
    pub tracked: Tracked,
}

impl Bomb {
    pub fn new(tracked: Tracked, explodes: bool) -> Self {
        Bomb { explodes, tracked }
    }
}

impl Drop for Bomb {
    fn drop(&mut self) {
        // The tracked value inside is dropped all the same, as fields are when a drop panics.
        if self.explodes {
            panic!("the payload's own drop");
        }
    }
}
