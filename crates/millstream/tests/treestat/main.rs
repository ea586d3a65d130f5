//! The example `treestat`, run as a program over trees made for it, and its splitter against a plain count.

#![cfg(not(any(loom, shuttle)))]

mod chunks;
mod counting;
mod run;
mod signals;
mod special;
mod tree;
mod usage;

// The example's own files, so that what is tested here is what runs there.
#[allow(dead_code)]
#[path = "../../examples/treestat/args.rs"]
mod args;
#[allow(dead_code)]
#[path = "../../examples/treestat/chunk.rs"]
mod chunk;
#[allow(dead_code)]
#[path = "../../examples/treestat/count.rs"]
mod count;
#[allow(dead_code)]
#[path = "../../examples/treestat/problem.rs"]
mod problem;
#[allow(dead_code)]
#[path = "../../examples/treestat/read.rs"]
mod read;
#[allow(dead_code)]
#[path = "../../examples/treestat/walk.rs"]
mod walk;
