//! postage: bounded channels behind its own `Sink` and `Stream`; its `mpsc` has one consumer, its `dispatch` many.

use std::future::Future;

use postage::sink::Sink;
use postage::stream::Stream;
use postage::{dispatch, mpsc};

use super::{AsyncChannel, BlockingChannel, Channel, IntoOption, TryChannel};
use crate::cell::{Cells, Peer};
use crate::cells;
use crate::payload::Payload;

pub fn enter(cells: &mut Cells) {
    cells::enter_try::<Mpsc>(cells);
    cells::enter_async_senders::<Mpsc>(cells);
    cells::enter_blocking::<Mpsc>(cells);
    cells::enter_async_many_to_many::<Dispatch>(cells);
    cells::enter_blocking_many_to_many::<Dispatch>(cells);
}

macro_rules! channel {
    ($channel:ident, $module:ident) => {
        struct $channel;

        impl<T: Payload> Channel<T> for $channel {
            const PEER: Peer = Peer::sound("postage");

            type Sender = $module::Sender<T>;
            type Receiver = $module::Receiver<T>;

            fn new(capacity: Option<usize>) -> Option<(Self::Sender, Self::Receiver)> {
                capacity.filter(|&n| n > 0).map($module::channel)
            }
        }

        impl<T: Payload> AsyncChannel<T> for $channel {
            fn send(
                sender: &mut Self::Sender,
                value: T,
            ) -> impl Future<Output = impl IntoOption<()>> + Send {
                sender.send(value)
            }

            fn recv(
                receiver: &mut Self::Receiver,
            ) -> impl Future<Output = impl IntoOption<T>> + Send {
                receiver.recv()
            }
        }

        impl<T: Payload> BlockingChannel<T> for $channel {
            fn send_blocking(sender: &mut Self::Sender, value: T) -> impl IntoOption<()> {
                sender.blocking_send(value)
            }

            fn recv_blocking(receiver: &mut Self::Receiver) -> impl IntoOption<T> {
                receiver.blocking_recv()
            }
        }
    };
}

channel!(Mpsc, mpsc);
channel!(Dispatch, dispatch);

impl<T: Payload> TryChannel<T> for Mpsc {
    fn try_send(sender: &mut Self::Sender, value: T) -> impl IntoOption<()> {
        sender.try_send(value)
    }

    fn try_recv(receiver: &mut Self::Receiver) -> impl IntoOption<T> {
        receiver.try_recv()
    }
}
