//! millstream: the crate under test.

use std::future::Future;

use super::{AsyncChannel, BlockingChannel, Channel, IntoOption, Standing, TryChannel};
use crate::cell::{Cells, Peer};
use crate::cells;
use crate::payload::Payload;

pub fn enter(cells: &mut Cells) {
    cells::enter_try::<Millstream>(cells);
    cells::enter_async_shared::<Millstream>(cells);
    cells::enter_blocking_shared::<Millstream>(cells);
}

pub struct Millstream;

impl<T: Payload> Channel<T> for Millstream {
    const PEER: Peer = Peer::sound("millstream").standing(Standing::Subject);

    type Sender = millstream::Sender<T>;
    type Receiver = millstream::Receiver<T>;

    fn new(capacity: Option<usize>) -> Option<(Self::Sender, Self::Receiver)> {
        Some(capacity.map_or_else(millstream::unbounded, millstream::bounded))
    }
}

impl<T: Payload> AsyncChannel<T> for Millstream {
    fn send(
        sender: &mut Self::Sender,
        value: T,
    ) -> impl Future<Output = impl IntoOption<()>> + Send {
        sender.send(value)
    }

    fn recv(receiver: &mut Self::Receiver) -> impl Future<Output = impl IntoOption<T>> + Send {
        receiver.recv()
    }
}

impl<T: Payload> BlockingChannel<T> for Millstream {
    fn send_blocking(sender: &mut Self::Sender, value: T) -> impl IntoOption<()> {
        sender.send_blocking(value)
    }

    fn recv_blocking(receiver: &mut Self::Receiver) -> impl IntoOption<T> {
        receiver.recv_blocking()
    }
}

impl<T: Payload> TryChannel<T> for Millstream {
    fn try_send(sender: &mut Self::Sender, value: T) -> impl IntoOption<()> {
        sender.try_send(value)
    }

    fn try_recv(receiver: &mut Self::Receiver) -> impl IntoOption<T> {
        receiver.try_recv()
    }
}
