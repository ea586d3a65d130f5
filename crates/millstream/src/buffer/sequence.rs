//! The values of a channel in the order in which they were sent, with the claims and permits on them.

use super::limits::{Limits, Overflow};
use std::collections::VecDeque;

/// One sequence of values under a policy.
///
/// Two numbers beside the values decide who may do what. A *claim* is a matched receiver's right to a value,
/// any value, not a certain one: whoever holds a claim takes the front. The values beyond the claims are
/// *unclaimed*, and anyone may take the front as long as there is one. A *permit* is a granted right to send,
/// which holds its place against the capacity until it is used.
///
/// Claimed values do not count against the capacity: their receivers are on their way. So the memory is
/// bounded by the capacity plus the number of receivers that were matched.
#[derive(Debug)]
pub(crate) struct Sequence<T> {
    values: VecDeque<T>,
    /// Never more than there are values.
    claims: usize,
    permits: usize,
    /// Values that a claim took out to look at, and may put back.
    in_hand: usize,
    limits: Limits,
    /// The most values that ever lay here for anyone to take.
    high_water: usize,
}

/// What became of a value that was offered.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Admission<T> {
    /// It is in the sequence.
    Stored,
    /// It was taken, and this value was dropped for it; perhaps itself.
    Displaced(T),
    /// There is no room; it stays with the sender.
    Full,
}

impl<T> Sequence<T> {
    pub(crate) fn new(limits: Limits) -> Self {
        Sequence {
            values: VecDeque::new(),
            claims: 0,
            permits: 0,
            in_hand: 0,
            limits,
            high_water: 0,
        }
    }

    /// How many values there are, claimed ones included.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.values.len()
    }

    /// How many values nobody has a claim on.
    #[inline]
    pub(crate) fn unclaimed(&self) -> usize {
        self.values.len() - self.claims
    }

    #[inline]
    pub(crate) fn claims(&self) -> usize {
        self.claims
    }

    #[inline]
    pub(crate) fn permits(&self) -> usize {
        self.permits
    }

    #[inline]
    pub(crate) fn limits(&self) -> Limits {
        self.limits
    }

    pub(crate) fn high_water(&self) -> usize {
        self.high_water
    }

    /// Whether nothing is here, nothing was promised a place here, and nothing may come back.
    #[inline]
    pub(crate) fn is_spent(&self) -> bool {
        if seeded!("closed-with-a-claim-outstanding") {
            return self.unclaimed() == 0 && self.permits == 0;
        }
        self.len() == 0 && self.permits == 0 && self.in_hand == 0
    }

    /// How many of the places that the capacity gives are taken: unclaimed values and permits, both bounded by the memory
    /// that they are counted in.
    #[inline]
    fn taken(&self) -> usize {
        if seeded!("claimed-value-fills-the-buffer") {
            return self.len() + self.permits;
        }
        if seeded!("permit-holds-no-place") {
            return self.unclaimed();
        }
        self.unclaimed() + self.permits
    }

    /// Whether one more value fits within the capacity.
    #[inline]
    pub(crate) fn has_room(&self) -> bool {
        self.taken() < self.limits.capacity
    }

    /// Whether there is memory for one more value: to push it is no call then.
    #[inline]
    pub(crate) fn has_memory_at_hand(&self) -> bool {
        self.len() < self.values.capacity()
    }

    /// Whether one more value fits within the capacity, and then no other.
    #[inline]
    pub(crate) fn has_one_place(&self) -> bool {
        self.taken() + 1 == self.limits.capacity
    }

    /// Whether there is no room, and room for one when one value is taken.
    #[inline]
    pub(crate) fn is_just_full(&self) -> bool {
        self.taken() == self.limits.capacity
    }

    /// Whether a sender would have to wait: no room, and a policy that waits.
    #[inline]
    pub(crate) fn makes_senders_wait(&self) -> bool {
        self.limits.overflow == Overflow::Wait && !self.has_room()
    }

    /// Offers a value under the policy; takes it out of `value` unless the answer is `Full`.
    ///
    /// # Panics
    ///
    /// If `value` is `None`.
    #[inline]
    pub(crate) fn admit(&mut self, value: &mut Option<T>) -> Admission<T> {
        if self.has_room() {
            self.push(take(value));
            return Admission::Stored;
        }
        self.overflow(value)
    }

    /// Offers the value of a permit that has just been given up for it. There is a place for it unless the
    /// policy drops values, where more permits may be out than there are places: then the first come first.
    pub(crate) fn admit_permitted(&mut self, value: &mut Option<T>) -> Admission<T> {
        let is_placed =
            self.limits.overflow == Overflow::Wait || self.unclaimed() < self.limits.capacity;
        if is_placed {
            self.push(take(value));
            return Admission::Stored;
        }
        self.overflow(value)
    }

    /// What the policy says of a value for which there is no room.
    fn overflow(&mut self, value: &mut Option<T>) -> Admission<T> {
        match self.limits.overflow {
            Overflow::Wait => Admission::Full,
            Overflow::DropNewest => Admission::Displaced(take(value)),
            // Without an unclaimed value the new one is itself the oldest that may go.
            Overflow::DropOldest if self.unclaimed() == 0 => Admission::Displaced(take(value)),
            Overflow::DropOldest => {
                // Those before it are spoken for.
                let first = if seeded!("sliding-drops-a-claimed-value") {
                    0
                } else {
                    self.claims
                };
                let oldest = self.values.remove(first);
                self.push(take(value));
                Admission::Displaced(oldest.expect("an unclaimed value"))
            }
        }
    }

    /// Appends a value whatever the capacity says: its place was granted before.
    #[inline]
    pub(crate) fn push(&mut self, value: T) {
        self.values.push_back(value);
        self.high_water = self.high_water.max(self.unclaimed());
    }

    /// Uses up a claim: takes the front, which may come back.
    pub(crate) fn take_in_hand(&mut self) -> T {
        self.in_hand += 1;
        self.take_claimed()
    }

    /// A value that was taken in hand does not come back.
    pub(crate) fn let_go(&mut self) {
        debug_assert!(self.in_hand > 0, "let go of a value that nobody has");
        self.in_hand -= 1;
    }

    /// Appends a value for a receiver that was matched with it: the value, and a claim.
    #[inline]
    pub(crate) fn push_claimed(&mut self, value: T) {
        self.values.push_back(value);
        self.claims += 1;
    }

    /// Puts a value that was taken in hand back at the front.
    pub(crate) fn put_back(&mut self, value: T) {
        self.let_go();
        self.return_to_front(value);
    }

    /// Every value, claimed ones included, from the front.
    pub(crate) fn values(&self) -> impl Iterator<Item = &T> + '_ {
        self.values.iter()
    }

    /// Puts a value to the front that was taken out for good, whatever the capacity.
    pub(crate) fn return_to_front(&mut self, value: T) {
        self.values.push_front(value);
        self.high_water = self.high_water.max(self.unclaimed());
    }

    /// Claims one of the unclaimed values.
    #[inline]
    pub(crate) fn claim(&mut self) {
        debug_assert!(self.claims < self.values.len(), "a claim without a value");
        self.claims += 1;
    }

    /// Gives a claim up; its value becomes unclaimed.
    pub(crate) fn release(&mut self) {
        debug_assert!(self.claims > 0, "released a claim that nobody holds");
        self.claims -= 1;
    }

    /// Uses up a claim: takes the front.
    #[inline]
    pub(crate) fn take_claimed(&mut self) -> T {
        debug_assert!(self.claims > 0, "took a claim that nobody holds");
        self.claims -= 1;
        self.values
            .pop_front()
            .expect("a claim is the right to a value")
    }

    /// Takes the front, if anyone may.
    #[inline]
    pub(crate) fn take_first_unclaimed(&mut self) -> Option<T> {
        if self.unclaimed() == 0 {
            return None;
        }
        if seeded!("claimed-front-skipped") {
            return self.values.remove(self.claims);
        }
        self.values.pop_front()
    }

    /// Takes up to `limit` unclaimed values from the front.
    pub(crate) fn take_unclaimed(&mut self, limit: usize) -> impl Iterator<Item = T> + '_ {
        let count = self.unclaimed().min(limit);
        self.values.drain(..count)
    }

    /// Grants a permit.
    pub(crate) fn grant(&mut self) {
        self.permits += 1;
    }

    /// A permit was used or given up.
    pub(crate) fn revoke(&mut self) {
        debug_assert!(self.permits > 0, "used a permit that nobody holds");
        self.permits -= 1;
    }

    /// Takes every value out, claimed or not: nobody is left to take them.
    pub(crate) fn clear(&mut self) -> VecDeque<T> {
        if seeded!("values-dropped-under-the-lock") {
            self.values.clear();
        }
        self.claims = 0;
        std::mem::take(&mut self.values)
    }
}

#[inline]
fn take<T>(value: &mut Option<T>) -> T {
    value.take().expect("an operation that has its value")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offer(sequence: &mut Sequence<u32>, value: u32) -> Admission<u32> {
        sequence.admit(&mut Some(value))
    }

    #[test]
    fn claimed_values_do_not_count_against_the_capacity() {
        let mut sequence = Sequence::new(Limits::bounded(1));
        assert_eq!(offer(&mut sequence, 1), Admission::Stored);
        assert_eq!(offer(&mut sequence, 2), Admission::Full);
        sequence.claim();
        assert_eq!(offer(&mut sequence, 2), Admission::Stored);
        assert_eq!(sequence.take_claimed(), 1);
        assert_eq!(sequence.unclaimed(), 1);
    }

    #[test]
    fn a_permit_holds_its_place() {
        let mut sequence = Sequence::new(Limits::bounded(1));
        sequence.grant();
        assert_eq!(offer(&mut sequence, 1), Admission::Full);
        sequence.revoke();
        assert_eq!(offer(&mut sequence, 1), Admission::Stored);
    }

    #[test]
    fn sliding_drops_the_oldest_but_never_a_claimed_one() {
        let mut sequence = Sequence::new(Limits::sliding(2));
        for value in 1..=2 {
            assert_eq!(offer(&mut sequence, value), Admission::Stored);
        }
        assert_eq!(offer(&mut sequence, 3), Admission::Displaced(1));
        sequence.claim();
        assert_eq!(offer(&mut sequence, 4), Admission::Stored);
        assert_eq!(offer(&mut sequence, 5), Admission::Displaced(3));
        assert_eq!(sequence.take_claimed(), 2);
        assert_eq!(sequence.take_unclaimed(9).collect::<Vec<_>>(), [4, 5]);
    }

    #[test]
    fn sliding_of_nothing_drops_the_value_itself() {
        let mut sequence = Sequence::new(Limits::sliding(0));
        assert_eq!(offer(&mut sequence, 1), Admission::Displaced(1));
    }

    #[test]
    fn dropping_drops_the_newest() {
        let mut sequence = Sequence::new(Limits::dropping(1));
        assert_eq!(offer(&mut sequence, 1), Admission::Stored);
        assert_eq!(offer(&mut sequence, 2), Admission::Displaced(2));
    }

    #[test]
    fn no_capacity_is_too_large() {
        let mut sequence = Sequence::new(Limits::bounded(usize::MAX));
        assert_eq!(offer(&mut sequence, 1), Admission::Stored);
        assert_eq!(sequence.high_water(), 1);
    }
}
