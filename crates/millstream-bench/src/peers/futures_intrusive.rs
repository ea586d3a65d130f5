//! futures-intrusive: many producers, many consumers, bounded or rendezvous, for tasks only.

use std::future::Future;

use futures_intrusive::channel::shared::{self, Receiver, Sender};

use super::{AsyncChannel, Channel, IntoOption, TryChannel};
use crate::cell::{Cells, Peer};
use crate::cells;
use crate::payload::Payload;

pub fn enter(cells: &mut Cells) {
    cells::enter_try::<FuturesIntrusive>(cells);
    cells::enter_async_shared::<FuturesIntrusive>(cells);
}

struct FuturesIntrusive;

impl<T: Payload> Channel<T> for FuturesIntrusive {
    const PEER: Peer = Peer::sound("futures-intrusive");

    type Sender = Sender<T>;
    type Receiver = Receiver<T>;

    fn new(capacity: Option<usize>) -> Option<(Self::Sender, Self::Receiver)> {
        match capacity {
            Some(0) => Some(shared::unbuffered_channel()),
            Some(n) => Some(shared::channel(n)),
            None => None,
        }
    }
}

impl<T: Payload> AsyncChannel<T> for FuturesIntrusive {
    fn send(
        sender: &mut Self::Sender,
        value: T,
    ) -> impl Future<Output = impl IntoOption<()>> + Send {
        sender.send(value)
    }

    fn recv(receiver: &mut Self::Receiver) -> impl Future<Output = impl IntoOption<T>> + Send {
        receiver.receive()
    }
}

impl<T: Payload> TryChannel<T> for FuturesIntrusive {
    fn try_send(sender: &mut Self::Sender, value: T) -> impl IntoOption<()> {
        sender.try_send(value)
    }

    fn try_recv(receiver: &mut Self::Receiver) -> impl IntoOption<T> {
        receiver.try_receive()
    }
}
