//! Waiting for the first of several sends and receives, of which exactly one happens.

#![allow(missing_debug_implementations)] // Arms are named only in the type of a `Select`, which has its own.

mod arm;
mod builder;
mod each;
mod either;
mod give_up;
mod handle;
mod list;
mod macros;
mod recv;
mod reserve;
mod send;
mod set;
mod timer;
mod watch;

pub use arm::Selectable;
pub use builder::Select;
pub use either::EitherArm;
pub use set::{NextFuture, SelectSet};

/// What the macro's expansion needs and nobody else should.
#[doc(hidden)]
pub mod private {
    pub use super::give_up::GiveUp;
    pub use super::macros::Either;
}
