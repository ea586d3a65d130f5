//! What the workers of a stage share: the way in, the way out, and when it is over.

use super::batch::BatchSize;
use super::ordered::Sequence;
use super::panic::{caught, Payload};
use super::turn::{Look, Turns};
use crate::channel::Signal;
use crate::channel::{ClosedFuture, Receiver, Sender, TrySendError};
use crate::sync::atomic::{AtomicBool, Ordering};
use futures_core::Stream;
use std::convert::Infallible;
use std::future::{poll_fn, Future};
use std::pin::Pin;
use std::task::{Context, Poll};

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
    /// Nothing more is to be taken; said before those who wait are told, for those who do not.
    is_halted: AtomicBool,
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

/// What one worker keeps from batch to batch: whoever hands over in pieces what goes into a future pays for each batch.
pub(super) struct Hand<'a, T, R, K> {
    stage: &'a Stage<T, R>,
    clock: K,
    /// The values of the batch.
    pub(super) values: Vec<T>,
    /// The input panicked behind them.
    pub(super) panicked: Option<Payload>,
    /// How it hears of the end. It joins these lines once, and not whenever it waits.
    halted: ClosedFuture<'a, Infallible>,
    over: ClosedFuture<'a, Infallible>,
    closed: ClosedFuture<'a, R>,
}

/// A batch that was taken.
pub(super) struct Taken<C> {
    /// Its place in the order; meaningless in a stage without order.
    pub(super) number: u64,
    /// When the look began that found the first value, by the worker's clock.
    pub(super) since: C,
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
            is_halted: AtomicBool::new(false),
            halted: Signal::new(),
            over: Signal::new(),
        }
    }

    /// One worker's hand.
    ///
    /// `clock` is asked before each look at the input. Whoever measures nothing gives one that says nothing: the time costs
    /// as much as a channel.
    pub(super) fn hand<K>(&self, clock: K) -> Hand<'_, T, R, K> {
        Hand {
            stage: self,
            clock,
            values: Vec::with_capacity(1),
            panicked: None,
            halted: self.halted.raised(),
            over: self.over.raised(),
            closed: self.output.closed(),
        }
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

    /// Says that a batch has delivered all its results, and how it ended. What comes back is to be [advanced](Self::advance)
    /// with.
    #[inline]
    pub(super) fn finish(&self, number: u64, outcome: Outcome) -> Result<Option<Outcome>, Over> {
        if !matches!(outcome, Outcome::Done) {
            self.halt();
        }
        let finished = match (&self.sequence, outcome) {
            (Some(sequence), outcome) => sequence.finish(number, outcome),
            (None, Outcome::Done) => Ok(None),
            (None, Outcome::Ended) => Err(Over),
            (None, Outcome::Panicked(payload)) => {
                self.output.fail(payload);
                Err(Over)
            }
        };
        self.noticed(finished)
    }

    /// Ends the batch in front, and sends what those behind it have left.
    pub(super) async fn advance(&self, outcome: Outcome) -> Result<(), Over> {
        let advanced = match &self.sequence {
            Some(sequence) => sequence.advance(outcome).await,
            None => Ok(()),
        };
        self.noticed(advanced)
    }

    fn noticed<O>(&self, result: Result<O, Over>) -> Result<O, Over> {
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

    /// Nothing more is to be taken.
    fn halt(&self) {
        self.is_halted.store(true, Ordering::Release);
        self.halted.raise();
    }

    /// Ends the stage at once.
    pub(super) fn quit(&self) {
        self.halt();
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
}

impl<T, R, C, K: Fn() -> C> Hand<'_, T, R, K> {
    /// Takes the next batch into `values`, which are none. `None` when there is nothing more to take, or nobody to take it
    /// for.
    pub(super) async fn take(&mut self) -> Option<Taken<C>> {
        let stage = self.stage;
        let mut has_listened = false;
        let mut turn = loop {
            match stage.turns.look(has_listened) {
                Look::Mine(turn) => break turn,
                Look::Over => return None,
                Look::Listen => stage.turns.listen().await,
            }
            has_listened = true;
        };
        if let Some(sequence) = &stage.sequence {
            if !sequence.place().await {
                return None;
            }
        }
        let input = turn.input();
        let mut has_waited = false;
        let first = poll_fn(|context| self.poll_first(input, &mut has_waited, context)).await;
        let since = match first {
            Ok(None) => return None,
            Err(payload) => {
                self.panicked = Some(payload);
                (self.clock)()
            }
            Ok(Some((value, since))) => {
                self.values.push(value);
                let wanted = stage
                    .size
                    .of(|| input.len().saturating_add(1), stage.workers);
                // One alone also keeps a promise, which would be had again and again, to the one value of the first batch.
                if wanted > 1 {
                    let further = further(input, &mut self.values, wanted - 1).await;
                    self.panicked = further.err();
                }
                since
            }
        };
        let number = stage.sequence.as_ref().map_or(0, Sequence::open);
        if self.panicked.is_none() {
            turn.pass();
        }
        Some(Taken { number, since })
    }

    /// Looks for a value, the end of the input, or a reason to want none. `Err` is a panic of what feeds the input.
    ///
    /// The time is that of the look which found the value: an iterator that takes long to make one counts as work, a
    /// channel that was empty for long does not.
    #[inline]
    fn poll_first(
        &mut self,
        input: &mut Receiver<T>,
        has_waited: &mut bool,
        context: &mut Context<'_>,
    ) -> Poll<Result<Option<(T, C)>, Payload>> {
        // Before a value is taken that nobody wants any more.
        let is_over = if *has_waited {
            self.is_over(context)
        } else {
            // Acquire: with what led to it.
            self.stage.is_halted.load(Ordering::Acquire) || self.stage.output.is_closed()
        };
        if is_over {
            return Poll::Ready(Ok(None));
        }
        let since = (self.clock)();
        match caught(|| Pin::new(input).poll_next(context)) {
            Ok(Poll::Ready(value)) => {
                return Poll::Ready(Ok(value.map(|value| (value, since))));
            }
            Err(payload) => return Poll::Ready(Err(payload)),
            Ok(Poll::Pending) => {}
        }
        *has_waited = true;
        if self.is_over(context) {
            return Poll::Ready(Ok(None));
        }
        Poll::Pending
    }

    fn is_over(&mut self, context: &mut Context<'_>) -> bool {
        is_ready(&mut self.halted, context) || is_ready(&mut self.closed, context)
    }

    /// Polls a future, as long as anybody wants its output.
    pub(super) fn poll_while_wanted<F: Future>(
        &mut self,
        future: Pin<&mut F>,
        context: &mut Context<'_>,
    ) -> Poll<Result<F::Output, Over>> {
        if let Poll::Ready(output) = future.poll(context) {
            return Poll::Ready(Ok(output));
        }
        if is_ready(&mut self.over, context) || is_ready(&mut self.closed, context) {
            return Poll::Ready(Err(Over));
        }
        Poll::Pending
    }
}

fn is_ready<T>(closed: &mut ClosedFuture<'_, T>, context: &mut Context<'_>) -> bool {
    Pin::new(closed).poll(context).is_ready()
}

/// Takes up to `limit` values more, of those that are there. `Err` is a panic of what feeds the input.
async fn further<T>(input: &Receiver<T>, values: &mut Vec<T>, limit: usize) -> Result<(), Payload> {
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
