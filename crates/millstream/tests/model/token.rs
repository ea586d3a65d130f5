//! A payload that is known to be alive until it is dropped, however often it is cloned.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

/// Which payloads are alive.
#[derive(Clone, Default)]
pub struct Alive(Arc<Mutex<BTreeMap<u32, usize>>>);

pub struct Token {
    pub number: u32,
    alive: Alive,
}

impl Alive {
    pub fn token(&self, number: u32) -> Token {
        *self.0.lock().unwrap().entry(number).or_insert(0) += 1;
        Token {
            number,
            alive: self.clone(),
        }
    }

    pub fn numbers(&self) -> BTreeSet<u32> {
        self.0.lock().unwrap().keys().copied().collect()
    }
}

impl Clone for Token {
    fn clone(&self) -> Self {
        self.alive.token(self.number)
    }
}

impl Drop for Token {
    fn drop(&mut self) {
        let mut alive = self.alive.0.lock().unwrap();
        let count = alive.get_mut(&self.number).expect("it was alive");
        *count -= 1;
        if *count == 0 {
            alive.remove(&self.number);
        }
    }
}
