//! kanal: many producers, many consumers, with one pair of handle types for tasks and one for threads.

use std::future::Future;

use super::{AsyncChannel, BlockingChannel, Channel, IntoOption, Standing, TryChannel};
use crate::cell::Cells;
use crate::cells;

const FLAW: Standing = Standing::Flawed(
    "a matched receive that is dropped loses its value: the future's destructor drops what it was handed",
);

pub fn enter(cells: &mut Cells) {
    cells::enter_try::<Blocking>(cells);
    cells::enter_async_shared::<Async>(cells);
    cells::enter_blocking_shared::<Blocking>(cells);
}

struct Async;

impl Channel for Async {
    const NAME: &'static str = "kanal";
    const STANDING: Standing = FLAW;

    type Sender = kanal::AsyncSender<usize>;
    type Receiver = kanal::AsyncReceiver<usize>;

    fn new(capacity: Option<usize>) -> Option<(Self::Sender, Self::Receiver)> {
        Some(capacity.map_or_else(kanal::unbounded_async, kanal::bounded_async))
    }
}

impl AsyncChannel for Async {
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

struct Blocking;

impl Channel for Blocking {
    const NAME: &'static str = "kanal";
    const STANDING: Standing = FLAW;

    type Sender = kanal::Sender<usize>;
    type Receiver = kanal::Receiver<usize>;

    fn new(capacity: Option<usize>) -> Option<(Self::Sender, Self::Receiver)> {
        Some(capacity.map_or_else(kanal::unbounded, kanal::bounded))
    }
}

impl BlockingChannel for Blocking {
    fn send_blocking(sender: &Self::Sender, value: usize) -> impl IntoOption<()> {
        sender.send(value)
    }

    fn recv_blocking(receiver: &mut Self::Receiver) -> impl IntoOption<usize> {
        receiver.recv()
    }
}

impl TryChannel for Blocking {
    fn try_send(sender: &Self::Sender, value: usize) -> impl IntoOption<()> {
        // kanal says Ok(false) where others say that the channel is full.
        sender.try_send(value).unwrap_or(false).then_some(())
    }

    fn try_recv(receiver: &mut Self::Receiver) -> impl IntoOption<usize> {
        receiver.try_recv().unwrap_or(None)
    }
}
