//! tachyonix: many producers, one consumer, bounded, for tasks only.

use super::define::{channel, tasks, tries};
use crate::cell::{Cells, Peer};
use crate::cells;

pub fn enter(cells: &mut Cells) {
    cells::enter_try::<Tachyonix>(cells);
    cells::enter_async_senders::<Tachyonix>(cells);
}

channel!(
    Tachyonix,
    Peer::sound("tachyonix"),
    tachyonix::Sender<T>,
    tachyonix::Receiver<T>,
    |capacity| capacity.filter(|&n| n > 0).map(tachyonix::channel)
);
tasks!(Tachyonix, send, recv);
tries!(Tachyonix, try_send, try_recv);
