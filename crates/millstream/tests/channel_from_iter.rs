//! Channels over an iterator: pulled one at a time, by whoever receives, on that one's thread.

mod common;

use common::buffer::Gate;
use common::{ignore, now, panic_text, within, Bell, Ledger, Tracked};
use millstream::{Receiver, RecvError, Select, TryRecvError};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

/// The numbers from 0 on, and how many have been pulled.
fn counted() -> (Arc<AtomicUsize>, impl Iterator<Item = usize> + Send) {
    let pulled = Arc::new(AtomicUsize::new(0));
    let count = pulled.clone();
    let numbers = (0..).inspect(move |_| {
        count.fetch_add(1, Ordering::SeqCst);
    });
    (pulled, numbers)
}

#[test]
fn nothing_is_pulled_before_somebody_receives_and_then_one_at_a_time() {
    let (pulled, numbers) = counted();
    let rx = millstream::from_iter(numbers);
    let so_far = || pulled.load(Ordering::SeqCst);
    let _ = (rx.len(), rx.stats(), rx.is_closed(), rx.clone());
    assert_eq!(so_far(), 0);
    let ways: [fn(&Receiver<usize>) -> usize; 6] = [
        |rx| rx.try_recv().unwrap(),
        |rx| now(rx.recv()).unwrap(),
        |rx| rx.recv_blocking().unwrap(),
        |rx| rx.iter().next().unwrap(),
        |rx| now(rx.claim()).unwrap().take(),
        |rx| now(Select::new().recv(rx, |value| value.unwrap())),
    ];
    for (n, way) in ways.into_iter().enumerate() {
        assert_eq!(way(&rx), n);
        assert_eq!(so_far(), n + 1);
    }
    drop(now(rx.claim()).unwrap());
    assert_eq!(
        (so_far(), rx.try_recv()),
        (7, Ok(6)),
        "a claim that was given back is not lost"
    );
}

#[test]
fn it_is_closed_from_the_start_and_ends_with_the_iterator() {
    let rx = millstream::from_iter([1, 2]);
    assert!(rx.is_closed());
    assert_eq!(
        (rx.sender_count(), rx.capacity(), rx.len()),
        (0, Some(0), 2)
    );
    let bell = Bell::new();
    let other = rx.clone();
    let mut drained = other.drained();
    bell.waits(&mut drained);
    assert_eq!(rx.iter().collect::<Vec<_>>(), [1, 2]);
    assert_eq!(bell.rings(), 1);
    bell.gets(&mut drained);
    assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
    assert_eq!(now(rx.recv()), Err(RecvError));
}

#[test]
fn what_an_item_is_does_not_matter() {
    // Nothing an iterator can give looks like its end.
    let rx = millstream::from_iter([None, Some(0), None]);
    assert_eq!(rx.iter().collect::<Vec<_>>(), [None, Some(0), None]);
    let rx = millstream::from_iter([(), ()]);
    assert_eq!(rx.iter().count(), 2);
    let rx = millstream::from_iter([0; 0]);
    assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
}

#[test]
fn an_iterator_that_has_ended_is_not_asked_again() {
    let mut calls = 0;
    let rx = millstream::from_iter(std::iter::from_fn(move || {
        calls += 1;
        // Not fused: it would go on.
        (calls != 2).then_some(calls)
    }));
    assert_eq!(rx.try_recv(), Ok(1));
    assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
    assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
}

#[test]
fn each_item_goes_to_one_receiver() {
    within(|| {
        let rx = millstream::from_iter(0..1000u64);
        let receivers: Vec<_> = (0..4)
            .map(|_| {
                let rx = rx.clone();
                thread::spawn(move || rx.iter().collect::<Vec<_>>())
            })
            .collect();
        let mut all = Vec::new();
        for receiver in receivers {
            let got = receiver.join().unwrap();
            assert!(got.is_sorted(), "each receiver sees them in order");
            all.extend(got);
        }
        all.sort_unstable();
        assert_eq!(all, (0..1000).collect::<Vec<_>>());
    });
}

/// 0, 1, and then a panic.
fn failing() -> Receiver<u32> {
    millstream::from_iter((0..).inspect(|n| assert!(*n < 2, "the iterator's own")))
}

#[test]
fn a_panic_comes_out_of_the_receive_that_caused_it_and_is_the_end() {
    let ways: [fn(&Receiver<u32>); 5] = [
        |rx| ignore(rx.try_recv().ok()),
        |rx| ignore(now(rx.recv()).ok()),
        |rx| ignore(rx.recv_blocking().ok()),
        |rx| ignore(rx.iter().next()),
        |rx| now(Select::new().recv(rx, |value| ignore(value.ok()))),
    ];
    for way in ways {
        let rx = failing();
        assert_eq!(
            (rx.try_recv(), rx.try_recv()),
            (Ok(0), Ok(1)),
            "what came before is good"
        );
        let panic = catch_unwind(AssertUnwindSafe(|| way(&rx))).unwrap_err();
        assert_eq!(panic_text(panic), "the iterator's own");
        assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
        assert_eq!(rx.iter().next(), None);
        now(rx.drained());
    }
}

#[test]
fn receivers_that_wait_for_an_iterator_that_panics_find_the_end() {
    within(|| {
        let gate = Gate::new();
        let rx = millstream::from_iter(std::iter::from_fn({
            let gate = gate.clone();
            move || -> Option<u32> {
                gate.pass();
                panic!("the iterator's own")
            }
        }));
        thread::scope(|scope| {
            let cause = scope.spawn(|| catch_unwind(AssertUnwindSafe(|| rx.try_recv())));
            gate.reached();
            let bell = Bell::new();
            let mut recv = rx.recv();
            bell.waits(&mut recv);
            gate.open();
            assert!(cause.join().unwrap().is_err());
            assert_eq!(bell.rings(), 1);
            assert_eq!(bell.gets(&mut recv), Err(RecvError));
        });
    });
}

#[test]
fn receivers_that_come_while_the_iterator_runs_wait_for_it() {
    within(|| {
        let gate = Gate::new();
        let rx = millstream::from_iter((0..3).inspect({
            let gate = gate.clone();
            move |_| gate.pass()
        }));
        thread::scope(|scope| {
            let first = scope.spawn(|| rx.try_recv());
            gate.reached();
            let bell = Bell::new();
            let (mut recv, mut select) = (rx.recv(), Select::new().recv(&rx, |value| value));
            bell.waits(&mut recv);
            bell.waits(&mut select);
            // A select with a default waits for the short call rather than say that nothing is there.
            let patient = scope.spawn(|| Select::new().recv(&rx, |v| v).default(|| Ok(99)).wait());
            gate.open();
            assert_eq!(first.join().unwrap(), Ok(0));
            let patient = patient.join().unwrap();
            assert!(bell.rings() >= 2);
            let rest = [patient, bell.gets(&mut recv), bell.gets(&mut select)];
            // Three looked for two values; one found the end.
            assert_eq!(rest.iter().flatten().sum::<u32>(), 3);
            assert_eq!(rest.iter().filter(|got| got.is_err()).count(), 1);
        });
    });
}

#[test]
fn an_iterator_that_uses_its_own_channel_is_told_so() {
    let uses: [fn(&Receiver<u32>); 4] = [
        |rx| ignore(rx.try_recv().ok()),
        |rx| ignore(rx.recv_blocking().ok()),
        |rx| Select::new().recv(rx, |value| ignore(value.ok())).wait(),
        |rx| drop(millstream::block_on(rx.claim()).unwrap()),
    ];
    for use_it in uses {
        within(move || {
            let own: Arc<Mutex<Option<Receiver<u32>>>> = Arc::default();
            let rx = millstream::from_iter(std::iter::from_fn({
                let own = own.clone();
                move || {
                    let rx = own.lock().unwrap().clone().expect("it knows its channel");
                    use_it(&rx);
                    Some(1)
                }
            }));
            *own.lock().unwrap() = Some(rx.clone());
            let panic = catch_unwind(AssertUnwindSafe(|| rx.try_recv())).unwrap_err();
            let text = panic_text(panic);
            assert!(text.contains("used the channel that it serves"), "{text}");
            assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
        });
    }
}

#[test]
fn an_iterator_may_look_at_its_channel_and_close_it() {
    within(|| {
        let own: Arc<Mutex<Option<Receiver<usize>>>> = Arc::default();
        let rx = millstream::from_iter(std::iter::from_fn({
            let own = own.clone();
            move || {
                let rx = own.lock().unwrap().clone()?;
                rx.close();
                Some(rx.len() + rx.stats().len)
            }
        }));
        *own.lock().unwrap() = Some(rx.clone());
        assert_eq!(rx.try_recv(), Ok(0));
        own.lock().unwrap().take();
        assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
    });
}

fn number_of(held: &Tracked) -> u32 {
    held.number
}

#[test]
fn an_iterator_is_dropped_at_its_end_or_with_the_last_receiver() {
    let ledger = Ledger::new();
    let iterator = |number: u32, items: u32| {
        let held = ledger.make(number);
        (0..items).map(move |n| n + number_of(&held))
    };
    let rx = millstream::from_iter(iterator(1, 1));
    assert_eq!(rx.try_recv(), Ok(1));
    assert_eq!(ledger.dropped(), []);
    assert!(rx.try_recv().is_err());
    assert_eq!(ledger.dropped(), [1]);
    let rx = millstream::from_iter(iterator(2, 9));
    let other = rx.clone();
    drop(rx);
    assert_eq!(ledger.dropped(), [1]);
    drop(other);
    assert_eq!(ledger.dropped(), [1, 2]);
}
