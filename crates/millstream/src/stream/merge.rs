//! Streams of one type merged into one, in whatever order their items come.

use super::fan_in::{Event, FanIn};
use futures_core::{FusedStream, Stream};
use std::fmt;
use std::pin::Pin;
use std::task::{ready, Context, Poll};

/// The items of many streams; made by [`merge`].
#[must_use = "streams do nothing unless polled"]
pub struct Merge<S> {
    inputs: FanIn<S>,
}

/// Merges streams into one that has the items of all, as they come, and ends when all have ended.
///
/// Each input keeps its own order. A merge of nothing ends at once.
///
/// The idea is aiochan's `merge` and aiter's `join_aiters`. No item is pulled before it is asked for.
///
/// # Panics
///
/// A panic of an input comes out of the poll that met it; that input is let go of, and the others go on.
///
/// # Cancel safety
///
/// No item is ever held: dropping the merge loses nothing but what the inputs themselves hold.
///
/// # Fairness
///
/// An input that had an item goes behind all others that have one: one that is always ready takes turns with the rest.
/// Inputs that have nothing cost nothing.
///
/// # Examples
///
/// ```
/// use millstream::prelude::*;
///
/// # millstream::block_on(async {
/// let merged = merge([from_range(0..3), from_range(10..12)]);
/// assert_eq!(merged.collect::<Vec<_>>().await, [0, 10, 1, 11, 2]);
/// # });
/// ```
pub fn merge<I>(streams: I) -> Merge<I::Item>
where
    I: IntoIterator,
    I::Item: Stream,
{
    Merge {
        inputs: FanIn::new(streams),
    }
}

impl<S: Stream> Stream for Merge<S> {
    type Item = S::Item;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let inputs = &mut self.inputs;
        loop {
            match ready!(inputs.poll_event(context)) {
                Some(Event::Item(slot, item)) => {
                    inputs.resume(slot);
                    return Poll::Ready(Some(item));
                }
                // Each input ends once, so this loop does.
                Some(Event::Ended(_)) => {}
                None => return Poll::Ready(None),
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        sum_of_hints(self.inputs.streams())
    }
}

impl<S: Stream> FusedStream for Merge<S> {
    fn is_terminated(&self) -> bool {
        self.inputs.len() == 0
    }
}

/// How many items streams have together.
pub(super) fn sum_of_hints<'a, S: Stream + 'a>(
    streams: impl Iterator<Item = &'a S>,
) -> (usize, Option<usize>) {
    streams.fold((0, Some(0)), |(lower, upper), stream| {
        let (more, at_most) = stream.size_hint();
        (
            more.saturating_add(lower),
            upper.zip(at_most).and_then(|(a, b)| a.checked_add(b)),
        )
    })
}

impl<S> fmt::Debug for Merge<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Merge")
            .field("inputs", &self.inputs.len())
            .finish_non_exhaustive()
    }
}
