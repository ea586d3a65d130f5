//! What each step of a history does: to the real channels first, and then to every world that is possible.

use crate::compare::{Answer, Run};
use crate::real::{received, sent, Handles, Order, Running};
use crate::spec::{Arm, Id, Operation, Outcome, Reply, Right, Stage, Wish, World};
use crate::step::{AtOnce, Call, Side, Step};
use crate::token::Token;
use millstream::{RecvTimeoutError, SendTimeoutError, TryRecvError, TrySendError};
use std::time::{Duration, Instant};

impl Run {
    fn token(&mut self) -> Token {
        self.next_value += 1;
        self.alive.token(self.next_value)
    }

    pub(super) fn pick(&self, which: usize) -> Option<Id> {
        let count = self.running.len();
        self.running.keys().nth(which % count.max(1)).copied()
    }

    /// Whether every world knows that this operation holds a right.
    fn holds(&self, id: Id) -> Option<Right> {
        let mut rights = self
            .worlds
            .iter()
            .map(|world| world.operations[&id].stage.clone());
        match rights.next() {
            Some(Stage::Holding(_, right)) => Some(right),
            _ => None,
        }
    }

    pub(super) fn begin(&mut self, step: &Step, call: &Call) -> Option<Id> {
        let arms = arms(call);
        let has_handles = arms.iter().all(|(channel, wish)| {
            let side = match wish.is_senders() {
                true => Side::Sender,
                false => Side::Receiver,
            };
            self.handles[*channel].has(side)
        });
        if arms.is_empty() || !has_handles {
            return None;
        }
        let (mut operation, mut tokens) = (Operation::of(Vec::new()), Vec::new());
        for (channel, wish) in arms {
            if wish == Wish::Send {
                tokens.push(self.token());
            }
            operation.arms.push(Arm {
                channel,
                wish,
                value: (wish == Wish::Send).then_some(self.next_value),
            });
        }
        match call {
            Call::One(..) | Call::Stream(_) => {}
            Call::SendMany(..) | Call::Sink(_) => {
                let count = if let Call::SendMany(_, count) = call {
                    *count
                } else {
                    1
                };
                tokens.extend((0..count).map(|_| self.token()));
                let items = tokens.iter().map(|token| token.number);
                operation.items = Some((items.collect(), 0));
            }
            Call::RecvMany(_, limit) => operation.limit = Some(*limit),
            Call::Select(choice) => {
                operation.is_select = true;
                operation.biased = choice.biased;
                operation.default = choice.default;
                operation.delay = choice.after;
                operation.on_thread = choice.on_thread;
            }
        }
        self.next_id += 1;
        let id = self.next_id;
        let running = Running::begin(call, &self.handles, tokens);
        self.running.insert(id, running);
        self.check(step, Answer::Nothing, |world| {
            world.begin(id, operation.clone());
            Answer::Nothing
        });
        Some(id)
    }

    pub(super) fn poll(&mut self, step: &Step, id: Id) {
        if self.worlds.iter().any(|world| world.would_block(id)) {
            return;
        }
        let running = self.running.get_mut(&id).expect("it was picked");
        let reply = running.poll();
        self.replied(
            step,
            id,
            reply,
            |world| world.orders(id),
            |world, way| world.step(id, way),
        );
    }

    pub(super) fn use_right(&mut self, step: &Step, which: usize) {
        let Some(id) = self.pick(which) else { return };
        if self.holds(id).is_none() {
            return;
        }
        let token = self.token();
        let value = token.number;
        let running = self.running.get_mut(&id).expect("it was picked");
        let reply = running.tell(Order::Use(token));
        self.replied(
            step,
            id,
            reply,
            |_| 1,
            |world, _| world.use_right(id, value),
        );
    }

    pub(super) fn peek(&mut self, step: &Step, which: usize) {
        let Some(id) = self.pick(which) else { return };
        if !matches!(self.holds(id), Some(right) if right != Right::Permit) {
            return;
        }
        let running = self.running.get_mut(&id).expect("it was picked");
        let reply = running.tell(Order::Peek);
        let peek = |world: &mut World, _| match world.peek_right(id) {
            Some(value) => Reply::Peeked(value),
            None => Reply::Waiting,
        };
        self.replied(step, id, reply, |_| 1, peek);
    }

    fn replied(
        &mut self,
        step: &Step,
        id: Id,
        reply: Reply,
        ways: impl Fn(&World) -> usize,
        act: impl Fn(&mut World, usize) -> Reply,
    ) {
        if let Reply::Done(_) = reply {
            drop(self.running.remove(&id));
        }
        self.check_each(step, Answer::Reply(reply), ways, |world, way| {
            Answer::Reply(act(world, way))
        });
    }

    pub(super) fn more_handles(&mut self, step: &Step, channel: usize, side: Side) {
        let handles = &mut self.handles[channel];
        if !handles.has(side) {
            return;
        }
        match side {
            Side::Sender => handles.senders.push(handles.senders[0].clone()),
            Side::Receiver => handles.receivers.push(handles.receivers[0].clone()),
        }
        self.check(step, Answer::Nothing, |world| {
            world.channels[channel].handles[side as usize] += 1;
            Answer::Nothing
        });
    }

    pub(super) fn drop_handle(&mut self, step: &Step, channel: usize, side: Side) {
        let handles = &mut self.handles[channel];
        let dropped = match side {
            Side::Sender => handles.senders.pop().map(drop),
            Side::Receiver => handles.receivers.pop().map(drop),
        };
        if dropped.is_none() {
            return;
        }
        self.check(step, Answer::Nothing, |world| {
            world.drop_handle(channel, side == Side::Sender);
            Answer::Nothing
        });
    }

    pub(super) fn upgrade(&mut self, step: &Step, channel: usize, side: Side) {
        let handles = &mut self.handles[channel];
        let before = handles.senders.len() + handles.receivers.len();
        match side {
            Side::Sender => {
                let weak = handles.weak_sender.as_ref();
                handles.senders.extend(weak.and_then(|weak| weak.upgrade()));
            }
            Side::Receiver => handles.receivers.extend(handles.weak_receiver.upgrade()),
        }
        let is_up = handles.senders.len() + handles.receivers.len() > before;
        self.check(step, Answer::Was(is_up), |world| {
            let count = &mut world.channels[channel].handles[side as usize];
            *count += usize::from(*count > 0);
            Answer::Was(*count > 0)
        });
    }

    pub(super) fn close(&mut self, step: &Step, channel: usize, side: Side) {
        let handles = &self.handles[channel];
        if !handles.has(side) {
            return;
        }
        let was_open = match side {
            Side::Sender => handles.senders[0].close(),
            Side::Receiver => handles.receivers[0].close(),
        };
        self.check(step, Answer::Was(was_open), |world| {
            Answer::Was(world.close(channel))
        });
    }

    pub(super) fn at_once(&mut self, step: &Step, channel: usize, what: AtOnce) {
        let sends = matches!(
            what,
            AtOnce::TrySend | AtOnce::SendLate | AtOnce::SendBlocking | AtOnce::TryReserve
        );
        let side = if sends { Side::Sender } else { Side::Receiver };
        if !self.handles[channel].has(side) {
            return;
        }
        let wish = if sends { Wish::Send } else { Wish::Recv };
        let token = self.token();
        let value = token.number;
        let operation = Operation::one(channel, wish, sends.then_some(value)).borrowed();
        let blocks = matches!(
            what,
            AtOnce::SendBlocking | AtOnce::RecvBlocking | AtOnce::Iter
        );
        let would_wait = |world: &World| world.would_wait(operation.clone());
        if blocks && self.worlds.iter().any(would_wait) {
            return;
        }
        let outcome = act_at_once(&self.handles[channel], what, token);
        self.check(step, Answer::Outcome(outcome), |world| {
            Answer::Outcome(match what {
                AtOnce::SendLate | AtOnce::RecvLate => world.try_late(operation.clone()),
                AtOnce::TryReserve => world.try_permit(channel, value),
                AtOnce::Drain => world.take_all(channel, true),
                AtOnce::TryIter => world.take_all(channel, false),
                _ => world.try_once(operation.clone()),
            })
        });
    }
}

fn arms(call: &Call) -> Vec<(usize, Wish)> {
    match call {
        Call::One(channel, wish) => vec![(*channel, *wish)],
        Call::Stream(channel) | Call::RecvMany(channel, _) => vec![(*channel, Wish::Recv)],
        Call::Sink(channel) | Call::SendMany(channel, _) => vec![(*channel, Wish::Reserve)],
        Call::Select(choice) => choice.arms(),
    }
}

fn act_at_once(handles: &Handles, what: AtOnce, token: Token) -> Outcome {
    let past = || Instant::now() - Duration::from_secs(1);
    let tx = || &handles.senders[0];
    // A clone, because a handle remembers that it has had the value of a promise.
    let rx = || handles.receivers[0].clone();
    let numbers = |values: Vec<Token>| values.iter().map(|value| value.number).collect();
    match what {
        AtOnce::TrySend => match tx().try_send(token) {
            Ok(()) => Outcome::Sent,
            Err(TrySendError::Full(value)) => Outcome::NotNow(Some(value.number)),
            Err(TrySendError::Closed(value)) => Outcome::Refused(Some(value.number)),
        },
        AtOnce::TryReserve => match tx().try_reserve() {
            Ok(permit) => sent(permit.send(token)),
            Err(TrySendError::Full(())) => Outcome::NotNow(None),
            Err(TrySendError::Closed(())) => Outcome::Refused(None),
        },
        AtOnce::TryRecv => match rx().try_recv() {
            Ok(value) => Outcome::Received(value.number),
            Err(TryRecvError::Empty) => Outcome::NotNow(None),
            Err(TryRecvError::Closed) => Outcome::Ended,
        },
        AtOnce::SendLate => match tx().send_deadline(token, past()) {
            Ok(()) => Outcome::Sent,
            Err(SendTimeoutError::Timeout(value)) => Outcome::NotNow(Some(value.number)),
            Err(SendTimeoutError::Closed(value)) => Outcome::Refused(Some(value.number)),
        },
        AtOnce::RecvLate => match rx().recv_deadline(past()) {
            Ok(value) => Outcome::Received(value.number),
            Err(RecvTimeoutError::Timeout) => Outcome::NotNow(None),
            Err(RecvTimeoutError::Closed) => Outcome::Ended,
        },
        AtOnce::SendBlocking => sent(tx().send_blocking(token)),
        AtOnce::RecvBlocking => received(rx().recv_blocking()),
        AtOnce::Iter => match rx().iter().next() {
            Some(value) => Outcome::Received(value.number),
            None => Outcome::Ended,
        },
        AtOnce::Drain => Outcome::ReceivedMany(numbers(rx().drain().collect())),
        AtOnce::TryIter => Outcome::ReceivedMany(numbers(rx().try_iter().collect())),
    }
}
