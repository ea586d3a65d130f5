//! loole: flume's interface on another engine; many producers, many consumers, tasks and threads on the same handles.

use super::define::{channel, tasks, threads, tries};
use crate::cell::{Cells, Peer};
use crate::cells;

pub fn enter(cells: &mut Cells) {
    cells::enter_try::<Loole>(cells);
    cells::enter_async_shared::<Loole>(cells);
    cells::enter_blocking_shared::<Loole>(cells);
}

channel!(
    Loole,
    Peer::sound("loole"),
    loole::Sender<T>,
    loole::Receiver<T>,
    |capacity| Some(capacity.map_or_else(loole::unbounded, loole::bounded))
);
tasks!(Loole, send_async, recv_async);
threads!(Loole, send, recv);
tries!(Loole, try_send, try_recv);
