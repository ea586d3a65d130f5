//! Rows of one item from each of many streams, which are polled at the same time.

use super::fan_in::{Event, FanIn};
use futures_core::{FusedStream, Stream};
use std::fmt;
use std::pin::Pin;
use std::task::{ready, Context, Poll};

/// Rows until the shortest input ends; made by [`zip_all`].
#[must_use = "streams do nothing unless polled"]
pub struct ZipAll<S: Stream> {
    rows: Rows<S>,
}

/// Rows until the longest input ends; made by [`zip_longest`].
#[must_use = "streams do nothing unless polled"]
pub struct ZipLongest<S: Stream> {
    rows: Rows<S>,
}

/// What is left when a zip is taken apart: for each input the item that no row took, and the input if it has not ended.
pub type Leftovers<S> = Vec<(Option<<S as Stream>::Item>, Option<Pin<Box<S>>>)>;

/// Zips streams: one row for each item of the shortest.
///
/// All inputs are waited for at the same time. When the first ends, so does the zip, and nothing more is pulled; the
/// items that other inputs had given already are in [`ZipAll::into_leftovers`], with the inputs. A zip of nothing ends
/// at once.
///
/// The idea is aiter's `azip`, which polled one input after the other and dropped the leftovers. Over channels,
/// [`zip_receivers`](super::zip_receivers) leaves them in the channels.
///
/// # Panics
///
/// A panic of an input comes out of the poll that met it; the zip has ended then.
///
/// # Cancel safety
///
/// A row that is waited for is kept from poll to poll. Dropping the zip drops the items of a row that was not complete.
///
/// # Examples
///
/// ```
/// use millstream::prelude::*;
///
/// # millstream::block_on(async {
/// let mut rows = zip_all([from_range(0..3), from_range(10..12)]);
/// assert_eq!((&mut rows).collect::<Vec<_>>().await, [[0, 10], [1, 11]]);
/// let leftovers = rows.into_leftovers();
/// assert_eq!(leftovers[0].0, Some(2));
/// # });
/// ```
pub fn zip_all<I>(streams: I) -> ZipAll<I::Item>
where
    I: IntoIterator,
    I::Item: Stream,
{
    ZipAll {
        rows: Rows::new(streams),
    }
}

/// Zips streams: one row for each item of the longest, with `None` for inputs that have ended.
///
/// All inputs are waited for at the same time. A zip of nothing ends at once.
///
/// The idea is aiochan's `zip_chans`.
///
/// # Panics
///
/// A panic of an input comes out of the poll that met it; that input counts as ended.
///
/// # Cancel safety
///
/// As for [`zip_all`].
///
/// # Examples
///
/// ```
/// use millstream::prelude::*;
///
/// # millstream::block_on(async {
/// let rows = zip_longest([from_range(0..2), from_range(10..11)]);
/// assert_eq!(rows.collect::<Vec<_>>().await, [[Some(0), Some(10)], [Some(1), None]]);
/// # });
/// ```
pub fn zip_longest<I>(streams: I) -> ZipLongest<I::Item>
where
    I: IntoIterator,
    I::Item: Stream,
{
    ZipLongest {
        rows: Rows::new(streams),
    }
}

/// The row that is being put together.
struct Rows<S: Stream> {
    inputs: FanIn<S>,
    row: Vec<Option<S::Item>>,
    /// The inputs whose item is in the row: they are polled again when the row is complete.
    given: Vec<usize>,
    /// Whether the zip is over, though inputs may be left.
    ended: bool,
}

// The inputs are boxed, and items are moved and never pinned.
impl<S: Stream> Unpin for Rows<S> {}

impl<S: Stream> Rows<S> {
    fn new(streams: impl IntoIterator<Item = S>) -> Self {
        let inputs = FanIn::new(streams);
        let width = inputs.len();
        Rows {
            inputs,
            row: std::iter::repeat_with(|| None).take(width).collect(),
            given: Vec::new(),
            ended: false,
        }
    }

    /// Completes a row: of all inputs, or of those that are left if an end does not end the zip.
    fn poll_row(
        &mut self,
        ends_with_shortest: bool,
        context: &mut Context<'_>,
    ) -> Poll<Option<Vec<Option<S::Item>>>> {
        while !self.ended {
            let event = if self.given.len() == self.inputs.len() {
                None
            } else if ends_with_shortest {
                let guard = EndOnPanic(&mut self.ended);
                let polled = self.inputs.poll_event(context);
                std::mem::forget(guard);
                ready!(polled)
            } else {
                ready!(self.inputs.poll_event(context))
            };
            match event {
                Some(Event::Item(slot, item)) => {
                    self.row[slot] = Some(item);
                    self.given.push(slot);
                }
                Some(Event::Ended(_)) => self.ended = ends_with_shortest,
                None if self.given.is_empty() => self.ended = true,
                None => {
                    for slot in self.given.drain(..) {
                        self.inputs.resume(slot);
                    }
                    let row = self.row.iter_mut().map(Option::take).collect();
                    return Poll::Ready(Some(row));
                }
            }
        }
        Poll::Ready(None)
    }

    /// For each input how many rows it has items for.
    fn hints(&self) -> impl Iterator<Item = (usize, Option<usize>)> + '_ {
        self.inputs
            .all_slots()
            .zip(&self.row)
            .map(|(stream, item)| {
                let (lower, upper) = stream.map_or((0, Some(0)), Stream::size_hint);
                let here = usize::from(item.is_some());
                (
                    lower.saturating_add(here),
                    upper.and_then(|upper| upper.checked_add(here)),
                )
            })
    }
}

/// Ends the zip if polling its inputs unwinds.
struct EndOnPanic<'a>(&'a mut bool);

impl Drop for EndOnPanic<'_> {
    fn drop(&mut self) {
        *self.0 = true;
    }
}

impl<S: Stream> ZipAll<S> {
    /// The items that no row took, and the inputs that have not ended, in the order in which the inputs were given.
    pub fn into_leftovers(mut self) -> Leftovers<S> {
        let items = std::mem::take(&mut self.rows.row);
        items
            .into_iter()
            .enumerate()
            .map(|(slot, item)| (item, self.rows.inputs.take(slot)))
            .collect()
    }
}

impl<S: Stream> Stream for ZipAll<S> {
    type Item = Vec<S::Item>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let row = ready!(self.rows.poll_row(true, context));
        Poll::Ready(row.map(|row| row.into_iter().flatten().collect()))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        if self.rows.ended || self.rows.row.is_empty() {
            return (0, Some(0));
        }
        let fewer = |a: Option<usize>, b: Option<usize>| match (a, b) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        self.rows
            .hints()
            .fold((usize::MAX, None), |(lower, upper), (least, most)| {
                (lower.min(least), fewer(upper, most))
            })
    }
}

impl<S: Stream> FusedStream for ZipAll<S> {
    fn is_terminated(&self) -> bool {
        self.rows.ended
    }
}

impl<S: Stream> Stream for ZipLongest<S> {
    type Item = Vec<Option<S::Item>>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.rows.poll_row(false, context)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.rows
            .hints()
            .fold((0, Some(0)), |(lower, upper), (least, most)| {
                (lower.max(least), upper.zip(most).map(|(a, b)| a.max(b)))
            })
    }
}

impl<S: Stream> FusedStream for ZipLongest<S> {
    fn is_terminated(&self) -> bool {
        self.rows.ended
    }
}

impl<S: Stream> fmt::Debug for ZipAll<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ZipAll")
            .field("inputs", &self.rows.row.len())
            .field("ended", &self.rows.ended)
            .finish_non_exhaustive()
    }
}

impl<S: Stream> fmt::Debug for ZipLongest<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ZipLongest")
            .field("inputs", &self.rows.row.len())
            .field("left", &self.rows.inputs.len())
            .finish_non_exhaustive()
    }
}
