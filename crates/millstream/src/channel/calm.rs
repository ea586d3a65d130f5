//! The commonest cases of the transitions, without all others: what [`State::offer`], [`State::acquire`] and
//! [`State::take_claimed`] would do as well, for more. Each answers `None` or `false` where it does not apply.

use super::state::State;
use std::task::Waker;

impl<T> State<T> {
    /// Whether a value can be sent in the commonest way, in which nobody needs to be told: open, nobody waits to receive, and
    /// there is room for it.
    #[inline]
    fn has_calm_room(&self) -> bool {
        self.is_plain() && self.receivers.is_empty() && self.sequence.has_room()
    }

    /// Sends in the commonest case, with memory at hand, or gives the value back.
    #[inline]
    pub(crate) fn send_calm(&mut self, value: T) -> Result<(), T> {
        if !self.has_calm_room() || !self.sequence.has_memory_at_hand() {
            return Err(value);
        }
        self.sequence.push(value);
        Ok(())
    }

    /// Sends in the commonest case. Returns whether that was the last place.
    #[inline]
    pub(crate) fn offer_calm(&mut self, value: &mut Option<T>) -> Option<bool> {
        if !self.has_calm_room() {
            return None;
        }
        let was_last = self.sequence.has_one_place();
        if let Some(value) = value.take() {
            self.sequence.push(value);
        }
        Some(was_last)
    }

    /// Receives in the commonest case, in which nobody needs to be told: a value at hand, nobody waits to send, and what is
    /// taken is not the last of a closed channel.
    #[inline]
    pub(crate) fn take_calm(&mut self) -> Option<T> {
        if !self.senders.is_empty() || self.closed && self.sequence.len() < 2 {
            return None;
        }
        let value = self.sequence.take_first_unclaimed()?;
        self.counts.buffered += 1;
        Some(value)
    }

    /// Sends to a plain receive that is the first in line, in an open channel. Returns whom to wake, after unlock.
    #[inline]
    pub(crate) fn offer_met(&mut self, value: &mut Option<T>) -> Option<Waker> {
        if seeded!("skipped-as-one-was-notified") {
            return None;
        }
        if seeded!("wake-under-the-lock") {
            return None;
        }
        if !self.is_plain() || value.is_none() {
            return None;
        }
        let (waker, ()) = self.receivers.commit_plain(|()| true)?;
        self.hand_over(value);
        Some(waker)
    }

    /// Receives from a plain send that is the first in line, in an open channel without values: its own. Returns whom to
    /// wake, after unlock.
    #[inline]
    pub(crate) fn take_met(&mut self) -> Option<(T, Waker)> {
        // Older values go first, and are all claimed if there are any.
        if !self.is_plain() || self.sequence.len() != 0 {
            return None;
        }
        let (waker, value) = self.senders.commit_plain(Option::is_some)?;
        self.counts.immediate += 1;
        Some((value.take()?, waker))
    }

    /// Receives the front, in an open channel that is full; a plain send that is the first in line is let in for it.
    /// Returns whom to wake, after unlock.
    #[inline]
    pub(crate) fn take_letting_in(&mut self) -> Option<(T, Waker)> {
        // One place is given free by what is taken, and no receiver stands in line for who is let in.
        if !self.is_plain()
            || !self.sequence.is_just_full()
            || self.sequence.unclaimed() == 0
            || !self.receivers.is_empty()
        {
            return None;
        }
        let (waker, value) = self.senders.commit_plain(Option::is_some)?;
        let value = value.take()?;
        let front = self.sequence.take_first_unclaimed()?;
        self.counts.buffered += 1;
        self.sequence.push(value);
        Some((front, waker))
    }

    /// Whether a send has to wait in the commonest way: open, full, and nobody waits to receive.
    #[inline]
    pub(crate) fn is_calm_full(&self) -> bool {
        self.is_plain() && self.receivers.is_empty() && self.sequence.makes_senders_wait()
    }

    /// Whether a receive has to wait in the commonest way: open, nothing at hand, and nobody waits to send.
    #[inline]
    pub(crate) fn is_calm_empty(&self) -> bool {
        self.is_plain() && self.senders.is_empty() && self.sequence.unclaimed() == 0
    }

    /// Turns a claim into the value in the commonest case, in which nobody needs to be told: the channel is open.
    #[inline]
    pub(crate) fn take_claimed_calm(&mut self) -> Option<T> {
        (!self.closed).then(|| self.sequence.take_claimed())
    }

    /// Whether the channel is open, and values take no other way than through the sequence alone.
    #[inline]
    fn is_plain(&self) -> bool {
        debug_assert_eq!(self.plain, !self.closed && !self.is_special());
        self.plain
    }
}
