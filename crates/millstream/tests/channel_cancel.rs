//! Futures dropped at every moment: a receive loses nothing, a send says what happened, the turn passes on.

mod common;

use common::{now, Bell, Ledger};
use millstream::{ChannelState, Receiver, RecvError, Sender, TryRecvError};
use std::mem::forget;

const CAPACITIES: [usize; 3] = [0, 1, 3];

/// Nobody stands in line, and the two counts are those of the test's own handles.
#[track_caller]
fn assert_no_trace<T>(tx: &Sender<T>, rx: &Receiver<T>) {
    assert_eq!(tx.stats().state, ChannelState::Fluent);
    assert_eq!((tx.sender_count(), rx.receiver_count()), (1, 1));
}

#[test]
fn futures_that_were_never_polled_have_done_nothing() {
    for capacity in CAPACITIES {
        let ledger = Ledger::new();
        let (tx, rx) = millstream::bounded(capacity);
        let mut batch = Vec::new();
        let mut items = [ledger.make(2)].into_iter();
        drop(rx.recv());
        drop(rx.recv_many(&mut batch, 9));
        drop(rx.claim());
        drop(tx.reserve());
        drop(tx.send_many(&mut items));
        drop(tx.closed());
        drop(rx.drained());
        assert_eq!(items.len(), 1);
        drop(tx.send(ledger.make(1)));
        assert_eq!(ledger.dropped(), [1], "it is dropped with its future");
        assert!(rx.is_empty() && batch.is_empty());
        assert_no_trace(&tx, &rx);
    }
}

#[test]
fn a_waiting_receive_that_is_dropped_leaves_the_line() {
    for capacity in CAPACITIES {
        let (tx, rx) = millstream::bounded(capacity);
        let (bell, next) = (Bell::new(), Bell::new());
        let mut first = rx.recv();
        bell.waits(&mut first);
        let mut second = rx.recv();
        next.waits(&mut second);
        drop(first);
        tx.try_send(1).unwrap();
        assert_eq!((bell.rings(), next.rings()), (0, 1));
        assert_eq!(next.gets(&mut second), Ok(1));
        drop(second);
        let mut third = rx.recv();
        bell.waits(&mut third);
        drop(third);
        assert_no_trace(&tx, &rx);
    }
}

#[test]
fn a_matched_receive_that_is_dropped_loses_nothing_and_passes_its_turn_on() {
    for capacity in CAPACITIES {
        let (tx, rx) = millstream::bounded(capacity);
        let bells = [Bell::new(), Bell::new(), Bell::new()];
        let mut recvs: Vec<_> = bells.iter().map(|_| rx.recv()).collect();
        for (recv, bell) in recvs.iter_mut().zip(&bells) {
            bell.waits(recv);
        }
        tx.try_send(1).unwrap();
        let rings = || [bells[0].rings(), bells[1].rings(), bells[2].rings()];
        assert_eq!(rings(), [1, 0, 0]);
        drop(recvs.remove(0));
        assert_eq!(rings(), [0, 1, 0]);
        drop(recvs.remove(0));
        assert_eq!(rings(), [0, 0, 1]);
        drop(recvs.remove(0));
        assert_eq!(rings(), [0, 0, 0]);
        // Nobody waits any more: the value is there for whoever comes.
        assert_eq!((rx.len(), rx.try_recv()), (1, Ok(1)));
        assert_no_trace(&tx, &rx);
    }
}

#[test]
fn a_dropped_receive_keeps_its_value_in_front() {
    let (tx, rx) = millstream::bounded(3);
    let bell = Bell::new();
    let mut recv = rx.recv();
    bell.waits(&mut recv);
    for n in 1..=3 {
        tx.try_send(n).unwrap();
    }
    drop(recv);
    assert_eq!(rx.try_iter().collect::<Vec<_>>(), [1, 2, 3]);
}

#[test]
fn a_value_that_comes_back_to_a_full_channel_is_kept_beyond_its_capacity() {
    let (tx, rx) = millstream::bounded(1);
    let bell = Bell::new();
    let mut recv = rx.recv();
    bell.waits(&mut recv);
    tx.try_send(1).unwrap();
    tx.try_send(2).unwrap();
    let mut third = tx.send(3);
    bell.waits(&mut third);
    drop(recv);
    assert!(tx.is_full());
    assert_eq!(rx.try_recv(), Ok(1));
    bell.waits(&mut third);
    assert_eq!(rx.try_iter().collect::<Vec<_>>(), [2, 3]);
    bell.gets(&mut third).unwrap();
}

#[test]
fn a_matched_batch_that_is_dropped_takes_nothing() {
    for capacity in CAPACITIES {
        let (tx, rx) = millstream::bounded(capacity);
        let (bell, next) = (Bell::new(), Bell::new());
        let mut batch = vec![0];
        let mut many = rx.recv_many(&mut batch, 9);
        bell.waits(&mut many);
        let mut recv = rx.recv();
        next.waits(&mut recv);
        tx.try_send(1).unwrap();
        drop(many);
        assert_eq!(batch, [0]);
        assert_eq!(next.rings(), 1);
        assert_eq!(next.gets(&mut recv), Ok(1));
        assert_no_trace(&tx, &rx);
    }
}

#[test]
fn a_claim_that_is_given_back_passes_on() {
    for capacity in CAPACITIES {
        let (tx, rx) = millstream::bounded(capacity);
        let (bell, next) = (Bell::new(), Bell::new());
        let mut claim = rx.claim();
        bell.waits(&mut claim);
        let mut recv = rx.recv();
        next.waits(&mut recv);
        tx.try_send(1).unwrap();
        let claim = bell.gets(&mut claim).unwrap();
        assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
        next.waits(&mut recv);
        drop(claim);
        assert_eq!(next.rings(), 1);
        assert_eq!(next.gets(&mut recv), Ok(1));

        let mut matched = rx.claim();
        bell.waits(&mut matched);
        tx.try_send(2).unwrap();
        drop(matched);
        assert_eq!(rx.try_recv(), Ok(2));
        assert_no_trace(&tx, &rx);
    }
}

#[test]
fn a_waiting_send_that_is_dropped_was_not_sent() {
    for capacity in CAPACITIES {
        let ledger = Ledger::new();
        let (tx, rx) = millstream::bounded(capacity);
        let bell = Bell::new();
        for n in 0..capacity {
            now(tx.send(ledger.make(n as u32))).unwrap();
        }
        let mut first = tx.send(ledger.make(10));
        let mut second = tx.send(ledger.make(20));
        bell.waits(&mut first);
        bell.waits(&mut second);
        drop(first);
        assert_eq!(ledger.dropped(), [10]);
        let received: Vec<_> = rx.try_iter().map(|value| value.number).collect();
        let mut expected: Vec<_> = (0..capacity as u32).collect();
        expected.push(20);
        assert_eq!(received, expected);
        assert!(bell.gets(&mut second).is_ok());
        drop(second);
        expected.insert(0, 10);
        assert_eq!(ledger.dropped(), expected);
        assert_no_trace(&tx, &rx);
    }
}

#[test]
fn a_send_that_was_taken_before_it_was_dropped_was_sent() {
    for capacity in CAPACITIES {
        let (tx, rx) = millstream::bounded(capacity);
        let bell = Bell::new();
        for n in 0..capacity {
            tx.try_send(n).unwrap();
        }
        let mut send = tx.send(capacity);
        bell.waits(&mut send);
        assert_eq!(rx.try_recv(), Ok(0));
        drop(send);
        let rest: Vec<_> = rx.try_iter().collect();
        assert_eq!(rest, (1..=capacity).collect::<Vec<_>>());
        assert_no_trace(&tx, &rx);
    }
}

#[test]
fn a_reservation_that_is_dropped_passes_its_turn_on() {
    let (tx, rx) = millstream::bounded(1);
    let (bell, next) = (Bell::new(), Bell::new());
    tx.try_send(1).unwrap();
    let mut waiting = tx.reserve();
    bell.waits(&mut waiting);
    let mut send = tx.send(2);
    next.waits(&mut send);
    drop(waiting);
    assert_eq!(rx.try_recv(), Ok(1));
    assert_eq!((bell.rings(), next.rings()), (0, 1));
    next.gets(&mut send).unwrap();

    let mut granted = tx.reserve();
    bell.waits(&mut granted);
    let mut send = tx.send(3);
    next.waits(&mut send);
    assert_eq!(rx.try_recv(), Ok(2));
    assert_eq!((bell.rings(), next.rings()), (1, 0));
    drop(granted);
    assert_eq!(next.rings(), 1);
    next.gets(&mut send).unwrap();
    assert_eq!(rx.try_recv(), Ok(3));
    assert_no_trace(&tx, &rx);
}

#[test]
fn send_many_that_is_dropped_keeps_what_it_did_not_pull() {
    for capacity in CAPACITIES {
        let (tx, rx) = millstream::bounded(capacity);
        let bell = Bell::new();
        let mut items = 0..10;
        let mut many = tx.send_many(&mut items);
        bell.waits(&mut many);
        // One more place, and the future is dropped before it uses that.
        if capacity > 0 {
            assert_eq!(rx.try_recv(), Ok(0));
        }
        drop(many);
        let mut seen: Vec<_> = (0..capacity.min(1)).collect();
        seen.extend(rx.try_iter());
        seen.extend(items);
        assert_eq!(seen, (0..10).collect::<Vec<_>>());
        assert_no_trace(&tx, &rx);
    }
}

#[test]
fn watchers_that_are_dropped_leave_no_trace() {
    let (tx, rx) = millstream::bounded::<u32>(1);
    let (bell, other) = (Bell::new(), Bell::new());
    let (mut closed, mut drained) = (tx.closed(), rx.drained());
    bell.waits(&mut closed);
    bell.waits(&mut drained);
    let mut stays = tx.closed();
    other.waits(&mut stays);
    drop((closed, drained));
    assert_eq!(bell.held(), 0);
    tx.close();
    assert_eq!((bell.rings(), other.rings()), (0, 1));
    other.gets(&mut stays);
}

#[test]
fn a_matched_receive_that_is_dropped_lets_the_end_through() {
    for capacity in CAPACITIES {
        let (tx, rx) = millstream::bounded(capacity);
        let (bell, next) = (Bell::new(), Bell::new());
        let mut first = rx.recv();
        bell.waits(&mut first);
        tx.try_send(1).unwrap();
        drop(tx);
        let (mut second, mut third) = (rx.recv(), rx.recv());
        next.waits(&mut second);
        next.waits(&mut third);
        drop(first);
        assert_eq!(next.rings(), 1, "the claim passes to the second");
        assert_eq!(next.gets(&mut second), Ok(1));
        assert_eq!(next.rings(), 1, "and that was the last value");
        assert_eq!(next.gets(&mut third), Err(RecvError));
    }
}

#[test]
fn a_forgotten_receive_withholds_one_value_at_most() {
    for capacity in CAPACITIES {
        let (tx, rx) = millstream::bounded(capacity);
        let bell = Bell::new();
        let mut forgotten = rx.recv();
        bell.waits(&mut forgotten);
        forget(forgotten);
        let mut live = rx.recv();
        bell.waits(&mut live);
        tx.try_send(1).unwrap();
        bell.waits(&mut live);
        tx.try_send(2).unwrap();
        assert_eq!(bell.gets(&mut live), Ok(1));
        // It takes up no capacity ...
        for n in 0..capacity {
            tx.try_send(10 + n).unwrap();
        }
        assert!(tx.is_full());
        // ... and of everything that was sent, one value stays behind.
        let mut waiting = tx.send(99);
        bell.waits(&mut waiting);
        assert_eq!(rx.try_iter().count(), capacity + 1);
        assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
        bell.gets(&mut waiting).unwrap();
    }
}

#[test]
fn a_forgotten_receive_delays_the_end_and_no_value_outlives_the_receivers() {
    let ledger = Ledger::new();
    let (tx, rx) = millstream::bounded(1);
    let bell = Bell::new();
    let mut forgotten = rx.recv();
    bell.waits(&mut forgotten);
    forget(forgotten);
    tx.try_send(ledger.make(1)).unwrap();
    drop(tx);
    assert!(matches!(rx.try_recv(), Err(TryRecvError::Empty)));
    bell.waits(&mut rx.recv());
    bell.waits(&mut rx.drained());
    assert_eq!(ledger.dropped(), []);
    drop(rx);
    assert_eq!(ledger.dropped(), [1]);
}

#[test]
fn forgotten_senders_block_nobody() {
    let (tx, rx) = millstream::bounded(1);
    let bell = Bell::new();
    tx.try_send(1).unwrap();
    let mut send = tx.send(2);
    bell.waits(&mut send);
    forget(send);
    let mut next = tx.send(3);
    bell.waits(&mut next);
    // Its value lies in the channel and is delivered; nobody needs the future for that.
    assert_eq!(rx.try_iter().collect::<Vec<_>>(), [1, 2, 3]);
    bell.gets(&mut next).unwrap();
    drop(next);
    tx.try_send(4).unwrap();
    let mut send = tx.send(5);
    bell.waits(&mut send);
    forget(send);
    drop(tx);
    assert_eq!(
        rx.iter().collect::<Vec<_>>(),
        [4, 5],
        "the end comes after it"
    );
}

#[test]
fn what_was_matched_and_given_back_is_not_counted_as_delivered() {
    let (tx, rx) = millstream::bounded(1);
    let bell = Bell::new();
    let mut recv = rx.recv();
    bell.waits(&mut recv);
    tx.try_send(1).unwrap();
    drop(recv);
    assert_eq!(tx.stats().delivered(), 0);
    assert_eq!(rx.try_recv(), Ok(1));
    assert_eq!(tx.stats().delivered(), 1);
    tx.try_send(2).unwrap();
    drop(now(rx.claim()).unwrap());
    assert_eq!(tx.stats().delivered(), 1);
    assert_eq!(now(rx.claim()).unwrap().take(), 2);
    assert_eq!(tx.stats().delivered(), 2);
}

#[test]
#[should_panic(expected = "RecvFuture was polled after it was ready")]
fn a_receive_is_not_polled_twice() {
    let (tx, rx) = millstream::bounded(1);
    tx.try_send(1).unwrap();
    let mut recv = rx.recv();
    assert_eq!(now(&mut recv), Ok(1));
    let _ = Bell::new().poll(&mut recv);
}

#[test]
#[should_panic(expected = "SendFuture was polled after it was ready")]
fn a_send_is_not_polled_twice() {
    let (tx, _rx) = millstream::bounded(1);
    let mut send = tx.send(1);
    assert_eq!(now(&mut send), Ok(()));
    let _ = Bell::new().poll(&mut send);
}

#[test]
#[should_panic(expected = "ReserveFuture was polled after it was ready")]
fn a_reservation_is_not_polled_twice() {
    let (tx, _rx) = millstream::bounded::<u32>(1);
    let mut reserve = tx.reserve();
    drop(now(&mut reserve));
    let _ = Bell::new().poll(&mut reserve);
}
