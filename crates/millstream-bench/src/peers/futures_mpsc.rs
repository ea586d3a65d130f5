//! futures' mpsc: many producers, one consumer, for tasks only, with different types for bounded and unbounded; no rendezvous.

use futures::channel::mpsc;
use futures::{SinkExt, StreamExt};

use super::define::{channel, tasks, tries};
use crate::cell::{Cells, Peer};
use crate::cells;

const PEER: Peer = Peer::of("futures", "futures-mpsc");

pub fn enter(cells: &mut Cells) {
    cells::enter_try::<Bounded>(cells);
    cells::enter_async_senders::<Bounded>(cells);
    cells::enter_try::<Unbounded>(cells);
    cells::enter_async_senders::<Unbounded>(cells);
}

channel!(
    Bounded,
    PEER,
    mpsc::Sender<T>,
    mpsc::Receiver<T>,
    // Each sender has one place of its own beside the buffer, so with one sender this is the capacity that was asked for.
    |capacity| capacity
        .filter(|&n| n > 0)
        .map(|capacity| mpsc::channel(capacity - 1))
);
tasks!(Bounded, send, next);
tries!(Bounded, try_send, try_recv);

channel!(
    Unbounded,
    PEER,
    mpsc::UnboundedSender<T>,
    mpsc::UnboundedReceiver<T>,
    |capacity| capacity.is_none().then(mpsc::unbounded)
);
// The future that its `Sink` has for sending would only be slower.
tasks!(Unbounded, ready(unbounded_send), next);
tries!(Unbounded, unbounded_send, try_recv);
