//! Selects with too few arms, with very many, and with arms that have to do with each other.

use crate::common::{assert_no_trace, now, panic_text, Bell};
use millstream::{select, Receiver, Select, SelectSet, Sender};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::time::Duration;

/// The panic of a select that could never fire.
fn refusal(wait: impl FnOnce()) -> String {
    panic_text(catch_unwind(AssertUnwindSafe(wait)).expect_err("it could wait for ever"))
}

#[test]
fn a_select_that_could_never_fire_says_so() {
    let off: Option<&Receiver<u32>> = None;
    let to_nobody: Option<&Sender<u32>> = None;
    let mut empty = None;
    let (tx, _rx) = millstream::bounded::<u32>(1);
    let never: Option<Duration> = None;
    for said in [
        refusal(|| now(Select::<()>::new())),
        refusal(|| Select::<()>::new().wait()),
        refusal(|| Select::new().recv(off, drop).wait()),
        refusal(|| Select::new().send(to_nobody, 1, drop).wait()),
        refusal(|| Select::new().send_from(&tx, &mut empty, drop).wait()),
        refusal(|| Select::new().after(never, || ()).wait()),
        refusal(|| Select::new().default_if(false, || ()).wait()),
        refusal(|| {
            let none: [&Receiver<u32>; 0] = [];
            Select::new().recv_each(none, |_, _| ()).wait();
        }),
    ] {
        assert!(said.contains("no arm that could ever fire"), "{said}");
    }
    assert_eq!(Select::new().recv(off, |_| 1).default(|| 2).wait(), 2);
    assert_eq!(
        now(SelectSet::<u32>::new().next()),
        None,
        "a set without arms is at its end"
    );
    assert_eq!(SelectSet::<u32>::new().wait(), None);
}

#[test]
fn a_thousand_arms_are_as_good_as_two() {
    let channels: Vec<_> = (0..1000).map(|_| millstream::rendezvous::<u32>()).collect();
    let bell = Bell::new();
    let select = || {
        let receivers = channels.iter().map(|(_, rx)| rx);
        Select::new().recv_each(receivers, |number, value| (number, value))
    };
    let mut waits = select();
    bell.waits(&mut waits);
    channels[777].0.try_send(7).unwrap();
    assert!(
        channels[3].0.try_send(3).unwrap_err().is_full(),
        "one arm has won"
    );
    assert_eq!(bell.rings(), 1);
    assert_eq!(bell.gets(&mut waits), (777, Ok(7)));
    let mut waits = select();
    bell.waits(&mut waits);
    drop(waits);
    channels
        .iter()
        .for_each(|channel| assert_no_trace(channel, 0));
}

#[test]
fn one_channel_in_two_arms_gives_one_value_to_one_of_them() {
    let (tx, rx) = millstream::bounded::<u32>(2);
    tx.try_send(1).unwrap();
    tx.try_send(2).unwrap();
    let first = now(Select::new()
        .recv(&rx, |value| value)
        .recv(&rx, |value| value));
    assert_eq!((first, rx.len()), (Ok(1), 1));
    assert_eq!(rx.try_recv(), Ok(2));
    // One value is sent, whichever it is.
    let sent = now(Select::new().send(&tx, 3, |_| 3).send(&tx, 4, |_| 4));
    assert_eq!(rx.drain().collect::<Vec<_>>(), [sent]);
    // And so for those that wait, and are met by one peer after the other.
    let (tx, rx) = millstream::rendezvous::<u32>();
    let bell = Bell::new();
    let mut waits = Select::new()
        .biased()
        .send(&tx, 5, |_| 5)
        .send(&tx, 6, |_| 6);
    bell.waits(&mut waits);
    assert_eq!(rx.try_iter().collect::<Vec<_>>(), [5]);
    assert_eq!(bell.gets(&mut waits), 5);
}

#[test]
fn both_ends_of_one_channel_in_one_select_do_not_meet() {
    let channel = millstream::rendezvous::<u32>();
    let (tx, rx) = &channel;
    let bell = Bell::new();
    let ends = || {
        Select::new()
            .send(tx, 1, |_| "sent")
            .recv(rx, |_| "received")
    };
    let mut waits = ends();
    bell.waits(&mut waits);
    // Somebody else may be either side of it.
    assert_eq!(rx.try_recv(), Ok(1));
    assert_eq!(bell.gets(&mut waits), "sent");
    let mut waits = ends();
    bell.waits(&mut waits);
    tx.try_send(2).unwrap();
    assert_eq!(bell.gets(&mut waits), "received");
    drop(waits);
    assert_no_trace(&channel, 0);
    // With room for it the value goes into the channel, as from any other sender.
    let (tx, rx) = millstream::bounded(1);
    let done = Select::new()
        .biased()
        .recv(&rx, |_| "received")
        .send(&tx, 1, |_| "sent");
    assert_eq!(now(done), "sent");
}

#[test]
fn a_slot_that_is_empty_switches_its_arm_off() {
    let (tx, rx) = millstream::bounded::<u32>(1);
    let mut slot = None;
    let done = now(Select::new()
        .send_from(&tx, &mut slot, |_| "sent")
        .default(|| "nothing to send"));
    assert_eq!((done, rx.len()), ("nothing to send", 0));
}

#[test]
fn an_arm_that_is_removed_twice_was_removed_once() {
    let (tx, rx) = millstream::bounded::<u32>(1);
    let mut set = SelectSet::new();
    let number = set.recv(&rx, |value| value);
    assert!(set.remove(number));
    assert!(!set.remove(number));
    assert!(!set.remove(usize::MAX));
    tx.try_send(1).unwrap();
    assert_eq!((set.wait(), rx.len()), (None, 1));
}

#[test]
fn a_closed_channel_in_a_loop_is_ready_every_time_and_hides_nothing() {
    let (tx, open) = millstream::bounded(100);
    let (_, closed) = millstream::bounded::<u32>(1);
    (0..50).for_each(|n| tx.try_send(n).unwrap());
    let (mut ends, mut values) = (0, 0);
    while values < 50 {
        millstream::block_on(async {
            select! {
                _ = closed.recv() => ends += 1,
                value = open.recv() => values += u32::from(value.is_ok()),
            }
        });
    }
    assert!(ends > 0, "it is as ready as the other");
}
