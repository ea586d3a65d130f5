//! crossfire: one module for each number of producers and consumers, each with handles for tasks and handles for threads; no rendezvous.

use super::Standing;
use crate::cell::Cells;
use crate::cells;

const FLAW: Standing = Standing::Flawed(
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

/// The four channel types of one of crossfire's modules, which differ in their names alone.
macro_rules! module {
    ($module:ident, $name:literal, $tx:ident, $async_tx:ident, $rx:ident, $async_rx:ident) => {
        pub mod $module {
            use ::crossfire::$module::{self, Array, List};
            use ::crossfire::{$async_rx, $async_tx, $rx, $tx};

            use super::FLAW;
            use crate::cell::Peer;
            use crate::peers::define::{channel, tasks, threads, tries};

            const PEER: Peer = Peer::of("crossfire", $name).standing(FLAW);

            channel!(
                Async,
                PEER,
                $async_tx<Array<T>>,
                $async_rx<Array<T>>,
                // It would take a capacity of 0 for 1.
                |capacity| capacity.filter(|&n| n > 0).map($module::bounded_async)
            );
            tasks!(Async, send, recv);

            channel!(
                AsyncUnbounded,
                PEER,
                $tx<List<T>>,
                $async_rx<List<T>>,
                |capacity| capacity.is_none().then($module::unbounded_async)
            );
            tasks!(AsyncUnbounded, ready(send), recv);

            channel!(Blocking, PEER, $tx<Array<T>>, $rx<Array<T>>, |capacity| {
                capacity.filter(|&n| n > 0).map($module::bounded_blocking)
            });
            threads!(Blocking, send, recv);
            tries!(Blocking, try_send, try_recv);

            channel!(
                BlockingUnbounded,
                PEER,
                $tx<List<T>>,
                $rx<List<T>>,
                |capacity| capacity.is_none().then($module::unbounded_blocking)
            );
            threads!(BlockingUnbounded, send, recv);
            tries!(BlockingUnbounded, try_send, try_recv);
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
