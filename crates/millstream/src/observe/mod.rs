//! Which named channels there are and how they stand: snapshots, a table, and a picture of the pipeline.

mod figures;
mod graph;
mod pipeline;
mod registry;
#[cfg(feature = "svg")]
mod svg;
mod table;
#[cfg(test)]
mod testing;

pub use graph::Graph;
pub use registry::{snapshot, Probe, Snapshot};
pub use table::Table;
