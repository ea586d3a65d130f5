//! The cells: one file each, generic over what a peer can do.
//!
//! A new cell is a file here and one line in the function for what it asks of a peer.

use crate::cell::Cells;
use crate::peers::{AsyncChannel, BlockingChannel, TryChannel};

mod ping_pong;
mod ready_pair;
mod threads;
mod tokio_tasks;
mod try_pair;

/// Enters a peer in the cells that ask for tasks and one consumer.
pub fn enter_async<C: AsyncChannel>(cells: &mut Cells) {
    ready_pair::enter::<C>(cells);
    tokio_tasks::enter_one_to_one::<C>(cells);
    ping_pong::enter::<C>(cells);
}

/// Enters a peer in the cells that ask for tasks, those with many consumers too.
pub fn enter_async_shared<C: AsyncChannel<Receiver: Clone>>(cells: &mut Cells) {
    enter_async::<C>(cells);
    tokio_tasks::enter_many_to_many::<C>(cells);
}

/// Enters a peer in the cells that ask for threads and one consumer.
pub fn enter_blocking<C: BlockingChannel>(cells: &mut Cells) {
    threads::enter_one_to_one::<C>(cells);
}

/// Enters a peer in the cells that ask for threads, those with many consumers too.
pub fn enter_blocking_shared<C: BlockingChannel<Receiver: Clone>>(cells: &mut Cells) {
    enter_blocking::<C>(cells);
    threads::enter_many_to_many::<C>(cells);
}

/// Enters a peer in the cells that never wait.
pub fn enter_try<C: TryChannel>(cells: &mut Cells) {
    try_pair::enter::<C>(cells);
}
