//! The end of a channel: nothing that was accepted is lost, everybody concerned is woken.

use std::sync::mpsc;
use std::thread;

use super::{failed, over, put};
use crate::drive::{settle, Driven};
use crate::ensure;
use crate::payload::{Ledger, Tracked};
use crate::peer::{Family, Missing, Policy, ReceiveEnd, Refused, SendEnd};
use crate::verdict::{Absent, Outcome};

/// How often a race between two threads is run. Each takes a few microseconds.
const ROUNDS: u64 = 2_000;

/// A first receive is matched and set aside, the sender goes, a second one asks.
pub fn closed_before_last_value<F: Family>(family: &F) -> Outcome {
    let policies = [Policy::Bounded(2), Policy::Unbounded];
    over::<F, u64>(family, &policies, |_, tx, mut rx| {
        let mut next_rx = rx.try_clone()?;
        let first = Driven::start(rx.recv()?);
        put(&tx, 1)?;
        drop(tx);
        let mut next = Driven::start(next_rx.recv()?);
        // The first receive was woken and is dropped unpolled. Its value is now for whoever is left.
        drop(first);
        settle(&mut [&mut next]);
        match next.output() {
            Some(Ok(1)) => {}
            Some(Ok(other)) => return failed(format!("received {other}, which nobody sent")),
            Some(Err(_)) => return failed("closed was reported, and the value was never received"),
            None => return failed("the value and the close are both there, and a receive waits"),
        }
        drop(next);
        ensure!(
            next_rx.try_recv() == Err(Missing::Closed),
            "closed is not reported after the last value"
        );
        Ok(())
    })
}

/// flume and std looked at the queue, then at the flag; the last value came in between.
pub fn closed_before_last_value_race<F: Family>(family: &F) -> Outcome {
    let (work, jobs) = mpsc::channel::<F::Sender<u64>>();
    let sender = thread::spawn(move || {
        for (round, tx) in (0..).zip(jobs) {
            let sent = tx.try_send(round).is_ok();
            assert!(sent, "an open channel with room took no value");
        }
    });
    let mut outcome = Ok(());
    for round in 0..ROUNDS {
        let policy = if round % 2 == 0 {
            Policy::Bounded(1)
        } else {
            Policy::Unbounded
        };
        let (tx, mut rx) = family.open(policy)?;
        let _ = work.send(tx);
        let value = loop {
            match rx.try_recv() {
                Err(Missing::Empty) => thread::yield_now(),
                other => break other,
            }
        };
        if value != Ok(round) {
            outcome = failed(format!("{policy}: round {round} ended with {value:?}"));
            break;
        }
    }
    drop(work);
    sender.join().expect("the sending thread ended well");
    outcome
}

/// All of them, not the first only.
pub fn last_sender_wakes_receivers<F: Family>(family: &F) -> Outcome {
    let policies = [Policy::Rendezvous, Policy::Bounded(1), Policy::Unbounded];
    over::<F, u64>(family, &policies, |_, tx, mut rx| {
        let mut second_rx = rx.try_clone().ok();
        let mut first = Driven::start(rx.recv()?);
        let mut second = match &mut second_rx {
            Some(rx) => Some(Driven::start(rx.recv()?)),
            None => None,
        };
        drop(tx);
        settle(&mut [&mut first]);
        ensure!(
            first.output() == Some(Err(Missing::Closed)),
            "the first waiting receive was not told that the last sender went"
        );
        if let Some(second) = &mut second {
            settle(&mut [second]);
            ensure!(
                second.output() == Some(Err(Missing::Closed)),
                "the second waiting receive was not told that the last sender went"
            );
        }
        Ok(())
    })
}

/// All of them, each with its value if the channel gives values back at all.
pub fn last_receiver_wakes_senders<F: Family>(family: &F) -> Outcome {
    let policies = [Policy::Rendezvous, Policy::Bounded(1)];
    over::<F, Tracked>(family, &policies, |policy, tx, rx| {
        let ledger = Ledger::new();
        if policy == Policy::Bounded(1) {
            put(&tx, ledger.issue(0))?;
        }
        let mut sends = Vec::new();
        for id in [1, 2] {
            sends.push((id, Driven::start(tx.send(ledger.issue(id))?)));
        }
        drop(rx);
        for (id, send) in &mut sends {
            settle(&mut [send]);
            match send.output() {
                Some(Err(Some(value))) => {
                    ensure!(
                        value.id() == *id,
                        "send {id} got back the value {}",
                        value.id()
                    );
                }
                Some(Err(None)) => {}
                Some(Ok(())) => {
                    return failed(format!("send {id} completed, and nobody can receive it"))
                }
                None => {
                    return failed(format!(
                        "send {id} was not told that the last receiver went"
                    ))
                }
            }
        }
        drop(sends);
        ensure!(
            ledger.alive().iter().all(|&id| id == 0),
            "the values of refused sends stayed alive"
        );
        Ok(())
    })
}

/// The same as when the last sender goes, with the sender still there.
pub fn explicit_close_wakes_receivers<F: Family>(family: &F) -> Outcome {
    let policies = [Policy::Rendezvous, Policy::Bounded(1), Policy::Unbounded];
    over::<F, u64>(family, &policies, |_, tx, mut rx| {
        let mut closer = rx.try_clone()?;
        let mut waiting = Driven::start(rx.recv()?);
        closer.close()?;
        settle(&mut [&mut waiting]);
        ensure!(
            waiting.output() == Some(Err(Missing::Closed)),
            "the waiting receive was not told of the close"
        );
        drop(tx);
        Ok(())
    })
}

/// tokio had this four times: the permit was the last thing the receive waited for.
pub fn last_permit_wakes_receivers<F: Family>(family: &F) -> Outcome {
    over::<F, u64>(family, &[Policy::Bounded(2)], |_, tx, mut rx| {
        let (Some(unused), Some(used)) = (tx.try_reserve()?, tx.try_reserve()?) else {
            return failed("an empty channel gave no permit");
        };
        rx.close()?;
        let mut receive = Driven::start(rx.recv()?);
        ensure!(
            !receive.is_done(),
            "closed was reported while permits were out"
        );
        ensure!(
            used.send(1).is_ok(),
            "a permit taken before the close was refused"
        );
        settle(&mut [&mut receive]);
        ensure!(
            receive.output() == Some(Ok(1)),
            "what was sent through a permit did not arrive"
        );
        drop(receive);
        let mut receive = Driven::start(rx.recv()?);
        ensure!(
            !receive.is_done(),
            "closed was reported while a permit was out"
        );
        drop(unused);
        settle(&mut [&mut receive]);
        ensure!(
            receive.output() == Some(Err(Missing::Closed)),
            "the last permit was released, and the receive sleeps on"
        );
        Ok(())
    })
}

/// Whether by `close` or by the last receiver.
pub fn send_after_close_is_refused<F: Family>(family: &F) -> Outcome {
    let policies = [Policy::Bounded(2), Policy::Unbounded];
    over::<F, u64>(family, &policies, |_, tx, mut rx| {
        put(&tx, 1)?;
        match rx.close() {
            Ok(()) => {
                ensure!(
                    matches!(tx.try_send(2), Err(Refused::Closed(_))),
                    "a send after the close was not refused as closed"
                );
                ensure!(rx.try_recv() == Ok(1), "the close cost a value");
                ensure!(
                    rx.try_recv() == Err(Missing::Closed),
                    "closed is not reported after the last value"
                );
            }
            Err(Absent(_)) => {
                drop(rx);
                ensure!(
                    matches!(tx.try_send(2), Err(Refused::Closed(_))),
                    "a send without a receiver was not refused as closed"
                );
            }
        }
        Ok(())
    })
}

/// futures-channel: a send said Ok, the receiver had seen the end, the value was stuck.
pub fn send_races_close<F: Family>(family: &F) -> Outcome {
    // A family without a close would send for ever below.
    family.open::<u64>(Policy::Bounded(1))?.1.close()?;
    let (work, jobs) = mpsc::channel::<F::Receiver<u64>>();
    let (report, reports) = mpsc::channel();
    let receiver = thread::spawn(move || {
        for mut rx in jobs {
            let closed = rx.close();
            let mut taken = 0;
            loop {
                match rx.try_recv() {
                    Ok(_) => taken += 1,
                    Err(Missing::Empty) => thread::yield_now(),
                    Err(Missing::Closed) => break,
                }
            }
            // The handle goes back, so that its drop does not become part of the race.
            let _ = report.send((closed, taken, rx));
        }
    });
    let mut outcome = Ok(());
    for round in 0..ROUNDS {
        let policy = if round % 2 == 0 {
            Policy::Bounded(64)
        } else {
            Policy::Unbounded
        };
        let (tx, rx) = family.open(policy)?;
        let _ = work.send(rx);
        let mut accepted = 0;
        loop {
            match tx.try_send(accepted) {
                Ok(()) => accepted += 1,
                Err(Refused::Full(_)) => thread::yield_now(),
                Err(Refused::Closed(_)) => break,
            }
        }
        let (closed, taken, mut rx) = reports.recv().expect("the receiving thread reports");
        closed?;
        if taken != accepted {
            let late = rx.try_recv();
            outcome = failed(format!(
                "{policy}: {accepted} sends were accepted, {taken} values came before closed, then {late:?}"
            ));
            break;
        }
    }
    drop(work);
    receiver.join().expect("the receiving thread ended well");
    outcome
}

/// The same with the last handle instead of a close: an accepted value must be dropped by now.
pub fn send_races_last_receiver<F: Family>(family: &F) -> Outcome {
    if values_outlive_receivers(family).is_err() {
        return Err(Absent(
            "queued values that go with the last receiver (see close::values_outlive_receivers)",
        )
        .into());
    }
    let (work, jobs) = mpsc::channel::<F::Receiver<Tracked>>();
    let (report, reports) = mpsc::channel();
    let receiver = thread::spawn(move || {
        for rx in jobs {
            drop(rx);
            let _ = report.send(());
        }
    });
    let mut outcome = Ok(());
    for round in 0..ROUNDS {
        let policy = if round % 2 == 0 {
            Policy::Bounded(64)
        } else {
            Policy::Unbounded
        };
        let ledger = Ledger::new();
        let (tx, rx) = family.open(policy)?;
        let _ = work.send(rx);
        let mut accepted = 0;
        loop {
            match tx.try_send(ledger.issue(accepted)) {
                Ok(()) => accepted += 1,
                Err(Refused::Full(_)) => thread::yield_now(),
                Err(Refused::Closed(_)) => break,
            }
        }
        reports.recv().expect("the receiving thread reports");
        if ledger.live() != 0 {
            outcome = failed(format!(
                "{policy}: of {accepted} values accepted until the receiver went, {} are stuck inside",
                ledger.live()
            ));
            break;
        }
    }
    drop(work);
    receiver.join().expect("the receiving thread ended well");
    outcome
}

/// Five crates keep them: memory, file handles and reply channels stay until the last sender remembers to go.
pub fn values_outlive_receivers<F: Family>(family: &F) -> Outcome {
    let policies = [Policy::Bounded(4), Policy::Unbounded];
    over::<F, Tracked>(family, &policies, |_, tx, rx| {
        let ledger = Ledger::new();
        for id in 0..3 {
            put(&tx, ledger.issue(id))?;
        }
        drop(rx);
        ensure!(
            ledger.live() == 0,
            "the last receiver is gone, and {} queued values are still alive",
            ledger.live()
        );
        drop(tx);
        Ok(())
    })
}
