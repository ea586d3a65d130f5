//! A permit takes a place, and a channel that keeps values grants no more permits than it has places, whoever waits.

mod common;

use common::Bell;
use millstream::TrySendError;

#[test]
fn receivers_that_wait_are_no_places_where_values_are_kept() {
    let (tx, rx) = millstream::bounded::<u32>(1);
    let permit = tx.try_reserve().unwrap();
    let (bell, mut recvs) = (Bell::new(), [rx.recv(), rx.recv(), rx.recv()]);
    for recv in &mut recvs {
        bell.waits(recv);
    }
    assert!(matches!(tx.try_reserve(), Err(TrySendError::Full(()))));
    let (next, mut reserve) = (Bell::new(), tx.reserve());
    next.waits(&mut reserve);
    // A value at hand needs no place, since it goes to a receiver at once …
    tx.try_send(1).unwrap();
    assert_eq!(bell.gets(&mut recvs[0]), Ok(1));
    assert_eq!(next.rings(), 0);
    // … and so does that of the permit, whose place is then free for the next.
    permit.send(2).unwrap();
    assert_eq!(bell.gets(&mut recvs[1]), Ok(2));
    assert!(next.rings() > 0);
    next.gets(&mut reserve).unwrap().send(3).unwrap();
    assert_eq!(bell.gets(&mut recvs[2]), Ok(3));
}

#[test]
fn each_receiver_that_waits_is_one_place_where_nothing_is_kept() {
    let (tx, rx) = millstream::rendezvous::<u32>();
    let (bell, mut recvs) = (Bell::new(), [rx.recv(), rx.recv()]);
    assert!(matches!(tx.try_reserve(), Err(TrySendError::Full(()))));
    for recv in &mut recvs {
        bell.waits(recv);
    }
    let permits = [tx.try_reserve().unwrap(), tx.try_reserve().unwrap()];
    assert!(matches!(tx.try_reserve(), Err(TrySendError::Full(()))));
    for (value, permit) in (1..).zip(permits) {
        permit.send(value).unwrap();
    }
    assert_eq!(recvs.each_mut().map(|recv| bell.gets(recv)), [Ok(1), Ok(2)]);
}
