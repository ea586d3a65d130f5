//! millstream: the crate under test.

use super::define::{channel, tasks, threads, tries};
use super::Standing;
use crate::cell::{Cells, Peer};
use crate::cells;

pub fn enter(cells: &mut Cells) {
    cells::enter_try::<Millstream>(cells);
    cells::enter_async_shared::<Millstream>(cells);
    cells::enter_blocking_shared::<Millstream>(cells);
}

channel!(
    Millstream,
    Peer::sound("millstream").standing(Standing::Subject),
    millstream::Sender<T>,
    millstream::Receiver<T>,
    |capacity| Some(capacity.map_or_else(millstream::unbounded, millstream::bounded))
);
tasks!(Millstream, send, recv);
threads!(Millstream, send_blocking, recv_blocking);
tries!(Millstream, try_send, try_recv);
