//! kanal: many producers, many consumers, with one pair of handle types for tasks and one for threads.

use std::future::Future;

use super::{AsyncChannel, BlockingChannel, Channel, IntoOption, Standing, TryChannel};
use crate::cell::{Cells, Peer};
use crate::cells;
use crate::payload::Payload;

const FLAW: Standing = Standing::Flawed(
    "a matched receive that is dropped loses its value: the future's destructor drops what it was handed",
);

pub fn enter(cells: &mut Cells) {
    cells::enter_try::<Blocking>(cells);
    cells::enter_async_shared::<Async>(cells);
    cells::enter_blocking_shared::<Blocking>(cells);
}

pub struct Async;

impl<T: Payload> Channel<T> for Async {
    const PEER: Peer = Peer::sound("kanal").standing(FLAW);

    type Sender = kanal::AsyncSender<T>;
    type Receiver = kanal::AsyncReceiver<T>;

    fn new(capacity: Option<usize>) -> Option<(Self::Sender, Self::Receiver)> {
        Some(capacity.map_or_else(kanal::unbounded_async, kanal::bounded_async))
    }
}

impl<T: Payload> AsyncChannel<T> for Async {
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

struct Blocking;

impl<T: Payload> Channel<T> for Blocking {
    const PEER: Peer = Peer::sound("kanal").standing(FLAW);

    type Sender = kanal::Sender<T>;
    type Receiver = kanal::Receiver<T>;

    fn new(capacity: Option<usize>) -> Option<(Self::Sender, Self::Receiver)> {
        Some(capacity.map_or_else(kanal::unbounded, kanal::bounded))
    }
}

impl<T: Payload> BlockingChannel<T> for Blocking {
    fn send_blocking(sender: &mut Self::Sender, value: T) -> impl IntoOption<()> {
        sender.send(value)
    }

    fn recv_blocking(receiver: &mut Self::Receiver) -> impl IntoOption<T> {
        receiver.recv()
    }
}

impl<T: Payload> TryChannel<T> for Blocking {
    fn try_send(sender: &mut Self::Sender, value: T) -> impl IntoOption<()> {
        // kanal says Ok(false) where others say that the channel is full.
        sender.try_send(value).unwrap_or(false).then_some(())
    }

    fn try_recv(receiver: &mut Self::Receiver) -> impl IntoOption<T> {
        receiver.try_recv().unwrap_or(None)
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Waker};

    use super::*;

    #[test]
    fn the_mark_is_still_deserved() {
        let (sender, receiver) = kanal::bounded_async::<usize>(4);
        {
            let mut receiving = pin!(receiver.recv());
            let mut context = Context::from_waker(Waker::noop());
            assert!(receiving.as_mut().poll(&mut context).is_pending());
            assert_eq!(sender.try_send(7), Ok(true));
        }
        assert_eq!(
            receiver.try_recv(),
            Ok(None),
            "the value was lost with the future"
        );
    }
}
