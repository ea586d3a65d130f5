//! Everything that a pipeline's author needs, in one `use`.
//!
//! ```
//! use millstream::prelude::*;
//!
//! # millstream::block_on(async {
//! let pipe = from_range(1..).map(|n| n * n).filter(|n| n % 2 == 1).chunks(2).take(2);
//! assert_eq!(pipe.collect::<Vec<_>>().await, [[1, 9], [25, 49]]);
//! # });
//! ```
//!
//! # The vocabulary, by kind
//!
//! | to | there is |
//! |---|---|
//! | begin | a [`Receiver`](crate::Receiver) is a stream; [`from_range`], [`generate`], [`try_generate`], [`push_stream`], [`from_iter`](crate::from_iter()), [`tick`](crate::tick()) |
//! | take items one by one | `map`, `then`, `filter`, `filter_map`, `map_while`, `take`, `take_while`, `skip`, `skip_while`, `step_by`, `enumerate`, `inspect`, `scan`, `fuse`, `chain`, `cycle`, `cloned`, `copied`; [`distinct`](MillstreamExt::distinct), [`distinct_by_key`](MillstreamExt::distinct_by_key), [`preflight`](MillstreamExt::preflight), [`peekable`](BaseExt::peekable) |
//! | make few of many | [`chunks`](BaseExt::chunks), [`group_by`](MillstreamExt::group_by); by time too: [`batch`](MillstreamExt::batch) |
//! | make many of one | `flatten`, `flat_map`, [`map_filter`](MillstreamExt::map_filter), [`flatten_iter`](MillstreamExt::flatten_iter) |
//! | join several streams | [`merge`], [`merge_all`](MillstreamExt::merge_all), `zip`, [`zip_all`], [`zip_longest`], [`zip_receivers`], [`combine_latest`], [`combine_latest_partial`], and tuples by [`CombineLatestTuple`] |
//! | serve several consumers | [`fork`](MillstreamExt::fork) (each sees every item), [`share`](MillstreamExt::share) (each item to one); between tasks the [`hub`](crate::hub)s: `Tee`, `Topics`, `distribute`, `lanes` |
//! | work side by side | [`buffered`](BaseExt::buffered), [`buffer_unordered`](BaseExt::buffer_unordered) in one task; [`buffer_ahead`](MillstreamExt::buffer_ahead), [`active`](MillstreamExt::active) beside the consumer; stages of their own in [`pipe`](crate::pipe) |
//! | hold and let go | [`gate`](MillstreamExt::gate), [`stoppable`](MillstreamExt::stoppable), [`cooperate`](MillstreamExt::cooperate) |
//! | go by time | [`throttle`](MillstreamExt::throttle), [`debounce`](MillstreamExt::debounce), [`batch`](MillstreamExt::batch), [`after`](crate::after()), [`timeout`](crate::timeout()) |
//! | handle errors | `try_…` forms end at the first error; [`try_pipe`](MillstreamExt::try_pipe) makes any pipe do so, [`until_err`](MillstreamExt::until_err) keeps it as the last item |
//! | end | `collect`, `try_collect`, `fold`, `try_fold`, `for_each`, `try_for_each`, `count`, `last`, `nth`, `find`, `find_map`, `position`, `all`, `any`, `partition`, `unzip`; [`collect_n`](MillstreamExt::collect_n), [`forward_into`](MillstreamExt::forward_into) a channel |
//!
//! The base vocabulary is `futures-lite`'s `StreamExt`. In a crate that uses `futures_util::StreamExt` as well, import
//! [`MillstreamExt`] and the functions from [`crate::stream`] instead of this: the names of its methods are its own.

#[doc(no_inline)]
pub use futures_core::{FusedStream, Stream};
#[doc(no_inline)]
pub use futures_lite::StreamExt;

#[doc(no_inline)]
pub use crate::stream::{
    combine_latest, combine_latest_partial, from_range, generate, merge, push_stream, recv_row,
    try_generate, yield_now, zip_all, zip_longest, zip_receivers, AtEnd, BaseExt,
    CombineLatestTuple, Emitter, ForwardError, MillstreamExt, TryForwardError,
};
