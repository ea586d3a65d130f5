//! tachyonix: many producers, one consumer, bounded, for tasks only.

use std::future::Future;

use super::{AsyncChannel, Channel, IntoOption, TryChannel};
use crate::cell::{Cells, Peer};
use crate::cells;
use crate::payload::Payload;

pub fn enter(cells: &mut Cells) {
    cells::enter_try::<Tachyonix>(cells);
    cells::enter_async_senders::<Tachyonix>(cells);
}

struct Tachyonix;

impl<T: Payload> Channel<T> for Tachyonix {
    const PEER: Peer = Peer::sound("tachyonix");

    type Sender = tachyonix::Sender<T>;
    type Receiver = tachyonix::Receiver<T>;

    fn new(capacity: Option<usize>) -> Option<(Self::Sender, Self::Receiver)> {
        capacity.filter(|&n| n > 0).map(tachyonix::channel)
    }
}

impl<T: Payload> AsyncChannel<T> for Tachyonix {
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

impl<T: Payload> TryChannel<T> for Tachyonix {
    fn try_send(sender: &mut Self::Sender, value: T) -> impl IntoOption<()> {
        sender.try_send(value)
    }

    fn try_recv(receiver: &mut Self::Receiver) -> impl IntoOption<T> {
        receiver.try_recv()
    }
}
