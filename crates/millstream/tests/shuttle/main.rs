//! Shapes of the engine too large to run under every schedule: shuttle runs many, drawn at random; see `ci/shuttle`.
//!
//! Each shape is run by a scheduler that draws every step and by one that draws a few changes of priority.
//! Both print their seed, and a failure prints the schedule that failed: `SHUTTLE_RANDOM_SEED` draws the same
//! schedules again, and `SHUTTLE_SCHEDULE` runs the one that failed. Either belongs to one test, so that a failure is
//! looked at again with `SHUTTLE_SCHEDULE=… ci/shuttle the_name_of_the_test`.

#![cfg(shuttle)]

#[path = "../model/concurrent/mod.rs"]
mod concurrent;
mod histories;
mod ledger;
#[path = "../../../millstream-testkit/src/linear/mod.rs"]
mod linear;
mod pipes;
mod scopes;
mod selects;
mod shapes;
#[path = "../model/spec/mod.rs"]
mod spec;
mod support;
mod tee;
mod topics;
