//! What the base trait lacks of the field's common vocabulary.

use super::buffered::{BufferUnordered, Buffered};
use super::chunks::Chunks;
use super::peekable::Peekable;
use super::results::TryFilter;
use futures_core::Stream;
use std::future::Future;

/// The common operators that `futures_lite::StreamExt` does not have.
///
/// `futures_util::StreamExt` has them, under these names: beside it, use
/// [`MillstreamExt`](super::MillstreamExt) alone instead of the prelude.
pub trait BaseExt: Stream {
    /// Collects items into lists of `size`; the last may be shorter.
    ///
    /// The idea is aiochan's `group`.
    ///
    /// # Panics
    ///
    /// If `size` is 0.
    ///
    /// # Cancel safety
    ///
    /// A list that has begun stays in the stream; [`Chunks::into_parts`] gives it back.
    ///
    /// # Examples
    ///
    /// ```
    /// use millstream::prelude::*;
    ///
    /// # millstream::block_on(async {
    /// assert_eq!(from_range(0..3).chunks(2).collect::<Vec<_>>().await, [vec![0, 1], vec![2]]);
    /// # });
    /// ```
    fn chunks(self, size: usize) -> Chunks<Self>
    where
        Self: Sized,
    {
        Chunks::new(self, size)
    }

    /// Makes the next item one that can be looked at before it is taken.
    ///
    /// # Cancel safety
    ///
    /// An item that was looked at stays in the stream; [`Peekable::into_parts`] gives it back.
    ///
    /// # Examples
    ///
    /// ```
    /// use millstream::prelude::*;
    ///
    /// # millstream::block_on(async {
    /// let mut items = from_range(0..2).peekable();
    /// assert_eq!(items.peek().await, Some(&mut 0));
    /// assert_eq!(items.next().await, Some(0));
    /// assert_eq!(items.next_if(|&item| item > 1).await, None);
    /// assert_eq!(items.next().await, Some(1));
    /// # });
    /// ```
    fn peekable(self) -> Peekable<Self>
    where
        Self: Sized,
    {
        Peekable::new(self)
    }

    /// Runs the futures of the stream, at most `at_once` of them, and yields their outputs in the order of the stream.
    ///
    /// They run within the consumer's task, so only while it waits for this stream; for tasks of their own there are the
    /// pipes.
    ///
    /// The idea is aiochan's `async_pipe`.
    ///
    /// # Panics
    ///
    /// If `at_once` is 0. A panic of a future comes out of the poll that met it; the others go on.
    ///
    /// # Cancel safety
    ///
    /// Dropping this drops the futures that run and the outputs that wait for their turn.
    ///
    /// # Examples
    ///
    /// ```
    /// use millstream::prelude::*;
    ///
    /// # millstream::block_on(async {
    /// let squares = from_range(0..4).map(|number| async move { number * number }).buffered(2);
    /// assert_eq!(squares.collect::<Vec<_>>().await, [0, 1, 4, 9]);
    /// # });
    /// ```
    fn buffered(self, at_once: usize) -> Buffered<Self>
    where
        Self: Sized,
        Self::Item: Future,
    {
        Buffered::new(self, at_once)
    }

    /// Runs the futures of the stream, at most `at_once` of them, and yields their outputs as they are done.
    ///
    /// Everything else is as for [`buffered`](Self::buffered).
    ///
    /// The idea is aiochan's `async_pipe_unordered` and the `worker_count` of aiter's `map_aiter`.
    ///
    /// # Panics
    ///
    /// As for `buffered`.
    ///
    /// # Cancel safety
    ///
    /// Dropping this drops the futures that run.
    ///
    /// # Examples
    ///
    /// ```
    /// use millstream::prelude::*;
    ///
    /// # millstream::block_on(async {
    /// let squares = from_range(0..4).map(|number| async move { number * number });
    /// assert_eq!(squares.buffer_unordered(2).fold(0, |sum, square| sum + square).await, 14);
    /// # });
    /// ```
    fn buffer_unordered(self, at_once: usize) -> BufferUnordered<Self>
    where
        Self: Sized,
        Self::Item: Future,
    {
        BufferUnordered::new(self, at_once)
    }

    /// The values of results that a predicate which may fail lets pass; the first error ends the stream.
    ///
    /// # Examples
    ///
    /// ```
    /// use millstream::prelude::*;
    ///
    /// # millstream::block_on(async {
    /// let texts = from_range(["1", "-1", "x", "2"]).map(Ok);
    /// let mut positive = texts.try_filter(|text| Ok(text.parse::<i32>()? > 0));
    /// assert_eq!(positive.next().await, Some(Ok("1")));
    /// assert!(positive.next().await.is_some_and(|item: Result<_, std::num::ParseIntError>| item.is_err()));
    /// assert_eq!(positive.next().await, None);
    /// # });
    /// ```
    fn try_filter<T, E, F>(self, predicate: F) -> super::TryFilter<Self, F>
    where
        Self: Stream<Item = Result<T, E>> + Sized,
        F: FnMut(&T) -> Result<bool, E>,
    {
        TryFilter::new(self, predicate)
    }
}

impl<S: Stream + ?Sized> BaseExt for S {}
