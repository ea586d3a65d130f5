//! `waiting-receivers`, `waiting-senders`: ten thousand tasks and more wait on one channel, on one thread: what a message costs then, and how much memory a waiter takes, its task included.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;
use std::time::Instant;

use tokio::task::yield_now;

use super::runtimes::{Executes, TokioThread};
use crate::cell::{Cells, Run, Spec, Tally, Unit};
use crate::counting::Count;
use crate::peers::{AsyncChannel, IntoOption};
use crate::probe::Probe;

const WAITERS: [usize; 2] = [10_000, 100_000];
/// Those that take minutes for the larger number of waiting senders, and so for nothing that the smaller number does not tell.
const TOO_SLOW: [&str; 1] = ["postage"];
/// Receivers wait on this capacity, senders on a capacity of 1, so that nearly all of them do wait.
const RECEIVERS: Option<usize> = Some(64);
const SENDERS: Option<usize> = Some(1);

pub fn enter_receivers<C: AsyncChannel<Sender: Clone, Receiver: Clone>>(cells: &mut Cells) {
    if C::new(RECEIVERS).is_some() {
        for waiters in WAITERS {
            cells
                .enter_whole(spec("receivers", waiters), C::PEER, |messages| {
                    TokioThread::run(Box::pin(receivers::<C>(messages, None))).0
                })
                .probe(|messages| {
                    let count = Count::start();
                    let (run, bytes) =
                        TokioThread::run(Box::pin(receivers::<C>(messages, Some(count))));
                    Probe::of_bytes(run.received, bytes, messages)
                });
        }
    }
}

pub fn enter_senders<C: AsyncChannel<Sender: Clone>>(cells: &mut Cells) {
    if C::new(SENDERS).is_some() {
        for waiters in WAITERS {
            if waiters == WAITERS[1] && TOO_SLOW.contains(&C::PEER.name) {
                let why = "it wakes every waiting sender for each message: with ten times as many it would take minutes";
                cells.leave_out(&spec("senders", waiters).name, C::PEER, why);
                continue;
            }
            cells
                .enter_whole(spec("senders", waiters), C::PEER, |messages| {
                    TokioThread::run(Box::pin(senders::<C>(messages, None))).0
                })
                .probe(|messages| {
                    let count = Count::start();
                    let (run, bytes) =
                        TokioThread::run(Box::pin(senders::<C>(messages, Some(count))));
                    Probe::of_bytes(run.received, bytes, messages)
                });
        }
    }
}

fn spec(side: &str, waiters: usize) -> Spec {
    Spec {
        name: format!("waiting-{side}/{waiters}"),
        unit: Unit::Message,
        messages: waiters,
    }
}

/// Counts tasks as they begin to wait.
///
/// A task says so before its first operation, in the same poll: once it has said so and somebody else runs, it waits.
#[derive(Clone, Default)]
struct Waiting(Arc<AtomicUsize>);

impl Waiting {
    fn one_more(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    async fn all(&self, tasks: usize) {
        while self.0.load(Ordering::Relaxed) < tasks {
            yield_now().await;
        }
    }
}

/// Makes tasks that receive, has all of them wait, and times from the first send to the last receive.
async fn receivers<C: AsyncChannel<Receiver: Clone>>(
    messages: usize,
    count: Option<Count>,
) -> (Run, usize) {
    let (mut sender, receiver) = C::new(RECEIVERS).expect("asked on entering");
    let tasks = messages;
    let waiting = Waiting::default();
    let mut receiving = Vec::with_capacity(tasks);
    let before = bytes(count.as_ref());
    for _ in 0..tasks {
        let receive = receive::<C>(receiver.clone(), waiting.clone(), messages);
        receiving.push(tokio::spawn(receive));
    }
    waiting.all(tasks).await;
    let bytes = bytes(count.as_ref()) - before;
    drop((receiver, count));

    let started = Instant::now();
    for value in 0..messages {
        if C::send(&mut sender, value).await.into_option().is_none() {
            break;
        }
    }
    drop(sender);
    let mut received = Tally::default();
    let mut ended = started;
    for task in receiving {
        let (tally, last) = task.await.expect("no receiver panics");
        received.merge(tally);
        ended = ended.max(last.unwrap_or(started));
    }
    let elapsed = ended - started;
    (Run { elapsed, received }, bytes)
}

/// Receives until the sender has gone; tells when it got the last number, if it was the one who did.
async fn receive<C: AsyncChannel>(
    mut receiver: C::Receiver,
    waiting: Waiting,
    messages: usize,
) -> (Tally, Option<Instant>) {
    waiting.one_more();
    let mut tally = Tally::default();
    let mut last = None;
    while let Some(value) = C::recv(&mut receiver).await.into_option() {
        tally.add(value);
        if value + 1 == messages {
            last = Some(Instant::now());
        }
    }
    (tally, last)
}

/// Makes tasks that send, has all of them wait, and times the receiver that lets them through.
async fn senders<C: AsyncChannel<Sender: Clone>>(
    messages: usize,
    count: Option<Count>,
) -> (Run, usize) {
    let (sender, mut receiver) = C::new(SENDERS).expect("asked on entering");
    let tasks = messages;
    let waiting = Waiting::default();
    let before = bytes(count.as_ref());
    for first in 0..tasks {
        let send = send::<C>(sender.clone(), waiting.clone(), first, tasks, messages);
        // Nobody waits for these: each ends when its values have been received.
        drop(tokio::spawn(send));
    }
    waiting.all(tasks).await;
    let bytes = bytes(count.as_ref()) - before;
    drop((sender, count));

    let mut received = Tally::default();
    let started = Instant::now();
    while let Some(value) = C::recv(&mut receiver).await.into_option() {
        received.add(value);
    }
    let elapsed = started.elapsed();
    (Run { elapsed, received }, bytes)
}

/// Sends this task's share of the numbers.
async fn send<C: AsyncChannel>(
    mut sender: C::Sender,
    waiting: Waiting,
    first: usize,
    step: usize,
    messages: usize,
) {
    waiting.one_more();
    for value in (first..messages).step_by(step) {
        if C::send(&mut sender, value).await.into_option().is_none() {
            return;
        }
    }
}

fn bytes(count: Option<&Count>) -> usize {
    count.map_or(0, Count::bytes)
}
