//! The use of a permit, and of a claim.

use super::operation::{Outcome, Right, Value};
use super::policy::Policy;
use super::world::World;

impl World {
    /// The value of a permit goes to the first receiver in line or to the place that was kept for it. It is refused
    /// only when no receiver is left at all.
    pub fn use_permit(&mut self, channel: usize, value: Value) -> Outcome {
        let receiver = self.first_receiver_beside(channel, None);
        let state = &mut self.channels[channel];
        state.permits -= 1;
        if state.abandoned {
            return Outcome::Refused(Some(value));
        }
        let receiver = receiver.filter(|_| !state.policy.is_special());
        let has_room = match state.policy {
            // More permits than places may be out, since nobody waits for one: the first come first.
            Policy::DropsNewest(places) | Policy::DropsOldest(places) => state.unclaimed() < places,
            _ => true,
        };
        self.put(channel, value, has_room, receiver);
        self.settle(channel);
        Outcome::Sent
    }

    /// Looks at the value that a right is to.
    pub fn peek(&mut self, channel: usize, right: Right) -> (Right, Value) {
        match right {
            Right::Claim => {
                let state = &mut self.channels[channel];
                state.claims -= 1;
                state.in_hand += 1;
                let value = state.values.pop_front();
                let value = value.expect("a claim is the right to a value");
                (Right::InHand(value), value)
            }
            Right::InHand(value) | Right::Promised(value) => (right, value),
            Right::Permit => unreachable!("a permit is a right to nothing that could be seen"),
        }
    }

    /// Takes the value that a right is to.
    pub fn take(&mut self, channel: usize, right: Right) -> Value {
        match right {
            Right::Claim => self.take_claimed(channel),
            Right::InHand(value) => {
                self.channels[channel].in_hand -= 1;
                self.settle(channel);
                value
            }
            Right::Promised(value) => value,
            Right::Permit => unreachable!("a permit is a right to nothing that could be taken"),
        }
    }
}
