//! Channels, select, streams and pipelines in the CSP tradition.

#![deny(unsafe_code)]

pub mod bridge;
mod buffer;
mod channel;
pub mod duplex;
pub mod hub;
pub mod observe;
pub mod pipe;
pub mod prelude;
pub mod runtime;
pub mod scope;
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

/// The code of the README, run as documentation tests.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
