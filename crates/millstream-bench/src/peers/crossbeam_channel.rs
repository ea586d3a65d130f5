//! crossbeam-channel: many producers, many consumers, threads only.

use super::{BlockingChannel, Channel, IntoOption, TryChannel};
use crate::cell::Cells;
use crate::cells;

pub fn enter(cells: &mut Cells) {
    cells::enter_try::<Crossbeam>(cells);
    cells::enter_blocking_shared::<Crossbeam>(cells);
}

struct Crossbeam;

impl Channel for Crossbeam {
    const NAME: &'static str = "crossbeam-channel";

    type Sender = crossbeam_channel::Sender<usize>;
    type Receiver = crossbeam_channel::Receiver<usize>;

    fn new(capacity: Option<usize>) -> Option<(Self::Sender, Self::Receiver)> {
        Some(capacity.map_or_else(crossbeam_channel::unbounded, crossbeam_channel::bounded))
    }
}

impl BlockingChannel for Crossbeam {
    fn send_blocking(sender: &Self::Sender, value: usize) -> impl IntoOption<()> {
        sender.send(value)
    }

    fn recv_blocking(receiver: &mut Self::Receiver) -> impl IntoOption<usize> {
        receiver.recv()
    }
}

impl TryChannel for Crossbeam {
    fn try_send(sender: &Self::Sender, value: usize) -> impl IntoOption<()> {
        sender.try_send(value)
    }

    fn try_recv(receiver: &mut Self::Receiver) -> impl IntoOption<usize> {
        receiver.try_recv()
    }
}
