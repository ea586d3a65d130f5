//! What `ci/soak` found, made small: each of these failed before its fix.

mod common;

use common::within;
use futures_core::Stream;
use millstream::runtime::Manual;
use millstream::{block_on, bounded, from_iter, pipe, unbounded, with_buffer, Buffer, Receiver};
use std::collections::VecDeque;
use std::future::Future;
use std::panic::{catch_unwind, resume_unwind, AssertUnwindSafe};
use std::pin::{pin, Pin};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

/// A waker that panics when the last of it is dropped.
struct Bomb;

impl Wake for Bomb {
    fn wake(self: Arc<Self>) {
        std::mem::forget(self);
    }
}

impl Drop for Bomb {
    fn drop(&mut self) {
        resume_unwind(Box::new("the waker's own"));
    }
}

fn poll_next<T>(rx: &mut Receiver<T>, waker: &Waker) -> Poll<Option<T>> {
    Pin::new(rx).poll_next(&mut Context::from_waker(waker))
}

#[test]
fn a_stream_keeps_its_place_although_its_waker_panics_when_it_is_dropped() {
    let (tx, mut rx) = bounded(1);
    {
        let bomb = std::mem::ManuallyDrop::new(Waker::from(Arc::new(Bomb)));
        assert!(poll_next(&mut rx, &bomb).is_pending());
        // The clone that the channel has is to be the last.
        let ours = std::mem::ManuallyDrop::into_inner(bomb);
        drop(ours);
    }
    let polled = catch_unwind(AssertUnwindSafe(|| poll_next(&mut rx, Waker::noop())));
    assert!(polled.is_err(), "the panic comes out of the poll");
    // The place in line is still the handle's, and with it the value that it is matched with.
    tx.try_send(1).unwrap();
    assert_eq!(rx.try_recv(), Ok(1));
    drop(tx);
    assert!(rx.try_recv().unwrap_err().is_closed());
}

#[test]
fn a_claim_on_an_iterator_does_not_let_younger_values_pass() {
    let rx = from_iter(0..3);
    let claim = block_on(rx.claim()).unwrap();
    let first = rx.try_recv().unwrap();
    drop(claim);
    let second = rx.try_recv().unwrap();
    assert_eq!((first, second), (0, 1));
}

/// A queue whose first push takes until it is told to go on.
struct Slow {
    values: VecDeque<u32>,
    capacity: usize,
    is_inside: millstream::Sender<()>,
    may_go_on: Receiver<()>,
}

impl Buffer<u32> for Slow {
    fn len(&self) -> usize {
        self.values.len()
    }

    fn is_full(&self) -> bool {
        self.values.len() >= self.capacity
    }

    fn push(&mut self, value: u32) -> Option<u32> {
        let _ = self.is_inside.try_send(());
        let _ = self.may_go_on.recv_blocking();
        self.values.push_back(value);
        None
    }

    fn pop(&mut self) -> Option<u32> {
        self.values.pop_front()
    }
}

#[test]
fn a_permit_does_not_overtake_a_value_that_is_being_pushed() {
    within(|| {
        let (is_inside, inside) = bounded(1);
        let (go_on, may_go_on) = bounded::<()>(1);
        let (tx, rx) = with_buffer(Slow {
            values: VecDeque::new(),
            capacity: 1,
            is_inside,
            may_go_on,
        });
        let sender = std::thread::spawn({
            let tx = tx.clone();
            move || tx.send_blocking(1).unwrap()
        });
        inside.recv_blocking().unwrap();
        // Whether there is room for a second one, the buffer says when the first is in it: there is none.
        let mut reserve = pin!(tx.reserve());
        let polled = reserve
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()));
        let early = match polled {
            Poll::Ready(permit) => Some(permit.unwrap()),
            Poll::Pending => None,
        };
        drop(go_on);
        sender.join().unwrap();
        if let Some(permit) = early {
            permit.send(2).unwrap();
            assert_eq!(rx.recv_blocking(), Ok(1), "the older one comes first");
            return;
        }
        assert_eq!(rx.recv_blocking(), Ok(1));
        block_on(reserve).unwrap().send(2).unwrap();
        assert_eq!(rx.recv_blocking(), Ok(2));
    });
}

/// A result that panics when it is dropped.
struct Hostile;

impl Drop for Hostile {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            resume_unwind(Box::new("the result's own"));
        }
    }
}

#[test]
fn a_stage_ends_although_its_results_panic_when_they_are_dropped() {
    let mut manual = Manual::new();
    let _entered = manual.enter();
    let (tx, rx) = unbounded();
    let (hold, held) = bounded::<()>(1);
    let results = pipe::tasks(2).ordered().map(rx, move |number: u32| {
        let held = held.clone();
        async move {
            if number == 0 {
                // The first in order, so that the result of the other is kept.
                let _ = held.recv().await;
            }
            Hostile
        }
    });
    for number in 0..10 {
        tx.try_send(number).unwrap();
    }
    manual.run_until_stalled();
    // One task has done all that the stage has places for; the other comes too late with its result, which panics when
    // it is dropped, and so does the one that was kept.
    drop(results);
    drop(hold);
    // What panics in a task comes out here, and the others go on.
    while catch_unwind(AssertUnwindSafe(|| manual.run_until_stalled())).is_err() {}
    assert!(tx.is_closed(), "the stage has let go of its input");
}
