//! The sequential specification of channels: what each operation may answer, and who is served next.
//!
//! It knows neither futures nor wakers nor locks. A [`World`] is a few channels and the operations on them; every
//! step takes it from one state to the next. What the engine does transition by transition is written here as
//! rules: after each step, [`World::settle`] makes every match that is possible, in the order in which the rules
//! stand there. The same specification is held against histories of one thread and of several.

#![allow(dead_code, unused_imports)] // Each gate that includes it uses a part.

mod acting;
mod at_once;
mod channel;
mod ending;
mod operation;
mod permits;
mod policy;
mod rules;
mod world;

pub use acting::Got;
pub use channel::{Channel, Place};
pub use operation::{Arm, Id, News, Operation, Outcome, Reply, Right, Stage, Value, Wish};
pub use policy::Policy;
pub use world::World;
