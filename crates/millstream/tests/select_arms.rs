//! Every kind of arm in a select: ready at once, waiting for its turn, losing, switched off.

mod common;

use common::buffer::{Gate, Plan};
use common::{assert_no_trace, ignore, now, within, Bell};
use millstream::EitherArm::{Left, Right};
use millstream::{
    ChannelState, Receiver, RecvError, RecvFuture, Select, SendError, SendFuture, Sender,
};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::thread;
use std::time::Duration;

#[test]
fn an_arm_that_is_ready_is_taken_before_the_default() {
    let (tx, rx) = millstream::bounded(1);
    let permit = now(Select::new()
        .reserve(&tx, |permit| permit.ok())
        .default(|| None));
    permit.expect("there is a place").send(1).unwrap();
    let claim = now(Select::new()
        .arm(rx.claim(), |claim| claim.ok())
        .default(|| None));
    assert_eq!(claim.expect("there is a value").take(), 1);
    for either in [Left(tx.send(2)), Right(rx.recv())] {
        let taken = now(Select::new()
            .arm(either, |result| {
                result == Left(Ok(())) || result == Right(Ok(2))
            })
            .default(|| false));
        assert!(taken);
    }
    tx.try_send(3).unwrap();
    let taken = now(Select::new()
        .arm(Some(rx.recv()), |value| value.ok())
        .default(|| None));
    assert_eq!(taken, Some(3));
    drop(tx);
    for _ in 0..2 {
        let drained = Select::new().arm(rx.drained(), |()| true);
        assert!(now(drained.default(|| false)));
    }
}

#[test]
fn one_arm_is_enough_whatever_it_is() {
    let (tx, rx) = millstream::bounded(1);
    now(Select::new().reserve(&tx, drop));
    now(Select::new().arm(Some(tx.send(1)), drop));
    now(Select::new().arm(rx.claim(), drop));
    let mut waiting = Select::new().arm(Some(tx.send(2)), |sent| sent);
    let bell = Bell::new();
    bell.waits(&mut waiting);
    assert_eq!(rx.try_recv(), Ok(1));
    assert_eq!(bell.gets(&mut waiting), Ok(()));
    now(Select::new().arm(Left::<_, RecvFuture<'_, u32>>(rx.recv()), drop));
    let mut waiting = Select::new().arm(rx.drained(), drop);
    bell.waits(&mut waiting);
    tx.close();
    bell.gets(&mut waiting);
}

#[test]
fn arms_that_are_all_switched_off_are_none() {
    let (_tx, rx) = millstream::bounded::<u32>(1);
    let off = || Some(rx.recv()).filter(|_| false);
    let plain = || ignore(Bell::new().poll(&mut Select::new().arm(off(), drop)));
    let either = || {
        let arm = Left::<_, SendFuture<'_, u32>>(off());
        ignore(Bell::new().poll(&mut Select::new().arm(arm, drop)));
    };
    for poll in [&plain as &dyn Fn(), &either] {
        let polled = catch_unwind(AssertUnwindSafe(poll));
        assert!(polled.is_err(), "it would wait for ever");
    }
}

#[test]
fn arms_that_have_lost_are_out_of_their_lines_at_once() {
    // The select has ended, and is still there.
    let (a, b) = (millstream::bounded(1), millstream::rendezvous::<u32>());
    let bell = Bell::new();
    macro_rules! loses {
        ($arm:expr) => {{
            let mut select = Select::new()
                .recv(&a.1, |value| value.ok())
                .arm($arm, |_| None);
            bell.waits(&mut select);
            a.0.try_send(1).unwrap();
            assert_eq!(bell.gets(&mut select), Some(1));
            assert_eq!(b.0.stats().state, ChannelState::Fluent);
            assert_eq!(bell.rings(), 1);
        }};
    }
    loses!(b.1.recv());
    loses!(b.1.claim());
    loses!(b.0.send(2));
    loses!(b.0.reserve());
    loses!(Some(b.1.recv()));
    loses!(Left::<_, SendFuture<'_, u32>>(b.1.recv()));
    loses!(Right::<RecvFuture<'_, u32>, _>(b.0.send(2)));
}

#[test]
fn an_arm_of_either_kind_is_no_timer() {
    let (tx, rx) = millstream::bounded::<u32>(1);
    let mut select = Select::new()
        .arm(Left::<_, SendFuture<'_, u32>>(rx.recv()), |_| true)
        .after(Duration::from_secs(3600), || false);
    let bell = Bell::new();
    bell.waits(&mut select);
    tx.try_send(1).unwrap();
    assert!(bell.gets(&mut select));
}

#[test]
fn an_event_that_has_happened_wins() {
    let (tx, rx) = millstream::bounded::<u32>(1);
    let quiet = millstream::bounded::<u32>(1);
    let bell = Bell::new();
    let mut closed = Select::new()
        .recv(&quiet.1, |_| "the quiet one")
        .arm(tx.closed(), |()| "closed");
    bell.waits(&mut closed);
    drop(rx);
    assert_eq!(bell.rings(), 1);
    assert_eq!(bell.gets(&mut closed), "closed");
    drop(closed);
    assert_no_trace(&quiet, 0);
}

#[test]
fn arms_that_wait_for_an_event_let_go_of_their_waker_when_they_lose() {
    let (tx, rx) = millstream::bounded::<u32>(1);
    let other = millstream::bounded::<u32>(1);
    let bell = Bell::new();
    let mut select = Select::new()
        .recv(&other.1, |value| value.ok())
        .arm(tx.closed(), |()| None)
        .arm(rx.drained(), |()| None);
    bell.waits(&mut select);
    other.0.try_send(1).unwrap();
    assert_eq!(bell.gets(&mut select), Some(1));
    assert_eq!((bell.rings(), bell.held()), (1, 0));
    // What happens now concerns nobody.
    tx.close();
    assert_eq!(bell.rings(), 0);
    let mut dropped = Select::new().recv(&other.1, drop).arm(rx.drained(), drop);
    // It is closed, and nothing is in it, so that this one has happened.
    bell.gets(&mut dropped);
}

/// Runs `attempt` while another thread is inside the channel's buffer, and opens the gate when that must wait for it.
fn while_the_buffer_is_out(select: fn(&Sender<u32>, &Receiver<u32>)) {
    within(move || {
        let gate = Gate::new();
        let (tx, rx) = Plan::new().pop_waits_at(gate.clone()).channel(4);
        tx.try_send(1).unwrap();
        tx.try_send(2).unwrap();
        thread::scope(|scope| {
            let first = scope.spawn(|| rx.try_recv());
            gate.reached();
            select(&tx, &rx);
            gate.open();
            assert_eq!(first.join().unwrap(), Ok(1));
        });
    });
}

#[test]
fn a_select_without_a_default_stands_in_line_while_the_buffer_is_out() {
    while_the_buffer_is_out(|tx, rx| {
        Bell::new().waits(&mut Select::new().recv(rx, drop));
        Bell::new().waits(&mut Select::new().arm(rx.claim(), drop));
        Bell::new().waits(&mut Select::new().send(tx, 3, drop));
        Bell::new().waits(&mut Select::new().reserve(tx, drop));
    });
}

#[test]
fn a_select_with_a_default_waits_for_the_buffer_to_come_back() {
    type Selecting = fn(&Sender<u32>, &Receiver<u32>) -> bool;
    let selects: [Selecting; 4] = [
        |_, rx| now(Select::new().recv(rx, |got| got == Ok(2)).default(|| false)),
        |_, rx| {
            now(Select::new()
                .arm(rx.claim(), |claim| claim.is_ok())
                .default(|| false))
        },
        |tx, _| {
            now(Select::new()
                .send(tx, 3, |sent| sent.is_ok())
                .default(|| false))
        },
        |tx, _| {
            now(Select::new()
                .reserve(tx, |permit| permit.is_ok())
                .default(|| false))
        },
    ];
    for select in selects {
        within(move || {
            let gate = Gate::new();
            let (tx, rx) = Plan::new().pop_waits_at(gate.clone()).channel(4);
            tx.try_send(1).unwrap();
            tx.try_send(2).unwrap();
            thread::scope(|scope| {
                let first = scope.spawn(|| rx.try_recv());
                gate.reached();
                let second = scope.spawn(|| select(&tx, &rx));
                // Long enough for it to have given up, if it did; nothing here takes time that passes.
                for _ in 0..2000 {
                    assert!(!second.is_finished(), "nobody can tell yet");
                    thread::yield_now();
                }
                gate.open();
                assert_eq!(first.join().unwrap(), Ok(1));
                assert!(
                    second.join().unwrap(),
                    "the default was taken although the arm was ready"
                );
            });
        });
    }
}

#[test]
fn an_end_is_told_by_every_kind_of_arm() {
    let (tx, rx) = millstream::bounded::<u32>(0);
    let bell = Bell::new();
    let mut recv = Select::new().recv(&rx, |value| value);
    let mut claim = Select::new().arm(rx.claim(), |claim| claim.is_err());
    bell.waits(&mut recv);
    bell.waits(&mut claim);
    tx.close();
    assert_eq!(bell.rings(), 2);
    assert_eq!(bell.gets(&mut recv), Err(RecvError));
    assert!(bell.gets(&mut claim));
    let (tx, rx) = millstream::bounded(0);
    let mut send = Select::new().send(&tx, 1, |sent| sent);
    let mut reserve = Select::new().reserve(&tx, |permit| permit.err());
    bell.waits(&mut send);
    bell.waits(&mut reserve);
    bell.rings();
    drop(rx);
    assert_eq!(bell.rings(), 2);
    assert_eq!(bell.gets(&mut send), Err(SendError(1)));
    assert_eq!(bell.gets(&mut reserve), Some(SendError(())));
}
