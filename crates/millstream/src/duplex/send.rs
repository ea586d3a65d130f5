//! The future of one send.

use super::end::End;
use super::error::{Ended, SendFailure};
use super::pair::View;
use std::fmt;
use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Sends one value and waits until the peer has dealt with it; made by [`End::send`].
///
/// # Panics
///
/// If polled again after it was ready.
#[must_use = "a send does nothing until it is awaited"]
pub struct SendFuture<'a, S, R> {
    end: &'a mut End<S, R>,
    stage: Stage<S>,
}

enum Stage<S> {
    /// The value is still here.
    Holding(S),
    /// The value with this number lies in the pair, or the peer has it.
    Offered(u64),
    Done,
}

// The value is only ever moved, never pinned.
impl<S, R> Unpin for SendFuture<'_, S, R> {}

impl<'a, S, R> SendFuture<'a, S, R> {
    pub(super) fn new(end: &'a mut End<S, R>, value: S) -> Self {
        SendFuture {
            end,
            stage: Stage::Holding(value),
        }
    }
}

/// Offers the value, unless it cannot be or another one is there.
fn offer<S, R>(view: &mut View<'_, S, R>, stage: &mut Stage<S>) -> Result<bool, SendFailure<S>> {
    let Stage::Holding(value) = mem::replace(stage, Stage::Done) else {
        unreachable!("a send offers what it holds");
    };
    if let Some(ended) = view.peer.ended.clone() {
        return Err(SendFailure::Refused { value, ended });
    }
    if view.incoming.has_offer() {
        return Err(SendFailure::Crossed(value));
    }
    // The value of a send that was leaked: it goes first.
    if view.out.has_offer() {
        *stage = Stage::Holding(value);
        return Ok(false);
    }
    *stage = Stage::Offered(view.out.offer(value));
    Ok(true)
}

/// What has become of the value with this number; `None` if its fate is open.
fn outcome<S, R>(view: &mut View<'_, S, R>, number: u64) -> Option<Result<(), SendFailure<S>>> {
    if view.out.is_processed(number) {
        return Some(Ok(()));
    }
    let ended: Ended = view.peer.ended.clone()?;
    Some(Err(match view.out.withdraw(number) {
        Some(value) => SendFailure::Refused { value, ended },
        None => SendFailure::Unanswered(ended),
    }))
}

/// One look of a send at the pair; `None` means that it waits. `news` becomes true if the peer is to look again.
fn step<S, R>(
    view: &mut View<'_, S, R>,
    stage: &mut Stage<S>,
    news: &mut bool,
) -> Option<Result<(), SendFailure<S>>> {
    // Whoever sends has moved on from what it received.
    *news |= view.incoming.move_on();
    if let Stage::Holding(_) = stage {
        match offer(view, stage) {
            Ok(offered) => *news |= offered,
            Err(failure) => return Some(Err(failure)),
        }
    }
    match stage {
        Stage::Offered(number) => outcome(view, *number),
        Stage::Holding(_) | Stage::Done => None,
    }
}

impl<S, R> Future for SendFuture<'_, S, R> {
    type Output = Result<(), SendFailure<S>>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        assert!(
            !matches!(this.stage, Stage::Done),
            "SendFuture was polled after it was ready"
        );
        let waker = context.waker().clone();
        let stage = &mut this.stage;
        let (result, after) = this.end.half.with(|mut view| {
            let mut news = false;
            let result = step(&mut view, stage, &mut news);
            let after = view.settle(waker, result.is_none(), news);
            (result, after)
        });
        if result.is_some() {
            this.stage = Stage::Done;
        }
        after.fire();
        result.map_or(Poll::Pending, Poll::Ready)
    }
}

impl<S, R> Drop for SendFuture<'_, S, R> {
    fn drop(&mut self) {
        let number = match self.stage {
            Stage::Done => return,
            Stage::Offered(number) => Some(number),
            Stage::Holding(_) => None,
        };
        let withdrawn = self.end.half.with(|view| {
            let value = number.and_then(|number| view.out.withdraw(number));
            (value, view.me.waker.take())
        });
        drop(withdrawn);
    }
}

impl<S, R> fmt::Debug for SendFuture<'_, S, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SendFuture")
            .field("offered", &matches!(self.stage, Stage::Offered(_)))
            .finish_non_exhaustive()
    }
}
