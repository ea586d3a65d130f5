//! fibre: one module for each number of producers and consumers, with different types for bounded, unbounded and rendezvous.
//!
//! Its `spmc` is a broadcast and runs in other cells.

use fibre::mpmc::rendezvous as mpmc_rendezvous;
use fibre::mpsc::rendezvous as mpsc_rendezvous;
use fibre::spsc::rendezvous as spsc_rendezvous;
use fibre::{mpmc, mpsc, spsc};

use super::define::{channel, tasks, threads, tries};
use super::Standing;
use crate::cell::{Cells, Peer};
use crate::cells;

const RENDEZVOUS: Standing = Standing::Flawed(
    "at capacity 0 a matched receive that is dropped loses its value, and a dropped send can still be delivered; its documentation says so",
);

const LOST_WAKES: Standing = Standing::Flawed(
    "a woken wait that is dropped passes its wake-up on to nobody: another receiver sleeps on beside a value, another sender beside free room",
);

const SPSC: Peer = Peer::of("fibre", "fibre-spsc");
const MPSC: Peer = Peer::of("fibre", "fibre-mpsc");

pub fn enter(cells: &mut Cells) {
    cells::enter_try::<SpscThreads>(cells);
    cells::enter_async::<Spsc>(cells);
    cells::enter_blocking::<SpscThreads>(cells);
    cells::enter_async::<SpscRendezvous>(cells);
    cells::enter_blocking::<SpscRendezvousThreads>(cells);

    cells::enter_try::<MpscThreads>(cells);
    cells::enter_async_senders::<Mpsc>(cells);
    cells::enter_blocking::<MpscThreads>(cells);
    cells::enter_try::<MpscUnboundedThreads>(cells);
    cells::enter_async_senders::<MpscUnbounded>(cells);
    cells::enter_blocking::<MpscUnboundedThreads>(cells);
    cells::enter_async_senders::<MpscRendezvous>(cells);
    cells::enter_blocking::<MpscRendezvousThreads>(cells);

    cells::enter_try::<MpmcThreads>(cells);
    cells::enter_async_shared::<Mpmc>(cells);
    cells::enter_blocking_shared::<MpmcThreads>(cells);
    cells::enter_try::<MpmcUnboundedThreads>(cells);
    cells::enter_async_shared::<MpmcUnbounded>(cells);
    cells::enter_blocking_shared::<MpmcUnboundedThreads>(cells);
    cells::enter_async_shared::<MpmcRendezvous>(cells);
    cells::enter_blocking_shared::<MpmcRendezvousThreads>(cells);
}

macro_rules! for_tasks {
    ($channel:ident, $($definition:tt)*) => {
        channel!($channel, $($definition)*);
        tasks!($channel, send, recv);
    };
}

macro_rules! for_threads {
    ($channel:ident, $($definition:tt)*) => {
        channel!($channel, $($definition)*);
        threads!($channel, send, recv);
        tries!($channel, try_send, try_recv);
    };
}

fn room(capacity: Option<usize>) -> Option<usize> {
    capacity.filter(|&n| n > 0)
}

fn none(capacity: Option<usize>) -> bool {
    capacity == Some(0)
}

for_tasks!(
    Spsc,
    SPSC,
    spsc::BoundedAsyncSender<T>,
    spsc::BoundedAsyncReceiver<T>,
    |capacity| room(capacity).map(spsc::bounded_async)
);
for_threads!(
    SpscThreads,
    SPSC,
    spsc::BoundedSyncSender<T>,
    spsc::BoundedSyncReceiver<T>,
    |capacity| room(capacity).map(spsc::bounded_sync)
);
for_tasks!(
    SpscRendezvous,
    SPSC.standing(RENDEZVOUS),
    spsc_rendezvous::RendezvousAsyncSender<T>,
    spsc_rendezvous::RendezvousAsyncReceiver<T>,
    |capacity| none(capacity).then(spsc_rendezvous::rendezvous_async)
);
for_threads!(
    SpscRendezvousThreads,
    SPSC.standing(RENDEZVOUS),
    spsc_rendezvous::RendezvousSyncSender<T>,
    spsc_rendezvous::RendezvousSyncReceiver<T>,
    |capacity| none(capacity).then(spsc_rendezvous::rendezvous)
);

for_tasks!(
    Mpsc,
    MPSC,
    mpsc::BoundedAsyncSender<T>,
    mpsc::BoundedAsyncReceiver<T>,
    |capacity| room(capacity).map(mpsc::bounded_async)
);
for_threads!(
    MpscThreads,
    MPSC,
    mpsc::BoundedSyncSender<T>,
    mpsc::BoundedSyncReceiver<T>,
    |capacity| room(capacity).map(mpsc::bounded)
);
for_tasks!(
    MpscUnbounded,
    MPSC,
    mpsc::UnboundedAsyncSender<T>,
    mpsc::UnboundedAsyncReceiver<T>,
    |capacity| capacity.is_none().then(mpsc::unbounded_async)
);
for_threads!(
    MpscUnboundedThreads,
    MPSC,
    mpsc::UnboundedSyncSender<T>,
    mpsc::UnboundedSyncReceiver<T>,
    |capacity| capacity.is_none().then(mpsc::unbounded)
);
for_tasks!(
    MpscRendezvous,
    MPSC.standing(RENDEZVOUS),
    mpsc_rendezvous::RendezvousAsyncSender<T>,
    mpsc_rendezvous::RendezvousAsyncReceiver<T>,
    |capacity| none(capacity).then(mpsc_rendezvous::rendezvous_async)
);
for_threads!(
    MpscRendezvousThreads,
    MPSC.standing(RENDEZVOUS),
    mpsc_rendezvous::RendezvousSyncSender<T>,
    mpsc_rendezvous::RendezvousSyncReceiver<T>,
    |capacity| none(capacity).then(mpsc_rendezvous::rendezvous)
);

const MPMC_PEER: Peer = Peer::of("fibre", "fibre-mpmc").standing(LOST_WAKES);

for_tasks!(
    Mpmc,
    MPMC_PEER,
    mpmc::AsyncSender<T>,
    mpmc::AsyncReceiver<T>,
    |capacity| room(capacity).map(mpmc::bounded_async)
);
for_threads!(
    MpmcThreads,
    MPMC_PEER,
    mpmc::Sender<T>,
    mpmc::Receiver<T>,
    |capacity| room(capacity).map(mpmc::bounded)
);
for_tasks!(
    MpmcUnbounded,
    MPMC_PEER,
    mpmc::UnboundedAsyncSender<T>,
    mpmc::UnboundedAsyncReceiver<T>,
    |capacity| capacity.is_none().then(mpmc::unbounded_async)
);
for_threads!(
    MpmcUnboundedThreads,
    MPMC_PEER,
    mpmc::UnboundedSyncSender<T>,
    mpmc::UnboundedSyncReceiver<T>,
    |capacity| capacity.is_none().then(mpmc::unbounded)
);
for_tasks!(
    MpmcRendezvous,
    MPMC_PEER.standing(RENDEZVOUS),
    mpmc_rendezvous::RendezvousAsyncSender<T>,
    mpmc_rendezvous::RendezvousAsyncReceiver<T>,
    |capacity| none(capacity).then(mpmc_rendezvous::rendezvous_async)
);
for_threads!(
    MpmcRendezvousThreads,
    MPMC_PEER.standing(RENDEZVOUS),
    mpmc_rendezvous::RendezvousSyncSender<T>,
    mpmc_rendezvous::RendezvousSyncReceiver<T>,
    |capacity| none(capacity).then(mpmc_rendezvous::rendezvous)
);

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::pin::pin;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::Arc;
    use std::task::{Context, Wake, Waker};

    use super::*;

    #[derive(Default)]
    struct Wakes(AtomicUsize);

    impl Wake for Wakes {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn the_mark_of_the_rendezvous_is_still_deserved() {
        let (sender, receiver) = mpmc_rendezvous::rendezvous_async::<usize>();
        {
            let mut receiving = pin!(receiver.recv());
            let mut context = Context::from_waker(Waker::noop());
            assert!(receiving.as_mut().poll(&mut context).is_pending());
            assert!(sender.try_send(7).is_ok());
        }
        assert!(
            receiver.try_recv().is_err(),
            "the value was lost with the future"
        );
    }

    #[test]
    fn the_mark_of_the_mpmc_is_still_deserved() {
        let (sender, receiver) = mpmc::bounded_async::<usize>(4);
        let other = receiver.clone();
        let wakes: [Arc<Wakes>; 2] = Default::default();
        let wakers = wakes.each_ref().map(|wakes| Waker::from(Arc::clone(wakes)));
        let mut behind = pin!(other.recv());
        {
            let mut first = pin!(receiver.recv());
            let mut context = Context::from_waker(&wakers[0]);
            assert!(first.as_mut().poll(&mut context).is_pending());
            let mut context = Context::from_waker(&wakers[1]);
            assert!(behind.as_mut().poll(&mut context).is_pending());
            assert!(sender.try_send(7).is_ok());
        }
        let woken = wakes.map(|wakes| wakes.0.load(Ordering::Relaxed));
        assert_eq!(woken, [1, 0], "the second one sleeps on");
        let mut context = Context::from_waker(&wakers[1]);
        assert!(
            behind.poll(&mut context).is_ready(),
            "although there is a value"
        );
    }
}
