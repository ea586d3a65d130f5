//! Hubs: who gets what, who holds up whom, and that nothing is lost when outputs come and go.

use millstream::hub::{distribute, lanes, lanes_into, Bound, Tee, Topics};
use millstream::runtime::Manual;
use millstream::{bounded, from_iter, rendezvous, unbounded, Receiver, TryRecvError};
use std::collections::HashMap;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;

/// A clock and executor that run only when told, so that every state can be looked at.
fn stage<R>(build: impl FnOnce() -> R) -> (Manual, R) {
    let clock = Manual::new();
    let entered = clock.enter();
    let built = build();
    drop(entered);
    (clock, built)
}

fn taken<T>(rx: &Receiver<T>) -> Vec<T> {
    rx.try_iter().collect()
}

#[test]
fn every_tap_gets_every_value() {
    let (mut clock, (tee, tx)) = stage(|| {
        let (tx, rx) = unbounded();
        (Tee::new(rx), tx)
    });
    let taps: Vec<_> = [
        Bound::Wait(10),
        Bound::DropNewest(10),
        Bound::DropOldest(10),
    ]
    .map(|bound| tee.tap(bound))
    .into();
    for n in 0..5 {
        tx.try_send(n).unwrap();
    }
    clock.run_until_stalled();
    for tap in &taps {
        assert_eq!(taken(tap), [0, 1, 2, 3, 4]);
    }
    drop(tx);
    clock.run_until_stalled();
    assert!(taps
        .iter()
        .all(|tap| tap.try_recv() == Err(TryRecvError::Closed)));
    assert_eq!(clock.tasks(), 0);
}

#[test]
fn lockstep_takes_nothing_before_everyone_has_the_last() {
    let (mut clock, (tee, rx)) = stage(|| {
        let rx = from_iter(0..10);
        (Tee::new(rx.clone()), rx)
    });
    let (one, two) = (tee.tap(Bound::Lockstep), tee.tap(Bound::Lockstep));
    clock.run_until_stalled();
    assert_eq!(one.try_recv(), Ok(0));
    clock.run_until_stalled();
    assert_eq!(
        one.try_recv(),
        Err(TryRecvError::Empty),
        "the other has not taken 0 yet"
    );
    assert_eq!(two.try_recv(), Ok(0));
    clock.run_until_stalled();
    assert_eq!((one.try_recv(), two.try_recv()), (Ok(1), Ok(1)));
    drop(tee);
    drop((one, two));
    clock.run_until_stalled();
    assert_eq!(clock.tasks(), 0);
    assert_eq!(
        rx.recv_blocking(),
        Ok(2),
        "nothing was taken for taps that have left"
    );
}

#[test]
fn a_slow_tap_holds_nobody_up_before_its_bound_and_then_its_policy_decides() {
    let (mut clock, (tee, tx)) = stage(|| {
        let (tx, rx) = unbounded();
        (Tee::new(rx), tx)
    });
    let slow = tee.tap(Bound::Wait(2));
    let newest = tee.tap(Bound::DropNewest(2));
    let oldest = tee.tap(Bound::DropOldest(2));
    let quick = tee.tap(Bound::Wait(100));
    for n in 0..6 {
        tx.try_send(n).unwrap();
    }
    clock.run_until_stalled();
    // Value 2 is given to everyone before the tap that waits holds up value 3.
    assert_eq!(taken(&quick), [0, 1, 2]);
    assert_eq!(taken(&slow), [0, 1, 2]);
    clock.run_until_stalled();
    assert_eq!(taken(&quick), [3, 4, 5]);
    assert_eq!(taken(&newest), [0, 1]);
    assert_eq!(taken(&oldest), [4, 5]);
    assert_eq!(taken(&slow), [3, 4, 5]);
}

#[test]
fn a_tap_that_leaves_while_it_holds_the_others_up_lets_them_go_on() {
    for closes in [false, true] {
        let (mut clock, (tee, tx)) = stage(|| {
            let (tx, rx) = unbounded();
            (Tee::new(rx), tx)
        });
        let stuck = tee.tap(Bound::Wait(1));
        let quick = tee.tap(Bound::Wait(100));
        for n in 0..5 {
            tx.try_send(n).unwrap();
        }
        clock.run_until_stalled();
        assert_eq!(taken(&quick), [0, 1]);
        let kept = if closes {
            stuck.close();
            Some(stuck)
        } else {
            drop(stuck);
            None
        };
        clock.run_until_stalled();
        assert_eq!(taken(&quick), [2, 3, 4]);
        if let Some(kept) = kept {
            assert_eq!(taken(&kept), [0], "what it had before it closed");
        }
    }
}

#[test]
fn without_a_tap_nothing_is_taken() {
    let (mut clock, (tee, tx, rx)) = stage(|| {
        let (tx, rx) = bounded(4);
        (Tee::new(rx.clone()), tx, rx)
    });
    tx.try_send(1).unwrap();
    clock.run_until_stalled();
    assert_eq!(rx.len(), 1);
    let tap = tee.tap(Bound::Wait(1));
    clock.run_until_stalled();
    assert_eq!(tap.try_recv(), Ok(1));
    drop(tap);
    tx.try_send(2).unwrap();
    clock.run_until_stalled();
    let late = tee.tap(Bound::Wait(1));
    clock.run_until_stalled();
    assert_eq!(late.try_recv(), Ok(2), "it waited for a tap");
}

#[test]
fn a_tee_ends_with_its_last_tap_and_lets_its_senders_know() {
    let (mut clock, (tee, tx)) = stage(|| {
        let (tx, rx) = bounded(4);
        (Tee::new(rx), tx)
    });
    let (one, two) = (tee.tap(Bound::Lockstep), tee.tap(Bound::Lockstep));
    drop(tee);
    clock.run_until_stalled();
    drop(one);
    clock.run_until_stalled();
    assert!(!tx.is_closed());
    drop(two);
    clock.run_until_stalled();
    assert_eq!(tx.try_send(1).map_err(|error| error.is_closed()), Err(true));
    assert_eq!(clock.tasks(), 0);
}

#[test]
fn closing_a_tee_closes_its_taps_and_leaves_the_rest_in_the_input() {
    let (mut clock, (tee, tx, rx)) = stage(|| {
        let (tx, rx) = bounded(4);
        (Tee::new(rx.clone()), tx, rx)
    });
    let tap = tee.tap(Bound::Wait(4));
    tx.try_send(1).unwrap();
    clock.run_until_stalled();
    tee.close();
    clock.run_until_stalled();
    tx.try_send(2).unwrap();
    clock.run_until_stalled();
    assert_eq!(tap.iter().collect::<Vec<_>>(), [1]);
    assert_eq!(rx.try_recv(), Ok(2));
}

#[test]
fn a_tap_of_ones_own_stays_open_if_another_sender_is_kept() {
    let (mut clock, (tee, tx)) = stage(|| {
        let (tx, rx) = bounded(4);
        (Tee::new(rx), tx)
    });
    let (own, tap) = bounded(4);
    tee.tap_into(own.clone());
    tx.try_send(1).unwrap();
    drop((tx, tee));
    clock.run_until_stalled();
    assert_eq!(tap.try_recv(), Ok(1));
    assert_eq!(tap.try_recv(), Err(TryRecvError::Empty));
    own.try_send(2).unwrap();
    assert_eq!(tap.try_recv(), Ok(2));
}

/// A value whose clone panics on demand.
struct Fragile(u32);

impl Clone for Fragile {
    fn clone(&self) -> Self {
        assert!(self.0 != 2, "cannot be cloned");
        Fragile(self.0)
    }
}

#[test]
fn a_panicking_clone_reaches_every_tap_after_what_it_was_sent() {
    let (mut clock, (tee, tx)) = stage(|| {
        let (tx, rx) = bounded(4);
        (Tee::new(rx), tx)
    });
    let taps = [tee.tap(Bound::Wait(4)), tee.tap(Bound::Wait(4))];
    for n in 1..=3 {
        tx.try_send(Fragile(n)).unwrap();
    }
    clock.run_until_stalled();
    for tap in taps {
        assert_eq!(tap.try_recv().map(|value| value.0), Ok(1));
        let panic = catch_unwind(AssertUnwindSafe(|| tap.recv_blocking().is_ok())).unwrap_err();
        let text = panic.downcast_ref::<String>().cloned();
        let text = text
            .or(panic.downcast_ref::<&str>().map(ToString::to_string))
            .unwrap();
        assert_eq!(text, "cannot be cloned");
    }
    assert!(tx.is_closed());
}

#[test]
fn an_input_that_is_always_ready_lets_siblings_run() {
    let (mut clock, (_tee, tap)) = stage(|| {
        let tee = Tee::new(from_iter(0u64..));
        let tap = tee.tap(Bound::DropNewest(1));
        (tee, tap)
    });
    let (tx, rx) = unbounded();
    clock.spawn(async move {
        tx.try_send("a sibling ran").unwrap();
        drop(tap);
    });
    drop(_tee);
    clock.run_until_stalled();
    assert_eq!(rx.try_recv(), Ok("a sibling ran"));
}

#[test]
fn topics_go_to_their_subscribers_alone() {
    let (mut clock, (topics, tx)) = stage(|| {
        let (tx, rx) = unbounded();
        (Topics::new(rx, |n: &u32| n % 3), tx)
    });
    let zero = topics.subscribe(0, Bound::Wait(10));
    let ones = [
        topics.subscribe(1, Bound::Wait(10)),
        topics.subscribe(1, Bound::Wait(10)),
    ];
    for n in 0..9 {
        tx.try_send(n).unwrap();
    }
    clock.run_until_stalled();
    assert_eq!(taken(&zero), [0, 3, 6]);
    for one in &ones {
        assert_eq!(taken(one), [1, 4, 7]);
    }
    topics.unsubscribe_all(1);
    for n in 0..3 {
        tx.try_send(n).unwrap();
    }
    clock.run_until_stalled();
    assert_eq!(taken(&zero), [0]);
    assert!(ones
        .iter()
        .all(|one| one.try_recv() == Err(TryRecvError::Closed)));
    drop(tx);
    clock.run_until_stalled();
    assert_eq!(
        zero.try_recv(),
        Err(TryRecvError::Closed),
        "the end of the input closes subscriptions"
    );
    assert_eq!(clock.tasks(), 0);
}

#[test]
fn a_slow_subscriber_does_not_hold_up_other_topics_within_its_bound() {
    let (mut clock, (topics, tx)) = stage(|| {
        let (tx, rx) = unbounded();
        (Topics::new(rx, |n: &u32| n % 2), tx)
    });
    let slow = topics.subscribe(0, Bound::Wait(2));
    let quick = topics.subscribe(1, Bound::Wait(100));
    for n in 0..6 {
        tx.try_send(n).unwrap();
    }
    clock.run_until_stalled();
    assert_eq!(
        taken(&quick),
        [1, 3],
        "0 and 2 are within the bound, 4 is not"
    );
    assert_eq!(taken(&slow), [0, 2, 4]);
    clock.run_until_stalled();
    assert_eq!(taken(&quick), [5]);
}

#[test]
fn topics_end_when_the_last_subscriber_has_left() {
    let (mut clock, (topics, tx)) = stage(|| {
        let (tx, rx) = bounded::<u32>(4);
        (Topics::new(rx, |n| *n), tx)
    });
    let subscribers: Vec<_> = (0..10)
        .map(|topic| topics.subscribe(topic, Bound::Lockstep))
        .collect();
    drop(topics);
    clock.run_until_stalled();
    for subscriber in subscribers {
        assert!(!tx.is_closed());
        drop(subscriber);
        clock.run_until_stalled();
    }
    assert!(tx.is_closed());
    assert_eq!(clock.tasks(), 0);
}

#[test]
fn a_panicking_topic_function_reaches_the_subscribers() {
    let (mut clock, (topics, tx)) = stage(|| {
        let (tx, rx) = bounded(4);
        (
            Topics::new(rx, |n: &u32| {
                assert!(*n < 1, "no topic");
                0
            }),
            tx,
        )
    });
    let subscriber = topics.subscribe(0, Bound::Wait(4));
    tx.try_send(0).unwrap();
    tx.try_send(1).unwrap();
    clock.run_until_stalled();
    assert_eq!(subscriber.try_recv(), Ok(0));
    assert!(catch_unwind(AssertUnwindSafe(|| subscriber.recv_blocking())).is_err());
}

#[test]
fn distribute_gives_each_value_to_one_that_is_free() {
    let (mut clock, ()) = stage(|| ());
    let (one_tx, one) = rendezvous();
    let (two_tx, two) = rendezvous();
    let (three_tx, three) = bounded(1);
    let source = from_iter(0..1000);
    let counts = Arc::new(AtomicUsize::new(0));
    for rx in [one, two, three] {
        let counts = counts.clone();
        clock.spawn(async move {
            while rx.recv().await.is_ok() {
                counts.fetch_add(1, Ordering::Relaxed);
            }
        });
    }
    assert!(clock
        .block_on(distribute(source, [one_tx, two_tx, three_tx]))
        .is_ok());
    clock.run_until_stalled();
    assert_eq!(counts.load(Ordering::Relaxed), 1000);
    assert_eq!(clock.tasks(), 0);
}

#[test]
fn distribute_loses_nothing_when_outputs_close() {
    let (mut clock, ()) = stage(|| ());
    let (one_tx, one) = bounded(1);
    let (two_tx, two) = bounded(1);
    let (left_tx, left) = bounded(1);
    clock.spawn(async move {
        let left_over = distribute(from_iter(0..6), [one_tx, two_tx])
            .await
            .unwrap_err();
        left_tx.send(left_over).await.unwrap();
    });
    clock.run_until_stalled();
    let mut seen = vec![one.try_recv().unwrap()];
    drop(one);
    clock.run_until_stalled();
    seen.push(two.try_recv().unwrap());
    clock.run_until_stalled();
    seen.push(two.try_recv().unwrap());
    clock.run_until_stalled();
    seen.extend(two.drain());
    drop(two);
    clock.run_until_stalled();
    let left_over = left.try_recv().unwrap();
    seen.extend(left_over.iter());
    seen.sort_unstable();
    // What lay in the first output when its receiver left went with it; everything else is somewhere.
    let lost: Vec<_> = (0..6).filter(|n| !seen.contains(n)).collect();
    assert!(lost.len() <= 1, "{seen:?}");
    let mut unique = seen.clone();
    unique.dedup();
    assert_eq!(seen, unique, "nothing twice");
}

#[test]
fn distribute_that_is_dropped_loses_nothing() {
    let (tx, rx) = rendezvous();
    let source = from_iter(0..3);
    for polls in 0..4 {
        let mut clock = Manual::new();
        let (source, tx) = (source.clone(), tx.clone());
        let mut pumping = Box::pin(distribute(source, [tx]));
        for _ in 0..polls {
            let mut context = std::task::Context::from_waker(std::task::Waker::noop());
            let _ = std::future::Future::poll(pumping.as_mut(), &mut context);
        }
        drop(pumping);
        clock.run_until_stalled();
    }
    assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
    assert_eq!(source.iter().collect::<Vec<_>>(), [0, 1, 2]);
}

#[test]
fn lanes_keep_the_order_of_a_key_and_lose_nothing() {
    let (mut clock, lanes) = stage(|| lanes(from_iter(0..1000u32), 4, 1000, |n| n % 17));
    clock.run_until_stalled();
    let mut of_key: HashMap<u32, Vec<u32>> = HashMap::new();
    for lane in &lanes {
        for n in taken(lane) {
            of_key.entry(n % 17).or_default().push(n);
        }
        assert_eq!(lane.try_recv(), Err(TryRecvError::Closed));
    }
    assert_eq!(of_key.values().map(Vec::len).sum::<usize>(), 1000);
    assert!(of_key
        .values()
        .all(|values| values.windows(2).all(|pair| pair[0] < pair[1])));
    assert_eq!(clock.tasks(), 0);
}

#[test]
fn a_full_lane_holds_the_others_up_and_takes_nothing_more_from_the_input() {
    let (mut clock, (source, lanes)) = stage(|| {
        let source = from_iter(0..100u32);
        (source.clone(), lanes(source, 1, 3, |n| *n))
    });
    clock.run_until_stalled();
    assert_eq!(taken(&lanes[0]), [0, 1, 2]);
    clock.run_until_stalled();
    assert_eq!(lanes[0].len(), 3);
    drop(lanes);
    clock.run_until_stalled();
    assert_eq!(clock.tasks(), 0);
    assert_eq!(
        source.recv_blocking(),
        Ok(6),
        "3 to 5 were in the lane; 6 went back to the input"
    );
}

#[test]
fn the_keys_of_a_lane_that_is_gone_move_to_another() {
    let (mut clock, mut lanes) = stage(|| lanes(from_iter(0..10u32), 2, 100, |_| 0));
    clock.run_until_stalled();
    let (full, empty): (Vec<_>, Vec<_>) = lanes.drain(..).partition(|lane| !lane.is_empty());
    assert_eq!((full.len(), empty.len()), (1, 1));
    let (tx, rx) = bounded(1);
    let outputs: Vec<_> = (0..2).map(|_| bounded(10)).collect();
    let senders = outputs.iter().map(|(tx, _)| tx.clone()).collect();
    clock.spawn(lanes_into(rx, senders, |_: &u32| 0));
    tx.try_send(1).unwrap();
    clock.run_until_stalled();
    let mut outputs: Vec<_> = outputs.into_iter().map(|(_, rx)| rx).collect();
    let chosen = outputs.iter().position(|lane| lane.len() == 1).unwrap();
    drop(outputs.remove(chosen));
    tx.try_send(2).unwrap();
    clock.run_until_stalled();
    assert_eq!(taken(&outputs[0]), [2]);
}

#[test]
fn a_panicking_key_reaches_a_lane() {
    let (mut clock, lanes) =
        stage(|| lanes(from_iter([1u32]), 2, 4, |_| -> u32 { panic!("no key") }));
    clock.run_until_stalled();
    let panics = lanes
        .iter()
        .filter(|lane| catch_unwind(AssertUnwindSafe(|| lane.recv_blocking())).is_err())
        .count();
    assert_eq!(panics, 1);
}
