//! Panics in the user's code: the channel stays usable, the others are woken, nothing leaks.

use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::Arc;

use super::{if_offered, over, put};
use crate::drive::{settle, Driven};
use crate::ensure;
use crate::payload::{Ledger, Tracked};
use crate::peer::{Family, Policy, ReceiveEnd, Refused, SendEnd};
use crate::verdict::{Absent, Outcome};
use crate::waker::{Moment, Probe};

/// Whether it panicked does not matter to any case here: a channel may let the panic out or swallow it.
fn survive<X>(act: impl FnOnce() -> X) -> Option<X> {
    catch_unwind(AssertUnwindSafe(act)).ok()
}

/// One value goes in and comes out. Before that, the channel must be empty and nobody must wait.
fn still_works<F: Family>(
    ledger: &Ledger,
    tx: &F::Sender<Tracked>,
    rx: &mut F::Receiver<Tracked>,
) -> Outcome {
    let mut receive = Driven::start(rx.recv()?);
    ensure!(
        !receive.is_done(),
        "after the panic an empty channel has something to receive"
    );
    let mut send = Driven::start(tx.send(ledger.issue(100))?);
    settle(&mut [&mut send, &mut receive]);
    let received = matches!(receive.output(), Some(Ok(value)) if value.id() == 100);
    ensure!(
        received && send.is_done(),
        "after the panic a send and a receive do not meet any more"
    );
    Ok(())
}

/// async-channel, flume and kanal wake in a loop, and the loop ends with the first panic.
pub fn panicking_waker_on_close<F: Family>(family: &F) -> Outcome {
    let policies = [Policy::Rendezvous, Policy::Bounded(1)];
    for panics_first in [true, false] {
        over::<F, u64>(family, &policies, |policy, tx, rx| {
            if policy == Policy::Bounded(1) {
                put(&tx, 0)?;
            }
            let hostile = Probe::panicking(Moment::Wake);
            let mut probes = [hostile.clone(), Probe::counting()];
            if !panics_first {
                probes.reverse();
            }
            let [first, second] = probes;
            let mut sends = [
                Driven::start_with(tx.send(1)?, first),
                Driven::start_with(tx.send(2)?, second),
            ];
            hostile.arm();
            survive(|| drop(rx));
            hostile.disarm();
            for send in &mut sends {
                settle(&mut [send]);
                ensure!(
                    send.is_done(),
                    "the last receiver went, one waker panicked (the first: {panics_first}), and a send sleeps on"
                );
            }
            Ok(())
        })?;
        // A single consumer has nobody to strand: then the senders' half stands alone.
        if_offered(over::<F, u64>(family, &policies, |_, tx, mut rx| {
            let hostile = Probe::panicking(Moment::Wake);
            let mut probes = [hostile.clone(), Probe::counting()];
            if !panics_first {
                probes.reverse();
            }
            let [first, second] = probes;
            let mut second_rx = rx.try_clone()?;
            let mut receives = [
                Driven::start_with(rx.recv()?, first),
                Driven::start_with(second_rx.recv()?, second),
            ];
            hostile.arm();
            survive(|| drop(tx));
            hostile.disarm();
            for receive in &mut receives {
                settle(&mut [receive]);
                ensure!(
                    receive.is_done(),
                    "the last sender went, one waker panicked (the first: {panics_first}), and a receive sleeps on"
                );
            }
            Ok(())
        }))?;
    }
    Ok(())
}

/// The lock is poisoned, or a counter says that somebody waits who does not.
pub fn panicking_waker_on_send<F: Family>(family: &F) -> Outcome {
    let policies = [Policy::Rendezvous, Policy::Bounded(2), Policy::Unbounded];
    over::<F, Tracked>(family, &policies, |_, tx, mut rx| {
        let ledger = Ledger::new();
        let hostile = Probe::panicking(Moment::Wake);
        let mut receive = Driven::start_with(rx.recv()?, hostile.clone());
        hostile.arm();
        let send = survive(|| Ok::<_, Absent>(Driven::start(tx.send(ledger.issue(1))?)));
        hostile.disarm();
        let mut send = send.transpose()?;
        // The task was woken all the same, before the panic.
        settle(&mut [&mut receive]);
        if let Some(send) = &mut send {
            settle(&mut [send, &mut receive]);
        }
        drop(send);
        if receive.output().is_none() && ledger.live() > 0 {
            drop(receive);
            let mut again = Driven::start(rx.recv()?);
            settle(&mut [&mut again]);
            ensure!(
                matches!(again.output(), Some(Ok(value)) if value.id() == 1),
                "the value whose send panicked is inside, and does not come out"
            );
        } else {
            drop(receive);
        }
        ensure!(ledger.live() == 0, "a value is alive that nobody holds");
        still_works::<F>(&ledger, &tx, &mut rx)?;
        drop((tx, rx));
        ensure!(ledger.live() == 0, "a value outlived the channel");
        Ok(())
    })
}

/// The receiver took the value, then woke the sender whose turn it was, and the value went with the panic.
pub fn panicking_waker_on_receive<F: Family>(family: &F) -> Outcome {
    let policies = [Policy::Rendezvous, Policy::Bounded(1)];
    for waits in [false, true] {
        over::<F, Tracked>(family, &policies, |policy, tx, mut rx| {
            let ledger = Ledger::new();
            let buffered = policy == Policy::Bounded(1);
            if buffered {
                put(&tx, ledger.issue(0))?;
            }
            let hostile = Probe::panicking(Moment::Wake);
            let mut send = Driven::start_with(tx.send(ledger.issue(1))?, hostile.clone());
            let mut received = Vec::new();
            hostile.arm();
            let taken = survive(|| -> Result<_, Absent> {
                if waits {
                    Ok(Driven::start(rx.recv()?).cancel().and_then(Result::ok))
                } else {
                    Ok(rx.try_recv().ok())
                }
            });
            hostile.disarm();
            received.extend(taken.transpose()?.flatten());
            settle(&mut [&mut send]);
            // Whatever is still inside comes out now.
            for _ in 0..2 {
                let mut receive = Driven::start(rx.recv()?);
                settle(&mut [&mut send, &mut receive]);
                received.extend(receive.output().and_then(Result::ok));
            }
            let ids: Vec<_> = received.iter().map(Tracked::id).collect();
            let expected = if buffered { vec![0, 1] } else { vec![1] };
            ensure!(
                ids == expected,
                "sent {expected:?}, received {ids:?}, with a panic in the sender's waker"
            );
            ensure!(
                send.is_done(),
                "everything was received, and the send waits"
            );
            drop((received, send));
            still_works::<F>(&ledger, &tx, &mut rx)
        })?;
    }
    Ok(())
}

/// Where the waker goes with its future, or is replaced.
pub fn panicking_waker_drop<F: Family>(family: &F) -> Outcome {
    let policies = [Policy::Rendezvous, Policy::Bounded(1), Policy::Unbounded];
    for replaced in [false, true] {
        over::<F, Tracked>(family, &policies, |policy, tx, mut rx| {
            let ledger = Ledger::new();
            let hostile = Probe::panicking(Moment::Drop);
            let mut receive = Driven::start_with(rx.recv()?, hostile.clone());
            receive.drop_own_waker();
            hostile.arm();
            survive(|| {
                if replaced {
                    receive.poll_with(Probe::counting());
                } else {
                    receive.drop_future();
                }
            });
            hostile.disarm();
            drop(receive);
            ensure!(
                policy != Policy::Rendezvous
                    || matches!(tx.try_send(ledger.issue(7)), Err(Refused::Full(_))),
                "the receive is gone, and a send found it waiting"
            );
            still_works::<F>(&ledger, &tx, &mut rx)?;

            if policy == Policy::Unbounded {
                return Ok(());
            }
            if policy == Policy::Bounded(1) {
                put(&tx, ledger.issue(0))?;
            }
            let hostile = Probe::panicking(Moment::Drop);
            let mut send = Driven::start_with(tx.send(ledger.issue(1))?, hostile.clone());
            send.drop_own_waker();
            hostile.arm();
            survive(|| {
                if replaced {
                    send.poll_with(Probe::counting());
                } else {
                    send.drop_future();
                }
            });
            hostile.disarm();
            drop(send);
            ensure!(
                !ledger.alive().contains(&1),
                "the send is gone, and its value is alive"
            );
            if policy == Policy::Bounded(1) {
                let value = rx.try_recv();
                ensure!(value.is_ok(), "the buffered value is gone");
            }
            still_works::<F>(&ledger, &tx, &mut rx)
        })?;
    }
    Ok(())
}

/// Half a registration is worse than none: a send would complete against it.
pub fn panicking_waker_clone<F: Family>(family: &F) -> Outcome {
    let policies = [Policy::Rendezvous, Policy::Bounded(1), Policy::Unbounded];
    over::<F, Tracked>(family, &policies, |policy, tx, mut rx| {
        let ledger = Ledger::new();
        let hostile = Probe::panicking(Moment::Clone);
        hostile.arm();
        let receive = rx.recv()?;
        survive(|| drop(Driven::start_with(receive, hostile.clone())));
        ensure!(
            hostile.hook_runs() > 0,
            "a receive waits without having cloned its waker"
        );
        ensure!(
            policy != Policy::Rendezvous
                || matches!(tx.try_send(ledger.issue(7)), Err(Refused::Full(_))),
            "the receive is gone, and a send found it waiting"
        );
        still_works::<F>(&ledger, &tx, &mut rx)?;

        if policy == Policy::Unbounded {
            return Ok(());
        }
        if policy == Policy::Bounded(1) {
            put(&tx, ledger.issue(0))?;
        }
        let send = tx.send(ledger.issue(1))?;
        survive(|| drop(Driven::start_with(send, hostile.clone())));
        ensure!(
            !ledger.alive().contains(&1),
            "the send is gone, and its value is alive"
        );
        if policy == Policy::Bounded(1) {
            let value = rx.try_recv();
            ensure!(value.is_ok(), "the buffered value is gone");
        }
        still_works::<F>(&ledger, &tx, &mut rx)
    })
}

/// crossbeam and async-channel drop in a loop of their own, and the loop ends with the first panic.
pub fn panicking_value_drop_leaks<F: Family>(family: &F) -> Outcome {
    let policies = [Policy::Bounded(4), Policy::Unbounded];
    for position in 0..3 {
        over::<F, Tracked>(family, &policies, |_, tx, rx| {
            let ledger = Ledger::new();
            for id in 0..3 {
                let value = ledger.issue(id);
                let hostile = id == position;
                put(
                    &tx,
                    if hostile {
                        value.panicking_on_drop()
                    } else {
                        value
                    },
                )?;
            }
            survive(|| drop(rx));
            survive(|| drop(tx));
            ensure!(
                ledger.live() == 0,
                "value {position} of 3 panicked in its drop, and the values {:?} leaked",
                ledger.alive()
            );
            Ok(())
        })?;
    }
    Ok(())
}

/// The senders were to be woken after the values were dropped.
pub fn panicking_value_drop_strands_senders<F: Family>(family: &F) -> Outcome {
    over::<F, Tracked>(family, &[Policy::Bounded(1)], |_, tx, rx| {
        let ledger = Ledger::new();
        // Asked before anything hostile exists, so that an answer of no harms nobody.
        drop(tx.send(ledger.issue(9))?);
        put(&tx, ledger.issue(0).panicking_on_drop())?;
        let mut send = Driven::start(tx.send(ledger.issue(1))?);
        survive(|| drop(rx));
        settle(&mut [&mut send]);
        ensure!(
            send.is_done(),
            "a queued value panicked in its drop, and the waiting send was not told of the close"
        );
        ensure!(
            matches!(tx.try_send(ledger.issue(2)), Err(Refused::Closed(_))),
            "the channel without a receiver does not say that it is closed"
        );
        drop(send);
        // A channel that keeps its values until now panics now.
        survive(|| drop(tx));
        Ok(())
    })
}

/// array-queue moved its index first, and the slot was lost.
pub fn panicking_value_clone<F: Family>(family: &F) -> Outcome {
    let (tx, mut rx) = family.promise::<Tracked>()?;
    let ledger = Ledger::new();
    let switch = Arc::new(AtomicBool::new(true));
    put(&tx, ledger.issue(1).panicking_on_clone(Arc::clone(&switch)))?;
    let first = survive(|| rx.try_recv().map(|value| value.id()));
    ensure!(
        first.is_none(),
        "a promise answered without a clone: {first:?}"
    );
    let waited = survive(|| {
        rx.recv()
            .map(|receive| Driven::start(receive).cancel().is_some())
    });
    ensure!(
        waited.is_none(),
        "a promise answered without a clone: {waited:?}"
    );
    switch.store(false, SeqCst);
    for _ in 0..2 {
        let value = rx.try_recv();
        ensure!(
            matches!(&value, Ok(value) if value.id() == 1),
            "after the panic the promise answers {value:?}"
        );
    }
    drop((tx, rx));
    ensure!(ledger.live() == 0, "the value outlived the promise");
    Ok(())
}
