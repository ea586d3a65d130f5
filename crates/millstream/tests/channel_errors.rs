//! What the errors say of themselves: which of the possible reasons it was, and the value that was not sent.

use millstream::{RecvTimeoutError, SendTimeoutError, TryRecvError, TrySendError};
use std::time::Duration;

#[test]
fn a_send_that_is_tried_was_refused_for_one_of_two_reasons() {
    let (tx, rx) = millstream::bounded(1);
    tx.try_send(0).unwrap();
    let full = tx.try_send(1).unwrap_err();
    assert_eq!((full.is_full(), full.is_closed()), (true, false));
    assert_eq!((full, full.into_inner()), (TrySendError::Full(1), 1));
    drop(rx);
    let closed = tx.try_send(2).unwrap_err();
    assert_eq!((closed.is_full(), closed.is_closed()), (false, true));
    assert_eq!((closed, closed.into_inner()), (TrySendError::Closed(2), 2));
}

#[test]
fn a_send_for_some_time_was_refused_for_one_of_two_reasons() {
    let (tx, rx) = millstream::bounded(1);
    tx.try_send(0).unwrap();
    let late = tx.send_timeout(1, Duration::ZERO).unwrap_err();
    assert_eq!((late.is_timeout(), late.is_closed()), (true, false));
    assert_eq!((late, late.into_inner()), (SendTimeoutError::Timeout(1), 1));
    drop(rx);
    let closed = tx.send_timeout(2, Duration::ZERO).unwrap_err();
    assert_eq!((closed.is_timeout(), closed.is_closed()), (false, true));
    assert_eq!(
        (closed, closed.into_inner()),
        (SendTimeoutError::Closed(2), 2)
    );
}

#[test]
fn a_receive_found_nothing_for_one_of_two_reasons() {
    let (tx, rx) = millstream::bounded::<u32>(1);
    let empty = rx.try_recv().unwrap_err();
    assert_eq!((empty.is_empty(), empty.is_closed()), (true, false));
    assert_eq!(empty, TryRecvError::Empty);
    let late = rx.recv_timeout(Duration::ZERO).unwrap_err();
    assert_eq!((late.is_timeout(), late.is_closed()), (true, false));
    assert_eq!(late, RecvTimeoutError::Timeout);
    drop(tx);
    let closed = rx.try_recv().unwrap_err();
    assert_eq!((closed.is_empty(), closed.is_closed()), (false, true));
    let closed = rx.recv_timeout(Duration::ZERO).unwrap_err();
    assert_eq!((closed.is_timeout(), closed.is_closed()), (false, true));
}
