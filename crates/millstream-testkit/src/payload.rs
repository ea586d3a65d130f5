//! Payloads that make mistakes visible: tracked, hostile, large, and of no size.

mod sized;
mod tracked;

pub use sized::{big, Big, Nothing, BIG};
pub use tracked::{Ledger, Tracked};
