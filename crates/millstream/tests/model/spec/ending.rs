//! The end of a channel: closed by hand or with the last sender, left by the last receiver, run dry.

use super::channel::Event;
use super::operation::News;
use super::policy::Policy;
use super::world::World;

impl World {
    /// Nothing new is taken; what is on its way stays good. `false` if it was closed already.
    pub fn close(&mut self, channel: usize) -> bool {
        if self.channels[channel].closed {
            return false;
        }
        self.channels[channel].closed = true;
        self.tell_watchers(channel, Event::Closed);
        if self.is_drained(channel) {
            self.tell_watchers(channel, Event::Drained);
        }
        self.settle(channel);
        true
    }

    /// A handle goes: with the last sender the channel closes, with the last receiver go its values.
    pub fn drop_handle(&mut self, channel: usize, is_senders: bool) {
        let handles = &mut self.channels[channel].handles[usize::from(!is_senders)];
        *handles -= 1;
        match (*handles, is_senders) {
            (0, true) => {
                self.close(channel);
            }
            (0, false) => self.abandon(channel),
            _ => {}
        }
    }

    fn abandon(&mut self, channel: usize) {
        let state = &mut self.channels[channel];
        state.closed = true;
        state.abandoned = true;
        state.claims = 0;
        state.values.clear();
        state.store.clear();
        state.promised = None;
        self.tell_all(channel, |state| state.senders.front().copied(), News::Ended);
        self.tell_watchers(channel, Event::Closed);
        self.tell_watchers(channel, Event::Drained);
    }

    /// Whether nothing can be received any more, now or later.
    pub fn is_finished(&self, channel: usize) -> bool {
        let state = &self.channels[channel];
        state.abandoned || state.closed && state.is_spent() && state.senders.is_empty()
    }

    /// Whether everything that will ever be received has been; the value of a promise is never used up.
    pub fn is_drained(&self, channel: usize) -> bool {
        let state = &self.channels[channel];
        self.is_finished(channel) || state.closed && state.policy == Policy::Promise
    }
}
