//! The latest items of streams of different types.

use futures_core::Stream;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

/// The latest items of a tuple of streams; made by [`CombineLatestTuple::combine_latest`].
///
/// `S` is the tuple of streams, `L` that of their latest items.
#[must_use = "streams do nothing unless polled"]
pub struct CombineTuple<S, L> {
    streams: S,
    latest: L,
    /// Which stream is polled first; it moves on, so that one that is always ready takes turns.
    first: usize,
}

impl<S, L> fmt::Debug for CombineTuple<S, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CombineTuple").finish_non_exhaustive()
    }
}

// The streams are boxed or unpin by themselves, and items are moved.
impl<S, L> Unpin for CombineTuple<S, L> {}

/// Tuples of two to six streams that can be combined.
pub trait CombineLatestTuple {
    /// The streams, each in a box until it ends, and their latest items.
    type Combined;

    /// Combines the streams into one of the latest item of each: one tuple for each item of any stream, once each has
    /// had one.
    ///
    /// What [`combine_latest`](super::combine_latest()) does for a list of streams of one type, with the same ends and
    /// the same turns.
    ///
    /// # Examples
    ///
    /// ```
    /// use millstream::prelude::*;
    ///
    /// # millstream::block_on(async {
    /// let latest = (from_range(0..2), from_range(["a"])).combine_latest();
    /// assert_eq!(latest.collect::<Vec<_>>().await, [(0, "a"), (1, "a")]);
    /// # });
    /// ```
    fn combine_latest(self) -> Self::Combined;
}

/// A stream until it ends.
type Slot<S> = Option<Pin<Box<S>>>;

/// What a poll of one slot came to.
enum Step {
    Item,
    /// It ended just now, or before.
    Ended,
    Pending,
}

/// Polls one stream into its latest item.
fn step<S: Stream>(
    slot: &mut Slot<S>,
    latest: &mut Option<S::Item>,
    context: &mut Context<'_>,
) -> Step {
    // Out of its place while it is polled, so that one that panics is let go of.
    let Some(mut stream) = slot.take() else {
        return Step::Ended;
    };
    match stream.as_mut().poll_next(context) {
        Poll::Ready(Some(item)) => {
            *slot = Some(stream);
            *latest = Some(item);
            Step::Item
        }
        Poll::Ready(None) => Step::Ended,
        Poll::Pending => {
            *slot = Some(stream);
            Step::Pending
        }
    }
}

macro_rules! combine_tuple {
    ($count:literal: $($stream:ident $at:tt),+) => {
        impl<$($stream: Stream),+> CombineLatestTuple for ($($stream,)+)
        where
            $($stream::Item: Clone),+
        {
            type Combined = CombineTuple<($(Slot<$stream>,)+), ($(Option<$stream::Item>,)+)>;

            fn combine_latest(self) -> Self::Combined {
                CombineTuple {
                    streams: ($(Some(Box::pin(self.$at)),)+),
                    latest: ($(None::<$stream::Item>,)+),
                    first: 0,
                }
            }
        }

        impl<$($stream: Stream),+> Stream
            for CombineTuple<($(Slot<$stream>,)+), ($(Option<$stream::Item>,)+)>
        where
            $($stream::Item: Clone),+
        {
            type Item = ($($stream::Item,)+);

            fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
                let this = &mut *self;
                let mut turn = super::budget::Turn::new();
                loop {
                    let mut had_item = false;
                    let mut ended = 0;
                    for offset in 0..$count {
                        let at = (this.first + offset) % $count;
                        let step = match at {
                            $($at => step(&mut this.streams.$at, &mut this.latest.$at, context),)+
                            _ => unreachable!("a remainder is smaller than its divisor"),
                        };
                        match step {
                            Step::Item => {
                                this.first = (at + 1) % $count;
                                had_item = true;
                                break;
                            }
                            Step::Ended => ended += 1,
                            Step::Pending => {}
                        }
                    }
                    // A stream that ended without an item leaves no hope for the others.
                    if ended == $count $(|| (this.streams.$at.is_none() && this.latest.$at.is_none()))+ {
                        this.streams = ($(None::<Pin<Box<$stream>>>,)+);
                        return Poll::Ready(None);
                    }
                    if !had_item {
                        return Poll::Pending;
                    }
                    if true $(&& this.latest.$at.is_some())+ {
                        let latest = this.latest.clone();
                        return Poll::Ready(Some(($(latest.$at.expect("each was found to be there"),)+)));
                    }
                    if turn.is_over(context) {
                        return Poll::Pending;
                    }
                }
            }

            fn size_hint(&self) -> (usize, Option<usize>) {
                let all_there = true $(&& self.latest.$at.is_some())+;
                let mut sum = (0usize, Some(0usize));
                $(
                    if let Some(stream) = &self.streams.$at {
                        let (lower, upper) = stream.size_hint();
                        sum.0 = sum.0.saturating_add(lower);
                        sum.1 = sum.1.zip(upper).and_then(|(a, b)| a.checked_add(b));
                    }
                )+
                (if all_there { sum.0 } else { 0 }, sum.1)
            }
        }
    };
}

combine_tuple!(2: A 0, B 1);
combine_tuple!(3: A 0, B 1, C 2);
combine_tuple!(4: A 0, B 1, C 2, D 3);
combine_tuple!(5: A 0, B 1, C 2, D 3, E 4);
combine_tuple!(6: A 0, B 1, C 2, D 3, E 4, F 5);
