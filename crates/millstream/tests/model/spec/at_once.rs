//! Operations that do not stand in line: what they answer is what is so at that moment.

use super::acting::Got;
use super::channel::Place;
use super::operation::{Id, Operation, Outcome, Reply, Right, Value};
use super::world::World;

/// The number under which an operation passes through that does not wait.
pub const PASSING: Id = Id::MAX;

impl World {
    /// An operation that takes what it can have now.
    pub fn try_once(&mut self, operation: Operation) -> Outcome {
        let place = self.pass(operation);
        let got = self.attempt(place);
        let outcome = match got {
            None => Outcome::NotNow(self.arm_mut(place).value.take()),
            Some(Got::Outcome(outcome)) => outcome,
            Some(Got::Right(right)) => {
                self.give_back(self.arm(place).channel, right);
                Outcome::GivenUp
            }
        };
        self.operations.remove(&PASSING);
        outcome
    }

    /// An operation whose time is up: it joins its line all the same, and leaves it at once.
    pub fn try_late(&mut self, operation: Operation) -> Outcome {
        let place = self.pass(operation);
        match self.step(PASSING, 0) {
            Reply::Done(outcome) => outcome,
            _ => {
                let value = self.arm_mut(place).value.take();
                self.cancel(PASSING);
                Outcome::NotNow(value)
            }
        }
    }

    /// Whether the operation would wait.
    pub fn would_wait(&self, operation: Operation) -> bool {
        matches!(self.clone().try_once(operation), Outcome::NotNow(_))
    }

    /// Whether the next step of an operation that waits on its thread might not come to an end.
    pub fn would_block(&self, id: Id) -> bool {
        let operation = &self.operations[&id];
        let is_begun = matches!(operation.stage, super::Stage::Holding(..));
        let waits = |first: usize| self.clone().step(id, first) == Reply::Waiting;
        operation.on_thread && !is_begun && (0..self.orders(id)).any(waits)
    }

    /// Takes the right to send one value, if there is one, and uses it.
    pub fn try_permit(&mut self, channel: usize, value: Value) -> Outcome {
        let place = self.pass(Operation::one(channel, super::Wish::Reserve, None).borrowed());
        let outcome = match self.attempt(place) {
            None => Outcome::NotNow(None),
            Some(Got::Outcome(outcome)) => outcome,
            Some(Got::Right(Right::Permit)) => self.use_permit(channel, value),
            Some(Got::Right(_)) => unreachable!("a reservation gets a permit"),
        };
        self.operations.remove(&PASSING);
        outcome
    }

    /// Takes all that is there, one after the other. `counted` says that it is as much as the channel says it has;
    /// otherwise until there is none. The value of a promise comes once.
    pub fn take_all(&mut self, channel: usize, counted: bool) -> Outcome {
        let state = &self.channels[channel];
        let mut most = usize::MAX;
        if state.promised.is_some() {
            most = 1;
        } else if counted && state.policy.is_special() {
            most = self.receivable(channel);
        }
        let mut values = Vec::new();
        while values.len() < most {
            let recv = Operation::one(channel, super::Wish::Recv, None).borrowed();
            match self.try_once(recv) {
                Outcome::Received(value) => values.push(value),
                _ => break,
            }
        }
        Outcome::ReceivedMany(values)
    }

    fn pass(&mut self, operation: Operation) -> Place {
        self.begin(PASSING, operation);
        Place {
            operation: PASSING,
            arm: 0,
        }
    }
}
