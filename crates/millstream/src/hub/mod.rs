//! Hubs: one input, many outputs. Each value to all of them, by topic, to whoever is free, or by key.

mod distribute;
mod lanes;
mod outlets;
mod tee;
mod topics;

pub use distribute::distribute;
pub use lanes::{lanes, lanes_into};
pub use outlets::Bound;
pub use tee::Tee;
pub use topics::Topics;
