//! Channels, select, streams and pipelines in the CSP tradition.

#![deny(unsafe_code)]

mod buffer;
mod channel;
pub mod hub;
pub mod observe;
pub mod pipe;
pub mod prelude;
pub mod runtime;
mod select;
pub mod stream;
mod sync;
pub mod time;
mod wait;

pub use buffer::Buffer;
pub use channel::*;
pub use select::{NextFuture, Select, SelectSet, Selectable};
pub use time::{after, tick, timeout};
pub use wait::block_on;

#[doc(hidden)]
pub use select::private as select_private;
