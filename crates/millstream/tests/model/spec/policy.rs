//! The buffer policies: how many values each keeps, and what becomes of one too many.

/// What a channel does with a value that no receiver waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Policy {
    /// Keeps so many; then senders wait. 0 is the rendezvous, and `usize::MAX` the unbounded channel.
    Waits(usize),
    /// Keeps so many; then the new value is dropped.
    DropsNewest(usize),
    /// Keeps so many; then the oldest that nobody is committed to take is dropped.
    DropsOldest(usize),
    /// Keeps the first value for ever and gives everyone a clone; later ones are dropped.
    Promise,
    /// Has its values from an iterator, and is closed from the start. That it is at its end is known once it was
    /// asked for one value more.
    Iterator,
    /// A buffer of the user's own that keeps so many and gives them first in, first out.
    Custom(usize),
}

impl Policy {
    /// How many values and permits have a place beside each other.
    pub fn places(self) -> usize {
        match self {
            Policy::Waits(n) | Policy::DropsNewest(n) | Policy::DropsOldest(n) => n,
            Policy::Custom(n) => n,
            Policy::Promise => usize::MAX,
            Policy::Iterator => 0,
        }
    }

    /// Whether a send may have to wait for room.
    pub fn makes_senders_wait(self) -> bool {
        matches!(self, Policy::Waits(_) | Policy::Custom(_))
    }

    /// Whether its values lie somewhere else than in the line of values that have been sent.
    pub fn is_special(self) -> bool {
        matches!(self, Policy::Promise | Policy::Iterator | Policy::Custom(_))
    }

    /// What the channel says its capacity is.
    pub fn capacity(self) -> Option<usize> {
        match self {
            Policy::Promise => Some(1),
            Policy::Waits(usize::MAX) => None,
            other => Some(other.places()),
        }
    }
}
