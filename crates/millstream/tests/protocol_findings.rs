//! What the exhaustive model of the protocol found in an earlier version of the engine, each as a test.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
fn poll<F: Future + Unpin>(f: &mut F) -> Poll<F::Output> {
    Pin::new(f).poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn the_place_of_a_permit_whose_value_is_taken_at_once_goes_to_the_next_in_line() {
    let (tx, rx) = millstream::bounded::<u32>(1);
    let permit = tx.try_reserve().unwrap();
    let mut recv = rx.recv();
    assert!(poll(&mut recv).is_pending());
    let mut second = tx.reserve();
    assert!(poll(&mut second).is_pending());
    permit.send(1).unwrap();
    // len 1, claims 1, permits 0: there is room.
    let granted = poll(&mut second).is_ready();
    assert!(granted, "a reservation waits beside a free place");
}

#[test]
fn a_set_that_opens_again_meets_the_reservation_that_came_meanwhile() {
    let (tx, rx) = millstream::rendezvous::<u32>();
    let mut set = millstream::SelectSet::new();
    set.recv(&rx, |v| v.unwrap());
    assert!(poll(&mut set.next()).is_pending()); // and dropped: idle, entry in line
    let mut reserve = tx.reserve();
    assert!(poll(&mut reserve).is_pending());
    let mut next = set.next();
    assert!(poll(&mut next).is_pending());
    assert!(
        poll(&mut reserve).is_ready(),
        "a reservation waits beside a receiver"
    );
}

#[test]
fn a_set_on_both_ends_of_a_channel_receives_what_it_sent() {
    let (tx, rx) = millstream::bounded::<u32>(1);
    let mut set = millstream::SelectSet::new();
    set.recv(&rx, |v| format!("got {v:?}"));
    set.send(&tx, 1, |r| format!("sent {r:?}"));
    match poll(&mut set.next()) {
        Poll::Ready(Some(s)) => assert_eq!(s, "sent Ok(())"),
        p => panic!("{p:?}"),
    };
    assert_eq!(rx.len(), 1);
    match poll(&mut set.next()) {
        Poll::Ready(Some(s)) => assert_eq!(s, "got Ok(1)"),
        p => panic!("stuck {p:?}"),
    };
}

#[test]
fn a_batch_takes_older_values_first() {
    let (tx, rx) = millstream::rendezvous::<u32>();
    let mut one = rx.recv();
    assert!(poll(&mut one).is_pending());
    let mut s1 = tx.send(1);
    assert!(poll(&mut s1).is_ready()); // matched: `one` holds a claim
    let mut s2 = tx.send(2);
    assert!(poll(&mut s2).is_pending());
    let got: Vec<_> = rx.drain().collect();
    drop(one); // the claim passes on
    let rest = rx.try_recv();
    assert_eq!((got, rest), (vec![1], Ok(2)), "first in, first out");
}

#[test]
fn after_drained_nothing_is_received() {
    let (tx, rx) = millstream::rendezvous::<u32>();
    let (_t2, r2) = millstream::rendezvous::<u32>();
    let mut set = millstream::SelectSet::new();
    set.send(&tx, 1, |r| format!("sent {r:?}"));
    set.recv(&r2, |v| format!("got {v:?}"));
    assert!(poll(&mut set.next()).is_pending());
    {
        let mut next = set.next();
        assert!(poll(&mut next).is_pending());
        rx.close();
    } // idle again
    let drained = poll(&mut rx.drained()).is_ready();
    let mut next = set.next();
    let _ = poll(&mut next);
    let after = rx.try_recv();
    assert!(!(drained && after.is_ok()), "drained, and then {after:?}");
}

#[test]
fn whoever_reports_the_end_tells_those_who_wait_for_it() {
    let (tx, rx) = millstream::rendezvous::<u32>();
    let (_t2, r2) = millstream::rendezvous::<u32>();
    let mut set = millstream::SelectSet::new();
    set.send(&tx, 1, |r| format!("sent {r:?}"));
    set.recv(&r2, |v| format!("got {v:?}"));
    let mut next = set.next();
    assert!(poll(&mut next).is_pending());
    rx.close();
    let mut drained = rx.drained();
    assert!(poll(&mut drained).is_pending());
    drop(next);
    assert_eq!(rx.try_recv(), Err(millstream::TryRecvError::Closed));
    assert!(
        poll(&mut drained).is_ready(),
        "Closed was reported, drained was not"
    );
}
