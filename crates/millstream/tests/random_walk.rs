//! Random walks over every operation at once, on one thread: no step loses a value or a wake-up.

mod common;

use common::buffer::Plan;
use common::Bell;
use millstream::{Receiver, Select, SelectSet, Sender, TryRecvError, WeakReceiver};
use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::future::{poll_fn, Future};
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;

/// A small generator with a seed: a walk that fails can be walked again.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % bound
    }
}

/// What became of the values.
#[derive(Default)]
struct Log {
    sent: Vec<u32>,
    refused: Vec<u32>,
    got: Vec<u32>,
}

/// One operation that is under way.
struct Walker {
    name: &'static str,
    future: Pin<Box<dyn Future<Output = ()>>>,
    bell: Bell,
    /// Set when what it holds is to be used; a permit or a claim is held until then.
    go_on: Rc<Cell<bool>>,
    /// Whether it waits for `go_on` and not for the channel.
    holds: Rc<Cell<bool>>,
    was_polled: bool,
}

type Channel = (Sender<u32>, Receiver<u32>);

struct Walk {
    dice: Dice,
    channels: [Option<Channel>; 2],
    weak: [WeakReceiver<u32>; 2],
    walkers: Vec<Walker>,
    log: Rc<RefCell<Log>>,
    next: u32,
    seed: u64,
    /// Whether every value that was sent must be received in the end.
    keeps_all: bool,
}

impl Walk {
    fn new(seed: u64, keeps_all: bool, channels: [Channel; 2]) -> Self {
        Walk {
            dice: Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1),
            weak: channels.each_ref().map(|(_, rx)| rx.downgrade()),
            channels: channels.map(Some),
            walkers: Vec::new(),
            log: Rc::default(),
            next: 0,
            seed,
            keeps_all,
        }
    }

    fn value(&mut self) -> u32 {
        self.next += 1;
        self.next
    }

    /// A new operation on a channel that is open on this side.
    fn start(&mut self) {
        let (number, kind) = (self.dice.below(2), self.dice.below(10));
        let Some((tx, rx)) = self.channels[number].clone() else {
            return;
        };
        let other = self.channels[1 - number].clone();
        let (value, spare) = (self.value(), self.value());
        let (go_on, holds) = (Rc::new(Cell::new(false)), Rc::new(Cell::new(false)));
        let hold = {
            let (go_on, holds) = (go_on.clone(), holds.clone());
            move || {
                holds.set(true);
                let go_on = go_on.clone();
                poll_fn(move |_| {
                    if go_on.get() {
                        Poll::Ready(())
                    } else {
                        Poll::Pending
                    }
                })
            }
        };
        let log = self.log.clone();
        let note = move |sent: bool, value: u32| {
            let mut log = log.borrow_mut();
            if sent {
                &mut log.sent
            } else {
                &mut log.refused
            }
            .push(value);
        };
        let log = self.log.clone();
        let got = move |value: u32| log.borrow_mut().got.push(value);
        let (name, future): (_, Pin<Box<dyn Future<Output = ()>>>) = match kind {
            0 | 1 => (
                "send",
                Box::pin(async move { note(tx.send(value).await.is_ok(), value) }),
            ),
            2 | 3 => (
                "recv",
                Box::pin(async move { rx.recv().await.into_iter().for_each(got) }),
            ),
            4 => (
                "recv_many",
                Box::pin(async move {
                    let mut batch = Vec::new();
                    rx.recv_many(&mut batch, 2).await;
                    batch.into_iter().for_each(got);
                }),
            ),
            5 => (
                "reserve",
                Box::pin(async move {
                    if let Ok(permit) = tx.reserve().await {
                        hold().await;
                        note(permit.send(value).is_ok(), value);
                    }
                }),
            ),
            6 => (
                "claim",
                Box::pin(async move {
                    if let Ok(claim) = rx.claim().await {
                        hold().await;
                        got(claim.take());
                    }
                }),
            ),
            7 => ("drained", Box::pin(async move { rx.drained().await })),
            8 if value % 2 == 0 => (
                "select",
                Box::pin(async move {
                    let (mut slot, other) = (Some(value), other);
                    let from_other = other.as_ref().map(|(_, rx)| rx);
                    Select::new()
                        .send_from(&tx, &mut slot, |sent| note(sent.is_ok(), value))
                        .recv(from_other, |value| value.into_iter().for_each(got))
                        .await;
                }),
            ),
            8 => (
                "select of rights",
                Box::pin(async move {
                    let (tx, rx) = (&tx, &rx);
                    let from_other = other.as_ref().map(|(_, rx)| rx.recv());
                    let permit = Select::new()
                        .reserve(tx, |permit| permit.ok())
                        .arm(rx.claim(), |claim| {
                            claim.into_iter().for_each(|claim| got(claim.take()));
                            None
                        })
                        .arm(from_other, |value| {
                            value.into_iter().for_each(&got);
                            None
                        })
                        .await;
                    if let Some(permit) = permit {
                        hold().await;
                        note(permit.send(value).is_ok(), value);
                    }
                }),
            ),
            _ => (
                "set",
                Box::pin(async move {
                    let mut set = SelectSet::new();
                    let got = Rc::new(got);
                    // A set's closures are sendable, so they hand out what this task then notes.
                    set.recv(rx, |value| (value.ok(), None));
                    if let Some((to_other, _)) = other {
                        set.send(to_other, spare, move |sent| {
                            (None, Some((sent.is_ok(), spare)))
                        });
                    }
                    for _ in 0..3 {
                        let Some((value, sent)) = set.next().await else {
                            break;
                        };
                        value.into_iter().for_each(|value| got(value));
                        sent.into_iter().for_each(|(sent, value)| note(sent, value));
                    }
                }),
            ),
        };
        self.walkers.push(Walker {
            name,
            future,
            bell: Bell::new(),
            go_on,
            holds,
            was_polled: false,
        });
    }

    /// Polls one operation. One that was not woken must still have to wait: or a wake-up was lost.
    fn poll(&mut self, number: usize) {
        let walker = &mut self.walkers[number];
        let may_be_ready = walker.bell.rings() > 0 || !walker.was_polled || walker.go_on.get();
        walker.was_polled = true;
        let held = walker.holds.get();
        let is_done = walker.bell.poll(&mut walker.future).is_ready();
        if is_done || walker.holds.get() != held {
            assert!(
                may_be_ready,
                "seed {}: {} was not woken",
                self.seed, walker.name
            );
        }
        if is_done {
            drop(self.walkers.swap_remove(number));
        }
    }

    fn step(&mut self) {
        let count = self.walkers.len();
        match self.dice.below(12) {
            0..=3 if count < 8 => self.start(),
            4..=7 if count > 0 => {
                let number = self.dice.below(count);
                self.poll(number);
            }
            8 if count > 0 => {
                let number = self.dice.below(count);
                drop(self.walkers.swap_remove(number));
            }
            9 if count > 0 => {
                let number = self.dice.below(count);
                self.walkers[number].go_on.set(true);
                self.poll(number);
            }
            10 => self.attempt(),
            11 if self.dice.below(40) == 0 => self.close(),
            _ => {}
        }
    }

    /// Something that needs no waiting.
    fn attempt(&mut self) {
        let (number, value) = (self.dice.below(2), self.value());
        let Some((tx, rx)) = self.channels[number].clone() else {
            return;
        };
        let (len, is_full) = (rx.len(), tx.is_full());
        if self.dice.below(2) == 0 {
            let sent = tx.try_send(value);
            assert_eq!(
                is_full,
                sent.is_err_and(|error| error.is_full()),
                "seed {}",
                self.seed
            );
            let mut log = self.log.borrow_mut();
            if sent.is_ok() {
                &mut log.sent
            } else {
                &mut log.refused
            }
            .push(value);
        } else {
            let got = rx.try_recv();
            assert_eq!(len > 0, got.is_ok(), "seed {}", self.seed);
            self.log.borrow_mut().got.extend(got);
        }
    }

    fn close(&mut self) {
        let number = self.dice.below(2);
        if self.dice.below(3) == 0 {
            // From here on only the operations under way hold it; with the last receiver go its values.
            self.channels[number] = None;
            self.keeps_all = false;
        } else if let Some((tx, _)) = &self.channels[number] {
            tx.close();
        }
    }

    /// Closes everything, lets everybody come to an end, and counts.
    fn end(mut self) {
        // Those who still hold an end of a channel may wait for somebody on the other.
        let receivers: Vec<_> = self.weak.iter().filter_map(WeakReceiver::upgrade).collect();
        for rx in &receivers {
            rx.close();
        }
        for _ in 0..50 {
            // Receivers that wait, since at capacity 0 a reservation needs one.
            let bell = Bell::new();
            let mut recvs: Vec<_> = receivers.iter().map(|rx| Some(rx.recv())).collect();
            for _ in 0..2 {
                for slot in &mut recvs {
                    if let Some(Poll::Ready(got)) = slot.as_mut().map(|recv| bell.poll(recv)) {
                        *slot = None;
                        self.log.borrow_mut().got.extend(got);
                    }
                }
                for number in (0..self.walkers.len()).rev() {
                    self.walkers[number].go_on.set(true);
                    self.poll(number);
                }
            }
        }
        let left: Vec<_> = self.walkers.iter().map(|walker| walker.name).collect();
        assert!(
            left.is_empty(),
            "seed {}: {left:?} wait for ever",
            self.seed
        );
        for rx in &receivers {
            assert_eq!(
                rx.try_recv(),
                Err(TryRecvError::Closed),
                "seed {}",
                self.seed
            );
        }
        let log = self.log.borrow();
        let got: HashSet<_> = log.got.iter().copied().collect();
        assert_eq!(
            got.len(),
            log.got.len(),
            "seed {}: a value came twice",
            self.seed
        );
        for value in &log.refused {
            assert!(
                !got.contains(value),
                "seed {}: {value} was refused and came",
                self.seed
            );
        }
        for value in log.sent.iter().filter(|_| self.keeps_all) {
            assert!(got.contains(value), "seed {}: {value} is lost", self.seed);
        }
    }
}

fn walk(seeds: std::ops::Range<u64>, keeps_all: bool, channel: fn(usize) -> Channel) {
    for seed in seeds {
        let capacities = [seed as usize % 3, seed as usize / 3 % 3];
        let mut walk = Walk::new(seed, keeps_all, capacities.map(channel));
        for _ in 0..150 {
            walk.step();
        }
        walk.end();
    }
}

#[test]
fn bounded_channels_lose_neither_values_nor_wake_ups() {
    walk(0..2000, true, millstream::bounded);
}

#[test]
fn channels_that_drop_values_lose_no_wake_ups() {
    walk(0..500, false, millstream::dropping);
    walk(0..500, false, millstream::sliding);
}

#[test]
fn buffers_of_ones_own_lose_neither_values_nor_wake_ups() {
    walk(0..1000, true, |capacity| {
        Plan::new().channel(capacity.max(1))
    });
}
