//! An arm that wins while the arms after it are still coming into line: for those it is too late, whatever they find.
//!
//! A select whose first arm comes into line lets in a reservation that waited for a receiver, and so runs the waker of
//! that. This is where a peer commits the first arm, and gives the second something to win.

mod common;

use common::{assert_no_trace, Bell, Hooks};
use millstream::{Select, SelectSet};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::Context;

/// Runs `select` with the receiver of its first arm; that arm wins while the second comes into line, just after `deed`.
fn with_first_arm_won<R>(
    deed: impl Fn() + Send + Sync + 'static,
    select: impl FnOnce(&millstream::Receiver<u32>) -> R,
) -> R {
    let (tx, rx) = millstream::rendezvous();
    let sender = tx.downgrade();
    let wins = move || {
        let sender = sender.upgrade().expect("it is kept");
        sender.try_send(1).expect("the first arm is in line");
        drop(sender);
        deed();
    };
    let (waker, hooks) = Hooks::on_wake(Box::new(wins)).waker();
    let mut reserve = tx.reserve();
    assert!(Pin::new(&mut reserve)
        .poll(&mut Context::from_waker(&waker))
        .is_pending());
    hooks.arm();
    let result = select(&rx);
    hooks.disarm();
    assert_eq!(hooks.runs(), 1, "the first arm let the reservation in");
    drop(reserve);
    assert_no_trace(&(tx, rx), 0);
    result
}

#[test]
fn it_leaves_a_free_place_alone() {
    let b = millstream::bounded(1);
    b.0.try_send(0).unwrap();
    let receiver = b.1.downgrade();
    let frees = move || assert_eq!(receiver.upgrade().expect("it is kept").try_recv(), Ok(0));
    let mut slot = Some(2);
    let won = with_first_arm_won(frees, |first| {
        let mut select = Select::new()
            .recv(first, |value| value.ok())
            .send_from(&b.0, &mut slot, |_| None)
            .biased();
        Bell::new().gets(&mut select)
    });
    assert_eq!((won, slot), (Some(1), Some(2)));
    assert_no_trace(&b, 0);
}

#[test]
fn it_leaves_a_value_alone() {
    let b = millstream::bounded(1);
    let sender = b.0.downgrade();
    let sends = move || sender.upgrade().expect("it is kept").try_send(2).unwrap();
    let won = with_first_arm_won(sends, |first| {
        let mut select = Select::new()
            .recv(first, |value| value.ok())
            .recv(&b.1, |value| value.ok())
            .biased();
        Bell::new().gets(&mut select)
    });
    assert_eq!(won, Some(1));
    assert_no_trace(&b, 1);
    assert_eq!(b.1.try_recv(), Ok(2));
}

/// A future that is polled by a waker, and later by the test.
type Shared<F> = Arc<Mutex<Pin<Box<F>>>>;

fn share<F: Future>(future: F) -> Shared<F> {
    Arc::new(Mutex::new(Box::pin(future)))
}

#[test]
fn it_leaves_a_sender_that_waits_alone() {
    let b = millstream::rendezvous();
    let sender = b.0.clone();
    let send = share(async move { sender.send(2).await });
    let (comes, bell) = (send.clone(), Bell::new());
    let comes = move || bell.waits(&mut *comes.lock().unwrap());
    let won = with_first_arm_won(comes, |first| {
        let mut select = Select::new()
            .recv(first, |value| value.ok())
            .recv(&b.1, |value| value.ok())
            .biased();
        Bell::new().gets(&mut select)
    });
    assert_eq!(won, Some(1));
    // It was not sent, and waits for the next.
    let bell = Bell::new();
    bell.waits(&mut *send.lock().unwrap());
    assert_eq!(b.1.try_recv(), Ok(2));
    assert_eq!(bell.gets(&mut *send.lock().unwrap()), Ok(()));
}

#[test]
fn it_leaves_a_receiver_that_waits_alone() {
    let b = millstream::rendezvous();
    let receiver = b.1.clone();
    let recv = share(async move { receiver.recv().await });
    let (comes, bell) = (recv.clone(), Bell::new());
    let comes = move || bell.waits(&mut *comes.lock().unwrap());
    let mut slot = Some(2);
    let won = with_first_arm_won(comes, |first| {
        let mut select = Select::new()
            .recv(first, |value| value.ok())
            .send_from(&b.0, &mut slot, |_| None)
            .biased();
        Bell::new().gets(&mut select)
    });
    assert_eq!((won, slot), (Some(1), Some(2)));
    let bell = Bell::new();
    bell.waits(&mut *recv.lock().unwrap());
    b.0.try_send(3).unwrap();
    assert_eq!(bell.gets(&mut *recv.lock().unwrap()), Ok(3));
}

#[test]
fn it_keeps_no_permit() {
    let b = millstream::bounded(1);
    b.0.try_send(0).unwrap();
    let receiver = b.1.downgrade();
    let frees = move || assert_eq!(receiver.upgrade().expect("it is kept").try_recv(), Ok(0));
    let won = with_first_arm_won(frees, |first| {
        let mut select = Select::new()
            .recv(first, |value| value.ok())
            .reserve(&b.0, |_| None)
            .biased();
        let won = Bell::new().gets(&mut select);
        b.0.try_send(2)
            .expect("the place is free while the select is there");
        won
    });
    assert_eq!(won, Some(1));
    assert_no_trace(&b, 1);
}

#[test]
fn a_set_tells_it_of_the_end_at_its_next_turn() {
    for with_value in [false, true] {
        let b = millstream::bounded(1);
        let sender = b.0.downgrade();
        let ends = move || {
            let sender = sender.upgrade().expect("it is kept");
            if with_value {
                sender.try_send(2).unwrap();
            }
            sender.close();
        };
        let mut got = Vec::new();
        with_first_arm_won(ends, |first| {
            let mut set = SelectSet::new();
            set.recv(first, |value| value.ok());
            set.recv(&b.1, |value| value.ok());
            let bell = Bell::new();
            for _ in 0..if with_value { 3 } else { 2 } {
                got.push(bell.gets(&mut set.next()));
            }
        });
        let told = [Some(Some(1)), Some(Some(2)), Some(None)];
        let told: Vec<_> = told
            .into_iter()
            .filter(|value| with_value || *value != Some(Some(2)))
            .collect();
        assert_eq!(got, told);
    }
}
