//! Values come out in the order in which they went in, and waiters are served in the order in which they came.

mod common;

use common::Bell;
use millstream::{Receiver, TryRecvError, TrySendError};

#[test]
fn values_come_out_in_the_order_in_which_they_went_in() {
    for (tx, rx) in [
        millstream::bounded(100),
        millstream::unbounded(),
        millstream::dropping(100),
        millstream::sliding(100),
    ] {
        // Taken in between, so that the buffer wraps around.
        let mut got: Vec<u32> = Vec::new();
        for n in 0..100 {
            tx.try_send(n).unwrap();
            if n % 3 == 2 {
                got.extend(rx.try_recv());
            }
        }
        got.extend(rx.try_iter());
        assert_eq!(got, (0..100).collect::<Vec<_>>());
    }
}

#[test]
fn waiting_senders_are_served_in_the_order_in_which_they_came() {
    for capacity in [0, 1, 3] {
        let (tx, rx) = millstream::bounded(capacity);
        for n in 0..capacity {
            tx.try_send(n).unwrap();
        }
        let bells: Vec<_> = (0..5).map(|_| Bell::new()).collect();
        let mut sends: Vec<_> = (capacity..capacity + 5).map(|n| tx.send(n)).collect();
        for (send, bell) in sends.iter_mut().zip(&bells) {
            bell.waits(send);
        }
        for n in 0..capacity + 5 {
            assert_eq!(rx.try_recv(), Ok(n));
            // The receive let exactly one sender in: the one that had waited longest.
            let rung: Vec<_> = bells.iter().map(Bell::rings).collect();
            let mut expected = [0; 5];
            if n < 5 {
                expected[n] = 1;
            }
            assert_eq!(rung, expected, "capacity {capacity}, value {n}");
        }
        for (send, bell) in sends.iter_mut().zip(&bells) {
            assert!(bell.gets(send).is_ok());
        }
    }
}

#[test]
fn waiting_receivers_are_served_in_the_order_in_which_they_came() {
    for capacity in [0, 1, 3] {
        let (tx, rx) = millstream::bounded(capacity);
        let bells: Vec<_> = (0..3).map(|_| Bell::new()).collect();
        let mut recvs: Vec<_> = (0..3).map(|_| rx.recv()).collect();
        for (recv, bell) in recvs.iter_mut().zip(&bells) {
            bell.waits(recv);
        }
        for n in 0..3 {
            tx.try_send(n).unwrap();
            let rung: Vec<_> = bells.iter().map(Bell::rings).collect();
            let mut expected = [0; 3];
            expected[n] = 1;
            assert_eq!(rung, expected, "capacity {capacity}, value {n}");
            assert_eq!(bells[n].gets(&mut recvs[n]), Ok(n));
        }
    }
}

#[test]
fn a_sender_that_comes_later_does_not_overtake() {
    let (tx, rx) = millstream::bounded(1);
    let bell = Bell::new();
    tx.try_send(1).unwrap();
    let mut second = tx.send(2);
    bell.waits(&mut second);
    assert_eq!(rx.try_recv(), Ok(1));
    assert_eq!(
        tx.try_send(3),
        Err(TrySendError::Full(3)),
        "the place is the waiting sender's"
    );
    assert_eq!(rx.try_recv(), Ok(2));
    assert_eq!(bell.gets(&mut second), Ok(()));
}

#[test]
fn a_receiver_that_comes_later_does_not_overtake() {
    for capacity in [0, 2] {
        let (tx, rx) = millstream::bounded(capacity);
        let bell = Bell::new();
        let mut first = rx.recv();
        bell.waits(&mut first);
        tx.try_send(1).unwrap();
        assert_eq!(
            rx.try_recv(),
            Err(TryRecvError::Empty),
            "the value is the waiting receiver's"
        );
        bell.waits(&mut rx.recv());
        assert_eq!(bell.gets(&mut first), Ok(1));
    }
}

#[test]
fn values_are_taken_in_order_whichever_committed_receiver_is_quicker() {
    // A claim is the right to a value, not to a certain one: the second receiver does not skip the first value.
    for capacity in [0, 1, 3] {
        let (tx, rx) = millstream::bounded(capacity);
        let bell = Bell::new();
        let (mut first, mut second) = (rx.recv(), rx.recv());
        bell.waits(&mut first);
        bell.waits(&mut second);
        tx.try_send(1).unwrap();
        tx.try_send(2).unwrap();
        assert_eq!(bell.gets(&mut second), Ok(1));
        assert_eq!(bell.gets(&mut first), Ok(2));
    }
}

#[test]
fn a_claimed_front_is_not_skipped_by_others() {
    let (tx, rx) = millstream::bounded(2);
    let bell = Bell::new();
    let mut first = rx.recv();
    bell.waits(&mut first);
    for n in 1..=3 {
        tx.try_send(n).unwrap();
    }
    // One value is claimed, two are not; whoever takes one takes the oldest.
    assert_eq!(rx.try_recv(), Ok(1));
    assert_eq!(rx.try_recv(), Ok(2));
    assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
    assert_eq!(bell.gets(&mut first), Ok(3));
}

#[test]
fn a_claimed_value_that_fills_the_buffer_holds_up_neither_side() {
    let (tx, rx) = millstream::bounded(1);
    let bell = Bell::new();
    let mut committed = rx.recv();
    bell.waits(&mut committed);
    tx.try_send(1).unwrap();
    // Not polled yet, the committed receiver takes up no capacity ...
    assert_eq!(tx.try_send(2), Ok(()));
    // ... and does not stand between the others and what is theirs.
    assert_eq!(rx.try_recv(), Ok(1));
    assert_eq!(tx.try_send(3), Ok(()));
    assert_eq!(bell.gets(&mut committed), Ok(2));
    assert_eq!(rx.try_recv(), Ok(3));
}

#[test]
fn senders_let_in_by_a_receive_commit_the_receivers_that_wait() {
    // A committed receive that is dropped returns its value; the waiting receiver must not sleep beside it.
    let (tx, rx) = millstream::bounded(1);
    let (bell, next) = (Bell::new(), Bell::new());
    let mut first = rx.recv();
    bell.waits(&mut first);
    tx.try_send(1).unwrap();
    tx.try_send(2).unwrap();
    let mut third = tx.send(3);
    bell.waits(&mut third);
    assert_eq!(rx.try_recv(), Ok(1));
    assert_eq!(rx.try_recv(), Ok(2));
    let mut second = rx.recv();
    next.waits(&mut second);
    drop(first);
    assert_eq!(next.rings(), 1);
    assert_eq!(next.gets(&mut second), Ok(3));
}

#[test]
fn those_who_leave_the_line_change_nothing_for_the_others() {
    let (tx, rx) = millstream::bounded(0);
    let bell = Bell::new();
    let mut sends: Vec<_> = (0..6).map(|n| Some(tx.send(n))).collect();
    for send in sends.iter_mut().flatten() {
        bell.waits(send);
    }
    // The first, one in the middle and the last.
    for n in [0, 3, 5] {
        sends[n] = None;
    }
    // Newcomers get the slots that are free now, but not the places.
    let mut late = tx.send(9);
    bell.waits(&mut late);
    assert_eq!(rx.try_iter().collect::<Vec<_>>(), [1, 2, 4, 9]);

    let bells: Vec<_> = (0..6).map(|_| Bell::new()).collect();
    let mut recvs: Vec<_> = (0..6).map(|_| Some(rx.recv())).collect();
    for (recv, bell) in recvs.iter_mut().flatten().zip(&bells) {
        bell.waits(recv);
    }
    for n in [0, 3, 5] {
        recvs[n] = None;
    }
    for n in [1, 2, 4] {
        tx.try_send(n).unwrap();
        assert_eq!(bells[n].rings(), 1);
        assert_eq!(bells[n].gets(recvs[n].as_mut().unwrap()), Ok(n));
    }
    assert!(tx.try_send(7).is_err(), "nobody waits any more");
}

#[test]
fn sends_and_reservations_stand_in_one_line() {
    let (tx, rx) = millstream::bounded(1);
    let bell = Bell::new();
    tx.try_send(1).unwrap();
    let mut second = tx.send(2);
    let mut third = tx.reserve();
    let mut fourth = tx.send(4);
    bell.waits(&mut second);
    bell.waits(&mut third);
    bell.waits(&mut fourth);
    assert_eq!(rx.try_recv(), Ok(1));
    bell.gets(&mut second).unwrap();
    bell.waits(&mut third);
    assert_eq!(rx.try_recv(), Ok(2));
    let permit = bell.gets(&mut third).unwrap();
    bell.waits(&mut fourth);
    assert_eq!(
        rx.try_recv(),
        Ok(4),
        "a value that is there does not wait for one that is not"
    );
    permit.send(3).unwrap();
    assert_eq!(rx.try_recv(), Ok(3));
    bell.gets(&mut fourth).unwrap();
}

#[test]
fn tasks_threads_and_selects_stand_in_one_line() {
    let (tx, rx) = millstream::bounded::<u32>(1);
    let bell = Bell::new();
    let mut plain = rx.recv();
    bell.waits(&mut plain);
    let mut select = millstream::Select::new().recv(&rx, |value| value.unwrap());
    bell.waits(&mut select);
    let mut stream: Receiver<u32> = rx.clone();
    let mut next = futures_lite::StreamExt::next(&mut stream);
    bell.waits(&mut next);
    let mut batch = Vec::new();
    let mut many = rx.recv_many(&mut batch, 9);
    bell.waits(&mut many);
    for n in 1..=5 {
        tx.try_send(n).unwrap();
    }
    assert_eq!(bell.gets(&mut plain), Ok(1));
    assert_eq!(bell.gets(&mut select), 2);
    assert_eq!(bell.gets(&mut next), Some(3));
    assert_eq!(bell.gets(&mut many), 2);
    drop(many);
    assert_eq!(batch, [4, 5]);
}
