//! Who waits, and who must be woken: tasks, parked threads and arms of a select, in line; never any values.

mod block;
mod list;
mod looks;
mod record;
mod times;
mod waiter;
mod wakes;

pub use block::block_on;
pub(crate) use block::block_on_until;
pub(crate) use list::{Key, Next, Polled, WaitList};
pub(crate) use looks::Looks;
pub(crate) use record::{Commit, Own, Record, Status};
pub(crate) use waiter::{Outcome, Waiter};
pub(crate) use wakes::{clone_waker, discard, wake, Wakes};
