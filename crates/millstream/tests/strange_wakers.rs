//! Wakers whose clones do not say that they wake the same task: `will_wake` may always answer no.

use millstream::{select, Receiver, SelectSet};
use std::future::Future;
use std::pin::{pin, Pin};
use std::ptr;
use std::task::{Context, Poll, RawWaker, RawWakerVTable, Waker};

/// The waker that a poll is given; its clones have another table.
static GIVEN: RawWakerVTable = RawWakerVTable::new(clone, ignore, ignore, ignore);
static CLONED: RawWakerVTable = RawWakerVTable::new(clone, ignore, ignore, ignore);

fn clone(_: *const ()) -> RawWaker {
    RawWaker::new(ptr::null(), &CLONED)
}

fn ignore(_: *const ()) {}

fn stranger() -> Waker {
    // SAFETY: the functions use no data, so any pointer will do, from any thread, any number of times.
    let waker = unsafe { Waker::from_raw(RawWaker::new(ptr::null(), &GIVEN)) };
    assert!(!waker.clone().will_wake(&waker));
    waker
}

fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(&stranger()))
}

#[test]
fn every_kind_of_wait_still_ends() {
    let (tx, rx) = millstream::rendezvous::<u32>();
    let other: (_, Receiver<u32>) = millstream::rendezvous();

    let mut recv = pin!(rx.recv());
    for _ in 0..3 {
        assert!(poll(recv.as_mut()).is_pending());
    }
    tx.try_send(1).unwrap();
    assert_eq!(poll(recv.as_mut()), Poll::Ready(Ok(1)));

    let mut send = pin!(tx.send(2));
    for _ in 0..3 {
        assert!(poll(send.as_mut()).is_pending());
    }
    assert_eq!(rx.try_recv(), Ok(2));
    assert_eq!(poll(send.as_mut()), Poll::Ready(Ok(())));

    let mut one = pin!(async {
        select! { v = rx.recv() => v, v = other.1.recv() => v }
    });
    for _ in 0..3 {
        assert!(poll(one.as_mut()).is_pending());
    }
    tx.try_send(3).unwrap();
    assert_eq!(poll(one.as_mut()), Poll::Ready(Ok(3)));

    let mut set = SelectSet::new();
    set.recv(&rx, |v| v);
    set.recv(&other.1, |v| v);
    for _ in 0..3 {
        assert!(poll(pin!(set.next())).is_pending());
    }
    let mut next = pin!(set.next());
    assert!(poll(next.as_mut()).is_pending());
    other.0.try_send(4).unwrap();
    assert_eq!(poll(next.as_mut()), Poll::Ready(Some(Ok(4))));
}
