//! Small models of the engine, of which loom runs every schedule: run by `ci/loom`.
//!
//! A model is two or three threads with a handful of operations. What it asserts is always some part of one
//! sentence: a value that was sent is received, still inside, returned or dropped, exactly once; a select
//! commits one arm at most; and nobody is left waiting while a match is possible, which shows as a deadlock.

#![cfg(loom)]

mod cancel;
mod close;
mod handoff;
mod permit;
mod select_close;
mod select_drop;
mod select_pair;
mod select_plain;
mod select_timer;
mod set;
mod store;
mod support;
mod waker;
mod weak;
