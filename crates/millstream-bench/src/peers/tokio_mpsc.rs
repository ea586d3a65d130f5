//! tokio's mpsc: many producers, one consumer, with different types for bounded and unbounded; no rendezvous.

use tokio::sync::mpsc;

use super::define::{channel, tasks, threads, tries};
use crate::cell::{Cells, Peer};
use crate::cells;

const PEER: Peer = Peer::of("tokio", "tokio-mpsc");

pub fn enter(cells: &mut Cells) {
    cells::enter_try::<Bounded>(cells);
    cells::enter_async_senders::<Bounded>(cells);
    cells::enter_blocking::<Bounded>(cells);
    cells::enter_try::<Unbounded>(cells);
    cells::enter_async_senders::<Unbounded>(cells);
    cells::enter_blocking::<Unbounded>(cells);
}

channel!(
    Bounded,
    PEER,
    mpsc::Sender<T>,
    mpsc::Receiver<T>,
    |capacity| capacity.filter(|&n| n > 0).map(mpsc::channel)
);
tasks!(Bounded, send, recv);
threads!(Bounded, blocking_send, blocking_recv);
tries!(Bounded, try_send, try_recv);

channel!(
    Unbounded,
    PEER,
    mpsc::UnboundedSender<T>,
    mpsc::UnboundedReceiver<T>,
    |capacity| capacity.is_none().then(mpsc::unbounded_channel)
);
tasks!(Unbounded, ready(send), recv);
threads!(Unbounded, send, blocking_recv);
tries!(Unbounded, send, try_recv);
