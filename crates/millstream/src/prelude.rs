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
