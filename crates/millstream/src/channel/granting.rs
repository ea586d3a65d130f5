//! Permits under the lock: who may be granted one, and what becomes of its place.

use super::state::{lose_unless, Offer, Source, State};
use crate::buffer::Admission;
use crate::wait::{Commit, Next, Outcome, Own, Wakes};

impl<T> State<T> {
    /// Tries to get a permit. At capacity 0 a permit needs a receiver that waits.
    pub(crate) fn reserve(&mut self, own: Option<Own<'_>>) -> Offer<T> {
        if self.closed {
            return lose_unless(own, Offer::Closed);
        }
        if let Source::Out(..) = self.source {
            // Only when it is back will it say whether it takes one more.
            return Offer::Busy;
        }
        if !self.can_grant(own) {
            return Offer::Full;
        }
        let won = match own {
            None => Some(Commit::Won(None)),
            // Whoever was counted may be gone by now, for the very reason that this one was counted elsewhere.
            Some(own) if self.grants_by_receivers() => {
                let permits = self.sequence.permits();
                self.receivers
                    .win_beside(own.record, own.arm, true, permits)
            }
            Some(own) if own.win() => Some(Commit::Won(None)),
            Some(_) => Some(Commit::OwnGone),
        };
        match won {
            Some(Commit::Won(_)) => {
                self.sequence.grant();
                Offer::Sent(None)
            }
            Some(Commit::OwnGone | Commit::PeerGone) => Offer::OwnGone,
            None => Offer::Full,
        }
    }

    /// Whether it takes a receiver that waits to get a permit.
    fn grants_by_receivers(&self) -> bool {
        let is_plain = matches!(self.source, Source::None) && self.maker.is_none();
        is_plain && self.sequence.limits().capacity == 0 && self.sequence.makes_senders_wait()
    }

    /// Whether a permit could be granted now.
    pub(super) fn can_grant(&mut self, own: Option<Own<'_>>) -> bool {
        let permits = self.sequence.permits();
        match &self.source {
            // A custom buffer says only whether it takes one more, so one permit at a time is out.
            Source::Home(_, shape) | Source::Out(_, shape) => shape.room && permits == 0,
            Source::Gone => false,
            Source::None if self.maker.is_some() => true,
            Source::None if self.grants_by_receivers() => {
                self.receivers.count_live(own.map(|own| own.record)) > permits
            }
            Source::None => !self.sequence.makes_senders_wait(),
        }
    }

    /// A permit is used: its place is given up for its value, which is delivered under the policy if that
    /// drops values or runs user code, and appended otherwise. `Full` is never the answer.
    pub(crate) fn use_permit(&mut self, value: &mut Option<T>, wakes: &mut Wakes) -> Offer<T> {
        self.sequence.revoke();
        if self.abandoned {
            return Offer::Closed;
        }
        let answer = if self.is_special() {
            self.offer_special(value, None, wakes)
        } else {
            self.place_permitted(value, wakes)
        };
        let answer = match answer {
            Offer::Busy => {
                // It is tried again, and holds its place until then.
                self.sequence.grant();
                return Offer::Busy;
            }
            // The place was granted before: what the buffer says now comes too late to refuse.
            Offer::Full => {
                self.sequence
                    .push(value.take().expect("a permit sends a value"));
                self.hand_out(wakes);
                Offer::Sent(None)
            }
            answer => answer,
        };
        // A receiver may have been committed to the value, so that its place is free again; and a value that the
        // policy dropped may have been the last.
        self.refill(wakes);
        self.settle(wakes);
        answer
    }

    /// The value of a permit goes to the next receiver in line, or to its place.
    fn place_permitted(&mut self, value: &mut Option<T>, wakes: &mut Wakes) -> Offer<T> {
        let next = self
            .receivers
            .commit_next(None, Outcome::Granted, wakes, |_, _| {
                !seeded!("let-in-without-committing-a-receiver")
            });
        if let Next::Committed(()) = next {
            self.hand_over(value);
            return Offer::Sent(None);
        }
        match self.sequence.admit_permitted(value) {
            Admission::Stored => Offer::Sent(None),
            Admission::Displaced(dropped) => {
                self.counts.dropped += 1;
                Offer::Sent(Some(dropped))
            }
            Admission::Full => Offer::Full,
        }
    }

    /// A permit is given up: its place passes to the next sender in line.
    pub(crate) fn drop_permit(&mut self, wakes: &mut Wakes) {
        self.sequence.revoke();
        self.refill(wakes);
        if !seeded!("dropped-permit-ends-nothing") {
            self.settle(wakes);
        }
    }

    /// At capacity 0: grants waiting reservations as long as more receivers wait than permits are out. The
    /// receivers of the reservation's own select do not count.
    pub(super) fn grant_to_reservations(&mut self, wakes: &mut Wakes) {
        while !self.senders.is_empty() && !self.receivers.is_empty() {
            let next = self.senders.commit_next_beside(
                &mut self.receivers,
                self.sequence.permits(),
                Outcome::Granted,
                wakes,
                Option::is_none,
            );
            match next {
                Next::Committed(_) => self.sequence.grant(),
                Next::Nobody | Next::OwnGone => break,
            }
        }
    }
}
