//! postage: bounded channels behind its own `Sink` and `Stream`; its `mpsc` has one consumer, its `dispatch` many.

use postage::sink::Sink;
use postage::stream::Stream;
use postage::{dispatch, mpsc};

use super::define::{channel, tasks, threads, tries};
use crate::cell::{Cells, Peer};
use crate::cells;

const PEER: Peer = Peer::sound("postage");

pub fn enter(cells: &mut Cells) {
    cells::enter_try::<Mpsc>(cells);
    cells::enter_async_senders::<Mpsc>(cells);
    cells::enter_blocking::<Mpsc>(cells);
    cells::enter_async_many_to_many::<Dispatch>(cells);
    cells::enter_blocking_many_to_many::<Dispatch>(cells);
}

channel!(Mpsc, PEER, mpsc::Sender<T>, mpsc::Receiver<T>, |capacity| {
    capacity.filter(|&n| n > 0).map(mpsc::channel)
});
tasks!(Mpsc, send, recv);
threads!(Mpsc, blocking_send, blocking_recv);
tries!(Mpsc, try_send, try_recv);

channel!(
    Dispatch,
    PEER,
    dispatch::Sender<T>,
    dispatch::Receiver<T>,
    |capacity| capacity.filter(|&n| n > 0).map(dispatch::channel)
);
tasks!(Dispatch, send, recv);
threads!(Dispatch, blocking_send, blocking_recv);
