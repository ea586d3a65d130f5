//! Bridges between threads and tasks: nothing lost, nothing left running, and no end that is not one.

mod common;

use common::{panic_text, within, Ledger};
use futures_core::Stream;
use millstream::bridge::{from_blocking_iter, run_in_thread, stream_to_iter};
use millstream::runtime::{self, Manual, Timer};
use millstream::{bounded, rendezvous, unbounded, Receiver, RecvError, TryRecvError};
use std::future::pending;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

/// Waits until everything that holds the other end is gone.
fn all_gone(guard: &Receiver<()>) {
    assert_eq!(
        guard.recv_timeout(Duration::from_secs(60)),
        Err(millstream::RecvTimeoutError::Closed)
    );
}

#[test]
fn an_iterator_is_read_in_order_and_to_its_end() {
    within(|| {
        for bound in [0, 1, 16] {
            let rx = from_blocking_iter(0..1000, bound);
            assert_eq!(rx.iter().collect::<Vec<_>>(), (0..1000).collect::<Vec<_>>());
            assert_eq!(rx.recv_blocking(), Err(RecvError));
        }
    });
}

#[test]
fn an_iterator_is_not_read_further_ahead_than_its_bound() {
    within(|| {
        for bound in [0usize, 1, 5] {
            let received = Arc::new(AtomicUsize::new(0));
            let seen = received.clone();
            let rx = from_blocking_iter(
                (1..=500usize).inspect(move |pulled| {
                    let ahead = pulled - seen.load(Ordering::SeqCst);
                    // One more than are kept: the consumer has that one, and is about to count it.
                    assert!(ahead <= bound + 1, "{ahead} ahead of the consumer");
                }),
                bound,
            );
            while rx.recv_blocking().is_ok() {
                received.fetch_add(1, Ordering::SeqCst);
            }
            assert_eq!(received.load(Ordering::SeqCst), 500);
        }
    });
}

#[test]
fn with_a_bound_of_zero_nothing_is_read_that_nobody_waits_for() {
    within(|| {
        let (tell, told) = unbounded();
        let rx = from_blocking_iter(
            std::iter::repeat_with(move || tell.try_send(()).unwrap()),
            0,
        );
        for _ in 0..10 {
            assert_eq!(told.try_recv(), Err(TryRecvError::Empty));
            rx.recv_blocking().unwrap();
            told.recv_blocking().unwrap();
        }
    });
}

#[test]
fn a_reader_ends_when_nobody_wants_what_it_reads() {
    let endless = |guard| {
        std::iter::repeat_with(move || {
            let _ = &guard;
        })
    };
    let (guard, gone) = rendezvous::<()>();
    let rx = from_blocking_iter(endless(guard), 2);
    within(move || {
        rx.recv_blocking().unwrap();
        drop(rx);
        all_gone(&gone);
    });
    // Full, closed, and kept: a thread must not stay for a place that never comes.
    let (guard, gone) = rendezvous::<()>();
    let rx = from_blocking_iter(endless(guard), 2);
    within(move || {
        while rx.len() < 2 {
            std::thread::yield_now();
        }
        rx.close();
        all_gone(&gone);
        assert_eq!(rx.iter().count(), 2);
    });
    // Blocked in the iterator: it ends when that is over.
    let (guard, gone) = rendezvous::<()>();
    let (source, blocks) = rendezvous::<()>();
    let rx = from_blocking_iter(
        std::iter::from_fn(move || {
            let _ = &guard;
            blocks.recv_blocking().ok()
        }),
        2,
    );
    drop(rx);
    drop(source);
    within(move || all_gone(&gone));
}

#[test]
fn a_panic_of_the_iterator_comes_after_what_it_yielded() {
    within(|| {
        let rx = from_blocking_iter((0..).inspect(|n| assert!(*n < 3, "refuses {n}")), 8);
        let mut seen = Vec::new();
        let ended = catch_unwind(AssertUnwindSafe(|| seen.extend(rx.iter())));
        assert_eq!(panic_text(ended.unwrap_err()), "refuses 3");
        assert_eq!(seen, [0, 1, 2]);
    });
}

/// Numbers up to its end, with a turn for others before each; tells how often it was polled and when it goes.
struct Numbers {
    next: u32,
    end: u32,
    ready: bool,
    polls: Arc<AtomicUsize>,
    _held: common::Tracked,
}

impl Stream for Numbers {
    type Item = u32;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<u32>> {
        self.polls.fetch_add(1, Ordering::SeqCst);
        self.ready = !self.ready;
        if self.ready {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        if self.next == self.end {
            return Poll::Ready(None);
        }
        self.next += 1;
        Poll::Ready(Some(self.next - 1))
    }
}

fn numbers(end: u32, ledger: &Ledger) -> (Numbers, Arc<AtomicUsize>) {
    let polls = Arc::new(AtomicUsize::new(0));
    let stream = Numbers {
        next: 0,
        end,
        ready: false,
        polls: polls.clone(),
        _held: ledger.make(0),
    };
    (stream, polls)
}

#[test]
fn a_stream_is_an_iterator_for_a_thread() {
    within(|| {
        for bound in [0, 1, 64] {
            let ledger = Ledger::new();
            let (stream, _) = numbers(500, &ledger);
            let values: Vec<u32> = stream_to_iter(stream, bound).collect();
            assert_eq!(values, (0..500).collect::<Vec<_>>());
        }
    });
}

#[test]
fn a_slow_iterator_holds_up_the_stream_and_not_the_executor() {
    let mut manual = Manual::new();
    let ledger = Ledger::new();
    let (stream, polls) = numbers(100, &ledger);
    let mut iter = {
        let _entered = manual.enter();
        stream_to_iter(stream, 3)
    };
    // It comes back: nothing blocks or spins on this thread.
    manual.run_until_stalled();
    assert_eq!(polls.load(Ordering::SeqCst), 2 * 3);
    assert_eq!((iter.next(), iter.next()), (Some(0), Some(1)));
    manual.run_until_stalled();
    assert_eq!(polls.load(Ordering::SeqCst), 2 * 5);

    let (stream, polls) = numbers(100, &ledger);
    let _waits = {
        let _entered = manual.enter();
        stream_to_iter(stream, 0)
    };
    manual.run_until_stalled();
    assert_eq!(polls.load(Ordering::SeqCst), 0, "nobody has asked");
}

#[test]
fn an_abandoned_iterator_ends_the_driver_wherever_it_is() {
    for taken in 0..6 {
        for pending_at_the_end in [false, true] {
            let mut manual = Manual::new();
            let ledger = Ledger::new();
            let (stream, _) = numbers(if pending_at_the_end { 5 } else { 100 }, &ledger);
            let mut iter = {
                let _entered = manual.enter();
                if pending_at_the_end {
                    stream_to_iter(futures_lite::StreamExt::chain(stream, Silent), 2)
                } else {
                    stream_to_iter(stream, 2)
                }
            };
            for n in 0..taken.min(5) {
                manual.run_until_stalled();
                assert_eq!(iter.next(), Some(n));
            }
            if taken % 2 == 0 {
                manual.run_until_stalled();
            }
            drop(iter);
            manual.run_until_stalled();
            assert_eq!((manual.tasks(), ledger.dropped().len()), (0, 1));
        }
    }
}

/// Neither gives anything nor ends.
struct Silent;

impl Stream for Silent {
    type Item = u32;

    fn poll_next(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<Option<u32>> {
        Poll::Pending
    }
}

#[test]
fn a_panic_of_the_stream_comes_out_of_the_iterator() {
    within(|| {
        let stream = futures_lite::stream::iter(0..).map_panicking(2);
        let mut seen = Vec::new();
        let ended = catch_unwind(AssertUnwindSafe(|| {
            seen.extend(stream_to_iter(stream, 1));
        }));
        assert_eq!(panic_text(ended.unwrap_err()), "refuses 2");
        assert_eq!(seen, [0, 1]);
    });
}

trait MapPanicking: Stream<Item = u32> + Sized {
    fn map_panicking(self, at: u32) -> impl Stream<Item = u32> {
        futures_lite::StreamExt::map(self, move |n| {
            assert!(n < at, "refuses {n}");
            n
        })
    }
}

impl<S: Stream<Item = u32>> MapPanicking for S {}

#[test]
fn a_driver_that_its_runtime_drops_is_not_taken_for_the_end() {
    let mut manual = Manual::new();
    let ledger = Ledger::new();
    let (stream, _) = numbers(100, &ledger);
    let mut iter = {
        let _entered = manual.enter();
        stream_to_iter(stream, 1)
    };
    manual.run_until_stalled();
    drop(manual);
    assert_eq!(iter.next(), Some(0), "what was there is still there");
    let ended = catch_unwind(AssertUnwindSafe(|| iter.next()));
    assert!(panic_text(ended.unwrap_err()).contains("dropped by its runtime"));
}

#[test]
fn a_future_in_a_thread_gives_its_output() {
    within(|| {
        let here = std::thread::current().id();
        let there = run_in_thread(async { std::thread::current().id() });
        assert_ne!(there.recv_blocking().unwrap(), here);
        assert_eq!(there.recv_blocking(), Err(RecvError));
        // It has timers and tasks like any other.
        let value = run_in_thread(async {
            let (tx, rx) = bounded(1);
            runtime::spawn(async move {
                runtime::current().sleep(Duration::from_millis(1)).await;
                tx.send(1).await.unwrap();
            });
            rx.recv().await.unwrap()
        });
        assert_eq!(value.recv_blocking(), Ok(1));
    });
}

#[test]
fn a_future_in_a_thread_has_the_runtime_of_whoever_started_it() {
    within(|| {
        let mut manual = Manual::new();
        let spawned = {
            let _entered = manual.enter();
            run_in_thread(async { runtime::spawn(async {}) })
        };
        spawned.recv_blocking().unwrap();
        assert_eq!(manual.tasks(), 1);
        manual.run_until_stalled();
    });
}

#[test]
fn a_panic_in_a_thread_comes_out_of_the_receive() {
    within(|| {
        let rx = run_in_thread(async { panic!("on purpose") as u32 });
        let ended = catch_unwind(AssertUnwindSafe(|| rx.recv_blocking()));
        assert_eq!(panic_text(ended.unwrap_err()), "on purpose");
        let rx = run_in_thread(async { panic!("on purpose") as u32 });
        let ended = catch_unwind(AssertUnwindSafe(|| millstream::block_on(rx.recv())));
        assert_eq!(panic_text(ended.unwrap_err()), "on purpose");
    });
}

#[test]
fn a_future_in_a_thread_is_dropped_when_nobody_waits_for_it() {
    within(|| {
        for close in [false, true] {
            let (guard, gone) = rendezvous::<()>();
            let (started, has_started) = rendezvous();
            let rx = run_in_thread(async move {
                let _guard = guard;
                started.send(()).await.unwrap();
                pending::<()>().await;
            });
            has_started.recv_blocking().unwrap();
            if close {
                rx.close();
            } else {
                drop(rx);
            }
            all_gone(&gone);
        }
    });
}
