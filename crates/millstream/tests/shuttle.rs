//! Shapes of the engine too large to run under every schedule: shuttle runs many, drawn at random; see `ci/shuttle`.
//!
//! Each shape is run by a scheduler that draws every step and by one that draws a few changes of priority.
//! Both print their seed, and a failure prints the schedule that failed: `SHUTTLE_RANDOM_SEED` draws the same
//! schedules again, and `SHUTTLE_SCHEDULE` runs the one that failed.

#![cfg(shuttle)]

use millstream::{Receiver, Select, SelectSet, Sender};
use shuttle::rand::{thread_rng, Rng};
use shuttle::scheduler::{PctScheduler, RandomScheduler, Scheduler};
use shuttle::{thread, Config, Runner};
use std::collections::HashMap;
use std::future::Future;
use std::hash::{BuildHasher, RandomState};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

/// How many schedules of each kind are run of each shape.
const SCHEDULES: usize = 15_000;
/// How many changes of priority the second scheduler draws.
const DEPTH: usize = 4;

/// Runs `model` under schedules of each kind.
fn explore(shape: &str, model: fn()) {
    if let Ok(schedule) = std::env::var("SHUTTLE_SCHEDULE") {
        return shuttle::replay(model, &schedule);
    }
    let given = std::env::var("SHUTTLE_RANDOM_SEED").ok();
    let seed = given.map_or_else(
        || RandomState::new().hash_one(shape),
        |seed| seed.parse().expect("a seed is a number"),
    );
    run(
        shape,
        seed,
        RandomScheduler::new_from_seed(seed, SCHEDULES),
        model,
    );
    run(
        shape,
        seed,
        PctScheduler::new_from_seed(seed, DEPTH, SCHEDULES),
        model,
    );
}

fn run(shape: &str, seed: u64, scheduler: impl Scheduler + 'static, model: fn()) {
    let kind = std::any::type_name_of_val(&scheduler);
    let kind = kind.rsplit("::").next().unwrap_or(kind);
    println!("{shape}, {kind}: seed {seed}");
    let started = Instant::now();
    let mut config = Config::new();
    config.silence_warnings = true;
    let schedules = Runner::new(scheduler, config).run(model);
    let took = started.elapsed();
    println!("{shape}, {kind}: {schedules} schedules in {took:.1?}");
    assert_eq!(schedules, SCHEDULES);
}

/// A number below `bound`, drawn with the schedule.
fn draw(bound: usize) -> usize {
    thread_rng().gen_range(0..bound)
}

/// A moment that is over: whoever waits until then may stop waiting at any step.
fn at_any_moment() -> Instant {
    Instant::now() - Duration::from_secs(1)
}

/// Polls a future a few times, with steps of others in between; `None` if it is not ready by then.
fn poll_a_while<F: Future + Unpin>(future: &mut F) -> Option<F::Output> {
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..=draw(3) {
        if let Poll::Ready(output) = Pin::new(&mut *future).poll(&mut context) {
            return Some(output);
        }
        thread::yield_now();
    }
    None
}

/// Waits for a future, at times after it was polled under a waker that wakes nobody.
fn wait_for<F: Future + Unpin>(mut future: F) -> F::Output {
    let early = match draw(2) {
        0 => poll_a_while(&mut future),
        _ => None,
    };
    early.unwrap_or_else(|| millstream::block_on(future))
}

/// Counts what became of the values of a run.
#[derive(Clone, Default)]
struct Ledger(Arc<Totals>);

#[derive(Default)]
struct Totals {
    made: AtomicUsize,
    sent: AtomicUsize,
    received: AtomicUsize,
    gone: AtomicUsize,
}

/// A value that knows who sent it, and when.
struct Token {
    producer: usize,
    number: usize,
    ledger: Ledger,
}

impl Ledger {
    fn token(&self, producer: usize, number: usize) -> Token {
        self.0.made.fetch_add(1, SeqCst);
        Token {
            producer,
            number,
            ledger: self.clone(),
        }
    }

    fn sent(&self) {
        self.0.sent.fetch_add(1, SeqCst);
    }

    fn received(&self, token: &Token) {
        assert!(Arc::ptr_eq(&token.ledger.0, &self.0), "a value of this run");
        self.0.received.fetch_add(1, SeqCst);
    }

    /// The sums at the end, when nothing is inside any more. `lost` says how many may have been dropped inside.
    fn settle(self, lost: usize) {
        let [made, sent, received, gone] =
            [&self.0.made, &self.0.sent, &self.0.received, &self.0.gone]
                .map(|count| count.load(SeqCst));
        assert_eq!(made, gone, "each value is dropped once");
        // A send that was given up may have been sent all the same, so that more may be received than known.
        assert!(received <= made, "{received} of {made}");
        assert!(sent <= received + lost, "{sent} sent, {received} received");
    }
}

impl Drop for Token {
    fn drop(&mut self) {
        self.ledger.0.gone.fetch_add(1, SeqCst);
    }
}

/// Checks that the values of one producer arrive in the order in which they were sent.
#[derive(Default)]
struct Order(HashMap<usize, usize>);

impl Order {
    fn check(&mut self, token: &Token) {
        let before = self.0.insert(token.producer, token.number);
        assert!(before < Some(token.number), "{before:?} came first");
    }
}

/// What one select came to.
enum Turn {
    Sent,
    Received,
    GivenUp,
    Stopped,
}

/// One select: sends on its own channel or receives from one of all, until it is told to stop. With
/// `patience` it waits; without, it may be given up.
fn turn(
    own: &Sender<Token>,
    all: &[Receiver<Token>; 3],
    stop: &Receiver<()>,
    ledger: &Ledger,
    slot: &mut Option<Token>,
    patience: bool,
) -> Turn {
    let received = |got: Result<Token, _>| {
        ledger.received(&got.expect("the senders are there"));
        Turn::Received
    };
    let mut select = Select::new()
        .send_from(own, slot, |sent| {
            sent.expect("the receivers are there");
            ledger.sent();
            Turn::Sent
        })
        .recv(&all[0], received)
        .recv(&all[1], received)
        .recv(&all[2], received)
        .recv(stop, |_| Turn::Stopped);
    match patience {
        true => wait_for(select),
        false => poll_a_while(&mut select).unwrap_or(Turn::GivenUp),
    }
}

#[test]
fn three_selects_over_three_channels() {
    explore("three selects over three channels", || {
        let ledger = Ledger::default();
        let channels: Vec<_> = (0..3)
            .map(|_| millstream::bounded::<Token>(draw(2)))
            .collect();
        let (stop, stopped) = millstream::rendezvous::<()>();
        let mut selects = Vec::new();
        for own in 0..3 {
            let tx = channels[own].0.clone();
            let all = [0, 1, 2].map(|each| channels[each].1.clone());
            let (stopped, ledger) = (stopped.clone(), ledger.clone());
            selects.push(thread::spawn(move || {
                for number in 0.. {
                    let mut slot = Some(ledger.token(own, number));
                    match turn(&tx, &all, &stopped, &ledger, &mut slot, draw(3) > 0) {
                        Turn::Sent => assert!(slot.is_none(), "it was sent"),
                        Turn::Received => assert!(slot.is_some(), "a losing value comes back"),
                        Turn::GivenUp => {}
                        Turn::Stopped => break,
                    }
                    // The selects could go on among themselves for ever: the producers get their turn.
                    thread::yield_now();
                }
            }));
        }
        // Whatever these send on, the selects receive from: each send comes to its end.
        let producers: Vec<_> = (3..5)
            .map(|producer| {
                let txs: Vec<_> = channels.iter().map(|(tx, _)| tx.clone()).collect();
                let ledger = ledger.clone();
                thread::spawn(move || {
                    for number in 0..3 {
                        let tx = &txs[draw(3)];
                        let token = ledger.token(producer, number);
                        let sent = match draw(3) {
                            0 => poll_a_while(&mut tx.send(token)).is_some(),
                            1 => tx.send_deadline(token, at_any_moment()).is_ok(),
                            _ => wait_for(tx.send(token)).is_ok(),
                        };
                        if sent {
                            ledger.sent();
                        }
                    }
                })
            })
            .collect();
        for producer in producers {
            producer.join().unwrap();
        }
        drop(stop);
        for select in selects {
            select.join().unwrap();
        }
        for (tx, rx) in channels {
            drop(tx);
            for token in rx {
                ledger.received(&token);
            }
        }
        ledger.settle(0);
    });
}

/// Sends one value in one of the ways there are; whether it was certainly sent.
fn send_somehow(tx: &Sender<Token>, token: Token) -> bool {
    match draw(6) {
        0 => poll_a_while(&mut tx.send(token)).is_some_and(|sent| sent.is_ok()),
        1 => tx.send_deadline(token, at_any_moment()).is_ok(),
        2 => tx.try_send(token).is_ok(),
        3 => match poll_a_while(&mut tx.reserve()) {
            Some(Ok(permit)) => permit.send(token).is_ok(),
            _ => false,
        },
        4 => match wait_for(tx.reserve()) {
            Ok(permit) if draw(2) == 0 => permit.send(token).is_ok(),
            permit => {
                drop(permit);
                false
            }
        },
        _ => wait_for(tx.send(token)).is_ok(),
    }
}

/// Receives in one of the ways there are; `false` at the end of the channel.
fn receive_somehow(rx: &Receiver<Token>, mut each: impl FnMut(Token)) -> bool {
    match draw(6) {
        0 => poll_a_while(&mut rx.recv()).is_none_or(|got| got.map(&mut each).is_ok()),
        1 => match rx.recv_deadline(at_any_moment()) {
            Ok(token) => {
                each(token);
                true
            }
            Err(error) => error == millstream::RecvTimeoutError::Timeout,
        },
        2 => match wait_for(rx.claim()) {
            Ok(claim) if draw(2) == 0 => {
                each(claim.take());
                true
            }
            claim => claim.is_ok(),
        },
        3 => {
            let mut some = Vec::new();
            let count = millstream::block_on(rx.recv_many(&mut some, 2));
            some.into_iter().for_each(each);
            count > 0
        }
        _ => wait_for(rx.recv()).map(each).is_ok(),
    }
}

/// Four producers and four consumers; `quitting` consumers leave early, and with the last what is inside.
fn four_by_four(quitting: bool) {
    let ledger = Ledger::default();
    let (tx, rx) = millstream::bounded::<Token>(draw(3));
    let producers: Vec<_> = (0..4)
        .map(|producer| {
            let (tx, ledger) = (tx.clone(), ledger.clone());
            thread::spawn(move || {
                for number in 0..3 {
                    if send_somehow(&tx, ledger.token(producer, number)) {
                        ledger.sent();
                    }
                }
            })
        })
        .collect();
    drop(tx);
    let consumers: Vec<_> = (0..4)
        .map(|_| {
            let (rx, ledger) = (rx.clone(), ledger.clone());
            thread::spawn(move || {
                let mut order = Order::default();
                let mut patience = if quitting { draw(4) } else { usize::MAX };
                while patience > 0
                    && receive_somehow(&rx, |token| {
                        ledger.received(&token);
                        order.check(&token);
                    })
                {
                    patience -= 1;
                }
            })
        })
        .collect();
    drop(rx);
    for thread in producers.into_iter().chain(consumers) {
        thread.join().unwrap();
    }
    ledger.settle(if quitting { 12 } else { 0 });
}

#[test]
fn four_producers_and_four_consumers() {
    explore("four producers and four consumers", || four_by_four(false));
}

#[test]
fn four_producers_and_four_consumers_that_leave() {
    explore("four consumers that leave", || four_by_four(true));
}

#[test]
fn a_select_set_and_four_producers() {
    explore("a select set and four producers", || {
        let ledger = Ledger::default();
        let mut set = SelectSet::new();
        let mut producers = Vec::new();
        let mut receivers = Vec::new();
        for producer in 0..4 {
            let (tx, rx) = millstream::bounded::<Token>(draw(3));
            receivers.push(rx.clone());
            set.recv(rx, |got| got.ok());
            let ledger = ledger.clone();
            producers.push(thread::spawn(move || {
                for number in 0..3 {
                    if send_somehow(&tx, ledger.token(producer, number)) {
                        ledger.sent();
                    }
                }
            }));
        }
        // Somebody else now and then receives from the same channels.
        let other = thread::spawn({
            let ledger = ledger.clone();
            move || {
                for _ in 0..2 {
                    let rx = &receivers[draw(4)];
                    if let Ok(token) = rx.recv_deadline(at_any_moment()) {
                        ledger.received(&token);
                    }
                }
            }
        });
        let mut order = Order::default();
        while !set.is_empty() {
            // Given up at times, and then left alone for a while.
            let next = match draw(3) {
                0 => poll_a_while(&mut set.next()),
                _ => Some(wait_for(set.next())),
            };
            if let Some(Some(Some(token))) = next {
                ledger.received(&token);
                order.check(&token);
            }
        }
        drop(set);
        for thread in producers {
            thread.join().unwrap();
        }
        other.join().unwrap();
        ledger.settle(0);
    });
}
