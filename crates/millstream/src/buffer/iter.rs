//! An iterator as the place where a channel's values come from, pulled one at a time and on demand.

use super::custom::{Shape, Store};

/// The store behind [`from_iter`](crate::from_iter).
pub(crate) struct IterStore<I> {
    /// `None` once it has ended: an iterator is not asked again.
    iter: Option<I>,
}

impl<I> IterStore<I> {
    pub(crate) fn new(iter: I) -> Self {
        IterStore { iter: Some(iter) }
    }
}

impl<I: Iterator + Send> Store<I::Item> for IterStore<I> {
    fn push(&mut self, value: I::Item) -> Option<I::Item> {
        // A channel over an iterator is closed on creation, so no send gets this far.
        Some(value)
    }

    fn pop(&mut self) -> Option<I::Item> {
        let value = self.iter.as_mut()?.next();
        if value.is_none() {
            self.iter = None;
        }
        value
    }

    fn shape(&self) -> Shape {
        Shape {
            len: self.iter.as_ref().map_or(0, |iter| iter.size_hint().0),
            ready: self.iter.is_some(),
            room: false,
            capacity: Some(0),
        }
    }
}
