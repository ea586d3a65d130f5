//! What a channel keeps and how much of it: policies as plain data, with no knowledge of who waits.

mod custom;
mod iter;
mod limits;
mod promise;
mod sequence;

pub use custom::Buffer;
pub(crate) use custom::{CustomStore, Shape, Store};
pub(crate) use iter::IterStore;
pub(crate) use limits::Limits;
pub(crate) use promise::{shelve, Maker, Replay};
pub(crate) use sequence::{Admission, Sequence};
