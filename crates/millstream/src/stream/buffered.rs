//! Futures of a stream run side by side within the consumer's task, a bounded number of them at once.

use super::budget::Turn;
use super::fan_in::{Event, FanIn};
use futures_core::Stream;
use pin_project_lite::pin_project;
use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{ready, Context, Poll};

pin_project! {
    /// A future as a stream of its output.
    struct Single<F> {
        #[pin]
        future: Option<F>,
    }
}

impl<F: Future> Stream for Single<F> {
    type Item = F::Output;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<F::Output>> {
        let mut this = self.project();
        let Some(future) = this.future.as_mut().as_pin_mut() else {
            return Poll::Ready(None);
        };
        let output = ready!(future.poll(context));
        this.future.set(None);
        Poll::Ready(Some(output))
    }
}

pin_project! {
    /// The outputs of a stream's futures, in the order in which they are done; made by
    /// [`buffer_unordered`](super::BaseExt::buffer_unordered).
    #[must_use = "streams do nothing unless polled"]
    pub struct BufferUnordered<S: Stream>
    where
        S::Item: Future,
    {
        #[pin]
        stream: S,
        at_once: usize,
        running: FanIn<Single<S::Item>>,
        ended: bool,
    }
}

pin_project! {
    /// The outputs of a stream's futures, in the order of the stream; made by
    /// [`buffered`](super::BaseExt::buffered).
    #[must_use = "streams do nothing unless polled"]
    pub struct Buffered<S: Stream>
    where
        S::Item: Future,
    {
        #[pin]
        stream: S,
        at_once: usize,
        running: FanIn<Single<S::Item>>,
        // The futures that were started and whose output was not yielded, the first in front.
        order: VecDeque<Started<<S::Item as Future>::Output>>,
        ended: bool,
    }
}

/// A future that was started.
enum Started<T> {
    /// It runs in this slot.
    Running(usize),
    Done(T),
    /// It panicked, and the consumer got the panic.
    Gone,
}

impl<S: Stream> BufferUnordered<S>
where
    S::Item: Future,
{
    pub(super) fn new(stream: S, at_once: usize) -> Self {
        assert!(at_once > 0, "at least one future must run");
        BufferUnordered {
            stream,
            at_once,
            running: FanIn::new([]),
            ended: false,
        }
    }
}

impl<S: Stream> Buffered<S>
where
    S::Item: Future,
{
    pub(super) fn new(stream: S, at_once: usize) -> Self {
        assert!(at_once > 0, "at least one future must run");
        Buffered {
            stream,
            at_once,
            running: FanIn::new([]),
            order: VecDeque::new(),
            ended: false,
        }
    }
}

impl<S: Stream> Stream for BufferUnordered<S>
where
    S::Item: Future,
{
    type Item = <S::Item as Future>::Output;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut this = self.project();
        let mut turn = Turn::new();
        while !*this.ended && this.running.len() < *this.at_once {
            match this.stream.as_mut().poll_next(context) {
                Poll::Ready(Some(future)) => {
                    this.running.insert(Single {
                        future: Some(future),
                    });
                    if turn.is_over(context) {
                        break;
                    }
                }
                Poll::Ready(None) => *this.ended = true,
                Poll::Pending => break,
            }
        }
        match this.running.poll_event(context) {
            Poll::Ready(Some(Event::Item(slot, output))) => {
                drop(this.running.take(slot));
                Poll::Ready(Some(output))
            }
            // A future ends by its output, so this is only met when none runs.
            Poll::Ready(Some(Event::Ended(_)) | None) if *this.ended => Poll::Ready(None),
            _ => Poll::Pending,
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        with_running(self.ended, &self.stream, self.running.len())
    }
}

/// Every future that is to come or was started gives one output.
fn with_running(ended: bool, stream: &impl Stream, started: usize) -> (usize, Option<usize>) {
    let (lower, upper) = if ended {
        (0, Some(0))
    } else {
        stream.size_hint()
    };
    (
        lower.saturating_add(started),
        upper.and_then(|upper| upper.checked_add(started)),
    )
}

impl<S: Stream> Stream for Buffered<S>
where
    S::Item: Future,
{
    type Item = <S::Item as Future>::Output;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut this = self.project();
        let mut turn = Turn::new();
        // What was started counts until it is yielded, so that outputs that wait for their turn are bounded too.
        while !*this.ended && this.order.len() < *this.at_once {
            match this.stream.as_mut().poll_next(context) {
                Poll::Ready(Some(future)) => {
                    let slot = this.running.insert(Single {
                        future: Some(future),
                    });
                    this.order.push_back(Started::Running(slot));
                    if turn.is_over(context) {
                        break;
                    }
                }
                Poll::Ready(None) => *this.ended = true,
                Poll::Pending => break,
            }
        }
        loop {
            match this.order.front() {
                Some(Started::Done(_)) => {
                    if let Some(Started::Done(output)) = this.order.pop_front() {
                        return Poll::Ready(Some(output));
                    }
                }
                Some(Started::Gone) => {
                    // There is a place for another now, which the next poll fills.
                    this.order.pop_front();
                    context.waker().wake_by_ref();
                    return Poll::Pending;
                }
                None if *this.ended => return Poll::Ready(None),
                None => return Poll::Pending,
                Some(Started::Running(_)) => {
                    let guard = FindGone {
                        running: this.running,
                        order: this.order,
                    };
                    let polled = guard.running.poll_event(context);
                    std::mem::forget(guard);
                    if let Some(Event::Item(slot, output)) = ready!(polled) {
                        drop(this.running.take(slot));
                        let is_it = |started: &&mut Started<_>| matches!(started, Started::Running(at) if *at == slot);
                        if let Some(started) = this.order.iter_mut().find(is_it) {
                            *started = Started::Done(output);
                        }
                    }
                }
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        with_running(self.ended, &self.stream, self.order.len())
    }
}

/// When the poll of a future unwinds, its place in the order must not be waited for.
struct FindGone<'a, F, T> {
    running: &'a mut FanIn<Single<F>>,
    order: &'a mut VecDeque<Started<T>>,
}

impl<F, T> Drop for FindGone<'_, F, T> {
    fn drop(&mut self) {
        for started in self.order.iter_mut() {
            if matches!(started, Started::Running(slot) if !self.running.has(*slot)) {
                *started = Started::Gone;
            }
        }
    }
}

impl<S: Stream> fmt::Debug for BufferUnordered<S>
where
    S::Item: Future,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BufferUnordered")
            .field("at_once", &self.at_once)
            .field("running", &self.running.len())
            .finish_non_exhaustive()
    }
}

impl<S: Stream> fmt::Debug for Buffered<S>
where
    S::Item: Future,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Buffered")
            .field("at_once", &self.at_once)
            .field("running", &self.running.len())
            .finish_non_exhaustive()
    }
}
