//! The steps of a history, any of which can be left out: what is not possible when its turn comes does nothing.
//!
//! That is why plain proptest over a list of steps is enough here: a history from which steps were taken away is a
//! history still, so shrinking needs no preconditions, and a counter-example prints as the list it is.

use crate::spec::Wish;
use proptest::prelude::*;

/// One thing that somebody does. The numbers choose among what there is.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Begins an operation, and takes its first step.
    Begin(Call),
    /// Begins an operation and leaves it for later.
    Prepare(Call),
    Poll(usize),
    /// Drops an operation, wherever it is.
    Cancel(usize),
    /// Uses the right that an operation was answered with.
    Use(usize),
    /// Looks at what a claim is a right to.
    Peek(usize),
    /// An operation that does not wait, or only when it need not.
    AtOnce(usize, AtOnce),
    CloneHandle(usize, Side),
    DropHandle(usize, Side),
    /// Makes a handle out of a weak one.
    Upgrade(usize, Side),
    Close(usize, Side),
    Advance(u64),
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Side {
    Sender,
    Receiver,
}

/// An operation that can wait.
#[derive(Clone, Debug, PartialEq)]
pub enum Call {
    One(usize, Wish),
    /// The receiver is polled as a stream.
    Stream(usize),
    /// The sender is polled as a sink.
    Sink(usize),
    SendMany(usize, usize),
    RecvMany(usize, usize),
    Select(Choice),
}

/// The arms of a select, each on one of the channels if it is there at all. They are tried in this order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Choice {
    pub recv: [Option<usize>; 2],
    pub claim: Option<usize>,
    pub send: [Option<usize>; 2],
    pub send_from: Option<usize>,
    pub reserve: [Option<usize>; 2],
    pub closed: Option<usize>,
    pub drained: Option<usize>,
    pub after: Option<u64>,
    pub default: bool,
    pub biased: bool,
    /// It waits on the thread, and so is begun only where the specification says that it need not wait.
    pub on_thread: bool,
}

impl Choice {
    /// The arms that are on.
    pub fn arms(&self) -> Vec<(usize, Wish)> {
        let slots = [
            (self.recv[0], Wish::Recv),
            (self.recv[1], Wish::Recv),
            (self.claim, Wish::Claim),
            (self.send[0], Wish::Send),
            (self.send[1], Wish::Send),
            (self.send_from, Wish::Send),
            (self.reserve[0], Wish::Reserve),
            (self.reserve[1], Wish::Reserve),
            (self.closed, Wish::Closed),
            (self.drained, Wish::Drained),
        ];
        let arms = slots.into_iter();
        arms.filter_map(|(channel, wish)| Some((channel?, wish)))
            .collect()
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum AtOnce {
    TrySend,
    TryReserve,
    TryRecv,
    /// With a deadline that is past.
    SendLate,
    RecvLate,
    /// Blocking forms, where the specification says that they come to an end by themselves.
    SendBlocking,
    RecvBlocking,
    Iter,
    Drain,
    TryIter,
}

/// Histories over so many channels.
pub fn histories(channels: usize) -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec(step(channels), 1..60)
}

fn step(channels: usize) -> impl Strategy<Value = Step> {
    let which = 0usize..8;
    let on = 0..channels;
    prop_oneof![
        14 => call(channels).prop_map(Step::Begin),
        2 => call(channels).prop_map(Step::Prepare),
        12 => which.clone().prop_map(Step::Poll),
        5 => which.clone().prop_map(Step::Cancel),
        4 => which.clone().prop_map(Step::Use),
        3 => which.prop_map(Step::Peek),
        8 => (on.clone(), at_once()).prop_map(|(channel, what)| Step::AtOnce(channel, what)),
        1 => (on.clone(), side()).prop_map(|(channel, side)| Step::CloneHandle(channel, side)),
        1 => (on.clone(), side()).prop_map(|(channel, side)| Step::DropHandle(channel, side)),
        1 => (on.clone(), side()).prop_map(|(channel, side)| Step::Upgrade(channel, side)),
        1 => (on, side()).prop_map(|(channel, side)| Step::Close(channel, side)),
        1 => (0u64..3).prop_map(Step::Advance),
    ]
}

fn side() -> impl Strategy<Value = Side> {
    prop_oneof![Just(Side::Sender), Just(Side::Receiver)]
}

fn at_once() -> impl Strategy<Value = AtOnce> {
    prop::sample::select(vec![
        AtOnce::TrySend,
        AtOnce::TryReserve,
        AtOnce::TryRecv,
        AtOnce::SendLate,
        AtOnce::RecvLate,
        AtOnce::SendBlocking,
        AtOnce::RecvBlocking,
        AtOnce::Iter,
        AtOnce::Drain,
        AtOnce::TryIter,
    ])
}

fn call(channels: usize) -> impl Strategy<Value = Call> {
    let on = 0..channels;
    let wish = prop::sample::select(vec![
        Wish::Send,
        Wish::Send,
        Wish::Recv,
        Wish::Recv,
        Wish::Reserve,
        Wish::Claim,
        Wish::Claim,
        Wish::Closed,
        Wish::Drained,
    ]);
    prop_oneof![
        8 => (on.clone(), wish).prop_map(|(channel, wish)| Call::One(channel, wish)),
        1 => on.clone().prop_map(Call::Stream),
        1 => on.clone().prop_map(Call::Sink),
        1 => (on.clone(), 0usize..4).prop_map(|(channel, count)| Call::SendMany(channel, count)),
        1 => (on, 1usize..4).prop_map(|(channel, limit)| Call::RecvMany(channel, limit)),
        5 => choice(channels).prop_map(Call::Select),
    ]
}

/// Selects of two arms or three mostly: with more of them most would be ready at once.
fn choice(channels: usize) -> impl Strategy<Value = Choice> {
    let arm = || prop::option::weighted(0.25, 0..channels);
    (
        ([arm(), arm()], arm(), [arm(), arm()], arm(), [arm(), arm()]),
        prop::option::weighted(0.1, 0..channels),
        prop::option::weighted(0.1, 0..channels),
        prop::option::weighted(0.25, 0u64..3),
        prop::bool::weighted(0.1),
        any::<bool>(),
        prop::bool::weighted(0.2),
    )
        .prop_map(
            |(arms, closed, drained, after, default, biased, on_thread)| {
                let (recv, claim, send, send_from, reserve) = arms;
                Choice {
                    recv,
                    claim,
                    send,
                    send_from,
                    reserve,
                    closed,
                    drained,
                    // A thread goes by its own clock, not by the model's.
                    after: after.filter(|_| !on_thread),
                    default,
                    biased,
                    on_thread,
                }
            },
        )
}
