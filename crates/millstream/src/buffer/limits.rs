//! How many values a channel keeps, and what happens to one too many.

/// What a full channel does with the next value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Overflow {
    /// The sender waits.
    Wait,
    /// The new value is dropped.
    DropNewest,
    /// The oldest value is dropped.
    DropOldest,
}

/// The policy of a channel whose values lie in one sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limits {
    /// How many unclaimed values and permits there may be; `usize::MAX` stands for "no limit".
    pub(crate) capacity: usize,
    pub(crate) overflow: Overflow,
}

impl Limits {
    pub(crate) fn bounded(capacity: usize) -> Self {
        Limits {
            capacity,
            overflow: Overflow::Wait,
        }
    }

    pub(crate) fn dropping(capacity: usize) -> Self {
        Limits {
            capacity,
            overflow: Overflow::DropNewest,
        }
    }

    pub(crate) fn sliding(capacity: usize) -> Self {
        Limits {
            capacity,
            overflow: Overflow::DropOldest,
        }
    }
}
