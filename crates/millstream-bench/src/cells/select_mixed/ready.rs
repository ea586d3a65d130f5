//! `select-ready`: all eight arms of every select are ready: there is room for each send and a value for each receive.
//!
//! After a round of selects, too short for a channel to fill up or run dry in, the channels are put back into that state. Only the selects are timed.

use std::time::{Duration, Instant};

use super::{Course, Selecting, WAYS};
use crate::cell::{Cells, Run, Spec, Tally, Unit};
use crate::cells::several::array;
use crate::peers::{IntoOption, ReceiverOf, SenderOf, TryChannel};

/// How many selects make a round, and how many values a channel holds.
const ROUND: usize = 64;

pub fn spec(family: &str) -> Spec {
    Spec {
        name: format!("select-ready/{family}"),
        unit: Unit::Message,
        messages: 200_000,
    }
}

pub fn enter<S: Selecting>(cells: &mut Cells, family: &str) {
    cells.enter(spec(family), S::PEER, run::<S>);
}

fn run<S: Selecting>(messages: usize) -> Run {
    let mut table = Table::<S::Channel>::laid(messages);
    while let Some(mut round) = table.round() {
        let started = Instant::now();
        S::drive(&table.outgoing.0, &table.incoming.1, &mut round);
        table.clear(round, started.elapsed());
    }
    table.finish()
}

/// The channels of the cell, and what has come of them.
pub struct Table<C: TryChannel> {
    /// Empty before a round: the selects send to them.
    pub outgoing: ([SenderOf<C>; WAYS], [ReceiverOf<C>; WAYS]),
    /// Full before a round: the selects receive from them.
    pub incoming: ([SenderOf<C>; WAYS], [ReceiverOf<C>; WAYS]),
    /// The first number that was not used yet.
    next: usize,
    messages: usize,
    selects: usize,
    elapsed: Duration,
    received: Tally,
}

/// 64 selects.
pub struct Round {
    left: usize,
    next: usize,
    received: Tally,
}

impl Course for Round {
    fn offer(&self) -> Option<usize> {
        (self.left > 0).then_some(self.next)
    }

    fn sent(&mut self) {
        self.left -= 1;
        self.next += 1;
    }

    fn received(&mut self, value: usize) {
        self.left -= 1;
        self.received.add(value);
    }
}

impl<C: TryChannel> Table<C> {
    pub fn laid(messages: usize) -> Self {
        Table {
            outgoing: array::<C, _>(ROUND),
            incoming: array::<C, _>(ROUND),
            next: 0,
            messages,
            selects: 0,
            elapsed: Duration::ZERO,
            received: Tally::default(),
        }
    }

    /// Fills the incoming channels for the next round; `None` if the numbers do not reach for that.
    pub fn round(&mut self) -> Option<Round> {
        for sender in &mut self.incoming.0 {
            while self.next < self.messages
                && C::try_send(sender, self.next).into_option().is_some()
            {
                self.next += 1;
            }
        }
        (self.next + ROUND <= self.messages).then(|| Round {
            left: ROUND,
            next: self.next,
            received: Tally::default(),
        })
    }

    /// Empties the outgoing channels.
    pub fn clear(&mut self, round: Round, elapsed: Duration) {
        self.elapsed += elapsed;
        self.selects += ROUND;
        self.next = round.next;
        self.received.merge(round.received);
        for receiver in &mut self.outgoing.1 {
            while let Some(value) = C::try_recv(receiver).into_option() {
                self.received.add(value);
            }
        }
    }

    /// Empties the incoming channels, and adds the numbers that were too few for another round.
    ///
    /// No select was timed for these, so the time of those that were is taken as the time of all.
    pub fn finish(mut self) -> Run {
        let selects = self.selects.max(1);
        for receiver in &mut self.incoming.1 {
            while let Some(value) = C::try_recv(receiver).into_option() {
                self.received.add(value);
            }
        }
        (self.next..self.messages).for_each(|value| self.received.add(value));
        let each = self.elapsed.as_secs_f64() / selects as f64;
        Run {
            elapsed: Duration::from_secs_f64(each * self.messages as f64),
            received: self.received,
        }
    }
}
