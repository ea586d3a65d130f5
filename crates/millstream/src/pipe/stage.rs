//! What the workers of a stage share: the way in, the way out, and when it is over.

use super::batch::BatchSize;
use super::ordered::Sequence;
use super::panic::{caught, Payload};
use super::turn::Turns;
use crate::channel::Signal;
use crate::channel::{ClosedFuture, Receiver, Sender, TrySendError};
use futures_core::Stream;
use std::future::{poll_fn, Future};
use std::pin::{pin, Pin};
use std::task::{Context, Poll};
use std::time::Instant;

/// What the author of a stage has asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    pub(super) workers: usize,
    pub(super) ordered: bool,
    /// For an ordered stage, how many batches may be between the input and the output.
    pub(super) window: usize,
    /// How many values a batch has at most.
    pub(super) batch: usize,
}

/// A stage that runs.
///
/// Whose [turn](super::turn) it is takes a batch and gives it its number before the next takes one. So batches are numbered
/// in the order of their values.
pub(super) struct Stage<T, R> {
    output: Sender<R>,
    turns: Turns<T>,
    sequence: Option<Sequence<R>>,
    pub(super) size: BatchSize,
    workers: usize,
    /// Nothing more is to be taken.
    halted: Signal,
    /// Nothing more is to be sent either.
    over: Signal,
}

/// The stage is over: whoever hears this leaves.
#[derive(Debug)]
pub(super) struct Over;

/// How a batch ended.
pub(super) enum Outcome {
    Done,
    /// Its last result is to be the last of the stage.
    Ended,
    Panicked(Payload),
}

/// A batch that was taken.
pub(super) struct Taken {
    /// Its place in the order; meaningless in a stage without order.
    pub(super) number: u64,
    /// The input panicked behind the values that were taken.
    pub(super) panicked: Option<Payload>,
    /// When the look began that found the first value.
    pub(super) since: Instant,
}

impl<T, R> Stage<T, R> {
    pub(super) fn new(input: Receiver<T>, output: Sender<R>, plan: Plan) -> Self {
        let size = BatchSize::new(plan.batch);
        Stage {
            sequence: plan
                .ordered
                .then(|| Sequence::new(output.clone(), plan.window, size.most())),
            output,
            turns: Turns::new(input),
            size,
            workers: plan.workers,
            halted: Signal::new(),
            over: Signal::new(),
        }
    }

    /// Takes the next batch into `values`, which is empty. `None` when there is nothing more to take, or nobody to take it
    /// for.
    pub(super) async fn take(&self, values: &mut Vec<T>) -> Option<Taken> {
        let mut turn = self.turns.next().await?;
        if let Some(sequence) = &self.sequence {
            if !sequence.place().await {
                return None;
            }
        }
        let input = turn.input();
        let (since, panicked) = match self.first(input).await {
            Ok(None) => return None,
            Err(payload) => (Instant::now(), Some(payload)),
            Ok(Some((value, since))) => {
                values.push(value);
                let wanted = self.size.of(input.len().saturating_add(1), self.workers);
                (since, further(input, values, wanted - 1).await.err())
            }
        };
        let number = self.sequence.as_ref().map_or(0, Sequence::open);
        if panicked.is_none() {
            turn.pass();
        }
        Some(Taken {
            number,
            panicked,
            since,
        })
    }

    /// Waits for a value, the end of the input, or a reason to want none. `Err` is a panic of what feeds the input.
    ///
    /// The time is that of the look which found the value: an iterator that takes long to make one counts as work, a
    /// channel that was empty for long does not.
    async fn first(&self, input: &mut Receiver<T>) -> Result<Option<(T, Instant)>, Payload> {
        if self.halted.is_raised() || self.output.is_closed() {
            return Ok(None);
        }
        let mut halted = self.halted.raised();
        let mut closed = self.output.closed();
        let mut has_waited = false;
        poll_fn(|context| {
            // Before a value is taken that nobody wants any more.
            let mut is_over =
                |context: &mut _| is_ready(&mut halted, context) || is_ready(&mut closed, context);
            if has_waited && is_over(context) {
                return Poll::Ready(Ok(None));
            }
            let since = Instant::now();
            match caught(|| Pin::new(&mut *input).poll_next(context)) {
                Ok(Poll::Ready(value)) => {
                    return Poll::Ready(Ok(value.map(|value| (value, since))))
                }
                Err(payload) => return Poll::Ready(Err(payload)),
                Ok(Poll::Pending) => {}
            }
            has_waited = true;
            if is_over(context) {
                return Poll::Ready(Ok(None));
            }
            Poll::Pending
        })
        .await
    }

    /// Sends results of a batch, or leaves them where they are sent when it is their turn.
    pub(super) async fn deliver(&self, number: u64, results: &mut Vec<R>) -> Result<(), Over> {
        if results.is_empty() {
            return Ok(());
        }
        let delivered = match &self.sequence {
            Some(sequence) => sequence.deliver(number, results).await,
            None => send_all(&self.output, results).await,
        };
        self.noticed(delivered)
    }

    /// Says that a batch has delivered all its results, and how it ended.
    pub(super) async fn finish(&self, number: u64, outcome: Outcome) -> Result<(), Over> {
        if !matches!(outcome, Outcome::Done) {
            self.halted.raise();
        }
        let finished = match (&self.sequence, outcome) {
            (Some(sequence), outcome) => sequence.finish(number, outcome).await,
            (None, Outcome::Done) => Ok(()),
            (None, Outcome::Ended) => Err(Over),
            (None, Outcome::Panicked(payload)) => {
                self.output.fail(payload);
                Err(Over)
            }
        };
        self.noticed(finished)
    }

    fn noticed(&self, result: Result<(), Over>) -> Result<(), Over> {
        if result.is_err() {
            self.quit();
        }
        result
    }

    /// Ends the stage at once; the panic comes out behind what is in the output.
    pub(super) fn fail(&self, payload: Payload) {
        self.output.fail(payload);
        self.quit();
    }

    /// Ends the stage at once.
    pub(super) fn quit(&self) {
        self.halted.raise();
        self.over.raise();
        // Everybody is told before anything is dropped: that is user code, and may panic.
        let undelivered = self.sequence.as_ref().map(Sequence::end);
        let input = self.turns.end();
        drop((undelivered, input));
    }

    /// Whether nobody wants results any more.
    pub(super) fn is_unwanted(&self) -> bool {
        self.over.is_raised() || self.output.is_closed()
    }

    /// Waits for a future as long as anybody wants its output.
    pub(super) async fn while_wanted<O>(&self, future: impl Future<Output = O>) -> Result<O, Over> {
        let mut future = pin!(future);
        let mut over = self.over.raised();
        let mut closed = self.output.closed();
        poll_fn(|context| {
            if let Poll::Ready(output) = future.as_mut().poll(context) {
                return Poll::Ready(Ok(output));
            }
            if is_ready(&mut over, context) || is_ready(&mut closed, context) {
                return Poll::Ready(Err(Over));
            }
            Poll::Pending
        })
        .await
    }
}

fn is_ready<T>(closed: &mut ClosedFuture<'_, T>, context: &mut Context<'_>) -> bool {
    Pin::new(closed).poll(context).is_ready()
}

/// Takes up to `limit` values more, of those that are there. `Err` is a panic of what feeds the input.
async fn further<T>(input: &Receiver<T>, values: &mut Vec<T>, limit: usize) -> Result<(), Payload> {
    // Also keeps a promise, which would be had again and again, to the one value of the first batch.
    if limit == 0 {
        return Ok(());
    }
    let mut many = input.recv_many(values, limit);
    // One look: what is not there yet is not waited for.
    poll_fn(|context| Poll::Ready(caught(|| Pin::new(&mut many).poll(context)).map(drop))).await
}

/// Sends results one after the other, as the output has room.
pub(super) async fn send_all<R>(output: &Sender<R>, results: &mut Vec<R>) -> Result<(), Over> {
    for result in results.drain(..) {
        match output.try_send(result) {
            Ok(()) => {}
            Err(TrySendError::Full(result)) => output.send(result).await.map_err(|_| Over)?,
            Err(TrySendError::Closed(_)) => return Err(Over),
        }
    }
    Ok(())
}
