//! `limit`: what nothing that goes through shared memory, another processor, a task or a sleeping thread can fall below on this machine.

use std::future::poll_fn;
use std::hint::{black_box, spin_loop};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{Poll, Waker};
use std::thread;
use std::time::Instant;

use super::runtimes::{Executes, Spawns, Tokio, TokioThread, TokioWorkers};
use crate::cell::{Cells, Peer, Run, Spec, Tally, Unit};
use crate::peers::Standing;

pub const ATOMIC: &str = "limit/atomic";
pub const CACHE_LINE: &str = "limit/cache-line";
pub const TASK: &str = "limit/task";
const TASK_TWO_WORKERS: &str = "limit/task-2w";
const THREAD: &str = "limit/thread";

pub fn enter(cells: &mut Cells) {
    let peer = |name, why| Peer::of("std", name).standing(Standing::Floor(why));
    let spec = |name: &str, unit, messages| Spec {
        name: name.to_owned(),
        unit,
        messages,
    };
    cells.enter(
        spec(ATOMIC, Unit::Item, 2_000_000),
        peer(
            "atomic-exchange",
            "one atomic exchange that nobody else wants",
        ),
        exchange,
    );
    cells.enter(
        spec(CACHE_LINE, Unit::RoundTrip, 50_000),
        peer(
            "spinning-threads",
            "two threads change a number in turn, spinning with exchanges: two transfers of a cache line",
        ),
        pass_to_and_fro,
    );
    cells.enter(
        spec(TASK, Unit::RoundTrip, 200_000),
        peer(
            "waking-tasks",
            "two tasks wake each other in turn: two wake-ups and two polls",
        ),
        |messages| TokioThread::run(Box::pin(wake_in_turn(messages))),
    );
    cells.enter(
        spec(TASK_TWO_WORKERS, Unit::RoundTrip, 50_000),
        peer(
            "waking-tasks",
            "two tasks wake each other in turn: two wake-ups and two polls",
        ),
        |messages| TokioWorkers::run(Box::pin(wake_in_turn(messages))),
    );
    cells.enter(
        spec(THREAD, Unit::RoundTrip, 5_000),
        peer(
            "parking-threads",
            "two threads wake each other in turn: two system calls and two switches",
        ),
        wake_threads_in_turn,
    );
}

fn exchange(messages: usize) -> Run {
    let place = AtomicUsize::new(0);
    let mut received = Tally::default();
    let started = Instant::now();
    for value in 0..messages {
        place.swap(black_box(value), Ordering::AcqRel);
        received.add(value);
    }
    Run {
        elapsed: started.elapsed(),
        received,
    }
}

/// Two threads that spin: one makes the turn odd, the other makes it even again.
///
/// They look by trying to change it, which fetches the line for writing. A load would fetch it for reading first, and the
/// store after it once more for writing: twice the time for a round trip.
fn pass_to_and_fro(messages: usize) -> Run {
    let turn = &AtomicUsize::new(0);
    let take = |wanted| {
        while turn
            .compare_exchange(wanted, wanted + 1, Ordering::AcqRel, Ordering::Relaxed)
            .is_err()
        {
            spin_loop();
        }
    };
    thread::scope(|scope| {
        scope.spawn(move || (0..messages).for_each(|value| take(2 * value + 1)));
        let mut received = Tally::default();
        let started = Instant::now();
        for value in 0..messages {
            take(2 * value);
            received.add(value);
        }
        // The last of them is still on its way back.
        while turn.load(Ordering::Acquire) != 2 * messages {
            spin_loop();
        }
        Run {
            elapsed: started.elapsed(),
            received,
        }
    })
}

/// Two threads that sleep: one makes the turn odd, the other makes it even again.
fn wake_threads_in_turn(messages: usize) -> Run {
    let turn = &AtomicUsize::new(0);
    let asking = thread::current();
    let until = |wanted| {
        while turn.load(Ordering::Acquire) != wanted {
            thread::park();
        }
    };
    thread::scope(|scope| {
        let answering = scope.spawn(move || {
            for value in 0..messages {
                until(2 * value + 1);
                turn.store(2 * value + 2, Ordering::Release);
                asking.unpark();
            }
        });
        let mut received = Tally::default();
        let started = Instant::now();
        for value in 0..messages {
            turn.store(2 * value + 1, Ordering::Release);
            answering.thread().unpark();
            until(2 * value + 2);
            received.add(value);
        }
        Run {
            elapsed: started.elapsed(),
            received,
        }
    })
}

/// Whose turn it is, and how the other one is told.
#[derive(Default)]
struct Turns {
    turn: AtomicUsize,
    wakers: [OnceLock<Waker>; 2],
}

impl Turns {
    /// Waits until the turn is `wanted`, which is of this side's parity, and passes it on.
    async fn take(&self, side: usize, wanted: usize) {
        poll_fn(|context| {
            // A task's waker stays good for as long as the task is there.
            self.wakers[side].get_or_init(|| context.waker().clone());
            if self.turn.load(Ordering::Acquire) == wanted {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
        self.turn.store(wanted + 1, Ordering::Release);
        if let Some(other) = self.wakers[1 - side].get() {
            other.wake_by_ref();
        }
    }
}

async fn wake_in_turn(messages: usize) -> Run {
    let turns = Arc::new(Turns::default());
    let answering = Tokio::spawn({
        let turns = Arc::clone(&turns);
        async move {
            for value in 0..messages {
                turns.take(1, 2 * value + 1).await;
            }
        }
    });
    let asking = Tokio::spawn(async move {
        let mut received = Tally::default();
        let started = Instant::now();
        for value in 0..messages {
            turns.take(0, 2 * value).await;
            received.add(value);
        }
        Run {
            elapsed: started.elapsed(),
            received,
        }
    });
    let run = asking.await;
    answering.await;
    run
}
