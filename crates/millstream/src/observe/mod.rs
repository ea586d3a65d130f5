//! Which named channels there are and how they stand: snapshots, a table, and a picture of the pipeline.

mod registry;

pub use registry::{snapshot, Probe, Snapshot};
