//! millstream: the crate under test.

use std::future::Future;

use super::{AsyncChannel, BlockingChannel, Channel, IntoOption, Standing, TryChannel};
use crate::cell::Cells;
use crate::cells;

pub fn enter(cells: &mut Cells) {
    cells::enter_try::<Millstream>(cells);
    cells::enter_async_shared::<Millstream>(cells);
    cells::enter_blocking_shared::<Millstream>(cells);
}

struct Millstream;

impl Channel for Millstream {
    const NAME: &'static str = "millstream";
    const STANDING: Standing = Standing::Subject;

    type Sender = millstream::Sender<usize>;
    type Receiver = millstream::Receiver<usize>;

    fn new(capacity: Option<usize>) -> Option<(Self::Sender, Self::Receiver)> {
        Some(capacity.map_or_else(millstream::unbounded, millstream::bounded))
    }
}

impl AsyncChannel for Millstream {
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

impl BlockingChannel for Millstream {
    fn send_blocking(sender: &Self::Sender, value: usize) -> impl IntoOption<()> {
        sender.send_blocking(value)
    }

    fn recv_blocking(receiver: &mut Self::Receiver) -> impl IntoOption<usize> {
        receiver.recv_blocking()
    }
}

impl TryChannel for Millstream {
    fn try_send(sender: &Self::Sender, value: usize) -> impl IntoOption<()> {
        sender.try_send(value)
    }

    fn try_recv(receiver: &mut Self::Receiver) -> impl IntoOption<usize> {
        receiver.try_recv()
    }
}
