//! Leaving the line: what happens to a waiting operation that is dropped, timed out or taken over.

use super::receiving::RecvOutcome;
use super::shared::Shared;
use super::state::Way;
use crate::wait::{Key, Outcome, Wakes};

/// What a sender that leaves the line finds.
pub(crate) enum LeftLine<T> {
    /// The channel had taken its value, or granted its permit, before it left.
    Granted,
    /// It had not; a waiting send has its value back.
    Withdrawn(Option<T>),
    /// The channel was closed to it; a waiting send has its value back.
    Closed(Option<T>),
}

impl<T> LeftLine<T> {
    fn new(outcome: Option<Outcome>, payload: Option<T>) -> Self {
        match outcome {
            Some(Outcome::Granted | Outcome::Invited) => LeftLine::Granted,
            Some(Outcome::Closed) => LeftLine::Closed(payload),
            Some(Outcome::Look) | None => LeftLine::Withdrawn(payload),
        }
    }
}

impl<T> Shared<T> {
    /// A waiting receive is given up. A claim it held passes to the next in line; no value is taken.
    pub(crate) fn cancel_recv(&self, key: Key) {
        let mut state = self.state.lock();
        let removed = state.receivers.remove(key);
        if removed.outcome == Some(Outcome::Granted) && !state.abandoned {
            let mut wakes = Wakes::new();
            // In the seeded bug the claim goes with its owner.
            if !seeded!("lost-on-cancel") {
                state.release_claim(Way::Queued, &mut wakes);
            }
            drop(state);
            wakes.fire();
        } else {
            drop(state);
        }
        drop(removed);
    }

    /// A claim that was made outside the line is given up.
    pub(crate) fn release_claim(&self, way: Way) {
        let mut wakes = Wakes::new();
        self.state.lock().release_claim(way, &mut wakes);
        wakes.fire();
    }

    /// A claimed value is taken out to be looked at: until it is let go of or put back, the channel is not at its end.
    pub(crate) fn take_in_hand(&self) -> T {
        self.state.lock().sequence.take_in_hand()
    }

    /// A value that was taken out to be looked at does not come back.
    pub(crate) fn let_go(&self) {
        if self.is_promise {
            // What was looked at is a clone.
            return;
        }
        let mut wakes = Wakes::new();
        let mut state = self.state.lock();
        state.sequence.let_go();
        state.settle(&mut wakes);
        drop(state);
        wakes.fire();
    }

    /// A value that was taken out to be looked at goes back to the front.
    pub(crate) fn put_back(&self, value: T, way: Way) {
        if self.is_promise {
            // What was looked at is a clone.
            self.state.lock().counts.undo(way);
            return drop(value);
        }
        let mut wakes = Wakes::new();
        let mut state = self.state.lock();
        state.counts.undo(way);
        state.sequence.put_back(value);
        state.hand_out(&mut wakes);
        drop(state);
        wakes.fire();
    }

    /// A waiting receive stops waiting and takes what it was granted, decided under the lock: this is how a
    /// time-out and a delivery that race have one winner.
    pub(crate) fn conclude_recv(&self, key: Key) -> RecvOutcome<T> {
        let state = self.state.lock();
        self.finish_recv(state, key)
    }

    /// A waiting send or reservation leaves the line.
    pub(crate) fn leave_senders(&self, key: Key) -> LeftLine<T> {
        match self.leave_line(key) {
            (Some(Outcome::Invited), Some(value)) => {
                self.drop_permit();
                LeftLine::Withdrawn(Some(value))
            }
            (outcome, payload) => LeftLine::new(outcome, payload),
        }
    }

    /// A waiting send leaves the line, and is sent all the same if there was a place for it by then.
    pub(crate) fn conclude_send(&self, key: Key) -> LeftLine<T> {
        match self.leave_line(key) {
            (Some(Outcome::Invited), Some(value)) => match self.use_permit(value) {
                Ok(()) => LeftLine::Granted,
                Err(value) => LeftLine::Closed(Some(value)),
            },
            (outcome, payload) => LeftLine::new(outcome, payload),
        }
    }

    fn leave_line(&self, key: Key) -> (Option<Outcome>, Option<T>) {
        let mut state = self.state.lock();
        let removed = state.senders.remove(key);
        if state.closed {
            // This may have been the last thing that receivers waited for.
            let mut wakes = Wakes::new();
            state.settle(&mut wakes);
            drop(state);
            wakes.fire();
        } else {
            drop(state);
        }
        (removed.outcome, removed.payload)
    }

    /// A permit is given up unused.
    pub(crate) fn drop_permit(&self) {
        let mut wakes = Wakes::new();
        self.state.lock().drop_permit(&mut wakes);
        wakes.fire();
    }
}
