//! Operations: what each wants, how far it is, and what it may answer.

use std::collections::VecDeque;

pub type Id = usize;
pub type Value = u32;

/// What one arm wants of its channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Wish {
    Send,
    Reserve,
    Recv,
    Claim,
    Closed,
    Drained,
}

impl Wish {
    /// Whether it needs a sending handle; the others need a receiving one.
    pub fn is_senders(self) -> bool {
        matches!(self, Wish::Send | Wish::Reserve | Wish::Closed)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Arm {
    pub channel: usize,
    pub wish: Wish,
    /// What is to be sent, until it is.
    pub value: Option<Value>,
}

/// An operation: one arm, or the several of a select.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Operation {
    pub arms: Vec<Arm>,
    /// The items of a `send_many` that were not pulled, and how many were sent.
    pub items: Option<(VecDeque<Value>, usize)>,
    /// How many values a `recv_many` takes at most.
    pub limit: Option<usize>,
    pub is_select: bool,
    /// Whether the arms of a select are tried in their order.
    pub biased: bool,
    pub default: bool,
    /// After how long a select has had enough.
    pub delay: Option<u64>,
    /// When that is, once it was polled.
    pub deadline: Option<u64>,
    /// Whether its first step would block the thread instead of waiting.
    pub on_thread: bool,
    /// Whether it has handles of its own, one an arm, which go when it ends.
    pub owns_handles: bool,
    pub stage: Stage,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    /// In no line.
    Idle,
    /// In the line of each of its arms.
    Waiting,
    /// One of its arms was told something, and it is in no line any more.
    Told(usize, News),
    /// It was answered with a right, which it has not used.
    Holding(usize, Right),
}

/// What somebody in line is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum News {
    /// A send was taken, a permit granted, a receive matched.
    Granted,
    /// The channel is closed to it.
    Ended,
    /// Try again.
    Look,
    /// In a closed channel over a buffer of one's own: it has a permit, and uses it itself.
    Invited,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Right {
    Permit,
    Claim,
    /// A claimed value that was taken out to be looked at.
    InHand(Value),
    /// The value of a promise, which is everybody's.
    Promised(Value),
}

/// What an operation answers in the end.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    Sent,
    /// The channel is closed; a send has its value back.
    Refused(Option<Value>),
    Received(Value),
    /// Closed, and everything was received.
    Ended,
    /// The event came.
    Happened,
    /// It would have to wait; a send has its value back.
    NotNow(Option<Value>),
    SentMany(usize, Option<Value>),
    ReceivedMany(Vec<Value>),
    /// A right was given up.
    GivenUp,
    Won(usize, Box<Outcome>),
    Default,
    After,
}

/// What one step of an operation came to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Reply {
    Waiting,
    /// This arm has its right.
    Holding(usize),
    /// This is what a claim is a right to.
    Peeked(Value),
    Done(Outcome),
}

impl Operation {
    pub fn of(arms: Vec<Arm>) -> Self {
        Operation {
            arms,
            items: None,
            limit: None,
            is_select: false,
            biased: false,
            default: false,
            delay: None,
            deadline: None,
            on_thread: false,
            owns_handles: true,
            stage: Stage::Idle,
        }
    }

    pub fn one(channel: usize, wish: Wish, value: Option<Value>) -> Self {
        Operation::of(vec![Arm {
            channel,
            wish,
            value,
        }])
    }

    /// A select over these arms.
    pub fn select(arms: impl IntoIterator<Item = (usize, Wish, Option<Value>)>) -> Self {
        let arms = arms.into_iter().map(|(channel, wish, value)| Arm {
            channel,
            wish,
            value,
        });
        let mut operation = Operation::of(arms.collect());
        operation.is_select = true;
        operation
    }

    pub fn send_many(channel: usize, items: impl IntoIterator<Item = Value>) -> Self {
        let mut operation = Operation::one(channel, Wish::Reserve, None);
        operation.items = Some((items.into_iter().collect(), 0));
        operation
    }

    pub fn recv_many(channel: usize, limit: usize) -> Self {
        let mut operation = Operation::one(channel, Wish::Recv, None);
        operation.limit = Some(limit);
        operation
    }

    /// The same on a handle of somebody else.
    pub fn borrowed(mut self) -> Self {
        self.owns_handles = false;
        self
    }
}
