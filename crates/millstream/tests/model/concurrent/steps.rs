//! Which steps an operation can take next.

use super::call::{Call, Way};
use crate::linear::{Next, Specification};
use crate::spec::{Got, Id, Operation, Outcome, Place, Right, Stage, Value, Wish, World};
use std::collections::BTreeMap;

/// The channels and the operations on them, each somewhere between two of its steps.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Concurrent {
    pub world: World,
    /// Which arms of a select have joined their lines, or were looked at in vain, as a set of bits.
    pub(super) arms: BTreeMap<Id, u64>,
    /// What a `recv_many` has already.
    first: BTreeMap<Id, Value>,
}

pub(super) type Steps = Vec<Next<Concurrent, Outcome>>;

impl Concurrent {
    pub fn new(world: World) -> Self {
        Concurrent {
            world,
            arms: BTreeMap::new(),
            first: BTreeMap::new(),
        }
    }

    pub(super) fn goes_on(mut self) -> Next<Self, Outcome> {
        // Nobody looks at who is woken: in a concurrent history that cannot be seen.
        self.world.woken.clear();
        Next {
            state: self,
            answer: None,
        }
    }

    pub(super) fn ends(mut self, id: Id, outcome: Outcome) -> Next<Self, Outcome> {
        if self.world.operations.contains_key(&id) {
            self.world.end(id, Outcome::GivenUp);
        }
        self.arms.remove(&id);
        self.first.remove(&id);
        let answer = Some(outcome);
        Next {
            answer,
            ..self.goes_on()
        }
    }

    /// It is dropped, wherever it is.
    pub(super) fn drops_it(mut self, id: Id) -> Next<Self, Outcome> {
        self.world.cancel(id);
        self.ends(id, Outcome::GivenUp)
    }

    /// An arm came by something.
    pub(super) fn came_by(mut self, place: Place, call: &Call, got: Got) -> Next<Self, Outcome> {
        let id = place.operation;
        match (got, call) {
            (Got::Outcome(Outcome::Received(value)), Call::RecvMany(..)) => {
                self.world.operation_mut(id).stage = Stage::Idle;
                self.first.insert(id, value);
                self.goes_on()
            }
            (Got::Outcome(Outcome::Ended), Call::RecvMany(..)) => {
                self.ends(id, Outcome::ReceivedMany(Vec::new()))
            }
            (Got::Outcome(outcome), Call::Select(..)) => {
                self.world.leave_lines(id);
                self.ends(id, Outcome::Won(place.arm, Box::new(outcome)))
            }
            (Got::Outcome(outcome), _) => self.ends(id, outcome),
            (Got::Right(right), _) => {
                self.world.leave_lines(id);
                self.world.operation_mut(id).stage = Stage::Holding(place.arm, right);
                self.goes_on()
            }
        }
    }

    /// Uses or gives up what it has a right to.
    fn uses(mut self, id: Id, arm: usize, right: Right, call: &Call) -> Next<Self, Outcome> {
        let channel = self.world.operations[&id].arms[arm].channel;
        self.world.operation_mut(id).stage = Stage::Idle;
        let outcome = match (right, call) {
            (Right::Permit, Call::Reserve(_, Some(value))) => {
                self.world.use_permit(channel, *value)
            }
            (Right::Claim, Call::Claim(_, true)) => {
                Outcome::Received(self.world.take(channel, right))
            }
            (Right::Promised(value), Call::Claim(_, true)) => Outcome::Received(value),
            (right, _) => {
                self.world.give_back(channel, right);
                Outcome::Happened
            }
        };
        let outcome = match call {
            Call::Select(..) => Outcome::Won(arm, Box::new(outcome)),
            _ => outcome,
        };
        self.ends(id, outcome)
    }

    /// A step of something that is one operation on one channel.
    fn plain_steps(self, id: Id, call: &Call, way: Way) -> Steps {
        let place = Place {
            operation: id,
            arm: 0,
        };
        let stage = self.world.operations[&id].stage.clone();
        let mut steps = Vec::new();
        match stage {
            Stage::Idle => {
                if let Some(first) = self.first.get(&id).copied() {
                    let mut after = self;
                    let outcome = after.world.take_more(id, first);
                    return vec![after.ends(id, outcome)];
                }
                let mut after = self.clone();
                match after.world.attempt(place) {
                    Some(got) => steps.push(after.came_by(place, call, got)),
                    None if way == Way::Try => {
                        let value = after.world.arm_mut(place).value.take();
                        steps.push(after.ends(id, Outcome::NotNow(value)));
                    }
                    None => {
                        after.world.operation_mut(id).stage = Stage::Waiting;
                        after.world.join(place);
                        steps.push(after.goes_on());
                    }
                }
            }
            Stage::Waiting if way == Way::Late => {
                let mut after = self;
                after.world.leave(id);
                let value = after.world.arm_mut(place).value.take();
                steps.push(after.ends(id, Outcome::NotNow(value)));
            }
            Stage::Waiting => steps.push(self.drops_it(id)),
            Stage::Told(arm, news) => {
                let mut after = self.clone();
                after.world.operation_mut(id).stage = Stage::Idle;
                match after.world.conclude(place, news) {
                    Some(got) => steps.push(after.came_by(place, call, got)),
                    None if way == Way::Late => {
                        let value = after.world.arm_mut(place).value.take();
                        steps.push(after.ends(id, Outcome::NotNow(value)));
                    }
                    None => steps.push(after.goes_on()),
                }
                if way == Way::Dropped {
                    debug_assert_eq!(arm, 0);
                    steps.push(self.drops_it(id));
                }
            }
            Stage::Holding(arm, right) => steps.push(self.uses(id, arm, right, call)),
        }
        steps
    }
}

impl Specification for Concurrent {
    type Call = Call;
    type Answer = Outcome;

    fn steps(&self, id: Id, call: &Call) -> Steps {
        let mut state = self.clone();
        let operation = match call {
            Call::Close(channel) => {
                state.world.close(*channel);
                return vec![state.ends(id, Outcome::Happened)];
            }
            Call::DropHandle(channel, is_senders) => {
                state.world.drop_handle(*channel, *is_senders);
                return vec![state.ends(id, Outcome::Happened)];
            }
            Call::Send(channel, value, _) => Operation::one(*channel, Wish::Send, Some(*value)),
            Call::Recv(channel, _) => Operation::one(*channel, Wish::Recv, None),
            Call::Reserve(channel, _) => Operation::one(*channel, Wish::Reserve, None),
            Call::Claim(channel, _) => Operation::one(*channel, Wish::Claim, None),
            Call::RecvMany(channel, limit) => Operation::recv_many(*channel, *limit),
            Call::Select(arms, _) => Operation::select(arms.iter().copied()),
        };
        if !state.world.operations.contains_key(&id) {
            state.world.begin(id, operation.borrowed());
        }
        match call {
            Call::Select(_, has_default) => match state.world.operations[&id].stage.clone() {
                Stage::Holding(arm, right) => vec![state.uses(id, arm, right, call)],
                _ => state.select_steps(id, call, *has_default),
            },
            Call::Send(_, _, way) | Call::Recv(_, way) => state.plain_steps(id, call, *way),
            _ => state.plain_steps(id, call, Way::Dropped),
        }
    }
}
