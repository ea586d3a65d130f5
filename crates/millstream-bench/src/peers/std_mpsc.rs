//! std's mpsc: many producers, one consumer, threads only, with different senders for bounded and unbounded.

use std::sync::mpsc;

use super::{BlockingChannel, Channel, IntoOption, TryChannel};
use crate::cell::{Cells, Peer};
use crate::cells;
use crate::payload::Payload;

const PEER: Peer = Peer::of("std", "std-mpsc");

pub fn enter(cells: &mut Cells) {
    cells::enter_try::<Bounded>(cells);
    cells::enter_blocking::<Bounded>(cells);
    cells::enter_try::<Unbounded>(cells);
    cells::enter_blocking::<Unbounded>(cells);
}

struct Bounded;

impl<T: Payload> Channel<T> for Bounded {
    const PEER: Peer = PEER;

    type Sender = mpsc::SyncSender<T>;
    type Receiver = mpsc::Receiver<T>;

    fn new(capacity: Option<usize>) -> Option<(Self::Sender, Self::Receiver)> {
        capacity.map(mpsc::sync_channel)
    }
}

impl<T: Payload> BlockingChannel<T> for Bounded {
    fn send_blocking(sender: &mut Self::Sender, value: T) -> impl IntoOption<()> {
        sender.send(value)
    }

    fn recv_blocking(receiver: &mut Self::Receiver) -> impl IntoOption<T> {
        receiver.recv()
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

    type Sender = mpsc::Sender<T>;
    type Receiver = mpsc::Receiver<T>;

    fn new(capacity: Option<usize>) -> Option<(Self::Sender, Self::Receiver)> {
        capacity.is_none().then(mpsc::channel)
    }
}

impl<T: Payload> BlockingChannel<T> for Unbounded {
    fn send_blocking(sender: &mut Self::Sender, value: T) -> impl IntoOption<()> {
        sender.send(value)
    }

    fn recv_blocking(receiver: &mut Self::Receiver) -> impl IntoOption<T> {
        receiver.recv()
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
