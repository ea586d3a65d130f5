//! Every value that a receiver gets is counted once, whichever way it went.

mod common;

use common::Bell;

#[test]
fn whichever_way_a_value_goes_it_is_counted_as_delivered() {
    let (tx, rx) = millstream::bounded(1);
    let bell = Bell::new();
    // Through the buffer.
    tx.try_send(1).unwrap();
    assert_eq!(tx.stats().delivered(), 0);
    assert_eq!(rx.try_recv(), Ok(1));
    assert_eq!(tx.stats().delivered(), 1);
    // To a receiver that waited.
    let mut recv = rx.recv();
    bell.waits(&mut recv);
    tx.try_send(2).unwrap();
    assert_eq!(bell.gets(&mut recv), Ok(2));
    assert_eq!(tx.stats().delivered(), 2);
    // From a sender that waited, past no buffer at all.
    let (tx, rx) = millstream::rendezvous();
    for n in 1..=3u32 {
        let mut send = tx.send(n);
        bell.waits(&mut send);
        assert_eq!(rx.try_recv(), Ok(n));
        assert_eq!(tx.stats().delivered(), u64::from(n));
        bell.gets(&mut send).unwrap();
    }
}
