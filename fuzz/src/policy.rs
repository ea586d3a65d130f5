//! The buffer policies, and what may be expected of each.

use crate::value::{Mint, Value};
use millstream::{Buffer, Receiver, Sender};
use std::collections::VecDeque;

/// How a channel keeps its values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Policy {
    Bounded(usize),
    Unbounded,
    Dropping(usize),
    Sliding(usize),
    Promise,
    /// First in, first out, in a buffer of the user's own; a capacity of 0 is not for it.
    Custom(usize),
    /// That many values, drawn from an iterator; there is no sender.
    Iterator(usize),
}

impl Policy {
    pub fn channel(self, mint: &Mint) -> (Option<Sender<Value>>, Receiver<Value>) {
        let (tx, rx) = match self {
            Policy::Bounded(capacity) => millstream::bounded(capacity),
            Policy::Unbounded => millstream::unbounded(),
            Policy::Dropping(capacity) => millstream::dropping(capacity),
            Policy::Sliding(capacity) => millstream::sliding(capacity),
            Policy::Promise => millstream::promise(),
            Policy::Custom(_) => millstream::with_buffer(Queue {
                values: VecDeque::new(),
                capacity: self.capacity(),
            }),
            Policy::Iterator(count) => {
                let mint = mint.clone();
                return (
                    None,
                    millstream::from_iter((0..count).map(move |_| mint.make())),
                );
            }
        };
        (Some(tx), rx)
    }

    /// How many values lie in the channel at most, beside those that receivers are committed to.
    pub fn capacity(self) -> usize {
        match self {
            Policy::Bounded(capacity) | Policy::Dropping(capacity) | Policy::Sliding(capacity) => {
                capacity
            }
            Policy::Custom(capacity) => capacity.max(1),
            Policy::Promise => 1,
            Policy::Unbounded | Policy::Iterator(_) => usize::MAX,
        }
    }

    /// Whether every value that was sent is received, if a receiver is there to the end.
    pub fn keeps_all(self) -> bool {
        matches!(
            self,
            Policy::Bounded(_) | Policy::Unbounded | Policy::Custom(_)
        )
    }

    /// Whether each value is received once.
    pub fn gives_once(self) -> bool {
        self != Policy::Promise
    }

    /// Whether a claim has its value in hand from the start, since nothing else tells whether there is one. Others then
    /// get what comes after it.
    pub fn claims_take_out(self) -> bool {
        matches!(self, Policy::Iterator(_))
    }

    /// Whether values come out in the order in which they were sent, or stood in line. Over a buffer of the user's own
    /// those who wait look again in no particular order.
    pub fn keeps_order(self) -> bool {
        !matches!(self, Policy::Promise | Policy::Custom(_))
    }
}

struct Queue {
    values: VecDeque<Value>,
    capacity: usize,
}

impl Buffer<Value> for Queue {
    fn len(&self) -> usize {
        self.values.len()
    }

    fn is_full(&self) -> bool {
        self.values.len() >= self.capacity
    }

    fn push(&mut self, value: Value) -> Option<Value> {
        assert!(!self.is_full(), "a full buffer is given nothing");
        self.values.push_back(value);
        None
    }

    fn pop(&mut self) -> Option<Value> {
        self.values.pop_front()
    }

    fn capacity(&self) -> Option<usize> {
        Some(self.capacity)
    }
}
