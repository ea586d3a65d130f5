//! Sends and receives of threads that wait for a limited time.

mod common;

use common::{within, Bell};
use millstream::{ChannelState, RecvTimeoutError, SendTimeoutError};
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

const SHORT: Duration = Duration::from_millis(5);

#[test]
fn a_receive_gives_up_when_the_time_is_up_and_leaves_no_trace() {
    for capacity in [0, 1, 3] {
        let (tx, rx) = millstream::bounded(capacity);
        let since = Instant::now();
        assert_eq!(rx.recv_timeout(SHORT), Err(RecvTimeoutError::Timeout));
        assert!(since.elapsed() >= SHORT);
        assert_eq!(tx.stats().state, ChannelState::Fluent);
        assert_eq!(
            tx.try_send(1).is_ok(),
            capacity > 0,
            "nobody waits any more"
        );
        assert_eq!(rx.recv_timeout(SHORT).is_ok(), capacity > 0);
    }
}

#[test]
fn a_send_gives_up_when_the_time_is_up_and_gives_its_value_back() {
    for capacity in [0, 1] {
        let (tx, rx) = millstream::bounded(capacity);
        if capacity == 1 {
            tx.try_send(0).unwrap();
        }
        let since = Instant::now();
        assert_eq!(tx.send_timeout(7, SHORT), Err(SendTimeoutError::Timeout(7)));
        assert!(since.elapsed() >= SHORT);
        assert_eq!(tx.stats().state, ChannelState::Fluent);
        assert_eq!(rx.try_iter().count(), capacity);
    }
}

#[test]
fn no_time_at_all_is_one_attempt() {
    let past = Instant::now();
    let (tx, rx) = millstream::bounded(1);
    assert_eq!(
        rx.recv_timeout(Duration::ZERO),
        Err(RecvTimeoutError::Timeout)
    );
    assert_eq!(rx.recv_deadline(past), Err(RecvTimeoutError::Timeout));
    assert_eq!(tx.send_timeout(1, Duration::ZERO), Ok(()));
    assert_eq!(tx.send_deadline(2, past), Err(SendTimeoutError::Timeout(2)));
    assert_eq!(rx.recv_deadline(past), Ok(1));
    assert_eq!(tx.send_deadline(3, past), Ok(()));
    assert_eq!(rx.recv_timeout(Duration::ZERO), Ok(3));

    let (tx, rx) = millstream::rendezvous();
    assert_eq!(
        tx.send_timeout(1, Duration::ZERO),
        Err(SendTimeoutError::Timeout(1))
    );
    let bell = Bell::new();
    let mut send = tx.send(2);
    bell.waits(&mut send);
    assert_eq!(rx.recv_timeout(Duration::ZERO), Ok(2));
    let mut recv = rx.recv();
    bell.waits(&mut recv);
    assert_eq!(tx.send_timeout(3, Duration::ZERO), Ok(()));
    assert_eq!(bell.gets(&mut recv), Ok(3));
}

#[test]
fn the_longest_time_is_for_ever() {
    within(|| {
        let (tx, rx) = millstream::bounded(1);
        let receiver = thread::spawn(move || {
            [
                rx.recv_timeout(Duration::MAX),
                rx.recv_timeout(Duration::MAX),
            ]
        });
        for n in [1, 2, 3] {
            // The third finds no receiver any more.
            let sent = tx.send_timeout(n, Duration::MAX);
            assert!(sent.is_ok() || n > 2, "{sent:?}");
        }
        assert_eq!(receiver.join().unwrap(), [Ok(1), Ok(2)]);
    });
}

#[test]
fn the_end_is_told_to_those_who_wait_for_a_limited_time() {
    within(|| {
        let (tx, rx) = millstream::rendezvous::<u32>();
        let (waits, waiting) = channel();
        let receiver = thread::spawn({
            let rx = rx.clone();
            move || {
                waits.send(()).unwrap();
                rx.recv_timeout(Duration::from_secs(60))
            }
        });
        waiting.recv().unwrap();
        drop(tx);
        assert_eq!(receiver.join().unwrap(), Err(RecvTimeoutError::Closed));
        assert_eq!(rx.recv_timeout(SHORT), Err(RecvTimeoutError::Closed));

        let (tx, rx) = millstream::rendezvous();
        let (waits, waiting) = channel();
        let sender = thread::spawn({
            let tx = tx.clone();
            move || {
                waits.send(()).unwrap();
                tx.send_timeout(5, Duration::from_secs(60))
            }
        });
        waiting.recv().unwrap();
        drop(rx);
        assert_eq!(sender.join().unwrap(), Err(SendTimeoutError::Closed(5)));
        assert_eq!(tx.send_timeout(6, SHORT), Err(SendTimeoutError::Closed(6)));
    });
}

#[test]
fn those_who_wait_for_a_limited_time_are_served_in_time() {
    within(|| {
        let (tx, rx) = millstream::rendezvous();
        let limit = Duration::from_secs(60);
        let sender = thread::spawn(move || (0..100).all(|n| tx.send_timeout(n, limit).is_ok()));
        for n in 0..100 {
            assert_eq!(rx.recv_timeout(limit), Ok(n));
        }
        assert!(sender.join().unwrap());
    });
}

#[test]
fn what_races_with_the_time_is_delivered_or_given_back_and_never_lost() {
    within(|| {
        let (tx, rx) = millstream::rendezvous();
        let sender = thread::spawn(move || {
            let mut sent = 0;
            for n in 0..2000u32 {
                let limit = Duration::from_micros(u64::from(n % 50));
                match tx.send_timeout(n, limit) {
                    Ok(()) => sent += 1,
                    Err(error) => assert_eq!(error.into_inner(), n),
                }
            }
            sent
        });
        let mut received = 0;
        let mut last = None;
        for n in (0u64..).map(|n| n % 70) {
            match rx.recv_timeout(Duration::from_micros(n)) {
                Ok(value) => {
                    assert!(last < Some(value), "in order");
                    last = Some(value);
                    received += 1;
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Closed) => break,
            }
        }
        assert_eq!(sender.join().unwrap(), received);
    });
}

#[test]
fn a_promise_that_is_made_in_time_is_received() {
    within(|| {
        let (tx, rx) = millstream::promise();
        let receivers: Vec<_> = (0..3)
            .map(|_| {
                let rx = rx.clone();
                thread::spawn(move || rx.recv_timeout(Duration::from_secs(60)))
            })
            .collect();
        tx.try_send(4).unwrap();
        for receiver in receivers {
            assert_eq!(receiver.join().unwrap(), Ok(4));
        }
        assert_eq!(rx.recv_timeout(Duration::ZERO), Ok(4));
    });
}
