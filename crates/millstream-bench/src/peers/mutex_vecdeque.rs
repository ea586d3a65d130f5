//! A queue under one lock, which nobody can wait on: what any channel built that way pays at least.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use super::{Channel, IntoOption, Standing, TryChannel};
use crate::cell::{Cells, Peer};
use crate::cells;

pub fn enter(cells: &mut Cells) {
    cells::enter_try::<MutexVecDeque>(cells);
}

pub struct MutexVecDeque;

/// Both ends of the queue, with the length at which it is full.
#[derive(Clone)]
pub struct Handle {
    queue: Arc<Mutex<VecDeque<usize>>>,
    limit: usize,
}

impl Channel for MutexVecDeque {
    const PEER: Peer = Peer::of("std", "mutex-vecdeque").standing(Standing::Floor(
        "std's Mutex around a VecDeque, push and pop: no closing, no waiting, nobody to wake",
    ));

    type Sender = Handle;
    type Receiver = Handle;

    fn new(capacity: Option<usize>) -> Option<(Handle, Handle)> {
        if capacity == Some(0) {
            return None;
        }
        let handle = Handle {
            queue: Arc::new(Mutex::new(VecDeque::with_capacity(capacity.unwrap_or(0)))),
            limit: capacity.unwrap_or(usize::MAX),
        };
        Some((handle.clone(), handle))
    }
}

impl TryChannel for MutexVecDeque {
    fn try_send(sender: &mut Handle, value: usize) -> impl IntoOption<()> {
        let mut queue = sender.queue.lock().unwrap_or_else(PoisonError::into_inner);
        if queue.len() < sender.limit {
            queue.push_back(value);
            Some(())
        } else {
            None
        }
    }

    fn try_recv(receiver: &mut Handle) -> impl IntoOption<usize> {
        let mut queue = receiver
            .queue
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        queue.pop_front()
    }
}
