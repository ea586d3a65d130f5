//! A function that is called before each item is asked for.

use futures_core::Stream;
use pin_project_lite::pin_project;
use std::fmt;
use std::pin::Pin;
use std::task::{ready, Context, Poll};

pin_project! {
    /// A stream with a function before each item; made by [`preflight`](super::MillstreamExt::preflight).
    #[must_use = "streams do nothing unless polled"]
    pub struct Preflight<S, F> {
        #[pin]
        stream: S,
        function: F,
        // Whether the function was called for the item that is waited for.
        called: bool,
    }
}

impl<S, F> Preflight<S, F> {
    pub(super) fn new(stream: S, function: F) -> Self {
        Preflight {
            stream,
            function,
            called: false,
        }
    }

    /// The stream underneath.
    pub fn into_inner(self) -> S {
        self.stream
    }
}

impl<S: Stream, F: FnMut()> Stream for Preflight<S, F> {
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let this = self.project();
        if !*this.called {
            (this.function)();
            *this.called = true;
        }
        let item = ready!(this.stream.poll_next(context));
        *this.called = false;
        Poll::Ready(item)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.stream.size_hint()
    }
}

impl<S, F> fmt::Debug for Preflight<S, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Preflight")
            .field("called", &self.called)
            .finish_non_exhaustive()
    }
}

pin_project! {
    /// A stream with a function before each item, until the first error; made by
    /// [`try_preflight`](super::MillstreamExt::try_preflight).
    #[must_use = "streams do nothing unless polled"]
    pub struct TryPreflight<S, F> {
        #[pin]
        stream: S,
        function: F,
        called: bool,
        failed: bool,
    }
}

impl<S, F> TryPreflight<S, F> {
    pub(super) fn new(stream: S, function: F) -> Self {
        TryPreflight {
            stream,
            function,
            called: false,
            failed: false,
        }
    }
}

impl<S, T, E, F> Stream for TryPreflight<S, F>
where
    S: Stream<Item = Result<T, E>>,
    F: FnMut() -> Result<(), E>,
{
    type Item = Result<T, E>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.project();
        if *this.failed {
            return Poll::Ready(None);
        }
        if !*this.called {
            if let Err(error) = (this.function)() {
                *this.failed = true;
                return Poll::Ready(Some(Err(error)));
            }
            *this.called = true;
        }
        let item = ready!(this.stream.poll_next(context));
        *this.called = false;
        *this.failed = matches!(item, Some(Err(_)));
        Poll::Ready(item)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        if self.failed {
            return (0, Some(0));
        }
        let (lower, upper) = self.stream.size_hint();
        // An error may come in place of the first item that is left, or of the end.
        (lower.min(1), upper.and_then(|upper| upper.checked_add(1)))
    }
}

impl<S, F> fmt::Debug for TryPreflight<S, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TryPreflight")
            .field("called", &self.called)
            .field("failed", &self.failed)
            .finish_non_exhaustive()
    }
}
