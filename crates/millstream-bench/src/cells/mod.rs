//! The cells: one file each, generic over what a peer can do.
//!
//! A new cell is a file here and one line in the function for what it asks of a peer.

use crate::cell::{Cell, Cells};
use crate::payload::Block;
use crate::peers::{self, AsyncChannel, BlockingChannel, TryChannel};

mod broadcast;
mod fused;
mod life;
pub mod limits;
mod merge;
mod ordered_map;
mod ping_pong;
mod ping_pong_threads;
mod ready_pair;
mod runtimes;
mod select;
mod select_blocking;
mod select_mixed;
mod several;
mod slot;
mod stages;
mod tasks;
mod threads;
mod try_pair;
mod waiting;

/// All cells, with everybody who runs in them.
pub fn all() -> Vec<Cell> {
    let mut cells = Cells::default();
    peers::enter_all(&mut cells);
    select::enter_all(&mut cells);
    select_blocking::enter_all(&mut cells);
    select_mixed::enter_all(&mut cells);
    broadcast::enter_all(&mut cells);
    fused::enter_all(&mut cells);
    stages::enter_all(&mut cells);
    merge::enter_all(&mut cells);
    ordered_map::enter_all(&mut cells);
    limits::enter(&mut cells);
    cells.into_vec()
}

/// A channel for tasks that carries each of the sizes of message.
pub trait AnySizeAsync: AsyncChannel + AsyncChannel<Block<64>> + AsyncChannel<Block<1024>> {}

impl<C: AsyncChannel + AsyncChannel<Block<64>> + AsyncChannel<Block<1024>>> AnySizeAsync for C {}

/// A channel for threads that carries each of the sizes of message.
pub trait AnySizeBlocking:
    BlockingChannel + BlockingChannel<Block<64>> + BlockingChannel<Block<1024>>
{
}

impl<C: BlockingChannel + BlockingChannel<Block<64>> + BlockingChannel<Block<1024>>> AnySizeBlocking
    for C
{
}

/// Enters a peer in the cells that ask for tasks, one producer and one consumer.
pub fn enter_async<C: AnySizeAsync>(cells: &mut Cells) {
    ready_pair::enter::<C>(cells);
    tasks::enter_one_to_one::<C>(cells);
    tasks::enter_blocks::<C>(cells);
    ping_pong::enter::<C>(cells);
}

/// Enters a peer in the cells that ask for tasks and one consumer.
pub fn enter_async_senders<C: AnySizeAsync + AsyncChannel<Sender: Clone>>(cells: &mut Cells) {
    enter_async::<C>(cells);
    tasks::enter_many_to_one::<C>(cells);
    waiting::enter_senders::<C>(cells);
}

/// Enters a peer in the cells that ask for many tasks on both sides.
pub fn enter_async_many_to_many<C: AsyncChannel<Sender: Clone, Receiver: Clone>>(
    cells: &mut Cells,
) {
    tasks::enter_many_to_many::<C>(cells);
    waiting::enter_receivers::<C>(cells);
}

/// Enters a peer in all cells that ask for tasks.
pub fn enter_async_shared<C: AnySizeAsync + AsyncChannel<Sender: Clone, Receiver: Clone>>(
    cells: &mut Cells,
) {
    enter_async_senders::<C>(cells);
    enter_async_many_to_many::<C>(cells);
}

/// Enters a peer in the cells that ask for threads, one producer and one consumer.
pub fn enter_blocking<C: AnySizeBlocking>(cells: &mut Cells) {
    threads::enter_one_to_one::<C>(cells);
    threads::enter_blocks::<C>(cells);
    ping_pong_threads::enter::<C>(cells);
}

/// Enters a peer in the cells that ask for many threads on both sides.
pub fn enter_blocking_many_to_many<C: BlockingChannel<Sender: Clone, Receiver: Clone>>(
    cells: &mut Cells,
) {
    threads::enter_many_to_many::<C>(cells);
    threads::enter_crowd::<C>(cells);
}

/// Enters a peer in all cells that ask for threads.
pub fn enter_blocking_shared<
    C: AnySizeBlocking + BlockingChannel<Sender: Clone, Receiver: Clone>,
>(
    cells: &mut Cells,
) {
    enter_blocking::<C>(cells);
    enter_blocking_many_to_many::<C>(cells);
}

/// Enters a peer in the cells that never wait.
pub fn enter_try<C: TryChannel>(cells: &mut Cells) {
    try_pair::enter::<C>(cells);
    life::enter::<C>(cells);
}
