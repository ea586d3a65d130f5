//! tokio's mpsc: many producers, one consumer, with different types for bounded and unbounded; no rendezvous.

use std::future::{ready, Future};

use tokio::sync::mpsc;

use super::{AsyncChannel, BlockingChannel, Channel, IntoOption, TryChannel};
use crate::cell::Cells;
use crate::cells;

pub fn enter(cells: &mut Cells) {
    cells::enter_try::<Bounded>(cells);
    cells::enter_async::<Bounded>(cells);
    cells::enter_blocking::<Bounded>(cells);
    cells::enter_try::<Unbounded>(cells);
    cells::enter_async::<Unbounded>(cells);
    cells::enter_blocking::<Unbounded>(cells);
}

struct Bounded;

impl Channel for Bounded {
    const NAME: &'static str = "tokio-mpsc";
    const PACKAGE: &'static str = "tokio";

    type Sender = mpsc::Sender<usize>;
    type Receiver = mpsc::Receiver<usize>;

    fn new(capacity: Option<usize>) -> Option<(Self::Sender, Self::Receiver)> {
        capacity.filter(|&n| n > 0).map(mpsc::channel)
    }
}

impl AsyncChannel for Bounded {
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

impl BlockingChannel for Bounded {
    fn send_blocking(sender: &Self::Sender, value: usize) -> impl IntoOption<()> {
        sender.blocking_send(value)
    }

    fn recv_blocking(receiver: &mut Self::Receiver) -> impl IntoOption<usize> {
        receiver.blocking_recv()
    }
}

impl TryChannel for Bounded {
    fn try_send(sender: &Self::Sender, value: usize) -> impl IntoOption<()> {
        sender.try_send(value)
    }

    fn try_recv(receiver: &mut Self::Receiver) -> impl IntoOption<usize> {
        receiver.try_recv()
    }
}

struct Unbounded;

impl Channel for Unbounded {
    const NAME: &'static str = "tokio-mpsc";
    const PACKAGE: &'static str = "tokio";

    type Sender = mpsc::UnboundedSender<usize>;
    type Receiver = mpsc::UnboundedReceiver<usize>;

    fn new(capacity: Option<usize>) -> Option<(Self::Sender, Self::Receiver)> {
        capacity.is_none().then(mpsc::unbounded_channel)
    }
}

impl AsyncChannel for Unbounded {
    // Sending never waits here, so tokio has no future for it.
    fn send(
        sender: &Self::Sender,
        value: usize,
    ) -> impl Future<Output = impl IntoOption<()>> + Send {
        ready(sender.send(value))
    }

    fn recv(receiver: &mut Self::Receiver) -> impl Future<Output = impl IntoOption<usize>> + Send {
        receiver.recv()
    }
}

impl BlockingChannel for Unbounded {
    fn send_blocking(sender: &Self::Sender, value: usize) -> impl IntoOption<()> {
        sender.send(value)
    }

    fn recv_blocking(receiver: &mut Self::Receiver) -> impl IntoOption<usize> {
        receiver.blocking_recv()
    }
}

impl TryChannel for Unbounded {
    fn try_send(sender: &Self::Sender, value: usize) -> impl IntoOption<()> {
        sender.send(value)
    }

    fn try_recv(receiver: &mut Self::Receiver) -> impl IntoOption<usize> {
        receiver.try_recv()
    }
}
