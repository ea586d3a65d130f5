//! Items pulled ahead of the consumer, by a task of their own.

use super::budget::TURN;
use crate::channel::{bounded, Receiver, Sender};
use crate::runtime;
use crate::runtime::yield_now;
use futures_core::Stream;
use std::fmt;
use std::future::{poll_fn, Future};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::pin::{pin, Pin};
use std::task::{Context, Poll};

/// A stream whose items are pulled ahead; made by [`buffer_ahead`](super::MillstreamExt::buffer_ahead) and
/// [`active`](super::MillstreamExt::active).
#[must_use = "streams do nothing unless polled"]
pub struct BufferAhead<S: Stream> {
    stage: Stage<S>,
}

enum Stage<S: Stream> {
    /// Nothing is pulled before the first poll.
    Idle(Pin<Box<S>>, usize),
    /// The stream is in a task of its own.
    Running(Receiver<S::Item>),
    /// Nothing is to be pulled ahead.
    PassThrough(Pin<Box<S>>),
    /// The first poll panicked, because there is no runtime.
    Failed,
}

// The stream is boxed, and items are moved and never pinned.
impl<S: Stream> Unpin for BufferAhead<S> {}

impl<S> BufferAhead<S>
where
    S: Stream + Send + 'static,
    S::Item: Send + 'static,
{
    pub(super) fn new(stream: S, ahead: usize) -> Self {
        let stream = Box::pin(stream);
        BufferAhead {
            stage: match ahead {
                0 => Stage::PassThrough(stream),
                _ => Stage::Idle(stream, ahead),
            },
        }
    }

    /// With the task started now.
    pub(super) fn started(stream: S, ahead: usize) -> Self {
        let mut this = Self::new(stream, ahead);
        this.start();
        this
    }

    fn start(&mut self) {
        if let Stage::Idle(..) = self.stage {
            let idle = std::mem::replace(&mut self.stage, Stage::Failed);
            if let Stage::Idle(stream, ahead) = idle {
                let (tx, rx) = bounded(ahead);
                runtime::spawn(pull(stream, tx));
                self.stage = Stage::Running(rx);
            }
        }
    }
}

/// Moves items into the channel, one for each place in it, until the stream ends or nobody wants more.
async fn pull<S: Stream>(mut stream: Pin<Box<S>>, tx: Sender<S::Item>) {
    let mut closed = pin!(tx.closed());
    for count in 1u32.. {
        // The place comes first: an item that was pulled can always be put down.
        let Ok(permit) = tx.reserve().await else {
            return;
        };
        let pulled = poll_fn(|context| {
            if closed.as_mut().poll(context).is_ready() {
                return Poll::Ready(Ok(None));
            }
            match catch_unwind(AssertUnwindSafe(|| stream.as_mut().poll_next(context))) {
                Ok(polled) => polled.map(Ok),
                Err(panic) => Poll::Ready(Err(panic)),
            }
        });
        match pulled.await {
            Ok(Some(item)) => {
                if permit.send(item).is_err() {
                    return;
                }
            }
            Ok(None) => return,
            Err(panic) => {
                drop(permit);
                return tx.fail(panic);
            }
        }
        if count % TURN == 0 {
            yield_now().await;
        }
    }
}

impl<S> Stream for BufferAhead<S>
where
    S: Stream + Send + 'static,
    S::Item: Send + 'static,
{
    type Item = S::Item;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<S::Item>> {
        self.start();
        match &mut self.stage {
            Stage::Running(items) => Pin::new(items).poll_next(context),
            Stage::PassThrough(stream) => stream.as_mut().poll_next(context),
            Stage::Idle(..) | Stage::Failed => Poll::Ready(None),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match &self.stage {
            Stage::Idle(stream, _) | Stage::PassThrough(stream) => stream.size_hint(),
            // The stream is elsewhere, but what is in the channel is for this consumer alone.
            Stage::Running(items) => (items.len(), None),
            Stage::Failed => (0, Some(0)),
        }
    }
}

impl<S: Stream> fmt::Debug for BufferAhead<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stage = match &self.stage {
            Stage::Idle(..) => "idle",
            Stage::Running(_) => "running",
            Stage::PassThrough(_) => "passing through",
            Stage::Failed => "failed",
        };
        f.debug_struct("BufferAhead")
            .field("stage", &format_args!("{stage}"))
            .finish_non_exhaustive()
    }
}
