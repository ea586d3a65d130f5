//! The operators as methods of every stream.

use super::batch::Batch;
use super::buffer_ahead::BufferAhead;
use super::collect_n::{CollectN, CollectNInto};
use super::cooperate::Cooperate;
use super::debounce::Debounce;
use super::distinct::Distinct;
use super::distinct_by_key::{DistinctByKey, TryDistinctByKey};
use super::flatten_iter::FlattenIter;
use super::fork::Fork;
use super::forward_into::{forward, AtEnd, ForwardError, TryForwardError};
use super::gate::{Gate, GateKeeper};
use super::group_by::{GroupBy, TryGroupBy};
use super::map_filter::{MapFilter, TryMapFilter};
use super::merge_all::MergeAll;
use super::preflight::{Preflight, TryPreflight};
use super::results::TryMap;
use super::share::Share;
use super::stoppable::{Stoppable, Stopper};
use super::throttle::Throttle;
use super::try_pipe::{TryPipe, Values};
use super::until_err::UntilErr;
use crate::channel::Sender;
use futures_core::Stream;
use std::convert::Infallible;
use std::future::Future;
use std::time::Duration;

/// What millstream adds to the operators of other crates.
///
/// The names are none of those of `futures_lite::StreamExt`, `futures_util::StreamExt` or
/// `futures_util::TryStreamExt`, so it can be used beside any of them.
pub trait MillstreamExt: Stream {
    /// Collects items with the same key that follow each other: one `(key, items)` for each run.
    ///
    /// A run ends at an item of another key or at the end of the stream, so it is yielded one item late, and a run
    /// without end is never yielded.
    ///
    /// The idea is aiochan's `group_by`.
    ///
    /// # Cancel safety
    ///
    /// A run that has begun stays in the stream from poll to poll; [`GroupBy::into_parts`] gives it back.
    ///
    /// # Examples
    ///
    /// ```
    /// use millstream::prelude::*;
    ///
    /// # millstream::block_on(async {
    /// let runs = from_range([1, 3, 2, 5]).group_by(|number| number % 2);
    /// assert_eq!(runs.collect::<Vec<_>>().await, [(1, vec![1, 3]), (0, vec![2]), (1, vec![5])]);
    /// # });
    /// ```
    fn group_by<K, F>(self, key: F) -> GroupBy<Self, K, F>
    where
        Self: Sized,
        K: PartialEq,
        F: FnMut(&Self::Item) -> K,
    {
        GroupBy::new(self, key)
    }

    /// [`group_by`](Self::group_by) over results, by a key that may fail.
    ///
    /// The first error, of the stream or of the key, ends it; the run before the error comes first.
    ///
    /// # Examples
    ///
    /// ```
    /// use millstream::prelude::*;
    ///
    /// # millstream::block_on(async {
    /// let texts = from_range(["1", "01", "x", "2"]).map(Ok);
    /// let mut runs = texts.try_group_by(|text| text.parse::<i32>());
    /// assert_eq!(runs.next().await, Some(Ok((1, vec!["1", "01"]))));
    /// assert!(runs.next().await.unwrap().is_err());
    /// assert_eq!(runs.next().await, None);
    /// # });
    /// ```
    fn try_group_by<K, T, E, F>(self, key: F) -> TryGroupBy<Self, K, T, E, F>
    where
        Self: Stream<Item = Result<T, E>> + Sized,
        K: PartialEq,
        F: FnMut(&T) -> Result<K, E>,
    {
        TryGroupBy::new(self, key)
    }

    /// Leaves out items that are equal to the one before them.
    ///
    /// The idea is aiochan's `distinct`.
    ///
    /// # Cancel safety
    ///
    /// Nothing is held but a copy of the last item.
    ///
    /// # Examples
    ///
    /// ```
    /// use millstream::prelude::*;
    ///
    /// # millstream::block_on(async {
    /// let changes = from_range([1, 1, 2, 2, 1]).distinct();
    /// assert_eq!(changes.collect::<Vec<_>>().await, [1, 2, 1]);
    /// # });
    /// ```
    fn distinct(self) -> Distinct<Self>
    where
        Self: Sized,
        Self::Item: PartialEq + Clone,
    {
        Distinct::new(self)
    }

    /// Leaves out items whose key is equal to that of the item before them.
    ///
    /// The idea is aiochan's `distinct`, for items that cannot be cloned or are long to compare.
    ///
    /// # Cancel safety
    ///
    /// Nothing is held but a key.
    ///
    /// # Examples
    ///
    /// ```
    /// use millstream::prelude::*;
    ///
    /// # millstream::block_on(async {
    /// let firsts = from_range([11, 12, 21, 13]).distinct_by_key(|number| number / 10);
    /// assert_eq!(firsts.collect::<Vec<_>>().await, [11, 21, 13]);
    /// # });
    /// ```
    fn distinct_by_key<K, F>(self, key: F) -> DistinctByKey<Self, K, F>
    where
        Self: Sized,
        K: PartialEq,
        F: FnMut(&Self::Item) -> K,
    {
        DistinctByKey::new(self, key)
    }

    /// [`distinct_by_key`](Self::distinct_by_key) over results, by a key that may fail; the first error ends it.
    ///
    /// # Examples
    ///
    /// ```
    /// use millstream::prelude::*;
    ///
    /// # millstream::block_on(async {
    /// let texts = from_range(["1", "01", "x", "2"]).map(Ok);
    /// let mut firsts = texts.try_distinct_by_key(|text| text.parse::<i32>());
    /// assert_eq!(firsts.next().await, Some(Ok("1")));
    /// assert!(firsts.next().await.unwrap().is_err());
    /// assert_eq!(firsts.next().await, None);
    /// # });
    /// ```
    fn try_distinct_by_key<K, T, E, F>(self, key: F) -> TryDistinctByKey<Self, K, F>
    where
        Self: Stream<Item = Result<T, E>> + Sized,
        K: PartialEq,
        F: FnMut(&T) -> Result<K, E>,
    {
        TryDistinctByKey::new(self, key)
    }

    /// Maps each item to any number of items: what the function returns is iterated over.
    ///
    /// The idea is aiter's `map_filter_aiter`.
    ///
    /// # Panics
    ///
    /// A panic of the function comes out of the poll; the item it was given is gone, and the stream can go on.
    ///
    /// # Cancel safety
    ///
    /// What is left of an item stays in the stream; [`MapFilter::into_parts`] gives it back.
    ///
    /// # Examples
    ///
    /// ```
    /// use millstream::prelude::*;
    ///
    /// # millstream::block_on(async {
    /// let repeated = from_range(0..4).map_filter(|number| vec![number; number]);
    /// assert_eq!(repeated.collect::<Vec<_>>().await, [1, 2, 2, 3, 3, 3]);
    /// # });
    /// ```
    fn map_filter<I, F>(self, function: F) -> MapFilter<Self, I, F>
    where
        Self: Sized,
        I: IntoIterator,
        F: FnMut(Self::Item) -> I,
    {
        MapFilter::new(self, function)
    }

    /// [`map_filter`](Self::map_filter) over results, by a function that may fail; the first error ends it.
    ///
    /// # Examples
    ///
    /// ```
    /// use millstream::prelude::*;
    ///
    /// # millstream::block_on(async {
    /// let texts = from_range(["2", "x", "1"]).map(Ok);
    /// let mut repeated = texts.try_map_filter(|text| {
    ///     let number = text.parse::<usize>()?;
    ///     Ok::<_, std::num::ParseIntError>(vec![number; number])
    /// });
    /// assert_eq!(repeated.next().await, Some(Ok(2)));
    /// assert_eq!(repeated.next().await, Some(Ok(2)));
    /// assert!(repeated.next().await.unwrap().is_err());
    /// assert_eq!(repeated.next().await, None);
    /// # });
    /// ```
    fn try_map_filter<T, E, I, F>(self, function: F) -> TryMapFilter<Self, I, F>
    where
        Self: Stream<Item = Result<T, E>> + Sized,
        I: IntoIterator,
        F: FnMut(T) -> Result<I, E>,
    {
        TryMapFilter::new(self, function)
    }

    /// Maps the values of results by a function that may fail; the first error ends the stream.
    ///
    /// # Examples
    ///
    /// ```
    /// use millstream::prelude::*;
    ///
    /// # millstream::block_on(async {
    /// let mut numbers = from_range(["1", "x", "2"]).map(Ok).try_map(str::parse::<i32>);
    /// assert_eq!(numbers.next().await, Some(Ok(1)));
    /// assert!(numbers.next().await.unwrap().is_err());
    /// assert_eq!(numbers.next().await, None);
    /// # });
    /// ```
    fn try_map<T, U, E, F>(self, function: F) -> TryMap<Self, F>
    where
        Self: Stream<Item = Result<T, E>> + Sized,
        F: FnMut(T) -> Result<U, E>,
    {
        TryMap::new(self, function)
    }

    /// The items of items that can be iterated over.
    ///
    /// The idea is aiter's `flatten_aiter`. (The base trait's `flatten` is for streams of streams.)
    ///
    /// # Cancel safety
    ///
    /// What is left of an item stays in the stream; [`FlattenIter::into_parts`] gives it back.
    ///
    /// # Examples
    ///
    /// ```
    /// use millstream::prelude::*;
    ///
    /// # millstream::block_on(async {
    /// let flat = from_range([vec![1, 2], vec![], vec![3]]).flatten_iter();
    /// assert_eq!(flat.collect::<Vec<_>>().await, [1, 2, 3]);
    /// # });
    /// ```
    fn flatten_iter(self) -> FlattenIter<Self, Self::Item>
    where
        Self: Sized,
        Self::Item: IntoIterator,
    {
        FlattenIter::new(self)
    }

    /// Calls a function before each item is asked for, once for each, at the first poll for it.
    ///
    /// The function may put something where the stream will find it: its purpose is to fill the source on demand.
    ///
    /// The idea is the `next_preflight` of aiter's `push_aiter`.
    ///
    /// # Panics
    ///
    /// A panic of the function comes out of the poll; it is called again at the next.
    ///
    /// # Cancel safety
    ///
    /// No item is held. A call whose item was not waited for counts for the next wait.
    ///
    /// # Examples
    ///
    /// ```
    /// use millstream::prelude::*;
    ///
    /// # millstream::block_on(async {
    /// let (push, items) = push_stream();
    /// let mut next = 0..;
    /// let on_demand = items.preflight(move || push.try_send(next.next()).unwrap());
    /// assert_eq!(on_demand.take(2).collect::<Vec<_>>().await, [Some(0), Some(1)]);
    /// # });
    /// ```
    fn preflight<F: FnMut()>(self, function: F) -> Preflight<Self, F>
    where
        Self: Sized,
    {
        Preflight::new(self, function)
    }

    /// [`preflight`](Self::preflight) over results, by a function that may fail; the first error ends the stream.
    ///
    /// # Examples
    ///
    /// ```
    /// use millstream::prelude::*;
    ///
    /// # millstream::block_on(async {
    /// let mut budget = 1;
    /// let mut items = from_range(0..).map(Ok).try_preflight(|| {
    ///     budget -= 1;
    ///     if budget < 0 { Err("spent") } else { Ok(()) }
    /// });
    /// assert_eq!(items.next().await, Some(Ok(0)));
    /// assert_eq!(items.next().await, Some(Err("spent")));
    /// assert_eq!(items.next().await, None);
    /// # });
    /// ```
    fn try_preflight<T, E, F>(self, function: F) -> TryPreflight<Self, F>
    where
        Self: Stream<Item = Result<T, E>> + Sized,
        F: FnMut() -> Result<(), E>,
    {
        TryPreflight::new(self, function)
    }

    /// Ends a stream of results after its first error.
    ///
    /// With it, every operator whose function returns a `Result` has its fallible form:
    /// `stream.map(parse).until_err()`.
    ///
    /// # Examples
    ///
    /// ```
    /// use millstream::prelude::*;
    ///
    /// # millstream::block_on(async {
    /// let numbers = from_range(["1", "x", "2"]).map(str::parse::<i32>).until_err();
    /// assert_eq!(numbers.filter_map(Result::ok).collect::<Vec<_>>().await, [1]);
    /// # });
    /// ```
    fn until_err<T, E>(self) -> UntilErr<Self>
    where
        Self: Stream<Item = Result<T, E>> + Sized,
    {
        UntilErr::new(self)
    }

    /// Runs a pipe over the values of a stream of results; the first error ends the pipe, and comes out at its end.
    ///
    /// So each operator, of this trait or of another, works on fallible streams: what the pipe still holds at the
    /// error, say a half-filled chunk, comes first, then the error, then the end.
    ///
    /// # Examples
    ///
    /// ```
    /// use millstream::prelude::*;
    ///
    /// # millstream::block_on(async {
    /// let numbers = from_range(["1", "2", "3", "x", "4"]).map(str::parse::<i32>);
    /// let mut pairs = numbers.try_pipe(|values| values.map(|number| number * 10).chunks(2));
    /// assert_eq!(pairs.next().await, Some(Ok(vec![10, 20])));
    /// assert_eq!(pairs.next().await, Some(Ok(vec![30])));
    /// assert!(pairs.next().await.unwrap().is_err());
    /// assert_eq!(pairs.next().await, None);
    /// # });
    /// ```
    fn try_pipe<T, E, P, F>(self, build: F) -> TryPipe<P, E>
    where
        Self: Stream<Item = Result<T, E>> + Sized,
        P: Stream,
        F: FnOnce(Values<Self, E>) -> P,
    {
        TryPipe::new(self, build)
    }

    /// Merges the streams of a stream, at most `at_once` of them at a time.
    ///
    /// The next stream is asked for when there is a place for it. Ends when all have ended. A source that is always
    /// ready takes turns with the others, as in [`merge`](super::merge()).
    ///
    /// The idea is aiter's `join_aiters`, with a bound and without pulling ahead.
    ///
    /// # Panics
    ///
    /// If `at_once` is 0. A panic of a source comes out of the poll that met it; that source is let go of.
    ///
    /// # Cancel safety
    ///
    /// No item is ever held.
    ///
    /// # Examples
    ///
    /// ```
    /// use millstream::prelude::*;
    ///
    /// # millstream::block_on(async {
    /// let sources = from_range(1..4).map(|number| from_range(vec![number; 2]));
    /// assert_eq!(sources.merge_all(2).collect::<Vec<_>>().await, [1, 2, 1, 2, 3, 3]);
    /// # });
    /// ```
    fn merge_all(self, at_once: usize) -> MergeAll<Self>
    where
        Self: Sized,
        Self::Item: Stream,
    {
        MergeAll::new(self, at_once)
    }

    /// Splits the stream into forks that each see every item.
    ///
    /// Clones of the fork start where it stands. Whichever active fork wants an item that nobody has seen asks the source
    /// for it; the items that some fork has still to see are kept, at most `limit` of them, and then the fastest forks
    /// wait for the slowest. The end, and errors among the items, reach every fork. To keep up a slow consumer without
    /// holding back the others, see the hubs.
    ///
    /// The idea is aiter's `aiter_forker` and the `fork` of its `push_aiter`.
    ///
    /// # Panics
    ///
    /// If `limit` is 0. A panic of the source comes out of the poll that met it, and then out of the next poll of every
    /// other fork that has no item left. A panic of an item's `clone` comes out of the poll of the fork that wanted it,
    /// for which that item is gone; the others still see it.
    ///
    /// # Cancel safety
    ///
    /// A fork that is dropped, or left aside, while it waits for the source hands that on: any other goes on. But a fork
    /// that is left aside counts as the slowest.
    ///
    /// # Examples
    ///
    /// ```
    /// use millstream::prelude::*;
    ///
    /// # millstream::block_on(async {
    /// let mut numbers = from_range(0..3).fork(16);
    /// let mut audit = numbers.passive();
    /// assert_eq!(numbers.next().await, Some(0));
    /// assert_eq!(audit.next().await, Some(0));
    /// assert_eq!(numbers.collect::<Vec<_>>().await, [1, 2]);
    /// assert_eq!(audit.collect::<Vec<_>>().await, [1, 2]);
    /// # });
    /// ```
    fn fork(self, limit: usize) -> Fork<Self>
    where
        Self: Sized,
        Self::Item: Clone,
    {
        Fork::new(self, Some(limit))
    }

    /// [`fork`](Self::fork) that keeps as many items as the slowest fork has still to see.
    ///
    /// # Examples
    ///
    /// ```
    /// use millstream::prelude::*;
    ///
    /// # millstream::block_on(async {
    /// let numbers = from_range(0..1000).fork_unbounded();
    /// let later = numbers.clone();
    /// assert_eq!(numbers.count().await, 1000);
    /// assert_eq!(later.available(), 1000);
    /// # });
    /// ```
    fn fork_unbounded(self) -> Fork<Self>
    where
        Self: Sized,
        Self::Item: Clone,
    {
        Fork::new(self, None)
    }

    /// Makes the stream one that many consumers can have: clone it, and each item goes to exactly one of them.
    ///
    /// The consumers may be tasks on different threads. A [`Receiver`](crate::Receiver) can do so by itself.
    ///
    /// The idea is aiter's `sharable_aiter`.
    ///
    /// # Panics
    ///
    /// A panic of the stream comes out of the poll that met it, and then out of the next poll of every other consumer.
    ///
    /// # Cancel safety
    ///
    /// A consumer that is dropped, or left aside, at any moment takes nothing from the others.
    ///
    /// # Fairness
    ///
    /// Consumers that wait are all woken when there may be an item, and the first to come gets it.
    ///
    /// # Examples
    ///
    /// ```
    /// use millstream::prelude::*;
    ///
    /// # millstream::block_on(async {
    /// let mut one = from_range(0..3).share();
    /// let mut other = one.clone();
    /// assert_eq!(one.next().await, Some(0));
    /// assert_eq!(other.next().await, Some(1));
    /// drop(one);
    /// assert_eq!(other.collect::<Vec<_>>().await, [2]);
    /// # });
    /// ```
    fn share(self) -> Share<Self>
    where
        Self: Sized,
    {
        Share::new(self)
    }

    /// Puts the stream behind a gate: as many items pass as its keeper admits.
    ///
    /// An item is asked for only when it may pass, so nothing is held back in the gate and nothing is lost when it is
    /// stopped: [`Gate::into_inner`] gives back the stream with all that did not pass. Admissions add up. The gate is
    /// stopped by [`GateKeeper::stop`], or when the last keeper is dropped, and ends after what was admitted.
    ///
    /// The idea is aiter's `gated_aiter`.
    ///
    /// # Cancel safety
    ///
    /// Nothing is held. An admission is used by the poll that yields an item.
    ///
    /// # Examples
    ///
    /// ```
    /// use millstream::prelude::*;
    ///
    /// # millstream::block_on(async {
    /// let (mut gate, keeper) = from_range(0..).gate();
    /// keeper.admit(2);
    /// keeper.stop();
    /// assert_eq!((&mut gate).collect::<Vec<_>>().await, [0, 1]);
    /// assert_eq!(gate.into_inner().next().await, Some(2));
    /// # });
    /// ```
    fn gate(self) -> (Gate<Self>, GateKeeper)
    where
        Self: Sized,
    {
        Gate::new(self)
    }

    /// Makes the stream one that can be stopped from outside, which wakes whoever waits for it.
    ///
    /// The idea is aiter's `stoppable_aiter`.
    ///
    /// # Cancel safety
    ///
    /// Nothing is held; [`Stoppable::into_inner`] gives back the stream with the rest.
    ///
    /// # Examples
    ///
    /// ```
    /// use millstream::prelude::*;
    ///
    /// # millstream::block_on(async {
    /// let (mut items, stopper) = from_range(0..).stoppable();
    /// assert_eq!(items.next().await, Some(0));
    /// stopper.stop();
    /// assert_eq!(items.next().await, None);
    /// assert_eq!(items.into_inner().next().await, Some(1));
    /// # });
    /// ```
    fn stoppable(self) -> (Stoppable<Self>, Stopper)
    where
        Self: Sized,
    {
        Stoppable::new(self)
    }

    /// Runs the stream beside its consumer, in a task of its own, at most `ahead` items ahead.
    ///
    /// Nothing is pulled before the first poll; that starts a task on the [current runtime](crate::runtime::current),
    /// which pulls whenever fewer than `ahead` items wait, beside one that the consumer waits for. With 0 the stream passes through, without a task.
    ///
    /// The idea is aiter's `preload_aiter`.
    ///
    /// # Panics
    ///
    /// At the first poll, if there is no runtime. A panic of the stream comes out of the consumer's poll, after the items
    /// before it.
    ///
    /// # Cancel safety
    ///
    /// Dropping this stops the task at once and drops the stream with what was pulled ahead, at most `ahead` items.
    ///
    /// # Examples
    ///
    /// ```
    /// use millstream::prelude::*;
    ///
    /// # millstream::block_on(async {
    /// let ahead = from_range(0..100).buffer_ahead(8);
    /// assert_eq!(ahead.count().await, 100);
    /// # });
    /// ```
    fn buffer_ahead(self, ahead: usize) -> BufferAhead<Self>
    where
        Self: Send + Sized + 'static,
        Self::Item: Send + 'static,
    {
        BufferAhead::new(self, ahead)
    }

    /// [`buffer_ahead`](Self::buffer_ahead) that starts to pull now, before it is polled.
    ///
    /// The idea is aiter's `active_aiter`, with a bound.
    ///
    /// # Panics
    ///
    /// If there is no runtime, unless `ahead` is 0.
    ///
    /// # Examples
    ///
    /// ```
    /// use millstream::prelude::*;
    /// use millstream::runtime::{enter, Manual};
    ///
    /// let mut manual = Manual::new();
    /// let _entered = enter(&manual);
    /// let eager = from_range(0..).active(3);
    /// manual.run_until_stalled();
    /// assert_eq!(eager.size_hint().0, 3, "they were pulled already");
    /// ```
    fn active(self, ahead: usize) -> BufferAhead<Self>
    where
        Self: Send + Sized + 'static,
        Self::Item: Send + 'static,
    {
        BufferAhead::started(self, ahead)
    }

    /// Sends the items into a channel, and says how many they were.
    ///
    /// A place in the channel is reserved before an item is pulled. Other senders of the channel are served in between.
    /// After every 128 items sibling tasks get a turn. To keep what is not sent, pass the stream by `&mut`.
    ///
    /// The idea is the `out=` and `close=` of aiochan's transformers.
    ///
    /// # Errors
    ///
    /// [`ForwardError`] if the channel is closed before the stream ends; also while the stream has nothing.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe with `&mut stream`: every item that was pulled was sent.
    ///
    /// # Examples
    ///
    /// ```
    /// use millstream::prelude::*;
    ///
    /// # millstream::block_on(async {
    /// let (tx, rx) = millstream::bounded(8);
    /// assert_eq!(from_range(0..3).forward_into(tx.clone(), AtEnd::KeepOpen).await, Ok(3));
    /// assert_eq!(from_range(3..5).forward_into(tx, AtEnd::Close).await, Ok(2));
    /// assert_eq!(rx.collect::<Vec<_>>().await, [0, 1, 2, 3, 4]);
    /// # });
    /// ```
    fn forward_into(
        self,
        tx: Sender<Self::Item>,
        at_end: AtEnd,
    ) -> impl Future<Output = Result<u64, ForwardError<Self::Item>>>
    where
        Self: Sized,
    {
        async move {
            let forwarded = forward(self, tx, at_end, Ok::<_, Infallible>).await;
            forwarded.map_err(|error| match error {
                TryForwardError::Closed(closed) => closed,
                TryForwardError::Stream { error, .. } => match error {},
            })
        }
    }

    /// [`forward_into`](Self::forward_into) for a stream of results: their values are sent, and the first error ends it.
    ///
    /// The channel stays open after an error.
    ///
    /// # Errors
    ///
    /// [`TryForwardError`]: the channel was closed, or the stream yielded an error.
    ///
    /// # Cancel safety
    ///
    /// As for `forward_into`.
    ///
    /// # Examples
    ///
    /// ```
    /// use millstream::prelude::*;
    ///
    /// # millstream::block_on(async {
    /// let (tx, rx) = millstream::bounded(8);
    /// let numbers = from_range(["1", "x"]).map(str::parse::<i32>);
    /// let error = numbers.try_forward_into(tx, AtEnd::Close).await.unwrap_err();
    /// assert!(matches!(error, TryForwardError::Stream { sent: 1, .. }));
    /// assert_eq!(rx.recv().await, Ok(1));
    /// # });
    /// ```
    fn try_forward_into<T, E>(
        self,
        tx: Sender<T>,
        at_end: AtEnd,
    ) -> impl Future<Output = Result<u64, TryForwardError<T, E>>>
    where
        Self: Stream<Item = Result<T, E>> + Sized,
    {
        forward(self, tx, at_end, |item| item)
    }

    /// Collects the next `n` items, or those that are left; the rest stays in the stream. 0 takes nothing.
    ///
    /// The idea is aiochan's `collect(n)`.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops what it has collected; [`collect_n_into`](Self::collect_n_into) keeps that.
    ///
    /// # Examples
    ///
    /// ```
    /// use millstream::prelude::*;
    ///
    /// # millstream::block_on(async {
    /// let mut rx = millstream::from_iter(0..5);
    /// assert_eq!(rx.collect_n(2).await, [0, 1]);
    /// assert_eq!(rx.collect_n(9).await, [2, 3, 4]);
    /// # });
    /// ```
    fn collect_n(&mut self, n: usize) -> CollectN<'_, Self>
    where
        Self: Unpin,
    {
        CollectN::new(self, n)
    }

    /// Appends the next `n` items, or those that are left, to a list, and says how many they were.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: every item that was taken is in the list.
    ///
    /// # Examples
    ///
    /// ```
    /// use millstream::prelude::*;
    ///
    /// # millstream::block_on(async {
    /// let mut list = vec![0];
    /// assert_eq!(from_range(1..9).collect_n_into(&mut list, 3).await, 3);
    /// assert_eq!(list, [0, 1, 2, 3]);
    /// # });
    /// ```
    fn collect_n_into<'a>(
        &'a mut self,
        items: &'a mut Vec<Self::Item>,
        n: usize,
    ) -> CollectNInto<'a, Self>
    where
        Self: Unpin,
    {
        CollectNInto::new(self, items, n)
    }

    /// Gives way to sibling tasks after every 128 items in a row.
    ///
    /// Operators of other crates that look for an item (`filter`, `skip_while`) and consumers that loop (`fold`,
    /// `for_each`) do so without a pause as long as their source is ready. Put this after a source that may always be;
    /// [`from_range`](super::from_range), and every operator of this trait that loops, does it by itself.
    ///
    /// # Cancel safety
    ///
    /// Nothing is held.
    ///
    /// # Examples
    ///
    /// ```
    /// use millstream::prelude::*;
    ///
    /// # millstream::block_on(async {
    /// let numbers = millstream::from_iter(0..10_000).cooperate();
    /// assert_eq!(numbers.filter(|number| number % 5000 == 1).count().await, 2);
    /// # });
    /// ```
    fn cooperate(self) -> Cooperate<Self>
    where
        Self: Sized,
    {
        Cooperate::new(self)
    }

    /// Lets at least `distance` pass from one item to the next: the stream is slowed down, and no item is dropped.
    ///
    /// Time is that of the [runtime](crate::runtime::current) that is current at the first item.
    ///
    /// # Panics
    ///
    /// At the first item, if there is no runtime, unless `distance` is zero.
    ///
    /// # Cancel safety
    ///
    /// Nothing is held.
    ///
    /// # Examples
    ///
    /// ```
    /// use millstream::prelude::*;
    /// use millstream::runtime::Manual;
    /// use std::time::Duration;
    ///
    /// let mut manual = Manual::new();
    /// let second = Duration::from_secs(1);
    /// let count = manual.block_on(from_range(0..3).throttle(second).count());
    /// assert_eq!((count, manual.elapsed()), (3, 3 * second));
    /// ```
    fn throttle(self, distance: Duration) -> Throttle<Self>
    where
        Self: Sized,
    {
        Throttle::new(self, distance)
    }

    /// Yields an item when no other has followed it for `quiet`: the last of each burst. Those before it are dropped.
    ///
    /// At the end of the stream the last item comes at once. Time is that of the
    /// [runtime](crate::runtime::current) that is current at the first item.
    ///
    /// # Panics
    ///
    /// At the first item, if there is no runtime.
    ///
    /// # Cancel safety
    ///
    /// The item that waits for quiet stays in the stream; [`Debounce::into_parts`] gives it back.
    ///
    /// # Examples
    ///
    /// ```
    /// use millstream::prelude::*;
    /// use std::time::Duration;
    ///
    /// # millstream::block_on(async {
    /// let last = from_range(0..3).debounce(Duration::from_secs(1));
    /// assert_eq!(last.collect::<Vec<_>>().await, [2]);
    /// # });
    /// ```
    fn debounce(self, quiet: Duration) -> Debounce<Self>
    where
        Self: Sized,
    {
        Debounce::new(self, quiet)
    }

    /// Collects items into lists of `most`, or of what has come `within` that time after the first of a list.
    ///
    /// A list is never empty. Time is that of the [runtime](crate::runtime::current) that is current at the first item.
    ///
    /// # Panics
    ///
    /// If `most` is 0; at the first item, if there is no runtime, unless `most` is 1.
    ///
    /// # Cancel safety
    ///
    /// A list that has begun stays in the stream; [`Batch::into_parts`] gives it back.
    ///
    /// # Examples
    ///
    /// ```
    /// use millstream::prelude::*;
    /// use std::time::Duration;
    ///
    /// # millstream::block_on(async {
    /// let lists = from_range(0..5).batch(2, Duration::from_secs(1));
    /// assert_eq!(lists.collect::<Vec<_>>().await, [vec![0, 1], vec![2, 3], vec![4]]);
    /// # });
    /// ```
    fn batch(self, most: usize, within: Duration) -> Batch<Self>
    where
        Self: Sized,
    {
        Batch::new(self, most, within)
    }
}

impl<S: Stream + ?Sized> MillstreamExt for S {}
