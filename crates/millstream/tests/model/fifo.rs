//! A plain first-in-first-out buffer of one's own.

use crate::token::Token;
use millstream::Buffer;
use std::collections::VecDeque;

pub struct Fifo {
    values: VecDeque<Token>,
    places: usize,
}

impl Fifo {
    pub fn new(places: usize) -> Self {
        Fifo {
            values: VecDeque::new(),
            places,
        }
    }
}

impl Buffer<Token> for Fifo {
    fn len(&self) -> usize {
        self.values.len()
    }

    fn is_full(&self) -> bool {
        self.values.len() >= self.places
    }

    fn push(&mut self, value: Token) -> Option<Token> {
        self.values.push_back(value);
        None
    }

    fn pop(&mut self) -> Option<Token> {
        self.values.pop_front()
    }

    fn capacity(&self) -> Option<usize> {
        Some(self.places)
    }
}
