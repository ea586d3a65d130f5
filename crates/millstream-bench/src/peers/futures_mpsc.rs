//! futures' mpsc: many producers, one consumer, for tasks only, with different types for bounded and unbounded; no rendezvous.

use std::future::{ready, Future};

use futures::channel::mpsc;
use futures::{SinkExt, StreamExt};

use super::{AsyncChannel, Channel, IntoOption, TryChannel};
use crate::cell::{Cells, Peer};
use crate::cells;
use crate::payload::Payload;

const PEER: Peer = Peer::of("futures", "futures-mpsc");

pub fn enter(cells: &mut Cells) {
    cells::enter_try::<Bounded>(cells);
    cells::enter_async_senders::<Bounded>(cells);
    cells::enter_try::<Unbounded>(cells);
    cells::enter_async_senders::<Unbounded>(cells);
}

struct Bounded;

impl<T: Payload> Channel<T> for Bounded {
    const PEER: Peer = PEER;

    type Sender = mpsc::Sender<T>;
    type Receiver = mpsc::Receiver<T>;

    // Each sender has one place of its own beside the buffer, so with one sender this is the capacity that was asked for.
    fn new(capacity: Option<usize>) -> Option<(Self::Sender, Self::Receiver)> {
        capacity
            .filter(|&n| n > 0)
            .map(|capacity| mpsc::channel(capacity - 1))
    }
}

impl<T: Payload> AsyncChannel<T> for Bounded {
    fn send(
        sender: &mut Self::Sender,
        value: T,
    ) -> impl Future<Output = impl IntoOption<()>> + Send {
        SinkExt::send(sender, value)
    }

    fn recv(receiver: &mut Self::Receiver) -> impl Future<Output = impl IntoOption<T>> + Send {
        receiver.next()
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
    const PEER: Peer = PEER;

    type Sender = mpsc::UnboundedSender<T>;
    type Receiver = mpsc::UnboundedReceiver<T>;

    fn new(capacity: Option<usize>) -> Option<(Self::Sender, Self::Receiver)> {
        capacity.is_none().then(mpsc::unbounded)
    }
}

impl<T: Payload> AsyncChannel<T> for Unbounded {
    // Sending never waits here; the future that its `Sink` has for it would only be slower.
    fn send(
        sender: &mut Self::Sender,
        value: T,
    ) -> impl Future<Output = impl IntoOption<()>> + Send {
        ready(sender.unbounded_send(value).into_option())
    }

    fn recv(receiver: &mut Self::Receiver) -> impl Future<Output = impl IntoOption<T>> + Send {
        receiver.next()
    }
}

impl<T: Payload> TryChannel<T> for Unbounded {
    fn try_send(sender: &mut Self::Sender, value: T) -> impl IntoOption<()> {
        sender.unbounded_send(value)
    }

    fn try_recv(receiver: &mut Self::Receiver) -> impl IntoOption<T> {
        receiver.try_recv()
    }
}
