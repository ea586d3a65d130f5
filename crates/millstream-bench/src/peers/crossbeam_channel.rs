//! crossbeam-channel: many producers, many consumers, threads only.

use super::{BlockingChannel, Channel, IntoOption, TryChannel};
use crate::cell::{Cells, Peer};
use crate::cells;
use crate::payload::Payload;

pub fn enter(cells: &mut Cells) {
    cells::enter_try::<Crossbeam>(cells);
    cells::enter_blocking_shared::<Crossbeam>(cells);
}

struct Crossbeam;

impl<T: Payload> Channel<T> for Crossbeam {
    const PEER: Peer = Peer::sound("crossbeam-channel");

    type Sender = crossbeam_channel::Sender<T>;
    type Receiver = crossbeam_channel::Receiver<T>;

    fn new(capacity: Option<usize>) -> Option<(Self::Sender, Self::Receiver)> {
        Some(capacity.map_or_else(crossbeam_channel::unbounded, crossbeam_channel::bounded))
    }
}

impl<T: Payload> BlockingChannel<T> for Crossbeam {
    fn send_blocking(sender: &mut Self::Sender, value: T) -> impl IntoOption<()> {
        sender.send(value)
    }

    fn recv_blocking(receiver: &mut Self::Receiver) -> impl IntoOption<T> {
        receiver.recv()
    }
}

impl<T: Payload> TryChannel<T> for Crossbeam {
    fn try_send(sender: &mut Self::Sender, value: T) -> impl IntoOption<()> {
        sender.try_send(value)
    }

    fn try_recv(receiver: &mut Self::Receiver) -> impl IntoOption<T> {
        receiver.try_recv()
    }
}
