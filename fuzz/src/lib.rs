//! What the fuzz targets share: a program of steps, run by hand-made wakers on one thread, and what must hold after each.
//!
//! The input of a target is a list of [`Step`]s. Operations wait, are polled in the order of the program, change their
//! waker, are dropped half way; nothing is left to an executor, so that an input always runs the same.

mod checks;
mod log;
mod operations;
mod policy;
mod program;
mod run;
mod task;
mod value;

pub use policy::Policy;
pub use program::{Operation, Program, Step};
pub use run::run;
