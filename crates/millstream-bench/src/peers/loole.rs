//! loole: flume's interface on another engine; many producers, many consumers, tasks and threads on the same handles.

use std::future::Future;

use super::{AsyncChannel, BlockingChannel, Channel, IntoOption, TryChannel};
use crate::cell::Cells;
use crate::cells;

pub fn enter(cells: &mut Cells) {
    cells::enter_try::<Loole>(cells);
    cells::enter_async_shared::<Loole>(cells);
    cells::enter_blocking_shared::<Loole>(cells);
}

struct Loole;

impl Channel for Loole {
    const NAME: &'static str = "loole";

    type Sender = loole::Sender<usize>;
    type Receiver = loole::Receiver<usize>;

    fn new(capacity: Option<usize>) -> Option<(Self::Sender, Self::Receiver)> {
        Some(capacity.map_or_else(loole::unbounded, loole::bounded))
    }
}

impl AsyncChannel for Loole {
    fn send(
        sender: &Self::Sender,
        value: usize,
    ) -> impl Future<Output = impl IntoOption<()>> + Send {
        sender.send_async(value)
    }

    fn recv(receiver: &mut Self::Receiver) -> impl Future<Output = impl IntoOption<usize>> + Send {
        receiver.recv_async()
    }
}

impl BlockingChannel for Loole {
    fn send_blocking(sender: &Self::Sender, value: usize) -> impl IntoOption<()> {
        sender.send(value)
    }

    fn recv_blocking(receiver: &mut Self::Receiver) -> impl IntoOption<usize> {
        receiver.recv()
    }
}

impl TryChannel for Loole {
    fn try_send(sender: &Self::Sender, value: usize) -> impl IntoOption<()> {
        sender.try_send(value)
    }

    fn try_recv(receiver: &mut Self::Receiver) -> impl IntoOption<usize> {
        receiver.try_recv()
    }
}
