//! crossbeam-channel: many producers, many consumers, threads only.

use super::define::{channel, threads, tries};
use crate::cell::{Cells, Peer};
use crate::cells;

pub fn enter(cells: &mut Cells) {
    cells::enter_try::<Crossbeam>(cells);
    cells::enter_blocking_shared::<Crossbeam>(cells);
}

channel!(
    Crossbeam,
    Peer::sound("crossbeam-channel"),
    crossbeam_channel::Sender<T>,
    crossbeam_channel::Receiver<T>,
    |capacity| Some(capacity.map_or_else(crossbeam_channel::unbounded, crossbeam_channel::bounded))
);
threads!(Crossbeam, send, recv);
tries!(Crossbeam, try_send, try_recv);
