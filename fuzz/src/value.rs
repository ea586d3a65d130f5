//! Values with numbers, each of which must be dropped exactly once.

use std::sync::{Arc, Mutex};

/// Where values are made, and where it is known which of them still are.
#[derive(Clone, Default)]
pub struct Mint(Arc<Mutex<Book>>);

#[derive(Default)]
struct Book {
    next: u32,
    /// How many of each number there are; a promise clones its value.
    alive: Vec<u32>,
}

impl Mint {
    /// A value with the next number.
    pub fn make(&self) -> Value {
        let mut book = self.0.lock().unwrap();
        let number = book.next;
        book.next += 1;
        book.alive.push(1);
        Value {
            number,
            mint: self.clone(),
        }
    }

    pub fn made(&self) -> usize {
        self.0.lock().unwrap().alive.len()
    }

    /// The numbers of the values that were never dropped.
    pub fn left(&self) -> Vec<usize> {
        let book = self.0.lock().unwrap();
        (0..book.alive.len())
            .filter(|number| book.alive[*number] > 0)
            .collect()
    }
}

/// What is sent.
pub struct Value {
    pub number: u32,
    mint: Mint,
}

impl Clone for Value {
    fn clone(&self) -> Self {
        self.mint.0.lock().unwrap().alive[self.number as usize] += 1;
        Value {
            number: self.number,
            mint: self.mint.clone(),
        }
    }
}

impl Drop for Value {
    fn drop(&mut self) {
        let mut book = self.mint.0.lock().unwrap();
        let alive = &mut book.alive[self.number as usize];
        assert!(*alive > 0, "{} is dropped twice", self.number);
        *alive -= 1;
    }
}
