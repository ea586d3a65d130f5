//! One channel: its values, the two lines, and what is owed to whom.

use super::operation::{Id, Value};
use super::policy::Policy;
use std::collections::VecDeque;

/// One arm of one operation, as it stands in a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    pub operation: Id,
    pub arm: usize,
}

/// What one can wait for beside a value or room for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    Closed,
    Drained,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Channel {
    pub policy: Policy,
    /// The values that were sent and not taken, in the order in which they were sent.
    pub values: VecDeque<Value>,
    /// How many receivers were matched and have not taken: each will take the front when it does.
    pub claims: usize,
    /// How many values were taken out to be looked at and may come back.
    pub in_hand: usize,
    /// How many permits are out.
    pub permits: usize,
    /// The values inside a custom buffer or an iterator.
    pub store: VecDeque<Value>,
    /// Whether the iterator has said that it has no more.
    pub iterator_ended: bool,
    /// The value of a promise.
    pub promised: Option<Value>,
    /// Who waits to send or for a permit, first come first.
    pub senders: VecDeque<Place>,
    /// Who waits to receive or to claim, first come first.
    pub receivers: VecDeque<Place>,
    pub watchers: Vec<(Place, Event)>,
    /// No new values.
    pub closed: bool,
    /// No receivers, and so no values.
    pub abandoned: bool,
    /// How many sending and receiving handles there are.
    pub handles: [usize; 2],
    /// How many values the policy has dropped.
    pub dropped: u64,
}

impl Channel {
    pub fn new(policy: Policy) -> Self {
        let is_iterator = policy == Policy::Iterator;
        Channel {
            policy,
            values: VecDeque::new(),
            claims: 0,
            in_hand: 0,
            permits: 0,
            store: VecDeque::new(),
            iterator_ended: false,
            promised: None,
            senders: VecDeque::new(),
            receivers: VecDeque::new(),
            watchers: Vec::new(),
            closed: is_iterator,
            abandoned: false,
            handles: [usize::from(!is_iterator), 1],
            dropped: 0,
        }
    }

    /// A channel over these items.
    pub fn over(items: impl IntoIterator<Item = Value>) -> Self {
        let mut channel = Channel::new(Policy::Iterator);
        channel.store.extend(items);
        channel
    }

    /// How many values nobody has a claim on.
    pub fn unclaimed(&self) -> usize {
        self.values.len() - self.claims
    }

    /// What the channel says its capacity is. A buffer of one's own goes with the last receiver.
    pub fn capacity(&self) -> Option<usize> {
        match self.policy {
            Policy::Custom(_) if self.abandoned => Some(0),
            policy => policy.capacity(),
        }
    }

    /// Whether one more value or permit has a place. A claimed value takes up none.
    pub fn has_room(&self) -> bool {
        match self.policy {
            // A buffer says only whether it takes one more, so that one permit stands for all it might take.
            Policy::Custom(places) => self.store.len() < places && self.permits == 0,
            policy => self.unclaimed().saturating_add(self.permits) < policy.places(),
        }
    }

    /// Whether nothing can be received any more, now or later, given that nobody waits to send.
    pub fn is_spent(&self) -> bool {
        let source_is_spent = match self.policy {
            Policy::Iterator => self.iterator_ended,
            _ => self.store.is_empty(),
        };
        let nothing_owed = self.permits == 0 && self.in_hand == 0;
        source_is_spent && nothing_owed && self.promised.is_none() && self.values.is_empty()
    }

    /// Keeps a value for which nobody waits; what is dropped for it is gone.
    pub fn keep(&mut self, value: Value, has_room: bool) {
        match self.policy {
            Policy::Custom(_) => self.store.push_back(value),
            Policy::Promise if self.promised.is_none() => self.promised = Some(value),
            Policy::DropsOldest(_) if !has_room && self.unclaimed() > 0 => {
                self.values.remove(self.claims);
                self.values.push_back(value);
                self.dropped += 1;
            }
            Policy::Promise | Policy::DropsNewest(_) | Policy::DropsOldest(_) if !has_room => {
                self.dropped += 1;
            }
            _ => self.values.push_back(value),
        }
    }
}
