//! A `SelectSet`: arms that stay in line from message to message, and a loop that is busy in between.

mod common;

use common::{now, within, Bell, Ledger};
use futures_core::FusedStream;
use millstream::{
    ChannelState, Receiver, RecvError, Select, SelectSet, SendError, TryRecvError, TrySendError,
};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::thread;

/// The set's next result, which must be there at once.
#[track_caller]
fn next<R>(set: &mut SelectSet<'_, R>) -> Option<R> {
    now(set.next())
}

#[test]
fn it_yields_what_comes_until_every_arm_has_ended() {
    let (a, from_a) = millstream::bounded(2);
    let (b, from_b) = millstream::rendezvous();
    let bell = Bell::new();
    let mut set = SelectSet::new();
    assert_eq!(set.recv(&from_a, |value| ("a", value)), 0);
    assert_eq!(set.recv(from_b, |value| ("b", value)), 1);
    assert_eq!((set.len(), set.is_empty()), (2, false));
    bell.waits(&mut set.next());
    a.try_send(1).unwrap();
    a.try_send(2).unwrap();
    assert_eq!(next(&mut set), Some(("a", Ok(1))));
    assert_eq!(next(&mut set), Some(("a", Ok(2))));
    let mut waiting = set.next();
    bell.waits(&mut waiting);
    b.try_send(3).unwrap();
    assert_eq!(bell.rings(), 1);
    assert_eq!(bell.gets(&mut waiting), Some(("b", Ok(3))));
    drop(waiting);
    drop(a);
    assert_eq!(
        next(&mut set),
        Some(("a", Err(RecvError))),
        "the end is told once"
    );
    assert_eq!(set.len(), 1);
    let mut waiting = set.next();
    bell.waits(&mut waiting);
    drop(b);
    assert_eq!(bell.rings(), 1);
    assert_eq!(bell.gets(&mut waiting), Some(("b", Err(RecvError))));
    drop(waiting);
    assert!(set.is_empty());
    assert_eq!((next(&mut set), set.wait()), (None, None));
}

#[test]
fn arms_that_did_not_fire_keep_their_place_in_line() {
    let (tx, rx) = millstream::rendezvous();
    let (other, from_other) = millstream::bounded(1);
    let (bell, behind) = (Bell::new(), Bell::new());
    let mut set = SelectSet::new();
    set.recv(&rx, |value: Result<u32, _>| value.unwrap());
    set.recv(&from_other, |value| value.unwrap());
    bell.waits(&mut set.next());
    let mut later = rx.recv();
    behind.waits(&mut later);
    for n in 0..3 {
        other.try_send(n).unwrap();
        assert_eq!(next(&mut set), Some(n));
    }
    // A select would have left the line three times, and stand behind.
    let mut waiting = set.next();
    bell.waits(&mut waiting);
    tx.try_send(9).unwrap();
    assert_eq!((bell.rings(), behind.rings()), (1, 0));
    assert_eq!(bell.gets(&mut waiting), Some(9));
}

#[test]
fn nothing_is_accepted_while_the_loop_is_busy() {
    let (tx, rx) = millstream::rendezvous();
    let (bell, sender) = (Bell::new(), Bell::new());
    let mut set = SelectSet::new();
    set.recv(&rx, |value| value);
    bell.waits(&mut set.next());
    assert_eq!(tx.stats().state, ChannelState::Fluent, "nobody waits now");
    assert_eq!(tx.try_send(1), Err(TrySendError::Full(1)));
    let mut send = tx.send(2);
    sender.waits(&mut send);
    // The set finds who came meanwhile.
    assert_eq!(next(&mut set), Some(Ok(2)));
    sender.gets(&mut send).unwrap();
    let mut waiting = set.next();
    bell.waits(&mut waiting);
    assert_eq!(tx.stats().state, ChannelState::PendingRecvs);
    tx.try_send(3).unwrap();
    assert_eq!(
        tx.try_send(4),
        Err(TrySendError::Full(4)),
        "one message at a time"
    );
    assert_eq!(bell.gets(&mut waiting), Some(Ok(3)));
}

#[test]
fn a_message_that_comes_while_the_loop_is_busy_is_found() {
    let channels: Vec<_> = (0..3).map(|_| millstream::bounded(1)).collect();
    let mut set = SelectSet::new();
    for (n, (_, rx)) in channels.iter().enumerate() {
        set.recv(rx, move |value: Result<(), _>| value.map(|()| n));
    }
    Bell::new().waits(&mut set.next());
    for n in [2, 0, 1] {
        channels[n].0.try_send(()).unwrap();
    }
    // In the order in which they came.
    assert_eq!(next(&mut set), Some(Ok(2)));
    assert_eq!(next(&mut set), Some(Ok(0)));
    assert_eq!(next(&mut set), Some(Ok(1)));
}

#[test]
fn a_dropped_next_loses_nothing() {
    for capacity in [0, 1] {
        let (tx, rx) = millstream::bounded(capacity);
        let bell = Bell::new();
        let mut set = SelectSet::new();
        set.recv(&rx, |value| value);
        drop(set.next());
        let mut waiting = set.next();
        bell.waits(&mut waiting);
        tx.try_send(1).unwrap();
        assert_eq!(bell.rings(), 1);
        drop(waiting);
        assert_eq!(bell.held(), 0);
        assert!(rx.try_recv().is_err(), "the set has a claim on it");
        assert_eq!(next(&mut set), Some(Ok(1)));
        bell.waits(&mut set.next());
        assert_eq!(bell.held(), 0);
    }
}

#[test]
fn an_arm_that_is_removed_leaves_no_trace() {
    let (tx, rx) = millstream::rendezvous();
    let bell = Bell::new();
    let mut set = SelectSet::new();
    let first = set.recv(&rx, |value: Result<u32, _>| value);
    assert!(set.remove(first) && !set.remove(first) && !set.remove(99));
    assert_eq!(next(&mut set), None);
    let second = set.recv(&rx, |value| value);
    assert_ne!(first, second, "numbers are not used again");
    bell.waits(&mut set.next());
    assert!(set.remove(second));
    assert_eq!(set.len(), 0);
    let mut send = tx.send(1);
    bell.waits(&mut send);
    assert_eq!(rx.try_recv(), Ok(1));
    drop(send);
    assert_eq!(tx.stats().state, ChannelState::Fluent);
}

#[test]
fn an_arm_that_is_removed_after_it_has_won_passes_its_turn_on() {
    let (tx, rx) = millstream::bounded(1);
    let (other, from_other) = millstream::bounded(1);
    let (bell, behind) = (Bell::new(), Bell::new());
    let mut set = SelectSet::new();
    let arm = set.recv(&rx, |value: Result<u32, _>| value.unwrap());
    set.recv(&from_other, |value| value.unwrap());
    bell.waits(&mut set.next());
    let mut waiting = set.next();
    bell.waits(&mut waiting);
    tx.try_send(1).unwrap();
    drop(waiting);
    let mut recv = rx.recv();
    behind.waits(&mut recv);
    assert!(set.remove(arm));
    assert_eq!(behind.rings(), 1);
    assert_eq!(behind.gets(&mut recv), Ok(1));
    bell.waits(&mut set.next());
    other.try_send(2).unwrap();
    assert_eq!(next(&mut set), Some(2));
}

#[test]
fn a_set_that_is_dropped_leaves_every_line() {
    let (a, from_a) = millstream::bounded(1);
    let (b, from_b) = millstream::rendezvous();
    let ledger = Ledger::new();
    let (bell, behind) = (Bell::new(), Bell::new());
    let mut set = SelectSet::new();
    set.recv(&from_a, |_| ());
    set.send(&b, ledger.make(1), |_| ());
    let mut waiting = set.next();
    bell.waits(&mut waiting);
    a.try_send(1).unwrap();
    drop(waiting);
    let mut recv = from_a.recv();
    behind.waits(&mut recv);
    drop(set);
    assert_eq!(behind.gets(&mut recv), Ok(1), "its claim has passed on");
    assert_eq!(ledger.dropped(), [1]);
    assert!(from_b.try_recv().is_err());
    assert_eq!(b.stats().state, ChannelState::Fluent);
    drop(recv);
    assert_eq!((a.stats().state, bell.held()), (ChannelState::Fluent, 0));
}

#[test]
fn a_sending_arm_fires_once() {
    let (a, from_a) = millstream::bounded(1);
    let (b, from_b) = millstream::rendezvous();
    let bell = Bell::new();
    let mut set = SelectSet::new();
    set.send(&a, 1, |sent| ("a", sent));
    set.send(&b, 2, |sent| ("b", sent));
    assert_eq!(next(&mut set), Some(("a", Ok(()))));
    assert_eq!(set.len(), 1);
    let mut waiting = set.next();
    bell.waits(&mut waiting);
    assert_eq!(from_b.try_recv(), Ok(2));
    assert_eq!(bell.rings(), 1);
    assert_eq!(bell.gets(&mut waiting), Some(("b", Ok(()))));
    drop(waiting);
    assert_eq!(from_a.try_recv(), Ok(1));
    assert_eq!(next(&mut set), None);
    // One that is refused gives its value back in the error, and is gone as well.
    drop(from_b);
    set.send(&b, 3, |sent| ("b", sent));
    assert_eq!(next(&mut set), Some(("b", Err(SendError(3)))));
    assert_eq!(next(&mut set), None);
}

#[test]
fn a_sending_arm_that_waits_learns_of_the_end() {
    let (tx, rx) = millstream::rendezvous();
    let bell = Bell::new();
    let mut set = SelectSet::new();
    set.send(&tx, 1, |sent| sent);
    let mut waiting = set.next();
    bell.waits(&mut waiting);
    drop(rx);
    assert_eq!(bell.rings(), 1);
    assert_eq!(bell.gets(&mut waiting), Some(Err(SendError(1))));
}

#[test]
fn ends_that_come_while_the_loop_is_busy_are_found() {
    let (tx, rx) = millstream::rendezvous::<u32>();
    let (out, from_out) = millstream::rendezvous();
    let mut set = SelectSet::new();
    set.recv(&rx, |value| value.is_err());
    set.send(&out, 1, |sent| sent.is_err());
    Bell::new().waits(&mut set.next());
    drop(tx);
    drop(from_out);
    assert_eq!((next(&mut set), next(&mut set)), (Some(true), Some(true)));
    assert_eq!(next(&mut set), None);
}

#[test]
fn who_asks_a_closed_channel_while_a_set_is_busy_settles_the_end() {
    // The set accepts nothing now; what is decided without it holds when it opens again.
    let asks: [fn(&Receiver<u32>); 3] = [
        |rx| assert_eq!(rx.try_recv(), Err(TryRecvError::Closed)),
        |rx| now(rx.drained()),
        |rx| assert!(rx.is_terminated()),
    ];
    for ask in asks {
        let (tx, rx) = millstream::rendezvous();
        let (other, from_other) = millstream::bounded(1);
        let bell = Bell::new();
        let mut set = SelectSet::new();
        set.recv(&from_other, |value| value.map_err(|_| SendError(0)));
        set.send(&tx, 5, |sent| sent);
        bell.waits(&mut set.next());
        let mut waiting = set.next();
        bell.waits(&mut waiting);
        tx.close();
        assert!(
            !rx.is_terminated(),
            "it was waiting to send before the close"
        );
        other.try_send(()).unwrap();
        assert_eq!(bell.gets(&mut waiting), Some(Ok(())));
        drop(waiting);
        ask(&rx);
        assert_eq!(
            next(&mut set),
            Some(Err(SendError(5))),
            "it is not offered any more"
        );
        assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
    }
}

#[test]
fn a_set_never_meets_itself_but_meets_others() {
    let (tx, rx) = millstream::rendezvous();
    let bells = [Bell::new(), Bell::new()];
    let mut own = SelectSet::new();
    own.recv(&rx, |value| value.unwrap());
    own.send(&tx, 1, |sent| sent.map_or(0, |()| 10));
    let mut waiting = own.next();
    bells[0].waits(&mut waiting);
    // A select on the other side of one of its arms.
    let got = now(Select::new().recv(&rx, |value| value.unwrap()));
    assert_eq!((got, bells[0].gets(&mut waiting)), (1, Some(10)));
    drop(waiting);
    // And another set.
    let mut waiting = own.next();
    bells[0].waits(&mut waiting);
    let mut other = SelectSet::new();
    other.send(&tx, 2, |sent| sent.is_ok());
    assert_eq!(bells[1].gets(&mut other.next()), Some(true));
    assert_eq!(bells[0].gets(&mut waiting), Some(2));
}

#[test]
fn arms_that_are_always_ready_take_turns() {
    let channels: Vec<_> = (0..4).map(|_| millstream::unbounded()).collect();
    let mut set = SelectSet::new();
    for (n, (tx, rx)) in channels.iter().enumerate() {
        for _ in 0..100 {
            tx.try_send(()).unwrap();
        }
        set.recv(rx, move |value: Result<(), _>| value.map(|()| n));
    }
    for _ in 0..100 {
        let mut round: Vec<_> = (0..4).map(|_| next(&mut set).unwrap().unwrap()).collect();
        round.sort_unstable();
        assert_eq!(round, [0, 1, 2, 3]);
    }
}

#[test]
fn an_arm_that_is_ready_for_ever_does_not_starve_the_others() {
    let (promise, promised) = millstream::promise();
    promise.try_send(0).unwrap();
    let endless: Receiver<u32> = millstream::from_iter(std::iter::repeat(1));
    let (tx, rx) = millstream::rendezvous();
    let mut set = SelectSet::new();
    set.recv(&promised, |value| value.unwrap());
    set.recv(&endless, |value| value.unwrap());
    set.recv(&rx, |value| value.unwrap());
    let mut seen = [0; 3];
    let bell = Bell::new();
    for _ in 0..10 {
        let mut send = tx.send(2);
        bell.waits(&mut send);
        for _ in 0..3 {
            seen[next(&mut set).unwrap() as usize] += 1;
        }
        bell.gets(&mut send).unwrap();
    }
    assert_eq!(seen, [10, 10, 10]);
}

#[test]
fn arms_may_be_added_and_removed_as_the_loop_goes() {
    let channels: Vec<_> = (0..10).map(|_| millstream::bounded(1)).collect();
    let mut set = SelectSet::new();
    let mut arms = Vec::new();
    for (n, (tx, rx)) in channels.iter().enumerate() {
        arms.push(set.recv(rx, |value: Result<usize, _>| value.unwrap()));
        tx.try_send(n).unwrap();
        assert_eq!(next(&mut set), Some(n));
    }
    for (n, arm) in arms.iter().enumerate() {
        Bell::new().waits(&mut set.next());
        channels[n].0.try_send(n).unwrap();
        assert!(set.remove(*arm));
        assert_eq!(channels[n].1.try_recv(), Ok(n), "the set leaves it alone");
    }
    assert_eq!(next(&mut set), None);
}

#[test]
fn a_thousand_arms() {
    let channels: Vec<_> = (0..1000).map(|_| millstream::bounded(1)).collect();
    let bell = Bell::new();
    let mut set = SelectSet::new();
    for (n, (_, rx)) in channels.iter().enumerate() {
        set.recv(rx, move |value| (n, value));
    }
    for n in (0..1000).rev() {
        let mut waiting = set.next();
        bell.waits(&mut waiting);
        channels[n].0.try_send(n).unwrap();
        assert_eq!(bell.rings(), 1);
        assert_eq!(bell.gets(&mut waiting), Some((n, Ok(n))));
    }
}

#[test]
fn a_closure_that_panics_leaves_the_set_usable() {
    let (tx, rx) = millstream::bounded(2);
    let (out, from_out) = millstream::bounded(1);
    let mut set = SelectSet::new();
    set.recv(&rx, |value: Result<u32, _>| {
        assert_ne!(value, Ok(1), "the closure's own");
        assert!(value.is_ok(), "the closure's own");
        value.unwrap()
    });
    tx.try_send(1).unwrap();
    tx.try_send(2).unwrap();
    assert!(catch_unwind(AssertUnwindSafe(|| next(&mut set))).is_err());
    assert_eq!(next(&mut set), Some(2));
    // An arm that has come to its end is removed, even if its closure does not return.
    drop(tx);
    assert!(catch_unwind(AssertUnwindSafe(|| next(&mut set))).is_err());
    assert_eq!(next(&mut set), None);
    set.send(&out, 3, |_| panic!("the closure's own"));
    assert!(catch_unwind(AssertUnwindSafe(|| next(&mut set))).is_err());
    assert_eq!(from_out.try_recv(), Ok(3));
    assert_eq!(next(&mut set), None);
}

#[test]
fn a_set_over_threads() {
    within(|| {
        let mut set = SelectSet::new();
        let senders: Vec<_> = (0..8)
            .map(|n| {
                let (tx, rx) = millstream::bounded(n % 3);
                set.recv(rx, |value: Result<u64, RecvError>| value);
                thread::spawn(move || (0..2000).for_each(|n| tx.send_blocking(n).unwrap()))
            })
            .collect();
        let (mut sum, mut ends) = (0, 0);
        while let Some(got) = set.wait() {
            match got {
                Ok(value) => sum += value,
                Err(RecvError) => ends += 1,
            }
        }
        assert_eq!((sum, ends), (8 * (0..2000).sum::<u64>(), 8));
        for sender in senders {
            sender.join().unwrap();
        }
    });
}
