//! Receivers as plain iterators: blocking, non-blocking, and everything there is at once.

use super::many::take_ready;
use super::receiver::Receiver;
use std::collections::vec_deque::{self, VecDeque};
use std::fmt;
use std::iter::FusedIterator;

/// Blocking iterator over a receiver's values; made by [`Receiver::iter`].
pub struct Iter<'a, T> {
    receiver: &'a Receiver<T>,
}

impl<'a, T> Iter<'a, T> {
    pub(super) fn new(receiver: &'a Receiver<T>) -> Self {
        Iter { receiver }
    }
}

impl<T> Iterator for Iter<'_, T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        next_blocking(self.receiver)
    }
}

impl<T> FusedIterator for Iter<'_, T> {}

/// Blocking iterator that owns its receiver; made by `Receiver`'s `IntoIterator`.
pub struct IntoIter<T> {
    receiver: Receiver<T>,
}

impl<T> Iterator for IntoIter<T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        next_blocking(&self.receiver)
    }
}

impl<T> FusedIterator for IntoIter<T> {}

fn next_blocking<T>(receiver: &Receiver<T>) -> Option<T> {
    if receiver.promise_taken(false) {
        return None;
    }
    let value = receiver.recv_blocking().ok()?;
    receiver.promise_taken(true);
    Some(value)
}

/// Iterator over the values that can be had without waiting; made by [`Receiver::try_iter`].
///
/// It ends when there is nothing to take, and may go on when it is asked again later.
pub struct TryIter<'a, T> {
    receiver: &'a Receiver<T>,
}

impl<'a, T> TryIter<'a, T> {
    pub(super) fn new(receiver: &'a Receiver<T>) -> Self {
        TryIter { receiver }
    }
}

impl<T> Iterator for TryIter<'_, T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        if self.receiver.promise_taken(false) {
            return None;
        }
        let value = self.receiver.try_recv().ok()?;
        self.receiver.promise_taken(true);
        Some(value)
    }
}

/// Iterator over what was in the channel at one moment; made by [`Receiver::drain`].
pub struct Drain<T> {
    values: vec_deque::IntoIter<T>,
}

impl<T> Drain<T> {
    pub(super) fn new(receiver: &Receiver<T>) -> Self {
        let mut values = VecDeque::new();
        if receiver.shared.is_promise {
            values.extend(receiver.try_recv());
        } else {
            values.extend(receiver.conclude_parked());
            take_ready(receiver, usize::MAX, |value| values.push_back(value));
        }
        Drain {
            values: values.into_iter(),
        }
    }
}

impl<T> Iterator for Drain<T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.values.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.values.size_hint()
    }
}

impl<T> DoubleEndedIterator for Drain<T> {
    fn next_back(&mut self) -> Option<T> {
        self.values.next_back()
    }
}

impl<T> ExactSizeIterator for Drain<T> {}
impl<T> FusedIterator for Drain<T> {}

impl<T> fmt::Debug for Drain<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Drain").field("len", &self.len()).finish()
    }
}

// By hand, because a derived one would ask for `T: Debug`.

impl<T> fmt::Debug for Iter<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Iter").field(self.receiver).finish()
    }
}

impl<T> fmt::Debug for IntoIter<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("IntoIter").field(&self.receiver).finish()
    }
}

impl<T> fmt::Debug for TryIter<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TryIter").field(self.receiver).finish()
    }
}

impl<T> IntoIterator for Receiver<T> {
    type Item = T;
    type IntoIter = IntoIter<T>;

    /// The values as a blocking iterator, until the channel is closed and drained.
    fn into_iter(self) -> IntoIter<T> {
        IntoIter { receiver: self }
    }
}

impl<'a, T> IntoIterator for &'a Receiver<T> {
    type Item = T;
    type IntoIter = Iter<'a, T>;

    /// The values as a blocking iterator, until the channel is closed and drained.
    fn into_iter(self) -> Iter<'a, T> {
        self.iter()
    }
}
