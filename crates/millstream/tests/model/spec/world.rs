//! A few channels and the operations on them, from one step to the next.

use super::acting::Got;
use super::channel::{Channel, Place};
use super::operation::{Arm, Id, Operation, Outcome, Reply, Right, Stage, Value};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct World {
    pub channels: Vec<Channel>,
    pub operations: BTreeMap<Id, Operation>,
    /// Who was woken in the last step, and how often.
    pub woken: BTreeMap<Id, usize>,
    pub now: u64,
}

impl World {
    pub fn new(channels: Vec<Channel>) -> Self {
        World {
            channels,
            ..World::default()
        }
    }

    /// Begins an operation, which does nothing before its first step.
    pub fn begin(&mut self, id: Id, operation: Operation) {
        if operation.owns_handles {
            for arm in &operation.arms {
                let handles = &mut self.channels[arm.channel].handles;
                handles[usize::from(!arm.wish.is_senders())] += 1;
            }
        }
        self.operations.insert(id, operation);
    }

    /// The orders in which the arms may be tried in the next step.
    pub fn orders(&self, id: Id) -> usize {
        match self.operations.get(&id) {
            Some(operation) if !operation.biased => operation.arms.len().max(1),
            _ => 1,
        }
    }

    /// One step of an operation, its arms tried from `first` on.
    pub fn step(&mut self, id: Id, first: usize) -> Reply {
        if self.operations[&id].items.is_some() {
            return self.step_send_many(id);
        }
        match self.step_arms(id, first) {
            Reply::Done(Outcome::Received(value)) if self.operations[&id].limit.is_some() => {
                let outcome = self.take_more(id, value);
                self.end(id, outcome)
            }
            Reply::Done(outcome) => {
                let outcome = match (outcome, self.operations[&id].limit) {
                    (Outcome::Ended, Some(_)) => Outcome::ReceivedMany(Vec::new()),
                    (outcome, _) => outcome,
                };
                self.end(id, outcome)
            }
            reply => reply,
        }
    }

    fn step_arms(&mut self, id: Id, first: usize) -> Reply {
        match self.operations[&id].stage {
            Stage::Holding(..) => return Reply::Waiting,
            Stage::Waiting => {
                if !self.is_due(id) {
                    return Reply::Waiting;
                }
                self.leave(id);
                return Reply::Done(Outcome::After);
            }
            Stage::Told(arm, news) => {
                self.operation_mut(id).stage = Stage::Idle;
                self.settle_left(id);
                let place = Place { operation: id, arm };
                if let Some(got) = self.conclude(place, news) {
                    return self.answer(place, got);
                }
            }
            Stage::Idle => {}
        }
        self.start(id, first)
    }

    /// Tries the arms one after the other; if none can have anything, all join their lines.
    fn start(&mut self, id: Id, first: usize) -> Reply {
        let now = self.now;
        let operation = self.operation_mut(id);
        let count = operation.arms.len();
        if let (Some(delay), None) = (operation.delay, operation.deadline) {
            operation.deadline = Some(now + delay);
        }
        let places = |first: usize| {
            (first..count)
                .chain(0..first)
                .map(move |arm| Place { operation: id, arm })
        };
        for place in places(first) {
            if let Some(got) = self.attempt(place) {
                return self.answer(place, got);
            }
        }
        if self.is_due(id) {
            return Reply::Done(Outcome::After);
        }
        if self.operations[&id].default {
            return Reply::Done(Outcome::Default);
        }
        self.operation_mut(id).stage = Stage::Waiting;
        for place in places(first) {
            self.join(place);
        }
        Reply::Waiting
    }

    fn answer(&mut self, place: Place, got: Got) -> Reply {
        let operation = self.operation_mut(place.operation);
        match got {
            Got::Outcome(outcome) if operation.is_select => {
                Reply::Done(Outcome::Won(place.arm, Box::new(outcome)))
            }
            Got::Outcome(outcome) => Reply::Done(outcome),
            Got::Right(right) => {
                // What the other arms of a select would have sent goes.
                operation.arms.iter_mut().for_each(|arm| arm.value = None);
                operation.stage = Stage::Holding(place.arm, right);
                Reply::Holding(place.arm)
            }
        }
    }

    fn is_due(&self, id: Id) -> bool {
        let deadline = self.operations[&id].deadline;
        deadline.is_some_and(|deadline| deadline <= self.now)
    }

    /// Item by item: a place first, then the item.
    fn step_send_many(&mut self, id: Id) -> Reply {
        loop {
            let (items, sent) = self.operations[&id].items.clone().expect("it has items");
            let channel = self.operations[&id].arms[0].channel;
            if items.is_empty() {
                return self.end(id, Outcome::SentMany(sent, None));
            }
            let reply = self.step_arms(id, 0);
            if reply == Reply::Waiting {
                return reply;
            }
            self.operation_mut(id).stage = Stage::Idle;
            let many = self.operation_mut(id).items.as_mut();
            let item = many.and_then(|(items, _)| items.pop_front());
            let item = item.expect("it is not empty");
            let outcome = match reply {
                Reply::Holding(_) => self.use_permit(channel, item),
                _ => Outcome::Refused(Some(item)),
            };
            match outcome {
                Outcome::Sent => self.operation_mut(id).items.as_mut().expect("items").1 += 1,
                _ => return self.end(id, Outcome::SentMany(sent, Some(item))),
            }
        }
    }

    /// What else is there, up to the limit. From user code, as much as it says it has.
    pub fn take_more(&mut self, id: Id, first: Value) -> Outcome {
        let place = Place {
            operation: id,
            arm: 0,
        };
        let operation = &self.operations[&id];
        let channel = operation.arms[0].channel;
        let mut further = operation.limit.unwrap_or(1) - 1;
        if self.channels[channel].policy.is_special() {
            further = further.min(self.receivable(channel));
        }
        if self.channels[channel].promised.is_some() {
            further = 0;
        }
        let mut values = vec![first];
        for _ in 0..further {
            match self.attempt(place) {
                Some(Got::Outcome(Outcome::Received(value))) => values.push(value),
                _ => break,
            }
        }
        Outcome::ReceivedMany(values)
    }

    /// How many values could be received now without waiting.
    pub fn receivable(&self, channel: usize) -> usize {
        let state = &self.channels[channel];
        let senders = state.senders.iter();
        let waiting = senders.filter(|place| self.arm(**place).value.is_some());
        let waiting = if state.policy.is_special() {
            0
        } else {
            waiting.count()
        };
        let promised = usize::from(state.promised.is_some());
        state.unclaimed() + state.store.len() + promised + waiting
    }

    /// Whether a send would have to wait.
    pub fn is_full(&self, channel: usize) -> bool {
        let state = &self.channels[channel];
        let meets = !state.receivers.is_empty() && !state.policy.is_special();
        !state.closed && state.policy.makes_senders_wait() && !state.has_room() && !meets
    }

    /// An operation is dropped, wherever it is.
    pub fn cancel(&mut self, id: Id) {
        match self.operations[&id].stage {
            Stage::Idle => {}
            Stage::Waiting => self.leave(id),
            Stage::Told(arm, news) => {
                self.settle_left(id);
                self.decline(Place { operation: id, arm }, news);
            }
            Stage::Holding(arm, right) => {
                let channel = self.operations[&id].arms[arm].channel;
                self.give_back(channel, right);
            }
        }
        self.end(id, Outcome::GivenUp);
    }

    pub fn leave(&mut self, id: Id) {
        self.leave_lines(id);
        self.operation_mut(id).stage = Stage::Idle;
        self.settle_left(id);
    }

    /// In a closed channel whoever leaves the line of senders may have been the last that receivers waited for.
    fn settle_left(&mut self, id: Id) {
        let arms = self.operations[&id].arms.clone();
        for arm in arms.iter().filter(|arm| arm.wish.is_senders()) {
            self.settle(arm.channel);
        }
    }

    /// The holder of a right uses it: a permit for `value`, a claim for what it is a right to.
    pub fn use_right(&mut self, id: Id, value: Value) -> Reply {
        let Stage::Holding(arm, right) = self.operations[&id].stage else {
            unreachable!("only who holds a right can use it");
        };
        let channel = self.operations[&id].arms[arm].channel;
        let outcome = match right {
            Right::Permit => self.use_permit(channel, value),
            right => Outcome::Received(self.take(channel, right)),
        };
        self.end(id, outcome)
    }

    /// The holder of a claim looks at what it is a right to.
    pub fn peek_right(&mut self, id: Id) -> Option<Value> {
        let Stage::Holding(arm, right) = self.operations[&id].stage else {
            return None;
        };
        if right == Right::Permit {
            return None;
        }
        let channel = self.operations[&id].arms[arm].channel;
        let (right, value) = self.peek(channel, right);
        self.operation_mut(id).stage = Stage::Holding(arm, right);
        Some(value)
    }

    /// An operation is over, and its handles go with it.
    pub fn end(&mut self, id: Id, outcome: Outcome) -> Reply {
        let operation = self.operations.remove(&id).expect("it is there");
        if operation.owns_handles {
            for arm in operation.arms {
                self.drop_handle(arm.channel, arm.wish.is_senders());
            }
        }
        Reply::Done(outcome)
    }

    /// Time passes.
    pub fn advance(&mut self, by: u64) {
        let before = self.now;
        self.now += by;
        for (id, operation) in &self.operations {
            let has_slept = !matches!(operation.stage, Stage::Holding(..));
            let deadline = operation.deadline.filter(|_| has_slept);
            if deadline.is_some_and(|deadline| before < deadline && deadline <= self.now) {
                *self.woken.entry(*id).or_insert(0) += 1;
            }
        }
    }

    /// Every value that must not have been dropped yet.
    pub fn alive(&self) -> BTreeSet<Value> {
        let channels = self.channels.iter();
        let inside =
            channels.flat_map(|c| c.values.iter().chain(&c.store).copied().chain(c.promised));
        let operations = self.operations.values().flat_map(|operation| {
            let to_send = operation.arms.iter().filter_map(|arm| arm.value);
            let items = operation.items.iter().flat_map(|(items, _)| items).copied();
            let held = match operation.stage {
                Stage::Holding(_, Right::InHand(value)) => Some(value),
                _ => None,
            };
            to_send.chain(items).chain(held)
        });
        inside.chain(operations).collect()
    }

    pub fn arm(&self, place: Place) -> &Arm {
        &self.operations[&place.operation].arms[place.arm]
    }

    pub fn arm_mut(&mut self, place: Place) -> &mut Arm {
        &mut self.operation_mut(place.operation).arms[place.arm]
    }

    pub fn operation_mut(&mut self, id: Id) -> &mut Operation {
        self.operations.get_mut(&id).expect("it is there")
    }
}
