//! A member of a run at work: what it sends, and what it keeps the book of.

use crate::board::Post;
use crate::book::Book;
use crate::dice::Dice;
use crate::message::Message;
use crate::place::Place;
use crate::waker::{Census, Temper, Watched};
use std::collections::HashMap;
use std::sync::Arc;

/// See the [module](self).
#[derive(Debug)]
pub struct Hand {
    pub dice: Dice,
    pub book: Arc<Book>,
    pub place: Place,
    pub post: Post,
    pub wakers: Arc<Census>,
    /// Which producer it is.
    pub producer: u32,
    /// How many messages it has made.
    pub messages: u32,
    /// Whether some of its messages panic when somebody else drops them.
    pub has_hostile: bool,
    /// Whether it may take a look at values and give them back, which lets younger ones pass.
    pub may_reorder: bool,
}

/// How many values a receive of many takes at most.
pub const MANY: usize = 9;

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    Yes,
    /// It came back, or was cancelled.
    No,
    /// It came back, since the channel takes no more.
    Closed,
}

/// What came of receiving.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Got {
    /// So many values.
    Values(usize),
    Ended,
}

impl Hand {
    /// A hand for somebody who works for this one.
    pub fn fork(&mut self, producer: u32) -> Self {
        Hand {
            dice: self.dice.fork(),
            book: self.book.clone(),
            post: self.post.clone(),
            wakers: self.wakers.clone(),
            producer,
            messages: 0,
            ..*self
        }
    }

    /// The next message.
    pub fn message(&mut self) -> Message {
        let mut message = Message::new(self.book.clone(), self.producer, self.messages);
        self.messages += 1;
        message.how = self.post.said();
        message.is_hostile = self.has_hostile && self.dice.once_in(16);
        message
    }

    /// The message came back.
    pub fn back(&self, mut message: Message, is_closed: bool) -> Sent {
        self.book.returned(message.id);
        message.disarm();
        match is_closed {
            true => Sent::Closed,
            false => Sent::No,
        }
    }

    pub fn sent(&self, id: u32) -> Sent {
        self.book.sent(id);
        Sent::Yes
    }

    /// The message is ours.
    pub fn took(&self, mut message: Message, order: &mut Order) {
        message.disarm();
        self.book.received(message.id);
        if !self.may_reorder {
            order.check(&message, self.post.said());
        }
    }

    /// Something was cancelled.
    pub fn cancelled(&self) {
        self.book.counts.cancelled();
    }

    /// A future under wakers that are counted, and that may change from poll to poll or panic.
    pub fn watched<F>(&mut self, future: F) -> Watched<F> {
        let temper = match self.dice.below(60) {
            0 => Temper::PanicsInWake,
            1 => Temper::PanicsInDrop,
            _ => Temper::Calm,
        };
        self.watched_by(future, temper)
    }

    /// The same for a future with a timer of somebody else's in it, which need not bear a waker that panics.
    pub fn watched_calmly<F>(&mut self, future: F) -> Watched<F> {
        self.watched_by(future, Temper::Calm)
    }

    fn watched_by<F>(&mut self, future: F, temper: Temper) -> Watched<F> {
        let is_kept = self.dice.once_in(2);
        Watched::new(future, &self.wakers, &self.book.counts, temper, is_kept)
    }

    /// How many polls a future gets that is about to be dropped.
    pub fn polls(&mut self) -> usize {
        self.dice.below(4)
    }
}

/// Checks that the messages of each producer come in the order in which they were sent.
#[derive(Debug, Default)]
pub struct Order {
    last: HashMap<u32, (u32, &'static str, &'static str)>,
    is_off: bool,
}

impl Order {
    /// For receivers for which there is no order.
    pub fn none() -> Self {
        Order {
            is_off: true,
            ..Self::default()
        }
    }

    /// `how` is how it was received.
    pub fn check(&mut self, message: &Message, how: &'static str) {
        if self.is_off {
            return;
        }
        let Message {
            number,
            producer,
            how: sent,
            ..
        } = *message;
        let before = self.last.insert(producer, (number, sent, how));
        if let Some(before) = before.filter(|before| before.0 >= number) {
            message.book.wrong(format!(
                "number {number} of producer {producer} ({sent}, {how}) came after number {} ({}, {})",
                before.0, before.1, before.2
            ));
        }
    }
}
