//! Lazy operators on streams, fused into the consumer's task: no task and no channel per stage.
//!
//! What works on one item after the other (`map`, `filter`, `take`, `fold` …) is `futures-lite`'s; [`BaseExt`] adds the
//! few common operators that it lacks, and [`MillstreamExt`] what is missing elsewhere or loses items there.
//! [`crate::prelude`] has all of it in one `use`.
//!
//! # Promises
//!
//! *Lazy*: nothing happens before the first poll, but where an operator says so. *Nothing is lost unsaid*: where an item
//! can be inside an operator when that is dropped, its page says so, and how to get it back. What looks before it takes
//! can leave items only in channels, which have claims ([`zip_receivers`]); a stream of another kind has no way back.
//! *Siblings run*: an operator that takes many items for one gives way after 128 of them. *Errors* travel as `Result`
//! items; a `try_` form ends at the first, and [`try_pipe`](MillstreamExt::try_pipe) makes any pipe do so. *Panics* of
//! user code reach the consumer.

mod base_ext;
mod batch;
mod budget;
mod buffer_ahead;
mod buffered;
mod chunks;
mod clock;
mod collect_n;
mod combine_latest;
mod combine_tuple;
mod common_source;
mod cooperate;
mod debounce;
mod distinct;
mod distinct_by_key;
mod ext;
mod fan_in;
mod flatten_iter;
mod fork;
mod forward_into;
mod gate;
mod generate;
mod group_by;
mod map_filter;
mod merge;
mod merge_all;
mod peekable;
mod preflight;
mod push_stream;
mod range;
mod results;
mod share;
mod signal;
mod stoppable;
mod throttle;
mod try_pipe;
mod until_err;
mod zip_all;
mod zip_receivers;

pub use crate::runtime::{yield_now, YieldNow};
pub use base_ext::BaseExt;
pub use batch::Batch;
pub use buffer_ahead::BufferAhead;
pub use buffered::{BufferUnordered, Buffered};
pub use chunks::Chunks;
pub use collect_n::{CollectN, CollectNInto};
pub use combine_latest::{
    combine_latest, combine_latest_partial, CombineLatest, CombineLatestPartial,
};
pub use combine_tuple::{CombineLatestTuple, CombineTuple};
pub use cooperate::Cooperate;
pub use debounce::Debounce;
pub use distinct::Distinct;
pub use distinct_by_key::{DistinctByKey, TryDistinctByKey};
pub use ext::MillstreamExt;
pub use flatten_iter::FlattenIter;
pub use fork::Fork;
pub use forward_into::{AtEnd, ForwardError, TryForwardError};
pub use gate::{Gate, GateKeeper};
pub use generate::{generate, try_generate, Emit, Emitter, Generate};
pub use group_by::{GroupBy, Run, TryGroupBy};
pub use map_filter::{MapFilter, TryMapFilter};
pub use merge::{merge, Merge};
pub use merge_all::MergeAll;
pub use peekable::Peekable;
pub use preflight::{Preflight, TryPreflight};
pub use push_stream::{push_stream, PushStream};
pub use range::{from_range, FromRange};
pub use results::{TryFilter, TryMap};
pub use share::Share;
pub use stoppable::{Stoppable, Stopper};
pub use throttle::Throttle;
pub use try_pipe::{TryPipe, Values};
pub use until_err::UntilErr;
pub use zip_all::{zip_all, zip_longest, Leftovers, ZipAll, ZipLongest};
pub use zip_receivers::{recv_row, zip_receivers, RecvRow};
