//! flume: many producers, many consumers, tasks and threads on the same handles.

use super::define::{channel, tasks, threads, tries};
use crate::cell::{Cells, Peer};
use crate::cells;

pub fn enter(cells: &mut Cells) {
    cells::enter_try::<Flume>(cells);
    cells::enter_async_shared::<Flume>(cells);
    cells::enter_blocking_shared::<Flume>(cells);
}

channel!(
    Flume,
    Peer::sound("flume"),
    flume::Sender<T>,
    flume::Receiver<T>,
    |capacity| Some(capacity.map_or_else(flume::unbounded, flume::bounded))
);
tasks!(Flume, send_async, recv_async);
threads!(Flume, send, recv);
tries!(Flume, try_send, try_recv);
