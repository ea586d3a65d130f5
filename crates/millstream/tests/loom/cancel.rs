//! Operations that are dropped or run out of time while somebody meets them: nothing is lost, nothing doubled.

use crate::support::{at_any_moment, explore, poll_once, start_waiting, Counter, Ledger};
use futures_core::Stream;
use loom::future::block_on;
use loom::thread;
use millstream::{Receiver, RecvTimeoutError, Select, SendTimeoutError, TryRecvError};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

/// The first in line leaves while it is being matched: the second gets the value all the same.
fn the_turn_passes_on(capacity: usize) {
    explore(move || {
        let (tx, rx) = millstream::bounded(capacity);
        let (mut first, mut second) = (rx.recv(), rx.recv());
        start_waiting(&mut first);
        start_waiting(&mut second);
        let sender = thread::spawn(move || tx.send_blocking(7));
        drop(first);
        assert_eq!(block_on(second), Ok(7));
        assert_eq!(sender.join().unwrap(), Ok(()));
    });
}

#[test]
fn the_turn_of_a_dropped_receive_passes_on_over_a_rendezvous() {
    the_turn_passes_on(0);
}

#[test]
fn the_turn_of_a_dropped_receive_passes_on_over_a_buffer() {
    the_turn_passes_on(1);
}

#[test]
fn the_turn_passes_on_to_a_receiver_on_another_thread() {
    explore(|| {
        let (tx, rx) = millstream::rendezvous();
        let mut first = rx.recv();
        start_waiting(&mut first);
        let receiver = thread::spawn({
            let rx = rx.clone();
            move || rx.recv_blocking()
        });
        let sender = thread::spawn(move || tx.try_send(7).is_ok());
        drop(first);
        let sent = sender.join().unwrap();
        let received = receiver.join().unwrap().ok();
        assert_eq!(received, sent.then_some(7));
    });
}

/// Nobody else is in line: the value stays in the channel.
fn a_dropped_receive_takes_nothing(capacity: usize) {
    explore(move || {
        let (tx, rx) = millstream::bounded(capacity);
        let mut receive = rx.recv();
        start_waiting(&mut receive);
        let sender = thread::spawn(move || tx.try_send(7).is_ok());
        drop(receive);
        if sender.join().unwrap() {
            assert_eq!(rx.try_recv(), Ok(7));
        }
        assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
    });
}

#[test]
fn a_dropped_receive_takes_nothing_from_a_rendezvous() {
    a_dropped_receive_takes_nothing(0);
}

#[test]
fn a_dropped_receive_takes_nothing_from_a_buffer() {
    a_dropped_receive_takes_nothing(1);
}

#[test]
fn a_send_dropped_while_it_is_taken_is_sent_or_dropped() {
    explore(|| {
        let (tx, rx) = millstream::rendezvous();
        let (ledger, token) = Ledger::new();
        let mut send = tx.send(token);
        start_waiting(&mut send);
        let receiver = thread::spawn(move || {
            let got = rx.try_recv();
            (rx, got)
        });
        drop(send);
        let (rx, got) = receiver.join().unwrap();
        assert_eq!(ledger.drops(), usize::from(got.is_err()));
        drop(got);
        assert_eq!(rx.try_recv().err(), Some(TryRecvError::Empty));
        drop((tx, rx));
        assert_eq!(ledger.drops(), 1);
    });
}

#[test]
fn the_place_of_a_dropped_send_goes_to_the_next() {
    explore(|| {
        let (tx, rx) = millstream::bounded(1);
        tx.try_send(0).unwrap();
        let (mut first, mut second) = (tx.send(1), tx.send(2));
        start_waiting(&mut first);
        let waiting = start_waiting(&mut second);
        let receiver = thread::spawn(move || {
            let got = rx.try_recv();
            (rx, got)
        });
        drop(first);
        let (rx, got) = receiver.join().unwrap();
        assert_eq!(got, Ok(0));
        // One of the two is in the buffer: the first if it was let in before it left.
        let next = rx.try_recv().unwrap();
        match poll_once(&mut second, &waiting) {
            Poll::Ready(sent) => sent.unwrap(),
            Poll::Pending => panic!("there is room"),
        }
        match next {
            1 => assert_eq!(rx.try_recv(), Ok(2)),
            next => assert_eq!((next, rx.try_recv()), (2, Err(TryRecvError::Empty))),
        }
    });
}

/// A receive that runs out of time while a value is delivered either has it or has left it.
fn a_receive_that_runs_out_of_time(capacity: usize) {
    explore(move || {
        let (tx, rx) = millstream::bounded(capacity);
        let sender = thread::spawn(move || tx.try_send(7).is_ok());
        let got = rx.recv_deadline(at_any_moment());
        let sent = sender.join().unwrap();
        match got {
            Ok(value) => assert!(sent && value == 7),
            Err(RecvTimeoutError::Timeout) if sent => assert_eq!(rx.try_recv(), Ok(7)),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Closed) => assert!(!sent),
        }
        assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
    });
}

#[test]
fn a_receive_that_runs_out_of_time_over_a_rendezvous() {
    a_receive_that_runs_out_of_time(0);
}

#[test]
fn a_receive_that_runs_out_of_time_over_a_buffer() {
    a_receive_that_runs_out_of_time(1);
}

#[test]
fn a_send_that_runs_out_of_time_is_taken_or_comes_back() {
    explore(|| {
        let (tx, rx) = millstream::rendezvous();
        let receiver = thread::spawn(move || {
            let got = rx.try_recv();
            (rx, got)
        });
        let sent = tx.send_deadline(7, at_any_moment());
        let (rx, got) = receiver.join().unwrap();
        match sent {
            Ok(()) => assert_eq!(got, Ok(7)),
            Err(SendTimeoutError::Timeout(value)) => {
                assert_eq!((value, got), (7, Err(TryRecvError::Empty)));
            }
            Err(SendTimeoutError::Closed(_)) => panic!("a receiver is there"),
        }
        assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
    });
}

#[test]
fn two_that_run_out_of_time_agree_whether_they_met() {
    explore(|| {
        let (tx, rx) = millstream::rendezvous();
        let sender = thread::spawn(move || {
            let sent = tx.send_deadline(7, at_any_moment()).is_ok();
            (tx, sent)
        });
        let got = rx.recv_deadline(at_any_moment());
        let (_tx, sent) = sender.join().unwrap();
        assert_eq!(got, sent.then_some(7).ok_or(RecvTimeoutError::Timeout));
        assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
    });
}

#[test]
fn a_claim_that_is_dropped_passes_on() {
    explore(|| {
        let (tx, rx) = millstream::bounded(1);
        let mut claim = rx.claim();
        start_waiting(&mut claim);
        tx.try_send(7).unwrap();
        drop(tx);
        let receiver = thread::spawn({
            let rx = rx.clone();
            move || rx.recv_blocking()
        });
        let Poll::Ready(Ok(claim)) = poll_once(&mut claim, &Counter::new()) else {
            panic!("it was matched");
        };
        drop(claim);
        assert_eq!(receiver.join().unwrap(), Ok(7));
        assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
    });
}

#[test]
fn a_value_that_is_only_looked_at_is_not_the_end() {
    explore(|| {
        let (tx, rx) = millstream::bounded(1);
        tx.try_send(7).unwrap();
        drop(tx);
        let receiver = thread::spawn({
            let rx = rx.clone();
            move || rx.recv_blocking()
        });
        let claimed = block_on(rx.claim());
        if let Ok(mut claim) = claimed {
            assert_eq!(*claim.peek(), 7);
        }
        // It was put back, or the receiver was here first.
        assert_eq!(receiver.join().unwrap(), Ok(7));
    });
}

/// Polls a receiver as a stream, which leaves its place in line with the handle.
fn poll_as_stream(rx: &mut Receiver<u32>, counter: &Arc<Counter>) -> Poll<Option<u32>> {
    let waker = Waker::from(counter.clone());
    Pin::new(rx).poll_next(&mut Context::from_waker(&waker))
}

#[test]
fn the_turn_of_a_stream_that_is_dropped_passes_on() {
    explore(|| {
        let (tx, mut stream) = millstream::rendezvous();
        let rx = stream.clone();
        assert!(poll_as_stream(&mut stream, &Counter::new()).is_pending());
        let sender = thread::spawn(move || tx.send_blocking(7));
        let receiver = thread::spawn(move || rx.recv_blocking());
        drop(stream);
        assert_eq!(receiver.join().unwrap(), Ok(7));
        assert_eq!(sender.join().unwrap(), Ok(()));
    });
}

#[test]
fn a_stream_that_is_left_aside_hands_its_turn_to_what_its_handle_does_next() {
    explore(|| {
        let (tx, mut stream) = millstream::rendezvous();
        assert!(poll_as_stream(&mut stream, &Counter::new()).is_pending());
        let sender = thread::spawn(move || tx.send_blocking(7));
        // In a select the place is left, and a new one taken.
        let (_other, from_other) = millstream::rendezvous::<u32>();
        let got = Select::new()
            .recv(&from_other, |got| got)
            .recv(&stream, |got| got)
            .wait();
        assert_eq!(got, Ok(7));
        assert_eq!(sender.join().unwrap(), Ok(()));
    });
}

#[test]
fn a_claim_of_a_select_that_is_dropped_passes_on() {
    explore(|| {
        let (tx, rx) = millstream::rendezvous();
        let (_other, from_other) = millstream::rendezvous::<u32>();
        let sender = thread::spawn(move || tx.send_blocking(7));
        let receiver = thread::spawn({
            let rx = rx.clone();
            move || rx.recv_blocking()
        });
        let claimed = Select::new()
            .arm(rx.claim(), |claim| claim.ok())
            .recv(&from_other, |_| None)
            .wait();
        // The claim was had if the receiver was not here before; the value is for the receiver all the same.
        drop(claimed);
        assert_eq!(receiver.join().unwrap(), Ok(7));
        assert_eq!(sender.join().unwrap(), Ok(()));
    });
}
