//! Exactly one arm of a select commits, and the others leave no trace.

mod common;

use common::{assert_no_trace, now, within, Bell, Ledger};
use millstream::runtime::Manual;
use millstream::{ChannelState, Receiver, Select, Sender, TrySendError};
use std::time::Duration;

#[test]
fn of_two_arms_that_are_ready_one_commits() {
    for _ in 0..50 {
        let (a, b) = (millstream::bounded(1), millstream::bounded(1));
        let (c, d) = (millstream::bounded(1), millstream::bounded(1));
        a.0.try_send(1).unwrap();
        b.0.try_send(2).unwrap();
        let got = now(Select::new()
            .recv(&a.1, |value| value.unwrap())
            .recv(&b.1, |value| value.unwrap())
            .send(&c.0, 3, |sent| sent.map_or(9, |()| 3))
            .send(&d.0, 4, |sent| sent.map_or(9, |()| 4)));
        let left = [a.1.len(), b.1.len(), c.1.len(), d.1.len()];
        let expected = match got {
            1 => [0, 1, 0, 0],
            2 => [1, 0, 0, 0],
            3 => [1, 1, 1, 0],
            _ => [1, 1, 0, 1],
        };
        assert_eq!(left, expected, "{got} won");
        for (channel, len) in [&a, &b, &c, &d].into_iter().zip(left) {
            assert_no_trace(channel, len);
        }
    }
}

#[test]
fn of_two_arms_that_peers_want_one_commits() {
    for first in [0, 1] {
        let channels = [millstream::rendezvous(), millstream::rendezvous()];
        let second = 1 - first;
        let bell = Bell::new();
        let mut select = Select::new()
            .recv(&channels[0].1, |value| (0, value))
            .recv(&channels[1].1, |value| (1, value));
        bell.waits(&mut select);
        channels[first].0.try_send("first").unwrap();
        assert_eq!(
            channels[second].0.try_send("second"),
            Err(TrySendError::Full("second")),
            "the select is spoken for"
        );
        assert_eq!(bell.rings(), 1);
        assert_eq!(bell.gets(&mut select), (first, Ok("first")));
        assert_no_trace(&channels[0], 0);
        assert_no_trace(&channels[1], 0);
    }
}

#[test]
fn of_two_sends_that_peers_want_one_commits() {
    for first in [0, 1] {
        let channels = [millstream::rendezvous(), millstream::rendezvous()];
        let bell = Bell::new();
        let mut select = Select::new()
            .send(&channels[0].0, "a", |sent| sent.map(|()| 0))
            .send(&channels[1].0, "b", |sent| sent.map(|()| 1));
        bell.waits(&mut select);
        assert_eq!(channels[first].1.try_recv(), Ok(["a", "b"][first]));
        assert!(
            channels[1 - first].1.try_recv().is_err(),
            "one select, one value"
        );
        assert_eq!(bell.gets(&mut select), Ok(first));
        assert_no_trace(&channels[0], 0);
        assert_no_trace(&channels[1], 0);
    }
}

#[test]
fn the_winner_is_recorded_and_not_guessed_after_the_wake() {
    let (a, b) = (millstream::bounded(1), millstream::bounded(1));
    let bell = Bell::new();
    for _ in 0..20 {
        let mut select = Select::new()
            .recv(&a.1, |value| value)
            .recv(&b.1, |value| value);
        bell.waits(&mut select);
        a.0.try_send("a").unwrap();
        // By the time it is polled, the other arm is ready as well.
        b.0.try_send("b").unwrap();
        assert_eq!(bell.gets(&mut select), Ok("a"));
        assert_eq!(b.1.try_recv(), Ok("b"));
    }
}

#[test]
fn a_thread_may_wait_for_what_was_polled_before() {
    within(|| {
        let (a, b) = (millstream::bounded(1), millstream::bounded(1));
        let mut select = Select::new()
            .biased()
            .recv(&a.1, |value| ("a", value))
            .recv(&b.1, |value| ("b", value));
        Bell::new().waits(&mut select);
        // The second arm has won by now, so that the first is not even tried.
        b.0.try_send(1).unwrap();
        a.0.try_send(2).unwrap();
        assert_eq!(select.wait(), ("b", Ok(1)));
        assert_eq!(a.1.try_recv(), Ok(2));
        assert_no_trace(&a, 0);
        assert_no_trace(&b, 0);
    });
}

#[test]
fn what_was_committed_before_the_close_is_good() {
    let (a, b) = (millstream::bounded(1), millstream::bounded::<u32>(1));
    let bell = Bell::new();
    let mut select = Select::new()
        .recv(&a.1, |value| value)
        .recv(&b.1, |value| value);
    bell.waits(&mut select);
    a.0.try_send(1).unwrap();
    drop(a.0);
    drop(b.0);
    assert_eq!(bell.gets(&mut select), Ok(1));
}

#[test]
fn a_select_that_is_dropped_leaves_no_trace() {
    let ledger = Ledger::new();
    let (a, b) = (millstream::rendezvous::<u32>(), millstream::bounded(1));
    b.0.try_send(ledger.make(0)).unwrap();
    let select = || {
        Select::new()
            .recv(&a.1, drop)
            .send(&b.0, ledger.make(1), drop)
    };
    drop(select());
    assert_eq!(ledger.dropped(), [1]);
    let mut waiting = select();
    let bell = Bell::new();
    bell.waits(&mut waiting);
    assert_eq!(a.0.stats().state, ChannelState::PendingRecvs);
    assert_eq!(b.0.stats().state, ChannelState::PendingSends);
    drop(waiting);
    assert_eq!((ledger.dropped(), bell.held()), (vec![1, 1], 0));
    assert_no_trace(&a, 0);
    assert_no_trace(&b, 1);
}

#[test]
fn a_committed_select_that_is_dropped_passes_its_turn_on() {
    for capacity in [0, 1] {
        let (a, b) = (millstream::bounded(capacity), millstream::bounded::<u32>(1));
        let (bell, next) = (Bell::new(), Bell::new());
        let mut select = Select::new().recv(&a.1, drop).recv(&b.1, drop);
        bell.waits(&mut select);
        let mut recv = a.1.recv();
        next.waits(&mut recv);
        a.0.try_send(1).unwrap();
        assert_eq!((bell.rings(), next.rings()), (1, 0));
        drop(select);
        assert_eq!(next.rings(), 1);
        assert_eq!(next.gets(&mut recv), Ok(1));
        drop(recv);
        assert_no_trace(&a, 0);
        assert_no_trace(&b, 0);
    }
}

#[test]
fn a_select_that_sent_before_it_was_dropped_has_sent() {
    let (a, b) = (millstream::rendezvous(), millstream::rendezvous::<u32>());
    let mut slot = Some(1);
    let mut select = Select::new()
        .send_from(&a.0, &mut slot, drop)
        .recv(&b.1, drop);
    Bell::new().waits(&mut select);
    assert_eq!(a.1.try_recv(), Ok(1));
    drop(select);
    assert_eq!(slot, None);
    assert_no_trace(&a, 0);
    assert_no_trace(&b, 0);
}

/// Runs a select with a send from `slot` and an arm that receives, and makes the send lose.
type Defeat = fn(&(Sender<u32>, Receiver<u32>), &(Sender<()>, Receiver<()>), &mut Option<u32>);

#[test]
fn a_send_that_loses_gives_its_value_back_in_every_way_of_losing() {
    let defeats: [(&str, Defeat); 8] = [
        ("never polled", |a, b, slot| {
            drop(Select::new().send_from(&a.0, slot, drop).recv(&b.1, |_| ()));
        }),
        ("another arm is ready", |a, b, slot| {
            b.0.try_send(()).unwrap();
            now(Select::new().send_from(&a.0, slot, drop).recv(&b.1, |_| ()));
        }),
        ("dropped while it waits", |a, b, slot| {
            let mut select = Select::new().send_from(&a.0, slot, drop).recv(&b.1, |_| ());
            Bell::new().waits(&mut select);
        }),
        ("another arm is committed", |a, b, slot| {
            let mut select = Select::new().send_from(&a.0, slot, drop).recv(&b.1, |_| ());
            Bell::new().waits(&mut select);
            b.0.try_send(()).unwrap();
            now(&mut select);
        }),
        (
            "another arm is committed, and it is dropped",
            |a, b, slot| {
                let mut select = Select::new().send_from(&a.0, slot, drop).recv(&b.1, |_| ());
                Bell::new().waits(&mut select);
                b.0.try_send(()).unwrap();
                drop(select);
                b.1.try_recv().unwrap();
            },
        ),
        ("another channel closes", |a, b, slot| {
            let mut select = Select::new().recv(&b.1, |_| ()).send_from(&a.0, slot, drop);
            Bell::new().waits(&mut select);
            b.0.close();
            now(&mut select);
        }),
        ("the default", |a, b, slot| {
            let select = Select::new().send_from(&a.0, slot, drop).recv(&b.1, |_| ());
            now(select.default(|| ()));
        }),
        ("the time is up", |a, b, slot| {
            let mut manual = Manual::new();
            let _entered = manual.enter();
            let second = Duration::from_secs(1);
            let select = Select::new().send_from(&a.0, slot, drop).recv(&b.1, |_| ());
            let mut select = select.after(second, || ());
            Bell::new().waits(&mut select);
            manual.advance(second);
            now(&mut select);
        }),
    ];
    for (name, defeat) in defeats {
        for capacity in [0, 1] {
            let (a, b) = (millstream::bounded(capacity), millstream::bounded(1));
            for n in 0..capacity {
                a.0.try_send(n as u32).unwrap();
            }
            assert!(a.0.is_full(), "the send could win");
            let mut slot = Some(7);
            defeat(&a, &b, &mut slot);
            assert_eq!(slot, Some(7), "{name}");
            assert_no_trace(&a, capacity);
            assert_eq!(b.0.stats().state, ChannelState::Fluent, "{name}");
        }
    }
}

#[test]
fn a_plain_send_that_loses_drops_its_value_once() {
    let ledger = Ledger::new();
    let (a, b) = (millstream::rendezvous(), millstream::bounded(1));
    let bell = Bell::new();
    b.0.try_send(()).unwrap();
    now(Select::new()
        .send(&a.0, ledger.make(1), drop)
        .recv(&b.1, |_| ()));
    assert_eq!(ledger.dropped(), [1]);
    let mut select = Select::new()
        .send(&a.0, ledger.make(2), drop)
        .recv(&b.1, |_| ());
    bell.waits(&mut select);
    b.0.try_send(()).unwrap();
    bell.gets(&mut select);
    drop(select);
    assert_eq!(ledger.dropped(), [1, 2]);
    assert_no_trace(&a, 0);
}

#[test]
fn a_select_never_meets_itself() {
    within(|| {
        let channel = millstream::rendezvous();
        let bell = Bell::new();
        for order in [false, true] {
            let sends =
                |select: Select<u32>| select.send(&channel.0, 1, |sent| sent.map_or(0, |()| 10));
            let mut forward = sends(Select::new()).recv(&channel.1, |value| value.unwrap());
            let mut backward = Select::new().recv(&channel.1, |value| value.unwrap()).send(
                &channel.0,
                1,
                |sent| sent.map_or(0, |()| 10),
            );
            // An outsider on either side is met by the arm of the other side.
            if order {
                bell.waits(&mut forward);
                assert_eq!(channel.1.try_recv(), Ok(1));
                assert_eq!(bell.gets(&mut forward), 10);
                bell.waits(&mut backward);
                channel.0.try_send(5).unwrap();
                assert_eq!(bell.gets(&mut backward), 5);
            } else {
                bell.waits(&mut forward);
                channel.0.try_send(6).unwrap();
                assert_eq!(bell.gets(&mut forward), 6);
                bell.waits(&mut backward);
                assert_eq!(channel.1.try_recv(), Ok(1));
                assert_eq!(bell.gets(&mut backward), 10);
            }
            assert_no_trace(&channel, 0);
        }
    });
}

#[test]
fn a_reservation_of_a_select_does_not_count_its_own_receive() {
    let channel = millstream::rendezvous();
    let bell = Bell::new();
    let mut select = Select::new()
        .recv(&channel.1, |value| value.unwrap())
        .reserve(&channel.0, |permit| {
            permit.unwrap().send(9).map_or(0, |()| 1)
        });
    bell.waits(&mut select);
    let mut recv = channel.1.recv();
    let outsider = Bell::new();
    outsider.waits(&mut recv);
    assert_eq!(bell.rings(), 1);
    assert_eq!(bell.gets(&mut select), 1);
    assert_eq!(outsider.gets(&mut recv), Ok(9));
    drop(recv);
    assert_no_trace(&channel, 0);
}

#[test]
fn the_same_channel_may_be_in_several_arms() {
    let channel = millstream::rendezvous();
    let bell = Bell::new();
    let mut receives = Select::new()
        .recv(&channel.1, |value| value)
        .recv(&channel.1, |value| value);
    bell.waits(&mut receives);
    channel.0.try_send(1).unwrap();
    assert!(
        channel.0.try_send(2).is_err(),
        "the other arm has lost with it"
    );
    assert_eq!(bell.gets(&mut receives), Ok(1));
    let mut sends = Select::new()
        .send(&channel.0, 1, |sent| sent.map(|()| 1))
        .send(&channel.0, 2, |sent| sent.map(|()| 2));
    bell.waits(&mut sends);
    let got = channel.1.try_recv().unwrap();
    assert!(channel.1.try_recv().is_err());
    assert_eq!(bell.gets(&mut sends), Ok(got));
    assert_no_trace(&channel, 0);
}

#[test]
fn two_selects_that_face_each_other_meet() {
    for _ in 0..20 {
        let (a, b) = (millstream::rendezvous(), millstream::rendezvous());
        let bells = [Bell::new(), Bell::new()];
        let mut first = Select::new()
            .send(&a.0, "a", |sent| sent.map_or("refused", |()| "sent a"))
            .recv(&b.1, |value| value.unwrap());
        let mut second = Select::new()
            .recv(&a.1, |value| value.unwrap())
            .send(&b.0, "b", |sent| sent.map_or("refused", |()| "sent b"));
        bells[0].waits(&mut first);
        let met = (bells[1].gets(&mut second), bells[0].gets(&mut first));
        assert!(matches!(met, ("a", "sent a") | ("sent b", "b")), "{met:?}");
        assert_eq!((bells[0].rings(), bells[1].rings()), (1, 0));
        drop((first, second));
        assert_no_trace(&a, 0);
        assert_no_trace(&b, 0);
    }
}

#[test]
fn two_selects_with_a_default_do_not_meet() {
    let channel = millstream::rendezvous::<u32>();
    let mut send = Select::new()
        .send(&channel.0, 1, |_| true)
        .default(|| false);
    let mut recv = Select::new().recv(&channel.1, |_| true).default(|| false);
    assert_eq!((now(&mut send), now(&mut recv)), (false, false));
    assert_no_trace(&channel, 0);
}

#[test]
fn those_behind_a_select_that_is_spoken_for_are_served() {
    let (a, b) = (millstream::rendezvous(), millstream::rendezvous());
    let (bell, next) = (Bell::new(), Bell::new());
    let mut select = Select::new()
        .recv(&a.1, |value| value)
        .recv(&b.1, |value| value);
    bell.waits(&mut select);
    let mut behind = b.1.recv();
    next.waits(&mut behind);
    a.0.try_send(1).unwrap();
    // The select is first in this line and cannot take it any more.
    b.0.try_send(2).unwrap();
    assert_eq!(next.gets(&mut behind), Ok(2));
    assert_eq!(bell.gets(&mut select), Ok(1));
}
