//! tokio's mpsc: many producers, one consumer, with different types for bounded and unbounded; no rendezvous.

use std::future::{ready, Future};

use tokio::sync::mpsc;

use super::{AsyncChannel, BlockingChannel, Channel, IntoOption, TryChannel};
use crate::cell::{Cells, Peer};
use crate::cells;
use crate::payload::Payload;

pub fn enter(cells: &mut Cells) {
    cells::enter_try::<Bounded>(cells);
    cells::enter_async_senders::<Bounded>(cells);
    cells::enter_blocking::<Bounded>(cells);
    cells::enter_try::<Unbounded>(cells);
    cells::enter_async_senders::<Unbounded>(cells);
    cells::enter_blocking::<Unbounded>(cells);
}

pub struct Bounded;

impl<T: Payload> Channel<T> for Bounded {
    const PEER: Peer = Peer::of("tokio", "tokio-mpsc");

    type Sender = mpsc::Sender<T>;
    type Receiver = mpsc::Receiver<T>;

    fn new(capacity: Option<usize>) -> Option<(Self::Sender, Self::Receiver)> {
        capacity.filter(|&n| n > 0).map(mpsc::channel)
    }
}

impl<T: Payload> AsyncChannel<T> for Bounded {
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

impl<T: Payload> BlockingChannel<T> for Bounded {
    fn send_blocking(sender: &mut Self::Sender, value: T) -> impl IntoOption<()> {
        sender.blocking_send(value)
    }

    fn recv_blocking(receiver: &mut Self::Receiver) -> impl IntoOption<T> {
        receiver.blocking_recv()
    }
}

impl<T: Payload> TryChannel<T> for Bounded {
    fn try_send(sender: &mut Self::Sender, value: T) -> impl IntoOption<()> {
        sender.try_send(value)
    }

    fn try_recv(receiver: &mut Self::Receiver) -> impl IntoOption<T> {
        receiver.try_recv()
    }
}

struct Unbounded;

impl<T: Payload> Channel<T> for Unbounded {
    const PEER: Peer = Peer::of("tokio", "tokio-mpsc");

    type Sender = mpsc::UnboundedSender<T>;
    type Receiver = mpsc::UnboundedReceiver<T>;

    fn new(capacity: Option<usize>) -> Option<(Self::Sender, Self::Receiver)> {
        capacity.is_none().then(mpsc::unbounded_channel)
    }
}

impl<T: Payload> AsyncChannel<T> for Unbounded {
    // Sending never waits here, so tokio has no future for it.
    fn send(
        sender: &mut Self::Sender,
        value: T,
    ) -> impl Future<Output = impl IntoOption<()>> + Send {
        ready(sender.send(value).into_option())
    }

    fn recv(receiver: &mut Self::Receiver) -> impl Future<Output = impl IntoOption<T>> + Send {
        receiver.recv()
    }
}

impl<T: Payload> BlockingChannel<T> for Unbounded {
    fn send_blocking(sender: &mut Self::Sender, value: T) -> impl IntoOption<()> {
        sender.send(value)
    }

    fn recv_blocking(receiver: &mut Self::Receiver) -> impl IntoOption<T> {
        receiver.blocking_recv()
    }
}

impl<T: Payload> TryChannel<T> for Unbounded {
    fn try_send(sender: &mut Self::Sender, value: T) -> impl IntoOption<()> {
        sender.send(value)
    }

    fn try_recv(receiver: &mut Self::Receiver) -> impl IntoOption<T> {
        receiver.try_recv()
    }
}
