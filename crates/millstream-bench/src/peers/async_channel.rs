//! async-channel: many producers, many consumers; no rendezvous.

use std::future::Future;

use super::{AsyncChannel, BlockingChannel, Channel, IntoOption, TryChannel};
use crate::cell::Cells;
use crate::cells;

pub fn enter(cells: &mut Cells) {
    cells::enter_try::<AsyncChannelCrate>(cells);
    cells::enter_async_shared::<AsyncChannelCrate>(cells);
    cells::enter_blocking_shared::<AsyncChannelCrate>(cells);
}

struct AsyncChannelCrate;

impl Channel for AsyncChannelCrate {
    const NAME: &'static str = "async-channel";

    type Sender = async_channel::Sender<usize>;
    type Receiver = async_channel::Receiver<usize>;

    fn new(capacity: Option<usize>) -> Option<(Self::Sender, Self::Receiver)> {
        match capacity {
            Some(0) => None,
            Some(n) => Some(async_channel::bounded(n)),
            None => Some(async_channel::unbounded()),
        }
    }
}

impl AsyncChannel for AsyncChannelCrate {
    fn send(
        sender: &Self::Sender,
        value: usize,
    ) -> impl Future<Output = impl IntoOption<()>> + Send {
        sender.send(value)
    }

    fn recv(receiver: &mut Self::Receiver) -> impl Future<Output = impl IntoOption<usize>> + Send {
        receiver.recv()
    }
}

impl BlockingChannel for AsyncChannelCrate {
    fn send_blocking(sender: &Self::Sender, value: usize) -> impl IntoOption<()> {
        sender.send_blocking(value)
    }

    fn recv_blocking(receiver: &mut Self::Receiver) -> impl IntoOption<usize> {
        receiver.recv_blocking()
    }
}

impl TryChannel for AsyncChannelCrate {
    fn try_send(sender: &Self::Sender, value: usize) -> impl IntoOption<()> {
        sender.try_send(value)
    }

    fn try_recv(receiver: &mut Self::Receiver) -> impl IntoOption<usize> {
        receiver.try_recv()
    }
}
