//! The rules: which matches are made, and in which order, whenever something has happened to a channel.

use super::channel::{Event, Place};
use super::operation::{News, Stage, Wish};
use super::policy::Policy;
use super::world::World;

impl World {
    /// Makes every match that is possible in a channel. After it nobody waits who could be served.
    pub fn settle(&mut self, channel: usize) {
        while self.give_out(channel) || self.let_in(channel) || self.grant_on_demand(channel) {}
        if self.channels[channel].closed && self.is_finished(channel) {
            self.tell_the_end(channel);
        }
    }

    /// A value that nobody has a claim on belongs to the first who waits for one; where values come out of user
    /// code or are for everyone, all who wait look again.
    fn give_out(&mut self, channel: usize) -> bool {
        let state = &self.channels[channel];
        let Some(&first) = state.receivers.front() else {
            return false;
        };
        if state.unclaimed() > 0 {
            self.channels[channel].claims += 1;
            self.tell(first, News::Granted);
            return true;
        }
        let has_more = !state.store.is_empty() || state.promised.is_some();
        if has_more {
            self.tell_all(
                channel,
                |state| state.receivers.front().copied(),
                News::Look,
            );
        }
        has_more
    }

    /// While there is room, the first who waits to send is let in, with its value or for a permit; into a buffer of
    /// one's own all who wait try themselves, or one by one if they have waited beyond its closing.
    fn let_in(&mut self, channel: usize) -> bool {
        let state = &self.channels[channel];
        let Some(&first) = state.senders.front() else {
            return false;
        };
        if !state.has_room() {
            return false;
        }
        if let Policy::Custom(_) = state.policy {
            if state.closed {
                self.channels[channel].permits += 1;
                self.tell(first, News::Invited);
            } else {
                self.tell_all(channel, |state| state.senders.front().copied(), News::Look);
            }
            return true;
        }
        match self.arm_mut(first).value.take() {
            Some(value) => self.channels[channel].values.push_back(value),
            None => self.channels[channel].permits += 1,
        }
        self.tell(first, News::Granted);
        true
    }

    /// Without any places, a permit is granted for each receiver that waits and is not the same select's own.
    fn grant_on_demand(&mut self, channel: usize) -> bool {
        let state = &self.channels[channel];
        if state.policy != Policy::Waits(0) {
            return false;
        }
        let next = state.senders.iter().copied().find(|place| {
            self.arm(*place).wish == Wish::Reserve
                && self.receivers_beside(channel, *place) > state.permits
        });
        if let Some(place) = next {
            self.channels[channel].permits += 1;
            self.tell(place, News::Granted);
        }
        next.is_some()
    }

    /// How many receivers of others than `place` wait.
    pub fn receivers_beside(&self, channel: usize, place: Place) -> usize {
        let receivers = self.channels[channel].receivers.iter();
        let others = receivers.filter(|receiver| receiver.operation != place.operation);
        others.count()
    }

    /// Who would be the first other than `place` to be given a value.
    pub fn first_receiver_beside(&self, channel: usize, place: Option<Place>) -> Option<Place> {
        let mut receivers = self.channels[channel].receivers.iter();
        let is_other = |other: &&Place| place.is_none_or(|own| own.operation != other.operation);
        receivers.find(is_other).copied()
    }

    /// Who would be the first other than `place` to have a value to give.
    pub fn first_value_beside(&self, channel: usize, place: Place) -> Option<Place> {
        let mut senders = self.channels[channel].senders.iter();
        let has_value = |other: &&Place| {
            self.arm(**other).wish == Wish::Send && other.operation != place.operation
        };
        senders.find(has_value).copied()
    }

    /// One arm of an operation in line is told something. The operation leaves all its lines with that: of a select
    /// exactly one arm is told anything.
    pub fn tell(&mut self, place: Place, news: News) {
        self.leave_lines(place.operation);
        let operation = self.operations.get_mut(&place.operation);
        operation.expect("who stands in line is there").stage = Stage::Told(place.arm, news);
        *self.woken.entry(place.operation).or_insert(0) += 1;
    }

    pub fn tell_all(
        &mut self,
        channel: usize,
        next: impl Fn(&super::Channel) -> Option<Place>,
        news: News,
    ) {
        while let Some(place) = next(&self.channels[channel]) {
            self.tell(place, news);
        }
    }

    /// Those who wait for the end of a channel are told of it, and nobody is left to wait for a value.
    fn tell_the_end(&mut self, channel: usize) {
        self.tell_all(
            channel,
            |state| state.receivers.front().copied(),
            News::Ended,
        );
        self.tell_watchers(channel, Event::Drained);
    }

    pub fn tell_watchers(&mut self, channel: usize, event: Event) {
        let next = |state: &super::Channel| {
            let mut waiting = state.watchers.iter();
            let found = waiting.find(|(_, awaited)| *awaited == event);
            found.map(|(place, _)| *place)
        };
        self.tell_all(channel, next, News::Granted);
    }

    pub fn leave_lines(&mut self, id: super::Id) {
        for channel in &mut self.channels {
            channel.senders.retain(|place| place.operation != id);
            channel.receivers.retain(|place| place.operation != id);
            channel.watchers.retain(|(place, _)| place.operation != id);
        }
    }
}
