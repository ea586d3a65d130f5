//! async-channel: many producers, many consumers; no rendezvous.

use std::future::Future;

use super::{AsyncChannel, BlockingChannel, Channel, IntoOption, TryChannel};
use crate::cell::{Cells, Peer};
use crate::cells;
use crate::payload::Payload;

pub fn enter(cells: &mut Cells) {
    cells::enter_try::<AsyncChannelCrate>(cells);
    cells::enter_async_shared::<AsyncChannelCrate>(cells);
    cells::enter_blocking_shared::<AsyncChannelCrate>(cells);
}

pub struct AsyncChannelCrate;

impl<T: Payload> Channel<T> for AsyncChannelCrate {
    const PEER: Peer = Peer::sound("async-channel");

    type Sender = async_channel::Sender<T>;
    type Receiver = async_channel::Receiver<T>;

    fn new(capacity: Option<usize>) -> Option<(Self::Sender, Self::Receiver)> {
        match capacity {
            Some(0) => None,
            Some(n) => Some(async_channel::bounded(n)),
            None => Some(async_channel::unbounded()),
        }
    }
}

impl<T: Payload> AsyncChannel<T> for AsyncChannelCrate {
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

impl<T: Payload> BlockingChannel<T> for AsyncChannelCrate {
    fn send_blocking(sender: &mut Self::Sender, value: T) -> impl IntoOption<()> {
        sender.send_blocking(value)
    }

    fn recv_blocking(receiver: &mut Self::Receiver) -> impl IntoOption<T> {
        receiver.recv_blocking()
    }
}

impl<T: Payload> TryChannel<T> for AsyncChannelCrate {
    fn try_send(sender: &mut Self::Sender, value: T) -> impl IntoOption<()> {
        sender.try_send(value)
    }

    fn try_recv(receiver: &mut Self::Receiver) -> impl IntoOption<T> {
        receiver.try_recv()
    }
}
