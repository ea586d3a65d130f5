//! `stages`: a source and two stages in tasks of their own, with three channels from one to the next.

use std::time::Instant;

use crate::cell::{Cells, Peer, Run, Spec, Tally, Unit};
use crate::cells::runtimes::{Executes, Spawns, Tokio, TokioThread, TokioWorkers};
use crate::cells::several::array;
use crate::peers::millstream::Millstream;
use crate::peers::{async_channel, flume, kanal, loole, tokio_mpsc};
use crate::peers::{AsyncChannel, Channel, IntoOption, Standing};

const CAPACITY: usize = 64;

/// The same tasks as those of the other peers, over millstream's channels.
const MILLSTREAM_BY_HAND: Peer =
    Peer::of("millstream", "millstream-by-hand").standing(Standing::Subject);

pub fn enter_all(cells: &mut Cells) {
    enter_pipe::<TokioThread>(cells);
    enter_pipe::<TokioWorkers>(cells);
    enter_by_hand_as::<Millstream>(cells, MILLSTREAM_BY_HAND);
    enter_by_hand::<flume::Flume>(cells);
    enter_by_hand::<kanal::Async>(cells);
    enter_by_hand::<loole::Loole>(cells);
    enter_by_hand::<async_channel::AsyncChannelCrate>(cells);
    enter_by_hand::<tokio_mpsc::Bounded>(cells);
}

fn enter_by_hand<C: AsyncChannel>(cells: &mut Cells) {
    enter_by_hand_as::<C>(cells, C::PEER);
}

fn enter_by_hand_as<C: AsyncChannel>(cells: &mut Cells, peer: Peer) {
    cells.enter(spec::<TokioThread>(), peer, |messages| {
        TokioThread::run(Box::pin(by_hand::<C>(messages)))
    });
    cells.enter(spec::<TokioWorkers>(), peer, |messages| {
        TokioWorkers::run(Box::pin(by_hand::<C>(messages)))
    });
}

fn enter_pipe<E: Executes>(cells: &mut Cells) {
    let peer = <Millstream as Channel>::PEER;
    cells.enter(spec::<E>(), peer, |messages| {
        E::run(Box::pin(with_pipe(messages)))
    });
}

fn spec<E: Executes>() -> Spec {
    Spec {
        name: format!("stages/{}", E::NAME),
        unit: Unit::Item,
        messages: 500_000,
    }
}

/// What the first stage does, and the second undoes.
fn there(value: usize) -> usize {
    value ^ 0x5555
}

fn back(value: usize) -> usize {
    value ^ 0x5555
}

async fn by_hand<C: AsyncChannel>(messages: usize) -> Run {
    let ([mut input, between, output], [first, second, last]) = array::<C, _>(CAPACITY);
    let started = Instant::now();
    let source = Tokio::spawn(async move {
        for value in 0..messages {
            if C::send(&mut input, value).await.into_option().is_none() {
                return;
            }
        }
    });
    let stages = [
        Tokio::spawn(stage::<C>(first, between, there)),
        Tokio::spawn(stage::<C>(second, output, back)),
    ];
    let received = collect::<C>(last).await;
    let elapsed = started.elapsed();
    source.await;
    for stage in stages {
        stage.await;
    }
    Run { elapsed, received }
}

async fn stage<C: AsyncChannel>(
    mut input: C::Receiver,
    mut output: C::Sender,
    function: fn(usize) -> usize,
) {
    while let Some(value) = C::recv(&mut input).await.into_option() {
        let sent = C::send(&mut output, function(value)).await;
        if sent.into_option().is_none() {
            return;
        }
    }
}

/// millstream's `pipe`, which makes the tasks and the channels behind them.
async fn with_pipe(messages: usize) -> Run {
    let stage = || millstream::pipe::tasks(1).capacity(CAPACITY);
    let (input, first) = millstream::bounded(CAPACITY);
    let started = Instant::now();
    let source = Tokio::spawn(async move {
        for value in 0..messages {
            if input.send(value).await.is_err() {
                return;
            }
        }
    });
    let second = stage().map(first, async |value| there(value));
    let last = stage().map(second, async |value| back(value));
    let received = collect::<Millstream>(last).await;
    let elapsed = started.elapsed();
    source.await;
    Run { elapsed, received }
}

/// # Panics
///
/// When values come in another order than they were sent.
async fn collect<C: AsyncChannel>(mut last: C::Receiver) -> Tally {
    let mut tally = Tally::default();
    let mut next = 0;
    while let Some(value) = C::recv(&mut last).await.into_option() {
        assert_eq!(value, next, "values come in the order of their sends");
        next += 1;
        tally.add(value);
    }
    tally
}
