//! No time at all, and more than a clock can say.

use crate::common::Bell;
use millstream::runtime::Manual;
use millstream::{RecvTimeoutError, Select, SendTimeoutError};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::time::{Duration, Instant};

const NONE: Duration = Duration::ZERO;
const ALL: Duration = Duration::MAX;

#[test]
fn no_time_is_one_attempt() {
    let (tx, rx) = millstream::bounded(1);
    assert_eq!(rx.recv_timeout(NONE), Err(RecvTimeoutError::Timeout));
    assert_eq!(tx.send_timeout(1, NONE), Ok(()));
    assert_eq!(tx.send_timeout(2, NONE), Err(SendTimeoutError::Timeout(2)));
    let past = Instant::now() - Duration::from_millis(1);
    assert_eq!(tx.send_deadline(3, past), Err(SendTimeoutError::Timeout(3)));
    assert_eq!(rx.recv_deadline(past), Ok(1));
    let got = Select::new()
        .recv(&rx, |_| "received")
        .after(NONE, || "late");
    assert_eq!(got.wait(), "late");
    drop(tx);
    assert_eq!(rx.recv_timeout(NONE), Err(RecvTimeoutError::Closed));
}

#[test]
fn more_time_than_there_is_means_for_ever() {
    let (tx, rx) = millstream::bounded(1);
    assert_eq!(tx.send_timeout(1, ALL), Ok(()));
    assert_eq!(rx.recv_timeout(ALL), Ok(1));
    tx.try_send(2).unwrap();
    let got = Select::new()
        .after(ALL, || None)
        .recv(&rx, |value| value.ok());
    assert_eq!(got.wait(), Some(2));

    let mut manual = Manual::new();
    let _entered = manual.enter();
    let bell = Bell::new();
    let mut waits = Select::new().after(ALL, || ()).recv(&rx, |_| ());
    bell.waits(&mut waits);
    manual.advance(Duration::from_secs(1 << 40));
    assert_eq!(bell.rings(), 0);
}

#[test]
fn times_as_channels_know_both_ends() {
    let mut manual = Manual::new();
    let _entered = manual.enter();
    let (at_once, never) = (millstream::after(NONE), millstream::after(ALL));
    manual.run_until_stalled();
    assert!(at_once.try_recv().is_ok());
    assert!(
        never.try_recv().unwrap_err().is_empty(),
        "it is not closed, it only never comes"
    );
    let refused = catch_unwind(AssertUnwindSafe(|| millstream::tick(NONE)));
    assert!(refused.is_err(), "nothing can tick without a period");
}
