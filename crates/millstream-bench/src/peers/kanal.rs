//! kanal: many producers, many consumers, with one pair of handle types for tasks and one for threads.

use super::define::{channel, tasks, threads};
use super::{IntoOption, Standing, TryChannel};
use crate::cell::{Cells, Peer};
use crate::cells;
use crate::payload::Payload;

const PEER: Peer = Peer::sound("kanal").standing(Standing::Flawed(
    "a matched receive that is dropped loses its value: the future's destructor drops what it was handed",
));

pub fn enter(cells: &mut Cells) {
    cells::enter_try::<Blocking>(cells);
    cells::enter_async_shared::<Async>(cells);
    cells::enter_blocking_shared::<Blocking>(cells);
}

channel!(
    Async,
    PEER,
    kanal::AsyncSender<T>,
    kanal::AsyncReceiver<T>,
    |capacity| Some(capacity.map_or_else(kanal::unbounded_async, kanal::bounded_async))
);
tasks!(Async, send, recv);

channel!(
    Blocking,
    PEER,
    kanal::Sender<T>,
    kanal::Receiver<T>,
    |capacity| Some(capacity.map_or_else(kanal::unbounded, kanal::bounded))
);
threads!(Blocking, send, recv);

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
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Waker};

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
