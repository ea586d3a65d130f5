//! What a channel says of itself: lengths, counts, kinship, statistics and `Debug`.

mod common;

use common::{now, Bell};
use millstream::{ChannelState, Receiver, Sender};

/// `is_full` is what `try_send` would say, and the lengths are what `try_recv` would find.
#[track_caller]
fn assert_consistent(tx: &Sender<u32>, rx: &Receiver<u32>, len: usize) {
    assert_eq!((tx.len(), rx.len()), (len, len));
    assert_eq!((tx.is_empty(), rx.is_empty()), (len == 0, len == 0));
    assert!(rx.is_len_at_least(len) && !rx.is_len_at_least(len + 1));
    assert_eq!(tx.is_full(), rx.is_full());
    assert_eq!(tx.capacity(), rx.capacity());
    assert_eq!(tx.stats(), rx.stats());
    assert_eq!(tx.stats().len, len);
}

#[test]
fn len_is_what_try_recv_could_take_one_after_the_other() {
    for capacity in [0, 1, 3] {
        let (tx, rx) = millstream::bounded(capacity);
        let bell = Bell::new();
        assert_consistent(&tx, &rx, 0);
        let mut sends: Vec<_> = (0..5).map(|n| tx.send(n)).collect();
        for (n, send) in sends.iter_mut().enumerate() {
            let _ = bell.poll(send);
            assert_consistent(&tx, &rx, n + 1);
        }
        // A reservation has nothing that could be received.
        let mut reserve = tx.reserve();
        bell.waits(&mut reserve);
        assert_consistent(&tx, &rx, 5);
        for n in 0..5 {
            assert_eq!(rx.try_recv(), Ok(n));
            assert_consistent(&tx, &rx, 4 - n as usize);
        }
    }
}

#[test]
fn len_leaves_out_what_others_are_committed_to() {
    for capacity in [0, 1, 3] {
        let (tx, rx) = millstream::bounded(capacity);
        let bell = Bell::new();
        let mut recv = rx.recv();
        bell.waits(&mut recv);
        tx.try_send(1).unwrap();
        assert_consistent(&tx, &rx, 0);
        drop(recv);
        assert_consistent(&tx, &rx, 1);
    }
}

#[test]
fn is_full_is_what_try_send_would_say() {
    let (tx, rx) = millstream::bounded(0);
    let bell = Bell::new();
    assert!(tx.is_full());
    let mut recv = rx.recv();
    bell.waits(&mut recv);
    assert!(!tx.is_full(), "a receiver waits");
    tx.try_send(1).unwrap();
    assert!(tx.is_full(), "it is served");
    assert_eq!(bell.gets(&mut recv), Ok(1));

    let (tx, rx) = millstream::bounded(1);
    let permit = tx.try_reserve().unwrap();
    assert!(tx.is_full(), "the place is promised");
    drop(permit);
    tx.try_send(1).unwrap();
    assert!(tx.is_full());
    tx.close();
    assert!(!tx.is_full(), "it would say Closed");
    drop(rx);

    let (tx, _rx) = millstream::promise();
    tx.try_send(1).unwrap();
    assert!(!tx.is_full());
}

#[test]
fn counts_follow_the_handles() {
    let (tx, rx) = millstream::bounded::<u32>(1);
    let counts = || (tx.sender_count(), tx.receiver_count());
    assert_eq!(counts(), (1, 1));
    let (more_tx, more_rx) = (tx.clone(), [rx.clone(), rx.clone()]);
    assert_eq!(counts(), (2, 3));
    let sink = tx.sink();
    assert_eq!(counts(), (3, 3), "a sink is a sender");
    drop((more_tx, sink));
    assert_eq!((rx.sender_count(), rx.receiver_count()), (1, 3));
    drop((more_rx, rx));
    assert_eq!(counts(), (1, 0));
}

#[test]
fn handles_know_their_channel() {
    let (tx, rx) = millstream::bounded::<u32>(1);
    let (other_tx, other_rx) = millstream::bounded::<u32>(1);
    assert!(tx.same_channel(&tx.clone()) && rx.same_channel(&rx.clone()));
    assert!(!tx.same_channel(&other_tx) && !rx.same_channel(&other_rx));
}

#[test]
fn weak_handles_do_not_keep_the_channel_open() {
    let (tx, rx) = millstream::bounded(1);
    let (weak_tx, weak_rx) = (tx.downgrade(), rx.downgrade());
    assert_eq!((tx.sender_count(), tx.receiver_count()), (1, 1));
    let again = weak_tx.upgrade().unwrap();
    assert!(again.same_channel(&tx));
    assert_eq!(tx.sender_count(), 2);
    assert!(weak_rx.clone().upgrade().unwrap().same_channel(&rx));
    drop(again);
    tx.try_send(1).unwrap();
    tx.close();
    assert!(
        weak_tx.upgrade().is_some(),
        "closing by hand is not the end of the handles"
    );
    drop(tx);
    assert!(weak_tx.upgrade().is_none() && weak_tx.clone().upgrade().is_none());
    assert_eq!(weak_rx.upgrade().unwrap().try_recv(), Ok(1));
    drop(rx);
    assert!(weak_rx.upgrade().is_none());
    assert_eq!(
        format!("{weak_tx:?} {weak_rx:?}"),
        "WeakSender(..) WeakReceiver(..)"
    );
}

#[test]
fn the_last_sender_closes_although_weak_ones_are_left() {
    let (tx, rx) = millstream::bounded::<u32>(1);
    let bell = Bell::new();
    let _weak = tx.downgrade();
    let mut recv = rx.recv();
    bell.waits(&mut recv);
    drop(tx);
    assert_eq!(bell.rings(), 1);
    assert!(bell.gets(&mut recv).is_err());
}

#[test]
fn the_state_says_who_waits() {
    let (tx, rx) = millstream::bounded(1);
    let state = || tx.stats().state;
    let bell = Bell::new();
    assert_eq!(state(), ChannelState::Fluent);
    let mut recv = rx.recv();
    bell.waits(&mut recv);
    assert_eq!(state(), ChannelState::PendingRecvs);
    tx.try_send(1).unwrap();
    assert_eq!(
        state(),
        ChannelState::Fluent,
        "it was matched, so it waits for nobody"
    );
    assert_eq!(bell.gets(&mut recv), Ok(1));
    tx.try_send(2).unwrap();
    let mut send = tx.send(3);
    bell.waits(&mut send);
    assert_eq!(state(), ChannelState::PendingSends);
    drop(send);
    assert_eq!(state(), ChannelState::Fluent);
}

#[test]
fn deliveries_are_counted_by_the_way_they_went() {
    let (tx, rx) = millstream::bounded(1);
    let bell = Bell::new();
    let counts = || {
        let stats = tx.stats();
        assert_eq!(
            stats.delivered(),
            stats.buffered + stats.queued + stats.immediate
        );
        (stats.buffered, stats.queued, stats.immediate)
    };
    tx.try_send(1).unwrap();
    assert_eq!(counts(), (0, 0, 0), "it is still there");
    now(rx.recv()).unwrap();
    assert_eq!(counts(), (1, 0, 0));
    let mut recv = rx.recv();
    bell.waits(&mut recv);
    tx.try_send(2).unwrap();
    bell.gets(&mut recv).unwrap();
    assert_eq!(counts(), (1, 1, 0));
    tx.try_send(3).unwrap();
    tx.try_send(4).unwrap_err();
    let mut batch = Vec::new();
    now(rx.recv_many(&mut batch, 9));
    assert_eq!(counts(), (2, 1, 0));

    let (tx, rx) = millstream::rendezvous();
    let mut send = tx.send(1);
    bell.waits(&mut send);
    rx.try_recv().unwrap();
    let stats = tx.stats();
    assert_eq!((stats.buffered, stats.queued, stats.immediate), (0, 0, 1));
}

#[test]
fn the_high_water_mark_is_the_most_there_ever_was() {
    let (tx, rx) = millstream::unbounded();
    assert_eq!(tx.stats().high_water, 0);
    for n in 0..5 {
        tx.try_send(n).unwrap();
    }
    rx.drain();
    tx.try_send(9).unwrap();
    assert_eq!(tx.stats().high_water, 5);
}

#[test]
fn waiting_is_timed_in_named_channels_only() {
    let (tx, _rx) = millstream::bounded::<u32>(1);
    assert_eq!(
        (tx.stats().send_blocked, tx.stats().recv_blocked),
        (None, None)
    );
    assert_eq!(tx.stats().name, None);

    let (tx, rx) = millstream::named("timed").bounded(1);
    let bell = Bell::new();
    assert_eq!(tx.stats().name.as_deref(), Some("timed"));
    let times = || {
        let stats = tx.stats();
        (stats.send_blocked.unwrap(), stats.recv_blocked.unwrap())
    };
    assert!(times().0.is_zero() && times().1.is_zero());
    let mut recv = rx.recv();
    bell.waits(&mut recv);
    // Those who still wait count, so the time grows while this looks.
    let since = std::time::Instant::now();
    while times().1.is_zero() {
        assert!(since.elapsed().as_secs() < 60, "the time does not grow");
    }
    tx.try_send(1).unwrap();
    let waited = times().1;
    assert!(!waited.is_zero() && times() == (std::time::Duration::ZERO, waited));
    bell.gets(&mut recv).unwrap();
    tx.try_send(2).unwrap();
    let mut send = tx.send(3);
    bell.waits(&mut send);
    while times().0.is_zero() {
        assert!(since.elapsed().as_secs() < 60, "the time does not grow");
    }
    assert_eq!(times().1, waited);
}

#[test]
fn stats_tell_the_end() {
    let (tx, rx) = millstream::bounded::<u32>(1);
    assert!(!tx.stats().is_closed);
    drop(rx);
    assert!(tx.stats().is_closed);
}

#[test]
fn debug_shows_the_name_and_how_the_channel_stands() {
    let (tx, rx) = millstream::named("lines").bounded(4);
    tx.try_send(1).unwrap();
    for shown in [format!("{tx:?}"), format!("{rx:?}")] {
        for part in [
            "lines",
            "len: 1",
            "capacity: 4",
            "Fluent",
            "is_closed: false",
        ] {
            assert!(shown.contains(part), "{part} is not in {shown}");
        }
    }
    assert!(format!("{tx:?}").starts_with("Sender"));
    assert!(format!("{rx:?}").starts_with("Receiver"));
    // No payload need be `Debug` for that.
    struct Opaque;
    let (tx, rx) = millstream::unbounded::<Opaque>();
    assert!(format!("{tx:?}").contains("unbounded") && !format!("{rx:?}").contains("name"));
    drop(tx.try_send(Opaque));
}

#[test]
fn futures_show_themselves_without_their_payloads() {
    struct Opaque;
    let (tx, rx) = millstream::bounded::<Opaque>(1);
    let mut batch = Vec::new();
    for (shown, name) in [
        (format!("{:?}", tx.send(Opaque)), "SendFuture"),
        (format!("{:?}", tx.reserve()), "ReserveFuture"),
        (format!("{:?}", tx.send_many([Opaque])), "SendManyFuture"),
        (format!("{:?}", tx.closed()), "ClosedFuture"),
        (format!("{:?}", tx.sink()), "SendSink"),
        (format!("{:?}", tx.try_reserve()), "Permit"),
        (format!("{:?}", rx.recv()), "RecvFuture"),
        (
            format!("{:?}", rx.recv_many(&mut batch, 1)),
            "RecvManyFuture",
        ),
        (format!("{:?}", rx.claim()), "ClaimFuture"),
        (format!("{:?}", rx.drained()), "DrainedFuture"),
        (format!("{:?}", rx.drain()), "Drain"),
        (format!("{:?}", rx.iter()), "Iter"),
        (format!("{:?}", rx.try_iter()), "TryIter"),
    ] {
        assert!(shown.contains(name), "{shown}");
    }
}

#[test]
fn a_probe_outlives_every_handle_and_keeps_nothing_open() {
    let (tx, rx) = millstream::named("probed").between("a", "b").bounded(4);
    let (probe, same) = (tx.probe(), rx.probe());
    tx.try_send(1).unwrap();
    assert_eq!(rx.try_recv(), Ok(1));
    drop(tx);
    assert!(rx.is_closed());
    drop(rx);
    for snapshot in [probe.snapshot(), same.snapshot()] {
        assert_eq!(snapshot.name(), "probed");
        assert_eq!(snapshot.stats.delivered(), 1);
        assert_eq!(
            (snapshot.from.as_deref(), snapshot.to.as_deref()),
            (Some("a"), Some("b"))
        );
    }
}
