//! Which named channels there are and how they stand: snapshots, a table, and a picture of the pipeline.

mod registry;

pub(crate) use registry::register;
pub use registry::{snapshot, Probe, Snapshot};
