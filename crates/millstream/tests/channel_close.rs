//! How channels end: from either side, by hand or with the last handle, and what is still good then.

#![allow(clippy::type_complexity)] // Tables of ways to do a thing say what each way takes.

mod common;

use common::{ignore, now, Bell, Bomb, Ledger};
use millstream::{Receiver, RecvError, Sender, TryRecvError, TrySendError};
use std::panic::{catch_unwind, AssertUnwindSafe};

/// The three ways in which a channel stops to take values while there are receivers.
fn closings<T>() -> [fn(&mut Option<Sender<T>>, &Receiver<T>); 3] {
    [
        |tx, _| assert!(tx.as_ref().unwrap().close()),
        |_, rx| assert!(rx.close()),
        |tx, _| drop(tx.take()),
    ]
}

#[test]
fn values_in_the_buffer_are_good_after_the_close() {
    for close in closings() {
        for (tx, rx) in [
            millstream::bounded(3),
            millstream::unbounded(),
            millstream::dropping(3),
            millstream::sliding(3),
        ] {
            for n in 1..=3 {
                tx.try_send(n).unwrap();
            }
            let mut tx = Some(tx);
            close(&mut tx, &rx);
            assert!(rx.is_closed());
            if let Some(tx) = &tx {
                assert_eq!(tx.try_send(4), Err(TrySendError::Closed(4)));
                assert_eq!(now(tx.send(4)).unwrap_err().into_inner(), 4);
            }
            assert_eq!(rx.try_recv(), Ok(1));
            assert_eq!(now(rx.recv()), Ok(2));
            assert_eq!(rx.recv_blocking(), Ok(3));
            assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
            assert_eq!(now(rx.recv()), Err(RecvError));
            assert_eq!(rx.recv_blocking(), Err(RecvError));
        }
    }
}

#[test]
fn closing_wakes_every_receiver_that_waits() {
    for close in closings() {
        for capacity in [0, 1, 3] {
            let (tx, rx) = millstream::bounded::<u32>(capacity);
            let mut tx = Some(tx);
            let bells = [Bell::new(), Bell::new(), Bell::new()];
            let mut recvs: Vec<_> = bells.iter().map(|_| rx.recv()).collect();
            for (recv, bell) in recvs.iter_mut().zip(&bells) {
                bell.waits(recv);
            }
            close(&mut tx, &rx);
            for (recv, bell) in recvs.iter_mut().zip(&bells) {
                assert_eq!(bell.rings(), 1);
                assert_eq!(bell.gets(recv), Err(RecvError));
            }
        }
    }
}

#[test]
fn sends_that_were_waiting_are_still_good_after_an_explicit_close() {
    for from_sender in [true, false] {
        for capacity in [0, 1, 3] {
            let (tx, rx) = millstream::bounded(capacity);
            let bell = Bell::new();
            for n in 0..capacity {
                tx.try_send(n).unwrap();
            }
            let (mut first, mut second) = (tx.send(capacity), tx.send(capacity + 1));
            bell.waits(&mut first);
            bell.waits(&mut second);
            if from_sender {
                tx.close();
            } else {
                rx.close();
            }
            assert_eq!(bell.rings(), 0, "nothing has changed for them");
            assert!(now(tx.send(99)).is_err());
            let got: Vec<_> = rx.iter().collect();
            assert_eq!(got, (0..capacity + 2).collect::<Vec<_>>());
            assert_eq!(bell.gets(&mut first), Ok(()));
            assert_eq!(bell.gets(&mut second), Ok(()));
        }
    }
}

#[test]
fn the_end_comes_after_the_last_waiting_sender() {
    for capacity in [0, 1] {
        for sends in [true, false] {
            let (tx, rx) = millstream::bounded(capacity);
            let (bell, watcher) = (Bell::new(), Bell::new());
            for n in 0..capacity {
                tx.try_send(n).unwrap();
            }
            let mut waiting = tx.send(9);
            bell.waits(&mut waiting);
            tx.close();
            let mut drained = rx.drained();
            watcher.waits(&mut drained);
            for n in 0..capacity {
                assert_eq!(rx.try_recv(), Ok(n));
            }
            watcher.waits(&mut drained);
            if sends {
                assert_eq!(rx.try_recv(), Ok(9));
            } else if capacity == 0 {
                drop(waiting);
            } else {
                // Its value is in the buffer by now, whatever becomes of the future.
                drop(waiting);
                assert_eq!(rx.try_recv(), Ok(9));
            }
            assert_eq!(watcher.rings(), 1);
            watcher.gets(&mut drained);
            assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
        }
    }
}

#[test]
fn try_recv_tells_empty_from_closed_while_a_claim_is_outstanding() {
    for capacity in [0, 1, 3] {
        let (tx, rx) = millstream::bounded(capacity);
        let (bell, other) = (Bell::new(), Bell::new());
        let mut committed = rx.recv();
        bell.waits(&mut committed);
        tx.try_send(1).unwrap();
        assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
        drop(tx);
        // The value may still come back, so this is not the end.
        assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
        let (mut waiting, mut drained) = (rx.recv(), rx.drained());
        other.waits(&mut waiting);
        other.waits(&mut drained);
        assert_eq!(bell.gets(&mut committed), Ok(1));
        assert_eq!(
            other.rings(),
            2,
            "whoever takes the last value tells the others"
        );
        assert_eq!(other.gets(&mut waiting), Err(RecvError));
        other.gets(&mut drained);
        assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
    }
}

#[test]
fn a_permit_survives_the_close_and_delays_the_end() {
    for sends in [true, false] {
        let (tx, rx) = millstream::bounded(1);
        let (bell, watcher) = (Bell::new(), Bell::new());
        let permit = tx.try_reserve().unwrap();
        tx.close();
        assert!(matches!(tx.try_reserve(), Err(TrySendError::Closed(()))));
        assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
        let (mut recv, mut drained) = (rx.recv(), rx.drained());
        bell.waits(&mut recv);
        watcher.waits(&mut drained);
        if sends {
            permit.send(1).unwrap();
            assert_eq!((bell.rings(), watcher.rings()), (1, 0));
            assert_eq!(bell.gets(&mut recv), Ok(1));
        } else {
            drop(permit);
            assert_eq!(bell.rings(), 1);
            assert_eq!(bell.gets(&mut recv), Err(RecvError));
        }
        assert_eq!(watcher.rings(), 1);
        watcher.gets(&mut drained);
        assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
    }
}

#[test]
fn a_reservation_that_was_waiting_is_still_good_after_the_close() {
    for capacity in [0, 1] {
        let (tx, rx) = millstream::bounded(capacity);
        let bell = Bell::new();
        for n in 0..capacity {
            tx.try_send(n).unwrap();
        }
        let mut reserve = tx.reserve();
        bell.waits(&mut reserve);
        tx.close();
        for n in 0..capacity {
            assert_eq!(rx.try_recv(), Ok(n));
        }
        assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
        let mut recv = rx.recv();
        bell.waits(&mut recv);
        let permit = bell.gets(&mut reserve).unwrap();
        permit.send(7).unwrap();
        assert_eq!(bell.gets(&mut recv), Ok(7));
        assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
    }
}

#[test]
fn a_waiting_reservation_that_leaves_may_be_the_end() {
    let (tx, rx) = millstream::rendezvous::<u32>();
    let (bell, watcher) = (Bell::new(), Bell::new());
    let mut reserve = tx.reserve();
    bell.waits(&mut reserve);
    tx.close();
    let mut drained = rx.drained();
    watcher.waits(&mut drained);
    drop(reserve);
    assert_eq!(watcher.rings(), 1);
    watcher.gets(&mut drained);
    assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
}

#[test]
fn close_says_whether_it_closed() {
    let (tx, rx) = millstream::bounded::<u32>(1);
    assert!(!tx.is_closed() && !rx.is_closed());
    assert!(tx.close());
    assert!(!tx.close() && !rx.close());
    assert!(tx.is_closed() && rx.is_closed());
}

#[test]
fn a_channel_is_open_until_the_last_handle_of_a_side_goes() {
    let (tx, rx) = millstream::bounded::<u32>(1);
    let (other_tx, other_rx) = (tx.clone(), rx.clone());
    drop(tx);
    drop(rx);
    assert!(!other_tx.is_closed());
    other_tx.try_send(1).unwrap();
    drop(other_tx);
    assert!(other_rx.is_closed());
    assert_eq!(other_rx.try_recv(), Ok(1));
    assert_eq!(other_rx.try_recv(), Err(TryRecvError::Closed));
}

#[test]
fn the_last_receiver_gives_waiting_senders_their_values_back() {
    for capacity in [0, 1, 3] {
        let (tx, rx) = millstream::bounded(capacity);
        let other = rx.clone();
        for n in 0..capacity {
            tx.try_send(n).unwrap();
        }
        let bells = [Bell::new(), Bell::new()];
        let mut sends = [tx.send(10), tx.send(11)];
        for (send, bell) in sends.iter_mut().zip(&bells) {
            bell.waits(send);
        }
        let (bell, mut reserve) = (Bell::new(), tx.reserve());
        bell.waits(&mut reserve);
        drop(rx);
        assert_eq!(
            bells[0].rings() + bell.rings(),
            0,
            "there is another receiver"
        );
        drop(other);
        for (n, (send, bell)) in sends.iter_mut().zip(&bells).enumerate() {
            assert_eq!(bell.rings(), 1);
            assert_eq!(bell.gets(send).unwrap_err().into_inner(), 10 + n);
        }
        assert_eq!(bell.rings(), 1);
        assert!(bell.gets(&mut reserve).is_err());
        assert!(tx.is_closed() && tx.is_empty());
        assert_eq!(tx.try_send(5), Err(TrySendError::Closed(5)));
    }
}

#[test]
fn the_last_receiver_drops_the_values_there_and_then() {
    let ledger = Ledger::new();
    let (tx, rx) = millstream::bounded(3);
    for number in 1..=3 {
        tx.try_send(ledger.make(number)).unwrap();
    }
    drop(rx);
    assert_eq!(ledger.dropped(), [1, 2, 3], "while a sender is alive");
    assert_eq!(tx.len(), 0);
    drop(tx);
    assert_eq!(ledger.dropped(), [1, 2, 3], "and only once");
}

#[test]
fn a_permit_without_receivers_gives_the_value_back() {
    let (tx, rx) = millstream::bounded(1);
    let permit = tx.try_reserve().unwrap();
    drop(rx);
    assert_eq!(permit.send(5).unwrap_err().into_inner(), 5);
}

#[test]
fn one_value_that_panics_in_its_drop_does_not_leak_the_others() {
    let ledger = Ledger::new();
    let (tx, rx) = millstream::unbounded();
    for number in 1..=5 {
        // Two of them, so that the second panic finds the first one on its way.
        let explodes = number == 2 || number == 4;
        tx.try_send(Bomb::new(ledger.make(number), explodes))
            .unwrap();
    }
    let bell = Bell::new();
    let mut closed = tx.closed();
    bell.waits(&mut closed);
    let dropped = catch_unwind(AssertUnwindSafe(|| drop(rx)));
    assert!(dropped.is_err(), "the panic comes out where it was caused");
    assert_eq!(ledger.dropped(), [1, 2, 3, 4, 5]);
    assert_eq!(bell.rings(), 1);
    bell.gets(&mut closed);
    assert!(tx.is_closed() && tx.is_empty());
}

#[test]
fn closed_is_ready_for_every_reason_and_at_once_afterwards() {
    let reasons: [fn(&Sender<u32>, &mut Option<Receiver<u32>>); 3] = [
        |tx, _| ignore(tx.close()),
        |_, rx| ignore(rx.as_ref().unwrap().close()),
        |_, rx| drop(rx.take()),
    ];
    for reason in reasons {
        let (tx, rx) = millstream::bounded(1);
        tx.try_send(1).unwrap();
        let mut rx = Some(rx);
        let bells = [Bell::new(), Bell::new()];
        let (mut first, mut second) = (tx.closed(), tx.closed());
        bells[0].waits(&mut first);
        bells[1].waits(&mut second);
        reason(&tx, &mut rx);
        assert_eq!((bells[0].rings(), bells[1].rings()), (1, 1));
        bells[0].gets(&mut first);
        bells[1].gets(&mut second);
        now(tx.closed());
    }
}

#[test]
fn drained_waits_for_the_close_and_for_the_last_value() {
    let (tx, rx) = millstream::bounded(2);
    let bell = Bell::new();
    let other = rx.clone();
    let mut drained = other.drained();
    bell.waits(&mut drained);
    tx.try_send(1).unwrap();
    assert_eq!(rx.try_recv(), Ok(1));
    bell.waits(&mut drained);
    tx.try_send(2).unwrap();
    tx.close();
    bell.waits(&mut drained);
    assert_eq!(bell.rings(), 0);
    assert_eq!(rx.try_recv(), Ok(2));
    assert_eq!(bell.rings(), 1);
    bell.gets(&mut drained);
    now(rx.drained());
}

#[test]
fn drained_is_told_by_whatever_takes_the_last_value() {
    let ways: [fn(&Receiver<u32>); 5] = [
        |rx| ignore(rx.try_recv()),
        |rx| drop(rx.drain()),
        |rx| assert_eq!(now(rx.recv_many(&mut Vec::new(), 9)), 1),
        |rx| assert_eq!(now(rx.claim()).unwrap().take(), 1),
        |rx| ignore(now(millstream::Select::new().recv(rx, |value| value))),
    ];
    for way in ways {
        let (tx, rx) = millstream::bounded(1);
        tx.try_send(1).unwrap();
        drop(tx);
        let bell = Bell::new();
        let mut drained = rx.drained();
        bell.waits(&mut drained);
        way(&rx);
        assert_eq!(bell.rings(), 1);
        bell.gets(&mut drained);
    }
}

#[test]
fn closing_an_empty_channel_drains_it() {
    let (tx, rx) = millstream::bounded::<u32>(1);
    let bell = Bell::new();
    let mut drained = rx.drained();
    bell.waits(&mut drained);
    drop(tx);
    assert_eq!(bell.rings(), 1);
    bell.gets(&mut drained);
}

#[test]
fn a_receiver_that_waits_beyond_the_close_is_for_those_who_were_let_in_before() {
    let (tx, rx) = millstream::bounded(1);
    let bell = Bell::new();
    let permit = tx.try_reserve().unwrap();
    let mut recv = rx.recv();
    bell.waits(&mut recv);
    tx.close();
    let mut late = tx.send(1);
    assert_eq!(bell.gets(&mut late).unwrap_err().0, 1);
    assert_eq!(tx.send_blocking(2).unwrap_err().0, 2);
    bell.waits(&mut recv);
    permit.send(3).unwrap();
    assert_eq!(bell.gets(&mut recv), Ok(3));
}
