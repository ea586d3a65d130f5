//! The latest items of many streams, anew whenever one of them has another.

use super::fan_in::{Event, FanIn};
use futures_core::{FusedStream, Stream};
use std::fmt;
use std::pin::Pin;
use std::task::{ready, Context, Poll};

/// The latest items of many streams; made by [`combine_latest`].
#[must_use = "streams do nothing unless polled"]
pub struct CombineLatest<S: Stream> {
    latest: CombineLatestPartial<S>,
}

/// The latest items of many streams, from the first item on; made by [`combine_latest_partial`].
#[must_use = "streams do nothing unless polled"]
pub struct CombineLatestPartial<S: Stream> {
    inputs: FanIn<S>,
    latest: Vec<Option<S::Item>>,
    /// How many inputs have had no item yet.
    missing: usize,
}

// The inputs are boxed, and items are moved and never pinned.
impl<S: Stream> Unpin for CombineLatest<S> {}
impl<S: Stream> Unpin for CombineLatestPartial<S> {}

/// Combines streams into one of the latest item of each: one list for each item of any input, once each input has had
/// one.
///
/// Ends when all inputs have ended, or as soon as one ends without an item. A combination of nothing ends at once.
/// [`combine_latest_partial`] does not wait for the first items; a tuple of streams of different types is combined by
/// [`CombineLatestTuple`](super::CombineLatestTuple).
///
/// The idea is aiochan's `combine_latest`.
///
/// # Panics
///
/// A panic of an input comes out of the poll that met it; that input is let go of.
///
/// # Cancel safety
///
/// Every item pulled is in the list that is yielded for it, except those that come before each input has had one.
///
/// # Fairness
///
/// Inputs take turns, as in [`merge`](super::merge).
///
/// # Examples
///
/// ```
/// use millstream::prelude::*;
///
/// # millstream::block_on(async {
/// let latest = combine_latest([from_range(0..2), from_range(10..12)]);
/// assert_eq!(latest.collect::<Vec<_>>().await, [[0, 10], [1, 10], [1, 11]]);
/// # });
/// ```
pub fn combine_latest<I>(streams: I) -> CombineLatest<I::Item>
where
    I: IntoIterator,
    I::Item: Stream,
{
    CombineLatest {
        latest: combine_latest_partial(streams),
    }
}

/// [`combine_latest`] that does not wait for the first items: an input that has had none yet is `None` in the list.
///
/// # Examples
///
/// ```
/// use millstream::prelude::*;
///
/// # millstream::block_on(async {
/// let latest = combine_latest_partial([from_range(0..2), from_range(10..11)]);
/// let lists = latest.collect::<Vec<_>>().await;
/// assert_eq!(lists, [[Some(0), None], [Some(0), Some(10)], [Some(1), Some(10)]]);
/// # });
/// ```
pub fn combine_latest_partial<I>(streams: I) -> CombineLatestPartial<I::Item>
where
    I: IntoIterator,
    I::Item: Stream,
{
    let inputs = FanIn::new(streams);
    let width = inputs.len();
    CombineLatestPartial {
        inputs,
        latest: std::iter::repeat_with(|| None).take(width).collect(),
        missing: width,
    }
}

impl<S: Stream> CombineLatestPartial<S> {
    /// Takes one item in. `None` when all inputs have ended; if `each_is_needed`, also when there will never be one of
    /// each, and then the inputs are let go of.
    fn poll_update(&mut self, each_is_needed: bool, context: &mut Context<'_>) -> Poll<Option<()>> {
        loop {
            match ready!(self.inputs.poll_event(context)) {
                Some(Event::Item(slot, item)) => {
                    self.inputs.resume(slot);
                    let old = self.latest[slot].replace(item);
                    self.missing -= usize::from(old.is_none());
                    return Poll::Ready(Some(()));
                }
                Some(Event::Ended(slot)) if each_is_needed && self.latest[slot].is_none() => {
                    self.inputs = FanIn::new([]);
                }
                Some(Event::Ended(_)) => {}
                None => return Poll::Ready(None),
            }
        }
    }
}

impl<S> Stream for CombineLatestPartial<S>
where
    S: Stream,
    S::Item: Clone,
{
    type Item = Vec<Option<S::Item>>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let updated = ready!(self.poll_update(false, context));
        Poll::Ready(updated.map(|()| self.latest.clone()))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        super::merge::sum_of_hints(self.inputs.streams())
    }
}

impl<S> FusedStream for CombineLatestPartial<S>
where
    S: Stream,
    S::Item: Clone,
{
    fn is_terminated(&self) -> bool {
        self.inputs.len() == 0
    }
}

impl<S> Stream for CombineLatest<S>
where
    S: Stream,
    S::Item: Clone,
{
    type Item = Vec<S::Item>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let latest = &mut self.latest;
        let mut turn = super::budget::Turn::new();
        loop {
            if ready!(latest.poll_update(true, context)).is_none() {
                return Poll::Ready(None);
            }
            if latest.missing == 0 {
                return Poll::Ready(Some(latest.latest.iter().flatten().cloned().collect()));
            }
            if turn.is_over(context) {
                return Poll::Pending;
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let latest = &self.latest;
        let (lower, upper) = super::merge::sum_of_hints(latest.inputs.streams());
        // Of each input that has had none yet, the first may come before those of the others.
        (if latest.missing == 0 { lower } else { 0 }, upper)
    }
}

impl<S> FusedStream for CombineLatest<S>
where
    S: Stream,
    S::Item: Clone,
{
    fn is_terminated(&self) -> bool {
        self.latest.inputs.len() == 0
    }
}

impl<S: Stream> fmt::Debug for CombineLatestPartial<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CombineLatestPartial")
            .field("inputs", &self.inputs.len())
            .field("missing", &self.missing)
            .finish_non_exhaustive()
    }
}

impl<S: Stream> fmt::Debug for CombineLatest<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CombineLatest")
            .field("inputs", &self.latest.inputs.len())
            .field("missing", &self.latest.missing)
            .finish_non_exhaustive()
    }
}
