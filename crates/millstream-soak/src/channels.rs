//! Channels of every kind, drawn at random.

use crate::board::Board;
use crate::book::Book;
use crate::dice::Dice;
use crate::message::Message;
use crate::panics::deliberately;
use millstream::{Buffer, Receiver, Sender};
use std::collections::VecDeque;
use std::sync::Arc;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// Rendezvous, at 0.
    Bounded(usize),
    Unbounded,
    Dropping(usize),
    Sliding(usize),
    /// A buffer of ours.
    Custom(usize),
}

impl Policy {
    /// One that keeps what it has taken.
    pub fn keeping(dice: &mut Dice) -> Self {
        match dice.below(8) {
            0 | 1 => Policy::Bounded(0),
            2 | 3 => Policy::Bounded(1),
            4 | 5 => Policy::Bounded(dice.between(2, 40)),
            6 => Policy::Unbounded,
            _ => Policy::Custom(dice.between(1, 20)),
        }
    }

    pub fn any(dice: &mut Dice) -> Self {
        match dice.below(4) {
            0 => Policy::Dropping(dice.between(1, 12)),
            1 => Policy::Sliding(dice.between(1, 12)),
            _ => Policy::keeping(dice),
        }
    }

    pub fn is_lossy(self) -> bool {
        matches!(self, Policy::Dropping(_) | Policy::Sliding(_))
    }

    /// A channel, with a name or without.
    pub fn open(
        self,
        dice: &mut Dice,
        board: &Board,
        name: &str,
    ) -> (Sender<Message>, Receiver<Message>) {
        board.note(format_args!("{name}: {self:?}"));
        let (tx, rx) = if dice.once_in(2) {
            let named = millstream::named(name);
            match self {
                Policy::Bounded(capacity) => named.bounded(capacity),
                Policy::Unbounded => named.unbounded(),
                Policy::Dropping(capacity) => named.dropping(capacity),
                Policy::Sliding(capacity) => named.sliding(capacity),
                Policy::Custom(capacity) => named.with_buffer(Queue::new(capacity)),
            }
        } else {
            match self {
                Policy::Bounded(capacity) => millstream::bounded(capacity),
                Policy::Unbounded => millstream::unbounded(),
                Policy::Dropping(capacity) => millstream::dropping(capacity),
                Policy::Sliding(capacity) => millstream::sliding(capacity),
                Policy::Custom(capacity) => millstream::with_buffer(Queue::new(capacity)),
            }
        };
        board.probe(tx.probe());
        (tx, rx)
    }
}

/// A bounded queue, as a user would write it.
pub struct Queue {
    values: VecDeque<Message>,
    capacity: usize,
    /// How many values it takes before it panics, and the book that is told.
    fuse: Option<(usize, Arc<Book>)>,
}

impl Queue {
    pub fn new(capacity: usize) -> Self {
        Queue {
            values: VecDeque::new(),
            capacity,
            fuse: None,
        }
    }

    pub fn panicking(capacity: usize, after: usize, book: Arc<Book>) -> Self {
        Queue {
            fuse: Some((after, book)),
            ..Queue::new(capacity)
        }
    }
}

impl Buffer<Message> for Queue {
    fn len(&self) -> usize {
        self.values.len()
    }

    fn is_full(&self) -> bool {
        self.values.len() >= self.capacity
    }

    fn push(&mut self, value: Message) -> Option<Message> {
        if let Some((left, book)) = &mut self.fuse {
            if *left == 0 {
                book.counts.panicked();
                deliberately();
            }
            *left -= 1;
        }
        self.values.push_back(value);
        None
    }

    fn pop(&mut self) -> Option<Message> {
        self.values.pop_front()
    }

    fn capacity(&self) -> Option<usize> {
        Some(self.capacity)
    }
}
