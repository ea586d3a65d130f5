//! A look at the next item before it is taken.

use futures_core::Stream;
use pin_project_lite::pin_project;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{ready, Context, Poll};

pin_project! {
    /// A stream whose next item can be looked at; made by [`peekable`](super::BaseExt::peekable).
    #[must_use = "streams do nothing unless polled"]
    pub struct Peekable<S: Stream> {
        #[pin]
        stream: S,
        // What was looked at and not taken; `Some(None)` is the end.
        peeked: Option<Option<S::Item>>,
    }
}

impl<S: Stream> Peekable<S> {
    pub(super) fn new(stream: S) -> Self {
        Peekable {
            stream,
            peeked: None,
        }
    }

    /// The stream underneath, and the item that was looked at and not taken.
    pub fn into_parts(self) -> (S, Option<S::Item>) {
        (self.stream, self.peeked.flatten())
    }

    /// Polls for a look at the next item.
    pub fn poll_peek(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<&mut S::Item>> {
        let this = self.project();
        if this.peeked.is_none() {
            *this.peeked = Some(ready!(this.stream.poll_next(context)));
        }
        Poll::Ready(this.peeked.as_mut().and_then(Option::as_mut))
    }

    /// Waits for the next item and looks at it; `None` at the end. The item stays.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: an item that came is kept in the stream.
    pub async fn peek(&mut self) -> Option<&mut S::Item>
    where
        S: Unpin,
    {
        poll_fn(|context| Pin::new(&mut *self).poll_peek(context).map(|_| ())).await;
        self.peeked.as_mut().and_then(Option::as_mut)
    }

    /// Waits for the next item and takes it if `wanted` says so; otherwise the item stays.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: an item that came is kept in the stream.
    pub async fn next_if(&mut self, wanted: impl FnOnce(&S::Item) -> bool) -> Option<S::Item>
    where
        S: Unpin,
    {
        if !wanted(self.peek().await?) {
            return None;
        }
        self.peeked.take().flatten()
    }
}

impl<S: Stream> Stream for Peekable<S> {
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let this = self.project();
        match this.peeked.take() {
            Some(item) => Poll::Ready(item),
            None => this.stream.poll_next(context),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let here = match self.peeked {
            Some(None) => return (0, Some(0)),
            Some(Some(_)) => 1,
            None => 0,
        };
        let (lower, upper) = self.stream.size_hint();
        (
            lower.saturating_add(here),
            upper.and_then(|upper| upper.checked_add(here)),
        )
    }
}

impl<S: Stream> fmt::Debug for Peekable<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Peekable")
            .field("peeked", &self.peeked.is_some())
            .finish_non_exhaustive()
    }
}
