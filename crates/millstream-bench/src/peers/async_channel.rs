//! async-channel: many producers, many consumers; no rendezvous.

use super::define::{channel, tasks, threads, tries};
use crate::cell::{Cells, Peer};
use crate::cells;

pub fn enter(cells: &mut Cells) {
    cells::enter_try::<AsyncChannelCrate>(cells);
    cells::enter_async_shared::<AsyncChannelCrate>(cells);
    cells::enter_blocking_shared::<AsyncChannelCrate>(cells);
}

channel!(
    AsyncChannelCrate,
    Peer::sound("async-channel"),
    async_channel::Sender<T>,
    async_channel::Receiver<T>,
    |capacity| match capacity {
        Some(0) => None,
        Some(n) => Some(async_channel::bounded(n)),
        None => Some(async_channel::unbounded()),
    }
);
tasks!(AsyncChannelCrate, send, recv);
threads!(AsyncChannelCrate, send_blocking, recv_blocking);
tries!(AsyncChannelCrate, try_send, try_recv);
