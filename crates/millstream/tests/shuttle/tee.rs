//! A tee whose taps come and go while it runs.

use crate::ledger::{Ledger, Token};
use crate::support::{draw, explore_times, poll_a_while};
use millstream::hub::{Bound, Tee};
use millstream::Receiver;
use shuttle::thread;
use std::sync::Arc;

/// How many schedules of each kind are run.
const SCHEDULES: usize = 6_000;
const VALUES: usize = 4;

/// A bound under which nothing is lost.
pub fn patient() -> Bound {
    match draw(3) {
        0 => Bound::Lockstep,
        n => Bound::Wait(n),
    }
}

pub fn any() -> Bound {
    match draw(3) {
        0 => Bound::DropNewest(1),
        1 => Bound::DropOldest(1),
        _ => patient(),
    }
}

/// Sends shared values in order, and says how many went through.
pub fn send_all(tx: &millstream::Sender<Arc<Token>>, ledger: &Ledger) -> usize {
    (0..VALUES)
        .filter(|number| tx.send_blocking(Arc::new(ledger.token(0, *number))).is_ok())
        .count()
}

/// Receives to the end, in order.
pub fn receive_all(tap: &Receiver<Arc<Token>>) -> Vec<usize> {
    let mut numbers: Vec<usize> = Vec::new();
    while let Ok(token) = tap.recv_blocking() {
        assert!(
            numbers.last() < Some(&token.number),
            "{numbers:?}, then {}",
            token.number
        );
        numbers.push(token.number);
    }
    numbers
}

/// Receives a few values, in order and none twice, with receives that are given up, and leaves: a handle that it gives
/// is closed, and kept without being read.
pub fn receive_some(tap: Receiver<Arc<Token>>) -> Option<Receiver<Arc<Token>>> {
    let mut last = None;
    for _ in 0..draw(3) {
        match poll_a_while(&mut tap.recv()) {
            Some(Ok(token)) => {
                assert!(last < Some(token.number), "{last:?}, then {}", token.number);
                last = Some(token.number);
            }
            Some(Err(_)) => return None,
            None => {}
        }
    }
    match draw(3) {
        0 => None,
        1 => {
            // What was given out before is still there.
            tap.close();
            receive_all(&tap);
            None
        }
        _ => {
            tap.close();
            Some(tap)
        }
    }
}

#[test]
fn taps_that_come_and_go() {
    explore_times("taps that come and go", SCHEDULES, || {
        let ledger = Ledger::default();
        let (tx, rx) = millstream::bounded(draw(3));
        let (tee, driver) = Tee::with_driver(rx);
        // Before the first value, and to the end: it gets everything.
        let steady = tee.tap(patient());
        let driving = thread::spawn(move || millstream::block_on(driver));
        let tee = Arc::new(tee);
        let passing: Vec<_> = (0..2)
            .map(|_| {
                let tee = tee.clone();
                thread::spawn(move || -> Vec<_> {
                    (0..=draw(2))
                        .filter_map(|_| receive_some(tee.tap(any())))
                        .collect()
                })
            })
            .collect();
        drop(tee);
        let sender = thread::spawn({
            let ledger = ledger.clone();
            move || send_all(&tx, &ledger)
        });
        let numbers = receive_all(&steady);
        assert_eq!(
            numbers,
            (0..VALUES).collect::<Vec<_>>(),
            "the steady tap misses nothing"
        );
        assert_eq!(sender.join().unwrap(), VALUES);
        for thread in passing {
            drop(thread.join().unwrap());
        }
        driving.join().unwrap();
        ledger.settle(0);
    });
}

#[test]
fn a_tee_whose_last_tap_leaves_lets_go_of_its_input() {
    explore_times("the last tap leaves", SCHEDULES, || {
        let ledger = Ledger::default();
        let (tx, rx) = millstream::bounded(draw(2));
        let (tee, driver) = Tee::with_driver(rx);
        let taps: Vec<_> = (0..2).map(|_| tee.tap(patient())).collect();
        drop(tee);
        let driving = thread::spawn(move || millstream::block_on(driver));
        let threads: Vec<_> = taps
            .into_iter()
            .map(|tap| thread::spawn(move || receive_some(tap)))
            .collect();
        // The sends end, sent or not, whenever the taps leave.
        send_all(&tx, &ledger);
        millstream::block_on(tx.closed());
        driving.join().unwrap();
        for thread in threads {
            drop(thread.join().unwrap());
        }
        ledger.settle(0);
    });
}
