//! What a select returns: which arm wins, by which rules, in tasks and on threads.

mod common;

use common::{now, panic_text, within, Bell};
use millstream::{Receiver, RecvError, Select, SendError, Sender};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::thread;

/// A channel that is always ready to be received from, as long as it lasts.
fn ready(count: u32) -> (Sender<u32>, Receiver<u32>) {
    let (tx, rx) = millstream::unbounded();
    for n in 0..count {
        tx.try_send(n).unwrap();
    }
    (tx, rx)
}

#[test]
fn the_arm_that_is_ready_wins() {
    let (tx, rx) = millstream::bounded(1);
    let (out, from_out) = millstream::bounded(1);
    tx.try_send("in").unwrap();
    out.try_send("full").unwrap();
    let select = || {
        Select::new()
            .recv(&rx, |value| format!("received {}", value.unwrap()))
            .send(&out, "out", |sent| format!("sent {}", sent.is_ok()))
    };
    assert_eq!(now(select()), "received in");
    assert_eq!(from_out.try_recv(), Ok("full"));
    assert_eq!(select().wait(), "sent true");
    assert_eq!(from_out.try_recv(), Ok("out"));
}

#[test]
fn a_select_waits_until_an_arm_is_ready() {
    let (tx, rx) = millstream::rendezvous();
    let (out, from_out) = millstream::rendezvous();
    let bell = Bell::new();
    let mut select = Select::new()
        .recv(&rx, |value: Result<u32, _>| value.unwrap())
        .send(&out, "out", |_| 0);
    bell.waits(&mut select);
    bell.waits(&mut select);
    assert_eq!(bell.rings(), 0);
    tx.try_send(7).unwrap();
    assert_eq!(bell.rings(), 1);
    assert_eq!(bell.gets(&mut select), 7);
    assert!(from_out.try_recv().is_err());

    let mut select = Select::new()
        .recv(&rx, |_| "received")
        .send(&out, "out", |sent| sent.map_or("refused", |()| "sent"));
    bell.waits(&mut select);
    assert_eq!(from_out.try_recv(), Ok("out"));
    assert_eq!(bell.rings(), 1);
    assert_eq!(bell.gets(&mut select), "sent");
    assert!(tx.try_send(8).is_err());
}

#[test]
fn arms_may_be_of_any_types_and_borrow() {
    let (numbers, from_numbers) = millstream::bounded::<u64>(1);
    let (_texts, from_texts) = millstream::bounded::<&str>(1);
    let (lists, _from_lists) = millstream::bounded::<Vec<u8>>(0);
    numbers.try_send(3).unwrap();
    let prefix = String::from("number");
    let got = now(Select::new()
        .recv(&from_texts, |text| text.unwrap().to_string())
        .recv(&from_numbers, |number| {
            format!("{prefix} {}", number.unwrap())
        })
        .send(&lists, vec![1], |_| String::new()));
    assert_eq!(got, "number 3");
}

#[test]
fn handles_may_be_owned_borrowed_or_not_there() {
    let (tx, rx) = ready(3);
    let nobody: Option<&Receiver<u32>> = None;
    let got = now(Select::new()
        .recv(rx.clone(), |value| value.unwrap())
        .recv(nobody, |_| 100)
        .recv(None::<Receiver<u32>>, |_| 101)
        .send(None::<Sender<u32>>, 1, |_| 102));
    assert_eq!(got, 0);
    assert_eq!(
        now(Select::new().recv(Some(&rx), |value| value.unwrap())),
        1
    );
    let (out, from_out) = millstream::bounded(2);
    now(Select::new().send(Some(out.clone()), 5, |sent| sent.unwrap()));
    now(Select::new().send(out, 6, |sent| sent.unwrap()));
    assert_eq!(from_out.try_iter().collect::<Vec<_>>(), [5, 6]);
    drop(tx);
}

#[test]
fn a_closed_channel_makes_its_arm_ready_with_the_error() {
    let (tx, rx) = millstream::bounded::<u32>(1);
    let (out, from_out) = millstream::bounded(1);
    drop(tx);
    drop(from_out);
    assert_eq!(now(Select::new().recv(&rx, |value| value)), Err(RecvError));
    let sent = now(Select::new().send(&out, 4, |sent| sent));
    assert_eq!(sent, Err(SendError(4)));
    let mut slot = Some(5);
    let sent = now(Select::new().send_from(&out, &mut slot, |sent| sent));
    assert_eq!(
        (sent, slot),
        (Err(SendError(5)), None),
        "the value is in the error"
    );
    assert!(now(Select::new().reserve(&out, |permit| permit.is_err())));
}

#[test]
fn a_channel_that_closes_wakes_the_selects_that_wait() {
    let (tx, rx) = millstream::bounded::<u32>(1);
    let (out, from_out) = millstream::bounded(1);
    let (_idle, idle) = millstream::bounded::<u32>(1);
    out.try_send(0).unwrap();
    let bell = Bell::new();
    let mut receives = Select::new()
        .recv(&idle, |_| Ok(0))
        .recv(&rx, |value| value);
    let mut sends = Select::new()
        .recv(&idle, |_| Ok(()))
        .send(&out, 1, |sent| sent);
    bell.waits(&mut receives);
    bell.waits(&mut sends);
    drop(tx);
    drop(from_out);
    assert_eq!(bell.rings(), 2);
    assert_eq!(bell.gets(&mut receives), Err(RecvError));
    assert_eq!(bell.gets(&mut sends), Err(SendError(1)));
}

#[test]
fn a_select_that_waits_to_send_is_still_good_after_an_explicit_close() {
    for capacity in [0, 1] {
        let (tx, rx) = millstream::bounded(capacity);
        for n in 0..capacity {
            tx.try_send(n).unwrap();
        }
        let bell = Bell::new();
        let mut select = Select::new().send(&tx, 9, |sent| sent);
        bell.waits(&mut select);
        tx.close();
        bell.waits(&mut select);
        assert_eq!(rx.iter().last(), Some(9));
        assert_eq!(bell.gets(&mut select), Ok(()));
    }
}

#[test]
fn arms_are_tried_in_order_when_biased() {
    let ((_a, first), (_b, second)) = (ready(100), ready(100));
    let winner = || {
        now(Select::new()
            .biased()
            .recv(&first, |value| value.map(|_| 1))
            .recv(&second, |value| value.map(|_| 2)))
    };
    for _ in 0..100 {
        assert_eq!(winner(), Ok(1));
    }
    drop(_a);
    assert_eq!(winner(), Err(RecvError), "a closed channel is ready too");
    let winner = now(Select::new()
        .recv(&second, |_| 2)
        .recv(&first, |_| 1)
        .biased());
    assert_eq!(winner, 2, "wherever it is said");
}

#[test]
fn of_arms_that_are_always_ready_each_gets_its_share() {
    let ((_a, first), (_b, second)) = (ready(400), ready(400));
    let (out, _from_out) = millstream::unbounded();
    let mut wins = [0; 3];
    for _ in 0..400 {
        let winner =
            now(Select::new()
                .recv(&first, |_| 0)
                .recv(&second, |_| 1)
                .send(&out, 0, |_| 2));
        wins[winner] += 1;
    }
    // Each expects 133 with a deviation of 9: a run outside of this is out of the question.
    assert!(wins.iter().all(|wins| (40..260).contains(wins)), "{wins:?}");
}

#[test]
fn the_default_is_taken_when_nothing_else_is_ready() {
    let (tx, rx) = millstream::rendezvous::<u32>();
    let select = || {
        Select::new()
            .default(|| "nothing")
            .recv(&rx, |_| "received")
            .send(&tx, 1, |_| "sent")
    };
    assert_eq!(now(select()), "nothing");
    assert_eq!(select().wait(), "nothing");
    let bell = Bell::new();
    let mut send = tx.send(2);
    bell.waits(&mut send);
    assert_eq!(now(select()), "received", "wherever the default stands");
    assert_eq!(now(Select::new().default(|| 3)), 3);
    assert_eq!(
        now(Select::new().biased().default(|| 0).recv(&rx, |_| 1)),
        0
    );
}

#[test]
fn a_default_that_is_switched_off_does_not_count() {
    let (tx, rx) = millstream::bounded(1);
    let bell = Bell::new();
    let mut select = Select::new()
        .recv(&rx, |value| value.unwrap())
        .default_if(false, || 0);
    bell.waits(&mut select);
    tx.try_send(1).unwrap();
    assert_eq!(bell.gets(&mut select), 1);
}

#[test]
fn a_select_without_an_arm_that_could_fire_says_so() {
    fn text(select: impl FnOnce()) -> String {
        panic_text(catch_unwind(AssertUnwindSafe(select)).unwrap_err())
    }
    let (tx, _rx) = millstream::bounded(1);
    let texts = [
        text(|| now(Select::new())),
        text(|| Select::new().wait()),
        text(|| now(Select::new().recv(None::<&Receiver<u32>>, |_| ()))),
        text(|| now(Select::new().send_from(&tx, &mut None::<u32>, |_| ()))),
        text(|| now(Select::new().after(None, || ()).default_if(false, || ()))),
        text(|| now(Select::new().recv_each(Vec::<Receiver<u32>>::new(), |_, _| ()))),
    ];
    for text in texts {
        assert!(text.contains("no arm that could ever fire"), "{text}");
        assert!(!text.contains("  "), "a message for people: {text}");
    }
}

#[test]
#[should_panic(expected = "polled after it was ready")]
fn a_select_is_not_polled_twice() {
    let mut select = Select::new().default(|| ());
    now(&mut select);
    let _ = Bell::new().poll(&mut select);
}

#[test]
fn a_thread_is_woken_by_any_arm() {
    within(|| {
        let (tx, rx) = millstream::rendezvous();
        let (out, from_out) = millstream::rendezvous();
        let selecting = thread::spawn(move || {
            let mut got = Vec::new();
            for n in 0..200 {
                got.push(
                    Select::new()
                        .recv(&rx, |value: Result<u32, _>| value.unwrap())
                        .send(&out, n, |sent| sent.map_or(2000, |()| 1000))
                        .wait(),
                );
            }
            got
        });
        for n in 0..100 {
            tx.send_blocking(n).unwrap();
            from_out.recv_blocking().unwrap();
        }
        let got = selecting.join().unwrap();
        assert_eq!(got.iter().filter(|got| **got == 1000).count(), 100);
        assert_eq!(got.iter().filter(|got| **got < 100).count(), 100);
    });
}

#[test]
fn arms_in_any_number() {
    let channels: Vec<_> = (0..1000).map(|_| millstream::bounded::<usize>(1)).collect();
    let receivers = || channels.iter().map(|(_, rx)| rx);
    let bell = Bell::new();
    let mut select = Select::new().recv_each(receivers(), |index, value| (index, value.unwrap()));
    bell.waits(&mut select);
    channels[617].0.try_send(5).unwrap();
    assert_eq!(bell.rings(), 1);
    assert_eq!(bell.gets(&mut select), (617, 5));
    drop(select);
    for (tx, _) in &channels {
        tx.try_send(0).unwrap();
    }
    channels[3].1.try_recv().unwrap();
    let sends = channels.iter().map(|(tx, _)| (tx, 8));
    assert_eq!(
        now(Select::new().send_each(sends, |index, sent| (index, sent))),
        (3, Ok(()))
    );
    let each = receivers().map(|rx| rx.recv());
    let (index, value) = now(Select::new().each(each, |index, value| (index, value)));
    assert_eq!(value, Ok(if index == 3 { 8 } else { 0 }));
}

#[test]
fn a_reservation_is_an_arm() {
    let (tx, rx) = millstream::bounded(1);
    let (other, _other_rx) = millstream::bounded(0);
    let permit = now(Select::new()
        .reserve(&other, |permit| permit)
        .reserve(&tx, |permit| permit));
    permit.unwrap().send(1).unwrap();
    assert_eq!(rx.try_recv(), Ok(1));
}

#[test]
fn the_end_of_a_channel_is_an_arm() {
    let (tx, rx) = millstream::bounded::<u32>(1);
    let bell = Bell::new();
    let mut closed = Select::new().arm(tx.closed(), |()| "closed");
    let mut drained = Select::new().arm(rx.drained(), |()| "drained");
    bell.waits(&mut closed);
    bell.waits(&mut drained);
    tx.close();
    assert_eq!(bell.rings(), 2);
    assert_eq!(
        (bell.gets(&mut closed), bell.gets(&mut drained)),
        ("closed", "drained")
    );
    assert_eq!(now(Select::new().arm(tx.closed(), |()| 1)), 1);
    let none: Option<millstream::RecvFuture<'_, u32>> = None;
    assert_eq!(
        now(Select::new().arm(none, |_| 0).arm(rx.drained(), |()| 1)),
        1
    );
}
