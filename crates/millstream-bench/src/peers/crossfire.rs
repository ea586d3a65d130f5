//! crossfire: one module for each number of producers and consumers, each with handles for tasks and handles for threads; no rendezvous.

use std::future::{ready, Future};

use super::{AsyncChannel, BlockingChannel, Channel, IntoOption, Standing, TryChannel};
use crate::cell::{Cells, Peer};
use crate::cells;
use crate::payload::Payload;

pub const FLAW: Standing = Standing::Flawed(
    "unsound: its handles can go to other threads whatever they carry, an `Rc` for instance, because their `Send` asks nothing of the value",
);

pub fn enter(cells: &mut Cells) {
    // It asks to be called once, before the first channel is made.
    crossfire::detect_backoff_cfg();

    cells::enter_try::<spsc::Blocking>(cells);
    cells::enter_async::<spsc::Async>(cells);
    cells::enter_blocking::<spsc::Blocking>(cells);
    cells::enter_try::<spsc::BlockingUnbounded>(cells);
    cells::enter_async::<spsc::AsyncUnbounded>(cells);
    cells::enter_blocking::<spsc::BlockingUnbounded>(cells);

    cells::enter_try::<mpsc::Blocking>(cells);
    cells::enter_async_senders::<mpsc::Async>(cells);
    cells::enter_blocking::<mpsc::Blocking>(cells);
    cells::enter_try::<mpsc::BlockingUnbounded>(cells);
    cells::enter_async_senders::<mpsc::AsyncUnbounded>(cells);
    cells::enter_blocking::<mpsc::BlockingUnbounded>(cells);

    cells::enter_try::<mpmc::Blocking>(cells);
    cells::enter_async_shared::<mpmc::Async>(cells);
    cells::enter_blocking_shared::<mpmc::Blocking>(cells);
    cells::enter_try::<mpmc::BlockingUnbounded>(cells);
    cells::enter_async_shared::<mpmc::AsyncUnbounded>(cells);
    cells::enter_blocking_shared::<mpmc::BlockingUnbounded>(cells);
}

/// A channel type for threads, which also has the operations that never wait.
macro_rules! threads {
    ($channel:ident, $sender:ty, $receiver:ty, |$capacity:ident| $new:expr) => {
        pub struct $channel;

        impl<T: Payload> Channel<T> for $channel {
            const PEER: Peer = PEER;

            type Sender = $sender;
            type Receiver = $receiver;

            fn new($capacity: Option<usize>) -> Option<(Self::Sender, Self::Receiver)> {
                $new
            }
        }

        impl<T: Payload> BlockingChannel<T> for $channel {
            fn send_blocking(sender: &mut Self::Sender, value: T) -> impl IntoOption<()> {
                sender.send(value)
            }

            fn recv_blocking(receiver: &mut Self::Receiver) -> impl IntoOption<T> {
                receiver.recv()
            }
        }

        impl<T: Payload> TryChannel<T> for $channel {
            fn try_send(sender: &mut Self::Sender, value: T) -> impl IntoOption<()> {
                sender.try_send(value)
            }

            fn try_recv(receiver: &mut Self::Receiver) -> impl IntoOption<T> {
                receiver.try_recv()
            }
        }
    };
}

/// The four channel types of one of crossfire's modules, which differ in their names alone.
macro_rules! module {
    ($module:ident, $name:literal, $tx:ident, $async_tx:ident, $rx:ident, $async_rx:ident) => {
        mod $module {
            use super::*;
            use ::crossfire::$module::{self, Array, List};
            use ::crossfire::{$async_rx, $async_tx, $rx, $tx};

            const PEER: Peer = Peer::of("crossfire", $name).standing(FLAW);

            pub struct Async;

            impl<T: Payload> Channel<T> for Async {
                const PEER: Peer = PEER;

                type Sender = $async_tx<Array<T>>;
                type Receiver = $async_rx<Array<T>>;

                // It would take a capacity of 0 for 1.
                fn new(capacity: Option<usize>) -> Option<(Self::Sender, Self::Receiver)> {
                    capacity.filter(|&n| n > 0).map($module::bounded_async)
                }
            }

            impl<T: Payload> AsyncChannel<T> for Async {
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

            pub struct AsyncUnbounded;

            impl<T: Payload> Channel<T> for AsyncUnbounded {
                const PEER: Peer = PEER;

                type Sender = $tx<List<T>>;
                type Receiver = $async_rx<List<T>>;

                fn new(capacity: Option<usize>) -> Option<(Self::Sender, Self::Receiver)> {
                    capacity.is_none().then($module::unbounded_async)
                }
            }

            impl<T: Payload> AsyncChannel<T> for AsyncUnbounded {
                // Sending never waits here, so crossfire has no future for it.
                fn send(
                    sender: &mut Self::Sender,
                    value: T,
                ) -> impl Future<Output = impl IntoOption<()>> + Send {
                    ready(sender.send(value).into_option())
                }

                fn recv(
                    receiver: &mut Self::Receiver,
                ) -> impl Future<Output = impl IntoOption<T>> + Send {
                    receiver.recv()
                }
            }

            threads!(Blocking, $tx<Array<T>>, $rx<Array<T>>, |capacity| {
                capacity.filter(|&n| n > 0).map($module::bounded_blocking)
            });

            threads!(BlockingUnbounded, $tx<List<T>>, $rx<List<T>>, |capacity| {
                capacity.is_none().then($module::unbounded_blocking)
            });
        }
    };
}

module!(spsc, "crossfire-spsc", Tx, AsyncTx, Rx, AsyncRx);
module!(mpsc, "crossfire-mpsc", MTx, MAsyncTx, Rx, AsyncRx);
module!(mpmc, "crossfire-mpmc", MTx, MAsyncTx, MRx, MAsyncRx);

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    #[test]
    fn the_mark_is_still_deserved() {
        // That this compiles is the flaw: two threads then count one `Rc`'s references at once.
        fn goes_to_other_threads<H: Send>() {}
        goes_to_other_threads::<crossfire::MTx<crossfire::mpmc::Array<Rc<u8>>>>();
        goes_to_other_threads::<crossfire::MRx<crossfire::mpmc::Array<Rc<u8>>>>();
    }
}
