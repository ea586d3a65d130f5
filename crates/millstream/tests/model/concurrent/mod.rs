//! The same specification for operations that run beside each other: each as the steps it takes one at a time.

#![allow(dead_code)] // Each gate that includes it uses a part.

mod call;
mod history;
mod perform;
mod select;
mod steps;

pub use history::{Clock, Program};
pub use perform::Patience;
