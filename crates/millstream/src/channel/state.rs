//! Everything that happens to a channel under its lock: the transitions, and nothing that could run user code.
//!
//! The invariants that every transition leaves behind, where "waiting" means live and not one's own:
//!
//! 1. no receiver waits while a value is unclaimed;
//! 2. no sender waits while there is room for it, or a receiver that it could meet;
//! 3. no receiver waits once the channel is finished: closed, with no value, sender or permit left.

use crate::buffer::{Admission, Limits, Maker, Replay, Sequence, Shape, Store};
use crate::sync::{thread::ThreadId, Arc};
use crate::wait::{Next, Outcome, Own, WaitList, Wakes};
use std::any::Any;

/// A channel's state. It lives under the lock of [`Shared`](super::Shared); no field is touched without it.
pub(crate) struct State<T> {
    /// The values at hand, with claims and permits.
    pub(crate) sequence: Sequence<T>,
    /// Who waits to send: with its value, or `None` for a reservation.
    pub(crate) senders: WaitList<Option<T>>,
    /// Who waits to receive.
    pub(crate) receivers: WaitList<()>,
    /// Who waits for the channel itself.
    pub(crate) watchers: WaitList<Event>,
    /// User code behind the sequence: a custom buffer or an iterator.
    pub(crate) source: Source<T>,
    /// Set in a promise channel only.
    pub(crate) maker: Option<Maker<T>>,
    /// A promise channel's value, once there is one.
    pub(crate) promise: Option<Arc<dyn Replay<T>>>,
    /// No new sends.
    pub(crate) closed: bool,
    /// No receivers, so no values either. Implies `closed`.
    pub(crate) abandoned: bool,
    /// Open, and values go through the sequence alone: what the commonest cases need to know, in one place.
    pub(crate) plain: bool,
    pub(crate) counts: Counts,
    /// The panic that ended the channel, for the receiver that comes to its end.
    pub(crate) failure: Option<Failure>,
}

/// A panic on its way to whoever receives.
pub(crate) struct Failure(pub(crate) Box<dyn Any + Send>);

// The payload is only ever moved and dropped, by one thread at a time.
impl std::panic::UnwindSafe for Failure {}
impl std::panic::RefUnwindSafe for Failure {}

/// What one can wait for beside a value or room for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    Closed,
    /// Closed, and nothing left to receive.
    Drained,
    /// The store is back from whoever had checked it out.
    StoreHome,
}

/// The way on which a value went to a receiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Buffered,
    Queued,
    Immediate,
}

/// How many values went which way. They count from the commit on; one that is given back counts no more.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) buffered: u64,
    pub(crate) queued: u64,
    pub(crate) immediate: u64,
    pub(crate) dropped: u64,
}

impl Counts {
    /// A value that was on its way to a receiver did not arrive.
    pub(crate) fn undo(&mut self, way: Way) {
        let count = match way {
            Way::Buffered => &mut self.buffered,
            Way::Queued => &mut self.queued,
            Way::Immediate => &mut self.immediate,
        };
        *count -= 1;
    }
}

/// Where the user's store is.
pub(crate) enum Source<T> {
    /// This channel has none.
    None,
    /// In the channel, and when it was last looked at it looked like this.
    Home(Box<dyn Store<T>>, Shape),
    /// With a thread that runs its code.
    Out(ThreadId, Shape),
    /// Its code has panicked, or nobody is left to want its values.
    Gone,
}

/// The answer to an attempt to send.
pub(crate) enum Offer<T> {
    /// The value is in the channel, and perhaps another was dropped for it: drop that after unlock.
    Sent(Option<T>),
    Full,
    Closed,
    /// The acting select has been committed by a peer meanwhile.
    OwnGone,
    /// The caller has checked the store out: push to it unlocked, then bring it back.
    Push(Box<dyn Store<T>>),
    /// Another thread has the store.
    Busy,
    /// A select that is registered cannot run user code: it has to start over.
    Look,
}

/// The answer to an attempt to receive.
pub(crate) enum Acquire<T> {
    /// The caller holds a claim and takes the front when it is ready to.
    Claimed(Way),
    Empty,
    Closed,
    /// The acting select has been committed by a peer meanwhile.
    OwnGone,
    /// The caller has checked the store out: pop from it unlocked, then bring it back.
    Pull(Box<dyn Store<T>>),
    /// Another thread has the store.
    Busy,
    /// Clone the promise's value, unlocked.
    Replay(Arc<dyn Replay<T>>),
    /// A select that is registered cannot run user code: it has to start over.
    Look,
}

impl<T> State<T> {
    pub(crate) fn new(limits: Limits, timed: bool) -> Self {
        State {
            sequence: Sequence::new(limits),
            senders: WaitList::new(timed),
            receivers: WaitList::new(timed),
            watchers: WaitList::new(false),
            source: Source::None,
            maker: None,
            promise: None,
            closed: false,
            abandoned: false,
            plain: true,
            counts: Counts::default(),
            failure: None,
        }
    }

    /// Tries to send. The value is taken out of `value` if the answer is `Sent` and left there otherwise.
    #[inline]
    pub(crate) fn offer(
        &mut self,
        value: &mut Option<T>,
        own: Option<Own<'_>>,
        wakes: &mut Wakes,
    ) -> Offer<T> {
        if self.closed && !(seeded!("send-ok-while-closing") && self.abandoned) {
            return lose_unless(own, Offer::Closed);
        }
        self.deliver(value, own, wakes)
    }

    /// [`State::offer`] to an open channel.
    #[inline]
    fn deliver(
        &mut self,
        value: &mut Option<T>,
        own: Option<Own<'_>>,
        wakes: &mut Wakes,
    ) -> Offer<T> {
        if self.is_special() {
            return self.offer_special(value, own, wakes);
        }
        let skips = seeded!("skipped-as-one-was-notified") && self.sequence.claims() > 0;
        if !self.receivers.is_empty() && !skips {
            match self
                .receivers
                .commit_next(own, Outcome::Granted, wakes, |_, _| true)
            {
                Next::Committed(()) => {
                    self.hand_over(value);
                    return Offer::Sent(None);
                }
                Next::OwnGone => return Offer::OwnGone,
                Next::Nobody if seeded!("sent-to-one-who-only-looked") => {
                    self.sequence
                        .push(value.take().expect("a send has its value"));
                    return Offer::Sent(None);
                }
                Next::Nobody => {}
            }
        }
        if self.sequence.makes_senders_wait() {
            return Offer::Full;
        }
        if own.is_some_and(|own| !own.win()) {
            return Offer::OwnGone;
        }
        match self.sequence.admit(value) {
            Admission::Stored => {
                if own.is_some() {
                    // Nobody live waits there, but a set's own entry has to leave it with a hint.
                    self.hand_out(wakes);
                }
                Offer::Sent(None)
            }
            Admission::Displaced(dropped) => {
                self.counts.dropped += 1;
                Offer::Sent(Some(dropped))
            }
            Admission::Full => Offer::Full,
        }
    }

    /// The value goes to a receiver that stood in line and was committed for it: the value, and a claim.
    #[inline]
    pub(super) fn hand_over(&mut self, value: &mut Option<T>) {
        let value = value.take().expect("a send has its value");
        self.sequence.push_claimed(value);
        self.counts.queued += 1;
    }

    /// Tries to receive: makes a claim, which [`State::take_claimed`] turns into the value.
    #[inline]
    pub(crate) fn acquire(&mut self, own: Option<Own<'_>>, wakes: &mut Wakes) -> Acquire<T> {
        if seeded!("closed-before-the-last-value") && self.closed && own.is_none() {
            return Acquire::Closed;
        }
        if self.sequence.unclaimed() > 0 {
            if own.is_some_and(|own| !own.win()) {
                return Acquire::OwnGone;
            }
            self.sequence.claim();
            self.counts.buffered += 1;
            if !self.senders.is_empty() {
                self.refill(wakes);
            }
            return Acquire::Claimed(Way::Buffered);
        }
        if self.is_special() {
            return self.acquire_special(own, wakes);
        }
        if !self.senders.is_empty() {
            // A reservation has no value to give: it keeps its turn for when there is room.
            let next = self
                .senders
                .commit_next(own, Outcome::Granted, wakes, |_, value| value.is_some());
            match next {
                Next::Committed(value) => {
                    let value = value.take().expect("accepted because it has one");
                    self.sequence.push_claimed(value);
                    self.counts.immediate += 1;
                    return Acquire::Claimed(Way::Immediate);
                }
                Next::OwnGone => return Acquire::OwnGone,
                Next::Nobody => {}
            }
        }
        if self.is_finished() {
            self.settle(wakes);
            return match own {
                Some(own) if !own.win() => Acquire::OwnGone,
                _ => Acquire::Closed,
            };
        }
        Acquire::Empty
    }

    /// Turns a claim into the value. Nothing but returning it should follow.
    #[inline]
    pub(crate) fn take_claimed(&mut self, wakes: &mut Wakes) -> T {
        let value = self.sequence.take_claimed();
        if self.closed {
            self.settle(wakes);
        }
        value
    }

    /// Takes up to `limit` unclaimed values at once.
    pub(crate) fn take_unclaimed(
        &mut self,
        limit: usize,
        wakes: &mut Wakes,
        mut each: impl FnMut(T),
    ) -> usize {
        let mut taken = 0;
        while taken < limit {
            let before = taken;
            for value in self.sequence.take_unclaimed(limit - taken) {
                each(value);
                taken += 1;
            }
            if taken == before {
                break;
            }
            self.counts.buffered += (taken - before) as u64;
            self.refill(wakes);
        }
        // At capacity 0 nothing is unclaimed, but senders stand in line with their values.
        while taken < limit && !self.is_special() {
            match self
                .senders
                .commit_next(None, Outcome::Granted, wakes, |_, value| value.is_some())
            {
                Next::Committed(value) => {
                    let value = value.take().expect("accepted because it has one");
                    // Older values may be there, all of them claimed.
                    self.sequence.push_claimed(value);
                    each(self.sequence.take_claimed());
                    self.counts.immediate += 1;
                    taken += 1;
                }
                Next::Nobody | Next::OwnGone => break,
            }
        }
        self.settle(wakes);
        taken
    }

    /// A receiver has joined the line: at capacity 0 that may be what a reservation waits for.
    #[inline]
    pub(crate) fn receiver_joined(&mut self, wakes: &mut Wakes) {
        if !self.senders.is_empty() {
            self.refill(wakes);
        }
    }

    /// A committed receiver gives its claim up: the turn passes to the next in line.
    pub(crate) fn release_claim(&mut self, way: Way, wakes: &mut Wakes) {
        self.sequence.release();
        self.counts.undo(way);
        if !seeded!("wake-up-not-passed-on") {
            self.hand_out(wakes);
        }
        self.settle(wakes);
    }

    /// Lets waiting senders in while there is room for them.
    pub(crate) fn refill(&mut self, wakes: &mut Wakes) {
        if self.is_special() {
            return self.refill_special(wakes);
        }
        while self.sequence.has_room() {
            match self
                .senders
                .commit_next(None, Outcome::Granted, wakes, |_, _| true)
            {
                Next::Committed(payload) => match payload.take() {
                    Some(value) => self.sequence.push(value),
                    None => self.sequence.grant(),
                },
                Next::Nobody | Next::OwnGone => break,
            }
            self.hand_out(wakes);
        }
        if self.sequence.limits().capacity == 0 {
            self.grant_to_reservations(wakes);
        }
    }

    /// Gives unclaimed values to waiting receivers.
    pub(crate) fn hand_out(&mut self, wakes: &mut Wakes) {
        while self.sequence.unclaimed() > 0 && !self.receivers.is_empty() {
            match self
                .receivers
                .commit_next(None, Outcome::Granted, wakes, |_, _| true)
            {
                Next::Committed(()) => {
                    self.sequence.claim();
                    self.counts.queued += 1;
                }
                Next::Nobody | Next::OwnGone => break,
            }
        }
    }

    /// How many values `try_recv` could take now, one after the other.
    pub(crate) fn receivable(&self) -> usize {
        // Into a store, senders bring their values themselves, once they have looked.
        let waiting = if self.is_special() {
            0
        } else {
            let values = self.senders.live(None);
            values.filter(|value| value.is_some()).count()
        };
        let stored = match &self.source {
            Source::Home(_, shape) | Source::Out(_, shape) => shape.len,
            Source::None | Source::Gone => 0,
        };
        let promised = usize::from(self.promise.is_some());
        (self.sequence.unclaimed() + promised)
            .saturating_add(stored)
            .saturating_add(waiting)
    }

    /// Whether `try_send` would say `Full`.
    pub(crate) fn is_full(&self) -> bool {
        match &self.source {
            _ if self.closed || self.maker.is_some() => false,
            Source::Home(_, shape) | Source::Out(_, shape) => {
                !shape.room || self.sequence.permits() > 0
            }
            Source::Gone => false,
            Source::None => {
                self.sequence.makes_senders_wait() && self.receivers.live(None).next().is_none()
            }
        }
    }

    /// Whether values take another way than through the sequence alone.
    #[inline]
    pub(crate) fn is_special(&self) -> bool {
        self.maker.is_some() || !matches!(self.source, Source::None)
    }
}

/// A registered select commits itself before it acts, even on bad news.
#[inline]
pub(super) fn lose_unless<T>(own: Option<Own<'_>>, answer: Offer<T>) -> Offer<T> {
    match own {
        Some(own) if !own.win() => Offer::OwnGone,
        _ => answer,
    }
}
