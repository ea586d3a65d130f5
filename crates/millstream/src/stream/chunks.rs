//! Lists of a number of items.

use super::budget::Turn;
use futures_core::Stream;
use pin_project_lite::pin_project;
use std::fmt;
use std::mem;
use std::pin::Pin;
use std::task::{ready, Context, Poll};

pin_project! {
    /// Lists of a number of items; made by [`chunks`](super::BaseExt::chunks).
    #[must_use = "streams do nothing unless polled"]
    pub struct Chunks<S: Stream> {
        #[pin]
        stream: S,
        size: usize,
        items: Vec<S::Item>,
        ended: bool,
    }
}

impl<S: Stream> Chunks<S> {
    pub(super) fn new(stream: S, size: usize) -> Self {
        assert!(size > 0, "a chunk holds at least one item");
        Chunks {
            stream,
            size,
            items: Vec::new(),
            ended: false,
        }
    }

    /// The stream underneath, and the list that has begun.
    pub fn into_parts(self) -> (S, Vec<S::Item>) {
        (self.stream, self.items)
    }
}

impl<S: Stream> Stream for Chunks<S> {
    type Item = Vec<S::Item>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut this = self.project();
        let mut turn = Turn::new();
        while !*this.ended {
            match ready!(this.stream.as_mut().poll_next(context)) {
                Some(item) => {
                    if this.items.capacity() == 0 {
                        // As much as there may be, but a size that means "everything" is not taken at its word.
                        this.items.reserve((*this.size).min(1024));
                    }
                    this.items.push(item);
                    if this.items.len() == *this.size {
                        return Poll::Ready(Some(mem::take(this.items)));
                    }
                }
                None => *this.ended = true,
            }
            if !*this.ended && turn.is_over(context) {
                return Poll::Pending;
            }
        }
        let last = mem::take(this.items);
        Poll::Ready(if last.is_empty() { None } else { Some(last) })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let (lower, upper) = if self.ended {
            (0, Some(0))
        } else {
            self.stream.size_hint()
        };
        let here = self.items.len();
        let lists = |items: usize| items.div_ceil(self.size);
        (
            lists(lower.saturating_add(here)),
            upper.and_then(|upper| upper.checked_add(here)).map(lists),
        )
    }
}

impl<S: Stream> fmt::Debug for Chunks<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chunks")
            .field("size", &self.size)
            .field("here", &self.items.len())
            .finish_non_exhaustive()
    }
}
