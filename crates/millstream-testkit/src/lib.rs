//! Hand-made wakers, tracked payloads, and the bugs that real channels had, each as a case that any channel can be asked.
//!
//! A case is a function over a [`peer::Family`] of channels. It drives futures by hand with the wakers of [`waker`],
//! sends the payloads of [`payload`], and ends in a [`verdict::Verdict`]. The same cases are the tests of millstream
//! (`tests/badcases.rs`) and the rows of the table that `examples/badcases` prints with other channels beside it.

#![deny(unsafe_code)]

pub mod cases;
pub mod drive;
pub mod family;
pub mod linear;
pub mod payload;
pub mod peer;
pub mod process;
pub mod verdict;
pub mod waker;
pub mod watchdog;
