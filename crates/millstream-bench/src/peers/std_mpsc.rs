//! std's mpsc: many producers, one consumer, threads only, with different senders for bounded and unbounded.

use std::sync::mpsc;

use super::define::{channel, threads, tries};
use crate::cell::{Cells, Peer};
use crate::cells;

const PEER: Peer = Peer::of("std", "std-mpsc");

pub fn enter(cells: &mut Cells) {
    cells::enter_try::<Bounded>(cells);
    cells::enter_blocking::<Bounded>(cells);
    cells::enter_try::<Unbounded>(cells);
    cells::enter_blocking::<Unbounded>(cells);
}

channel!(
    Bounded,
    PEER,
    mpsc::SyncSender<T>,
    mpsc::Receiver<T>,
    |capacity| capacity.map(mpsc::sync_channel)
);
threads!(Bounded, send, recv);
tries!(Bounded, try_send, try_recv);

channel!(
    Unbounded,
    PEER,
    mpsc::Sender<T>,
    mpsc::Receiver<T>,
    |capacity| capacity.is_none().then(mpsc::channel)
);
threads!(Unbounded, send, recv);
tries!(Unbounded, send, try_recv);
