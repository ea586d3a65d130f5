//! Channels, select, streams and pipelines in the CSP tradition, for tasks and threads.
//!
//! ```
//! use millstream::select;
//!
//! # millstream::block_on(async {
//! let (orders, inbox) = millstream::bounded(16);
//! let (bills, outbox) = millstream::rendezvous();
//! std::thread::spawn(move || {
//!     for order in inbox.iter() {
//!         bills.send_blocking(order * 100).unwrap();
//!     }
//! });
//! orders.send(7).await.unwrap();
//! select! {
//!     bill = outbox.recv() => assert_eq!(bill, Ok(700)),
//!     after(std::time::Duration::from_secs(5)) => panic!("no bill for five seconds"),
//! }
//! # });
//! ```
//!
//! | look for | at |
//! |---|---|
//! | channels | [`bounded`], [`rendezvous`], [`unbounded`], [`dropping`], [`sliding`], [`promise`], [`from_iter`](from_iter()), [`with_buffer`]; their ends [`Sender`] and [`Receiver`]; [`named`] ones for pictures |
//! | the first of several sends and receives | [`select!`], [`Select`], [`SelectSet`] |
//! | times | [`after`](after()), [`tick`](tick()), [`timeout`](timeout()), [`time`] |
//! | operators on streams | [`prelude`], [`stream`] |
//! | one input, many outputs | [`hub`] |
//! | stages side by side | [`pipe`] |
//! | tasks that end before their scope | [`mod@scope`] |
//! | two ends that send to each other | [`mod@duplex`] |
//! | blocking iterators, threads, sockets | [`bridge`] |
//! | where the pressure is | [`observe`] |
//! | where tasks run and who measures time | [`runtime`]; [`block_on`] |
//!
//! What happens on close, on drop and on cancel is said at [`Sender`] and [`Receiver`], and at every operation.

#![deny(unsafe_code)]

#[macro_use]
mod sync;

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
pub mod time;
mod wait;

pub use buffer::Buffer;
pub use channel::*;
pub use select::{EitherArm, NextFuture, Select, SelectSet, Selectable};
pub use time::{after, tick, timeout};
pub use wait::block_on;

#[doc(hidden)]
pub use select::private as select_private;

/// The code of the README, run as documentation tests.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
