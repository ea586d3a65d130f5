//! Stages on threads whose workers panic, whose functions fail and whose consumers leave.
//!
//! The workers are shuttle's threads, as the engine makes them by its own `sync`. A panic is raised without the panic
//! hook, which shuttle has for its own use.

use crate::ledger::{Ledger, Token};
use crate::support::{draw, explore_times, poll_a_while};
use millstream::{pipe, Receiver};
use shuttle::thread;
use std::panic::{catch_unwind, resume_unwind, AssertUnwindSafe};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::Arc;

/// How many schedules of each kind are run.
const SCHEDULES: usize = 4_000;
const VALUES: usize = 4;

/// The payload of the panics that are meant.
struct Deliberate;

/// A producer of a few values on a thread of its own; with `stays` it ends when the stage lets go of its input.
fn produce(ledger: &Ledger, stays: bool) -> (Receiver<Token>, thread::JoinHandle<()>) {
    let (tx, rx) = millstream::bounded(draw(3));
    let ledger = ledger.clone();
    let producer = thread::spawn(move || {
        for number in 0..VALUES {
            if tx.send_blocking(ledger.token(0, number)).is_err() {
                break;
            }
            ledger.sent();
        }
        if stays {
            millstream::block_on(tx.closed());
        }
    });
    (rx, producer)
}

fn stage() -> (pipe::Threads, bool) {
    let is_ordered = draw(2) == 0;
    let threads = pipe::threads(1 + draw(3))
        .batch(1 + draw(2))
        .capacity(draw(3));
    match is_ordered {
        true => (threads.ordered(), true),
        false => (threads, false),
    }
}

/// Receives until the end or a panic, and says which, and what came before.
fn consume(rx: &Receiver<Token>, ledger: &Ledger) -> (Vec<usize>, bool) {
    let mut numbers = Vec::new();
    loop {
        match catch_unwind(AssertUnwindSafe(|| rx.recv_blocking())) {
            Ok(Ok(token)) => {
                ledger.received(&token);
                numbers.push(token.number);
            }
            Ok(Err(_)) => return (numbers, false),
            Err(payload) => {
                assert!(payload.is::<Deliberate>(), "a panic that was not meant");
                return (numbers, true);
            }
        }
    }
}

#[test]
fn a_worker_that_panics_is_no_end() {
    explore_times("a worker that panics", SCHEDULES, || {
        let ledger = Ledger::default();
        let panics_at = draw(VALUES + 1);
        let (rx, producer) = produce(&ledger, panics_at < VALUES);
        let (stage, is_ordered) = stage();
        let results = stage.map(rx, move |token: Token| {
            if token.number == panics_at {
                resume_unwind(Box::new(Deliberate));
            }
            token
        });
        let (numbers, has_panicked) = consume(&results, &ledger);
        assert_eq!(
            has_panicked,
            panics_at < VALUES,
            "it comes out, and is no end"
        );
        if is_ordered {
            let expected: Vec<_> = (0..VALUES.min(panics_at)).collect();
            assert_eq!(numbers, expected, "exactly what comes before it");
        } else if !has_panicked {
            assert_eq!(numbers.len(), VALUES, "everything");
        }
        drop(results);
        producer.join().unwrap();
    });
}

#[test]
fn a_function_that_fails_ends_its_stage() {
    explore_times("a function that fails", SCHEDULES, || {
        let ledger = Ledger::default();
        let (rx, producer) = produce(&ledger, true);
        let (stage, is_ordered) = stage();
        let fails_at = draw(VALUES);
        let results = stage.try_map(rx, move |token: Token| match token.number == fails_at {
            true => Err(token),
            false => Ok(token),
        });
        let mut numbers = Vec::new();
        let mut failures = 0;
        while let Ok(result) = results.recv_blocking() {
            failures += usize::from(result.is_err());
            let (Ok(token) | Err(token)) = result;
            ledger.received(&token);
            numbers.push(token.number);
        }
        assert_eq!(failures, 1, "the error came, once");
        if is_ordered {
            assert_eq!(
                numbers,
                (0..=fails_at).collect::<Vec<_>>(),
                "and is the last"
            );
        }
        drop(results);
        producer.join().unwrap();
    });
}

#[test]
fn a_consumer_that_leaves_ends_both_stages() {
    explore_times("a consumer that leaves", SCHEDULES, || {
        let ledger = Ledger::default();
        let (rx, producer) = produce(&ledger, true);
        let functions = Arc::new(AtomicUsize::new(0));
        let mut rx = rx;
        for _ in 0..2 {
            let counted = Counted::new(&functions);
            rx = stage().0.flat_map(rx, move |token: Token| {
                let _ = &counted;
                Some(token)
            });
        }
        for _ in 0..draw(3) {
            match poll_a_while(&mut rx.recv()) {
                Some(Ok(token)) => ledger.received(&token),
                Some(Err(_)) => break,
                None => {}
            }
        }
        drop(rx);
        // The stages let go of their inputs, one after the other, and their threads end.
        producer.join().unwrap();
        while functions.load(SeqCst) > 0 {
            thread::yield_now();
        }
        ledger.settle(VALUES);
    });
}

/// Counted as long as a stage has its function.
struct Counted(Arc<AtomicUsize>);

impl Counted {
    fn new(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, SeqCst);
        Counted(count.clone())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, SeqCst);
    }
}
