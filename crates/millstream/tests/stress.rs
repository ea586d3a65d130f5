//! Threads that send, receive, select, time out and give up at random: nothing is lost, nothing comes twice.

mod common;

use common::within;
use millstream::{
    Receiver, RecvTimeoutError, Select, SelectSet, SendTimeoutError, Sender, TryRecvError,
};
use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

/// Capacities that take different ways through the engine; the last one stands for "no limit".
const CAPACITIES: [usize; 5] = [0, 1, 3, 64, usize::MAX];

/// A small generator with a seed, so that a failing run can be repeated as far as threads allow.
struct Dice(u64);

impl Dice {
    fn new(seed: u64) -> Self {
        Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % bound
    }

    /// A time that is often nothing at all.
    fn moment(&mut self) -> Duration {
        Duration::from_micros(self.below(60).saturating_sub(20))
    }
}

#[test]
fn every_value_reaches_one_receiver_at_every_capacity() {
    const SENDERS: u64 = 4;
    const EACH: u64 = 4000;
    for capacity in CAPACITIES {
        within(move || {
            let (tx, rx) = millstream::bounded(capacity);
            let senders: Vec<_> = (0..SENDERS)
                .map(|sender| {
                    let tx = tx.clone();
                    thread::spawn(move || {
                        for n in 0..EACH {
                            tx.send_blocking((sender, n)).unwrap();
                        }
                    })
                })
                .collect();
            drop(tx);
            let receivers: Vec<_> = (0..4)
                .map(|_| {
                    let rx = rx.clone();
                    thread::spawn(move || {
                        let mut last = [None; SENDERS as usize];
                        let mut sum = 0;
                        for (sender, n) in rx {
                            let last = &mut last[sender as usize];
                            assert!(*last < Some(n), "each sender's values come in order");
                            *last = Some(n);
                            sum += n;
                        }
                        sum
                    })
                })
                .collect();
            drop(rx);
            for sender in senders {
                sender.join().unwrap();
            }
            let sum: u64 = receivers.into_iter().map(|r| r.join().unwrap()).sum();
            assert_eq!(sum, SENDERS * (0..EACH).sum::<u64>(), "capacity {capacity}");
        });
    }
}

/// Added to each value, so that a sum tells how many there were as well.
const COUNTED: u64 = 1 << 40;

/// What a thread did with the values that it was given to send, or received.
#[derive(Default)]
struct Tally {
    sent: AtomicU64,
    received: AtomicU64,
}

/// Sends `count` different values in every way there is, and sums up those that went through.
fn send_somehow(tx: &Sender<u64>, first: u64, count: u64, dice: &mut Dice, tally: &Tally) {
    let never = millstream::bounded::<()>(1);
    for value in first..first + count {
        let sent = match dice.below(8) {
            0 => tx.send_blocking(value).is_ok(),
            1 => tx.try_send(value).is_ok(),
            2 => match tx.send_timeout(value, dice.moment()) {
                Ok(()) => true,
                Err(SendTimeoutError::Timeout(back) | SendTimeoutError::Closed(back)) => {
                    assert_eq!(back, value);
                    false
                }
            },
            3 => Select::new()
                .send(tx, value, |sent| sent.is_ok())
                .after(dice.moment(), || false)
                .wait(),
            4 => {
                let mut slot = Some(value);
                Select::new()
                    .send_from(tx, &mut slot, drop)
                    .recv(&never.1, drop)
                    .after(dice.moment(), || ())
                    .wait();
                slot.is_none()
            }
            5 => match tx.try_reserve() {
                Ok(permit) if dice.below(2) == 0 => permit.send(value).is_ok(),
                _ => false,
            },
            6 => Select::new()
                .reserve(tx, |permit| {
                    permit.and_then(|p| p.send(value).map_err(|_| millstream::SendError(())))
                })
                .after(dice.moment(), || Err(millstream::SendError(())))
                .wait()
                .is_ok(),
            _ => Select::new()
                .send(tx, value, |sent| sent.is_ok())
                .default(|| false)
                .wait(),
        };
        if sent {
            tally.sent.fetch_add(value, Ordering::Relaxed);
        }
    }
}

/// Receives in every way there is until the channel ends, and sums up what came.
fn receive_somehow(rx: &Receiver<u64>, dice: &mut Dice, tally: &Tally) {
    let never = millstream::bounded::<u64>(1);
    let mut batch = Vec::new();
    loop {
        let (got, ended) = match dice.below(8) {
            0 => match rx.try_recv() {
                Ok(value) => (value, false),
                Err(error) => (0, error == TryRecvError::Closed),
            },
            1 | 2 => match rx.recv_timeout(dice.moment()) {
                Ok(value) => (value, false),
                Err(error) => (0, error == RecvTimeoutError::Closed),
            },
            3 => Select::new()
                .recv(rx, |value| value.map_or((0, true), |value| (value, false)))
                .recv(&never.1, |_| (0, false))
                .after(dice.moment(), || (0, false))
                .wait(),
            4 => Select::new()
                .recv(rx, |value| value.map_or((0, true), |value| (value, false)))
                .default(|| (0, false))
                .wait(),
            5 => {
                batch.clear();
                let limit = 1 + dice.below(5) as usize;
                let many = millstream::block_on(rx.recv_many(&mut batch, limit));
                (batch.iter().sum(), many == 0)
            }
            6 => match millstream::block_on(rx.claim()) {
                // Half of the claims are given back.
                Ok(claim) if dice.below(2) == 0 => (claim.take(), false),
                Ok(_) => (0, false),
                Err(_) => (0, true),
            },
            _ => match rx.recv_blocking() {
                Ok(value) => (value, false),
                Err(_) => (0, true),
            },
        };
        tally.received.fetch_add(got, Ordering::Relaxed);
        if ended {
            return;
        }
    }
}

#[test]
fn values_are_conserved_whatever_is_given_up() {
    for capacity in CAPACITIES {
        for seed in 0..4 {
            within(move || {
                let (tx, rx) = millstream::bounded(capacity);
                let tally = Arc::new(Tally::default());
                let senders: Vec<_> = (0..3)
                    .map(|n| {
                        let (tx, tally) = (tx.clone(), tally.clone());
                        let mut dice = Dice::new(100 * seed + n);
                        thread::spawn(move || {
                            send_somehow(&tx, COUNTED + n * 10_000, 3000, &mut dice, &tally)
                        })
                    })
                    .collect();
                drop(tx);
                let receivers: Vec<_> = (0..3)
                    .map(|n| {
                        let (rx, tally) = (rx.clone(), tally.clone());
                        let mut dice = Dice::new(100 * seed + 50 + n);
                        thread::spawn(move || receive_somehow(&rx, &mut dice, &tally))
                    })
                    .collect();
                for thread in senders.into_iter().chain(receivers) {
                    thread.join().unwrap();
                }
                let (sent, received) = (&tally.sent, &tally.received);
                assert_eq!(
                    sent.load(Ordering::Relaxed),
                    received.load(Ordering::Relaxed),
                    "capacity {capacity}, seed {seed}"
                );
                assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
            });
        }
    }
}

#[test]
fn selects_that_face_each_other_on_threads_always_meet() {
    within(|| {
        for round in 0..1000 {
            let (a, from_a) = millstream::rendezvous::<u32>();
            let (b, from_b) = millstream::rendezvous::<u32>();
            let peer = thread::spawn(move || {
                Select::new()
                    .send(&a, 1, |sent| sent.map(|()| 10))
                    .recv(&from_b, |value| Ok(value.unwrap()))
                    .wait()
                    .unwrap()
            });
            let got = Select::new()
                .recv(&from_a, |value| value.unwrap())
                .send(&b, 2, |sent| sent.map_or(0, |()| 20))
                .wait();
            let other = peer.join().unwrap();
            assert!(
                matches!((got, other), (1, 10) | (20, 2)),
                "round {round}: {got} {other}"
            );
        }
    });
}

#[test]
fn a_ring_of_selects_passes_each_token_once() {
    // Each thread both receives from its left and sends to its right, whichever is possible first.
    const THREADS: usize = 3;
    const TOKENS: u32 = 600;
    within(|| {
        let links: Vec<_> = (0..THREADS)
            .map(|_| millstream::rendezvous::<u32>())
            .collect();
        let (done, finished) = millstream::unbounded();
        let threads: Vec<_> = (0..THREADS)
            .map(|n| {
                let from_left = links[n].1.clone();
                let to_right = links[(n + 1) % THREADS].0.clone();
                let done = done.clone();
                thread::spawn(move || {
                    let mut mine: Vec<u32> =
                        (0..TOKENS).filter(|t| *t as usize % THREADS == n).collect();
                    let mut hops = 0;
                    while hops < 2000 {
                        let mut next = mine.pop();
                        let got = Select::new()
                            .recv(&from_left, |value| value.ok())
                            .send_from(&to_right, &mut next, |_| None)
                            .after(Duration::from_millis(1), || None)
                            .wait();
                        mine.extend(next);
                        mine.extend(got);
                        hops += 1;
                    }
                    mine.into_iter()
                        .for_each(|token| done.try_send(token).unwrap());
                })
            })
            .collect();
        for thread in threads {
            thread.join().unwrap();
        }
        let all: Vec<_> = finished.drain().collect();
        let different: HashSet<_> = all.iter().copied().collect();
        assert_eq!(
            (all.len(), different.len()),
            (TOKENS as usize, TOKENS as usize)
        );
    });
}

#[test]
fn a_channel_that_closes_under_load_returns_or_delivers_everything() {
    for capacity in CAPACITIES {
        for round in 0..20 {
            within(move || {
                let (tx, rx) = millstream::bounded(capacity);
                let senders: Vec<_> = (0..3)
                    .map(|_| {
                        let tx = tx.clone();
                        thread::spawn(move || {
                            (0..200u64).filter(|n| tx.send_blocking(*n).is_ok()).count()
                        })
                    })
                    .collect();
                let receiver = thread::spawn({
                    let rx = rx.clone();
                    move || rx.iter().count()
                });
                // Somewhere in the middle of it.
                while rx.stats().delivered() < round * 15 {
                    thread::yield_now();
                }
                assert!(rx.close());
                let sent: usize = senders.into_iter().map(|s| s.join().unwrap()).sum();
                assert_eq!(
                    receiver.join().unwrap(),
                    sent,
                    "capacity {capacity}, round {round}"
                );
            });
        }
    }
}

#[test]
fn a_set_and_its_senders_lose_nothing_when_it_is_dropped_and_made_again() {
    within(|| {
        let channels: Vec<_> = (0..6).map(|n| millstream::bounded::<u64>(n % 3)).collect();
        let senders: Vec<_> = channels
            .iter()
            .enumerate()
            .map(|(n, (tx, _))| {
                let (tx, mut dice) = (tx.clone(), Dice::new(n as u64));
                thread::spawn(move || {
                    (1..500)
                        .filter(|n| tx.send_timeout(*n, 20 * dice.moment()).is_ok())
                        .sum::<u64>()
                })
            })
            .collect();
        let receivers: Vec<_> = channels.into_iter().map(|(_, rx)| rx).collect();
        let (mut sum, mut ended) = (0, HashSet::new());
        while ended.len() < receivers.len() {
            let mut set = SelectSet::new();
            for (n, rx) in receivers
                .iter()
                .enumerate()
                .filter(|(n, _)| !ended.contains(n))
            {
                set.recv(rx, move |value| (n, value));
            }
            for _ in 0..20 {
                match set.wait() {
                    Some((_, Ok(value))) => sum += value,
                    Some((n, Err(_))) => drop(ended.insert(n)),
                    None => break,
                }
            }
        }
        let sent: u64 = senders
            .into_iter()
            .map(|sender| sender.join().unwrap())
            .sum();
        assert_eq!(sum, sent);
    });
}

#[test]
fn an_iterator_that_many_threads_pull_is_pulled_once_for_each_item() {
    within(|| {
        let rx = millstream::from_iter(0..20_000u64);
        let receivers: Vec<_> = (0..4)
            .map(|_| {
                let rx = rx.clone();
                thread::spawn(move || rx.iter().sum::<u64>())
            })
            .collect();
        let sum: u64 = receivers.into_iter().map(|r| r.join().unwrap()).sum();
        assert_eq!(sum, (0..20_000).sum());
    });
}
