//! The few bugs that need a second thread: short races, many times over.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc;
use std::thread;

use super::{failed, over, put};
use crate::drive::{block_on, Driven};
use crate::ensure;
use crate::peer::{Family, Missing, Policy, ReceiveEnd, SendEnd};
use crate::verdict::{Fault, Outcome};

/// How often a race is run. Each costs a wake-up of a thread at most.
const ROUNDS: u64 = 2_000;

/// How far the second sender may be ahead of the receiver.
const AHEAD: usize = 64;

/// tokio: another sender had taken the slot in front and not filled it yet.
pub fn empty_after_completed_send<F: Family>(family: &F) -> Outcome {
    let policies = [Policy::Bounded(1024), Policy::Unbounded];
    over::<F, u64>(family, &policies, |_, tx, mut rx| {
        let stop = AtomicBool::new(false);
        let ahead = AtomicUsize::new(0);
        thread::scope(|scope| {
            scope.spawn(|| {
                // As fast as it can, so that the other's operations meet it in the middle of a send.
                while !stop.load(SeqCst) {
                    if ahead.load(SeqCst) >= AHEAD {
                        thread::yield_now();
                    } else if tx.try_send(0).is_ok() {
                        ahead.fetch_add(1, SeqCst);
                    }
                }
            });
            let outcome = send_then_receive::<F>(&tx, &mut rx, &ahead);
            stop.store(true, SeqCst);
            outcome
        })
    })
}

/// Whenever a send has completed there is a value: this thread receives as often as it sends, and no other receives.
fn send_then_receive<F: Family>(
    tx: &F::Sender<u64>,
    rx: &mut F::Receiver<u64>,
    ahead: &AtomicUsize,
) -> Outcome {
    let received = |value: u64| {
        if value == 0 {
            ahead.fetch_sub(1, SeqCst);
        }
    };
    for round in 1..=10 * ROUNDS {
        put(tx, round)?;
        match rx.try_recv() {
            Ok(value) => received(value),
            Err(missing) => {
                return failed(format!(
                    "round {round}: a send had completed, and a receive said {missing:?}"
                ));
            }
        }
        // What the other sent comes out too, or the queue would grow; but the chase must end.
        for _ in 0..2 * AHEAD {
            match rx.try_recv() {
                Ok(value) => received(value),
                Err(_) => break,
            }
        }
    }
    Ok(())
}

/// How a side does one operation: a send says whether it was accepted, a receive brings the value or the end.
type Sending<F> = fn(&<F as Family>::Sender<u64>, u64) -> Result<bool, Fault>;
type Receiving<F> = fn(&mut <F as Family>::Receiver<u64>) -> Result<Option<u64>, Fault>;

/// Sends and receives `ROUNDS` values between two threads and checks their order.
fn ping<F: Family>(family: &F, send: Sending<F>, receive: Receiving<F>) -> Outcome {
    let policies = [Policy::Rendezvous, Policy::Bounded(1), Policy::Unbounded];
    over::<F, u64>(family, &policies, |_, tx, mut rx| {
        let sender = thread::spawn(move || {
            for value in 0..ROUNDS {
                if !send(&tx, value)? {
                    return failed(format!("send {value} was refused by an open channel"));
                }
            }
            Ok(())
        });
        for value in 0..ROUNDS {
            match receive(&mut rx)? {
                Some(got) if got == value => {}
                other => {
                    drop(rx);
                    // The sender says why, if it knows.
                    sender.join().expect("the sending thread did not panic")?;
                    return failed(format!("receive {value} brought {other:?}"));
                }
            }
        }
        let end = receive(&mut rx)?;
        ensure!(end.is_none(), "after the last value came {end:?}");
        sender.join().expect("the sending thread did not panic")
    })
}

/// The check and the registration are two steps, and the other thread comes between them. The case hangs then.
pub fn lost_wake_between_tasks<F: Family>(family: &F) -> Outcome {
    ping(
        family,
        |tx, value| Ok(block_on(tx.send(value)?).is_ok()),
        |rx| Ok(block_on(rx.recv()?).ok()),
    )
}

/// The same with threads that block. The case hangs then.
pub fn lost_wake_between_threads<F: Family>(family: &F) -> Outcome {
    ping(
        family,
        |tx, value| Ok(tx.send_blocking(value)?.is_ok()),
        |rx| Ok(rx.recv_blocking()?.ok()),
    )
}

/// The value went back, and the thread that could take it sleeps. The case hangs then.
///
/// Whether the thread waits before or after the task, or not yet, differs from round to round; it must not matter.
pub fn lost_wake_between_task_and_thread<F: Family>(family: &F) -> Outcome {
    let policies = [Policy::Bounded(1), Policy::Unbounded];
    over::<F, u64>(family, &policies, |_, tx, mut rx| {
        let mut blocking = rx.try_clone()?;
        let (report, reports) = mpsc::channel();
        let (turn, turns) = mpsc::channel();
        let thread = thread::spawn(move || loop {
            // It stays awake: a thread that has to be woken for its turn comes too late in every round.
            while turns.try_recv() == Err(mpsc::TryRecvError::Empty) {
                thread::yield_now();
            }
            match blocking.recv_blocking() {
                Ok(Ok(value)) => {
                    let _ = report.send(value);
                }
                Ok(Err(Missing::Closed | Missing::Empty)) => return Ok(()),
                Err(absent) => return Err(Fault::from(absent)),
            }
        });
        for round in 0..ROUNDS / 4 {
            let before = (round % 2 == 1).then(|| turn.send(()));
            let receive = Driven::start(rx.recv()?);
            let turned = before.unwrap_or_else(|| turn.send(()));
            // More and less time for the thread to get in line.
            for _ in 0..round % 10 {
                thread::yield_now();
            }
            put(&tx, round)?;
            drop(receive);
            // If the thread has ended, it says why.
            let Some(value) = turned.ok().and_then(|()| reports.recv().ok()) else {
                break;
            };
            ensure!(value == round, "{round} was sent and {value} received");
        }
        drop((tx, turn));
        thread.join().expect("the receiving thread did not panic")
    })
}
