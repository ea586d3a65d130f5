//! What an arm can have at once, what it takes once it was told, and how it joins its line.

use super::channel::{Event, Place};
use super::operation::{News, Outcome, Right, Value, Wish};
use super::policy::Policy;
use super::world::World;

/// What an arm came by.
#[derive(Clone, Debug)]
pub enum Got {
    Outcome(Outcome),
    Right(Right),
}

impl World {
    /// What the arm can have now without waiting. `None` leaves no trace.
    pub fn attempt(&mut self, place: Place) -> Option<Got> {
        let (channel, wish) = (self.arm(place).channel, self.arm(place).wish);
        match wish {
            Wish::Send => self.attempt_send(place, channel),
            Wish::Reserve => self.attempt_reserve(place, channel),
            Wish::Recv => self.attempt_recv(place, channel).map(Got::Outcome),
            Wish::Claim => self.attempt_claim(place, channel),
            Wish::Closed => {
                let has_happened = self.channels[channel].closed;
                has_happened.then_some(Got::Outcome(Outcome::Happened))
            }
            Wish::Drained => {
                let has_happened = self.is_drained(channel);
                has_happened.then_some(Got::Outcome(Outcome::Happened))
            }
        }
    }

    /// A value goes to the first receiver in line, or is kept if there is room or the policy drops what has none.
    fn attempt_send(&mut self, place: Place, channel: usize) -> Option<Got> {
        let receiver = self.first_receiver_beside(channel, Some(place));
        let state = &self.channels[channel];
        if state.closed {
            let value = self.arm_mut(place).value.take();
            return Some(Got::Outcome(Outcome::Refused(value)));
        }
        let has_room = state.has_room();
        let meets = receiver.is_some() && !state.policy.is_special();
        if !meets && !has_room && state.policy.makes_senders_wait() {
            return None;
        }
        let value = self.arm_mut(place).value.take();
        let value = value.expect("a send has its value");
        self.put(channel, value, has_room, receiver.filter(|_| meets));
        Some(Got::Outcome(Outcome::Sent))
    }

    /// Puts a value down that has a receiver, or a place, or neither but a policy that drops.
    pub fn put(&mut self, channel: usize, value: Value, has_room: bool, receiver: Option<Place>) {
        match receiver {
            Some(receiver) => {
                let state = &mut self.channels[channel];
                state.values.push_back(value);
                state.claims += 1;
                self.tell(receiver, News::Granted);
            }
            None => {
                let state = &mut self.channels[channel];
                let has_room = has_room && state.promised.is_none();
                state.keep(value, has_room);
                self.settle(channel);
            }
        }
    }

    fn attempt_recv(&mut self, place: Place, channel: usize) -> Option<Outcome> {
        match self.attempt_claim(place, channel)? {
            Got::Outcome(outcome) => Some(outcome),
            Got::Right(Right::Promised(value)) => Some(Outcome::Received(value)),
            Got::Right(_) => Some(Outcome::Received(self.take_claimed(channel))),
        }
    }

    /// A claim on the first value that nobody has one on, or on that of a sender in line; or the end.
    fn attempt_claim(&mut self, place: Place, channel: usize) -> Option<Got> {
        let state = &mut self.channels[channel];
        if state.unclaimed() > 0 {
            state.claims += 1;
            self.settle(channel);
            return Some(Got::Right(Right::Claim));
        }
        if let Some(value) = state.promised {
            return Some(Got::Right(Right::Promised(value)));
        }
        if let Some(value) = state.store.pop_front() {
            state.values.push_back(value);
            state.claims += 1;
            self.settle(channel);
            return Some(Got::Right(Right::Claim));
        }
        state.iterator_ended = state.policy == Policy::Iterator;
        let is_special = state.policy.is_special();
        let sender = self.first_value_beside(channel, place);
        if let (Some(sender), false) = (sender, is_special) {
            let value = self.arm_mut(sender).value.take();
            let state = &mut self.channels[channel];
            state.values.push_back(value.expect("a send has its value"));
            state.claims += 1;
            self.tell(sender, News::Granted);
            return Some(Got::Right(Right::Claim));
        }
        if self.is_finished(channel) {
            self.settle(channel);
            return Some(Got::Outcome(Outcome::Ended));
        }
        None
    }

    /// Uses a claim up: the front, whoever it was meant for.
    pub fn take_claimed(&mut self, channel: usize) -> Value {
        let state = &mut self.channels[channel];
        state.claims -= 1;
        let value = state.values.pop_front();
        if state.closed {
            self.settle(channel);
        }
        value.expect("a claim is the right to a value")
    }

    /// Joins the line, which for a receiver may be what a reservation has waited for.
    pub fn join(&mut self, place: Place) {
        let (channel, wish) = (self.arm(place).channel, self.arm(place).wish);
        let state = &mut self.channels[channel];
        match wish {
            Wish::Send | Wish::Reserve => state.senders.push_back(place),
            Wish::Recv | Wish::Claim => {
                state.receivers.push_back(place);
                self.settle(channel);
            }
            Wish::Closed => state.watchers.push((place, Event::Closed)),
            Wish::Drained => state.watchers.push((place, Event::Drained)),
        }
    }

    /// What an arm has that was told something. `None` means that it has to try again.
    pub fn conclude(&mut self, place: Place, news: News) -> Option<Got> {
        let (channel, wish) = (self.arm(place).channel, self.arm(place).wish);
        Some(match (wish, news) {
            (_, News::Look) => return None,
            (Wish::Send, News::Granted) => Got::Outcome(Outcome::Sent),
            (Wish::Send, News::Invited) => {
                let value = self.arm_mut(place).value.take();
                Got::Outcome(self.use_permit(channel, value.expect("a send has its value")))
            }
            (Wish::Send | Wish::Reserve, News::Ended) => {
                Got::Outcome(Outcome::Refused(self.arm_mut(place).value.take()))
            }
            (Wish::Reserve, News::Granted | News::Invited) => Got::Right(Right::Permit),
            (Wish::Recv, News::Granted) => {
                Got::Outcome(Outcome::Received(self.take_claimed(channel)))
            }
            (Wish::Claim, News::Granted) => Got::Right(Right::Claim),
            (Wish::Recv | Wish::Claim, _) => Got::Outcome(Outcome::Ended),
            (Wish::Closed | Wish::Drained, _) => Got::Outcome(Outcome::Happened),
        })
    }

    /// What an arm was told is given back: the turn passes to the next in line.
    pub fn decline(&mut self, place: Place, news: News) {
        let (channel, wish) = (self.arm(place).channel, self.arm(place).wish);
        match (wish, news) {
            (Wish::Recv | Wish::Claim, News::Granted) => self.give_back(channel, Right::Claim),
            (Wish::Reserve, News::Granted) | (Wish::Send | Wish::Reserve, News::Invited) => {
                self.give_back(channel, Right::Permit);
            }
            _ => {}
        }
    }

    /// A right is given up.
    pub fn give_back(&mut self, channel: usize, right: Right) {
        let state = &mut self.channels[channel];
        match right {
            Right::Permit => state.permits -= 1,
            Right::Claim => state.claims -= 1,
            Right::InHand(value) => {
                state.in_hand -= 1;
                state.values.push_front(value);
            }
            Right::Promised(_) => return,
        }
        self.settle(channel);
    }

    fn attempt_reserve(&mut self, place: Place, channel: usize) -> Option<Got> {
        let state = &self.channels[channel];
        if state.closed {
            return Some(Got::Outcome(Outcome::Refused(None)));
        }
        let is_granted = match state.policy {
            Policy::Waits(0) => self.receivers_beside(channel, place) > state.permits,
            policy => state.has_room() || !policy.makes_senders_wait(),
        };
        if !is_granted {
            return None;
        }
        self.channels[channel].permits += 1;
        Some(Got::Right(Right::Permit))
    }
}
