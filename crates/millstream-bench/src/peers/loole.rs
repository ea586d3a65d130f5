//! loole: flume's interface on another engine; many producers, many consumers, tasks and threads on the same handles.

use std::future::Future;

use super::{AsyncChannel, BlockingChannel, Channel, IntoOption, TryChannel};
use crate::cell::{Cells, Peer};
use crate::cells;
use crate::payload::Payload;

pub fn enter(cells: &mut Cells) {
    cells::enter_try::<Loole>(cells);
    cells::enter_async_shared::<Loole>(cells);
    cells::enter_blocking_shared::<Loole>(cells);
}

pub struct Loole;

impl<T: Payload> Channel<T> for Loole {
    const PEER: Peer = Peer::sound("loole");

    type Sender = loole::Sender<T>;
    type Receiver = loole::Receiver<T>;

    fn new(capacity: Option<usize>) -> Option<(Self::Sender, Self::Receiver)> {
        Some(capacity.map_or_else(loole::unbounded, loole::bounded))
    }
}

impl<T: Payload> AsyncChannel<T> for Loole {
    fn send(
        sender: &mut Self::Sender,
        value: T,
    ) -> impl Future<Output = impl IntoOption<()>> + Send {
        sender.send_async(value)
    }

    fn recv(receiver: &mut Self::Receiver) -> impl Future<Output = impl IntoOption<T>> + Send {
        receiver.recv_async()
    }
}

impl<T: Payload> BlockingChannel<T> for Loole {
    fn send_blocking(sender: &mut Self::Sender, value: T) -> impl IntoOption<()> {
        sender.send(value)
    }

    fn recv_blocking(receiver: &mut Self::Receiver) -> impl IntoOption<T> {
        receiver.recv()
    }
}

impl<T: Payload> TryChannel<T> for Loole {
    fn try_send(sender: &mut Self::Sender, value: T) -> impl IntoOption<()> {
        sender.try_send(value)
    }

    fn try_recv(receiver: &mut Self::Receiver) -> impl IntoOption<T> {
        receiver.try_recv()
    }
}
