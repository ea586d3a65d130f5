//! Select over channels: one arm commits, the others leave no trace.

use std::panic::{catch_unwind, AssertUnwindSafe};

use super::{failed, over, put};
use crate::drive::{settle, Boxed, Driven};
use crate::ensure;
use crate::payload::{Ledger, Tracked};
use crate::peer::{Ends, Family, Missing, Policy, ReceiveEnd, Refused, SendEnd, Sent};
use crate::verdict::{Fault, Outcome};
use crate::waker::{Moment, Probe};

/// A second channel of the same kind beside the first.
fn over_two<F: Family, T: Send + 'static>(
    family: &F,
    policies: &[Policy],
    case: impl Fn(Policy, Ends<F, T>, Ends<F, T>) -> Outcome,
) -> Outcome {
    over::<F, T>(family, policies, |policy, tx, rx| {
        case(policy, (tx, rx), family.open(policy)?)
    })
}

/// Two send futures that were both taken by receivers are two messages, and the select knows of one.
pub fn two_sends_commit_one<F: Family>(family: &F) -> Outcome {
    let policies = [Policy::Rendezvous, Policy::Bounded(1)];
    for select_first in [true, false] {
        over_two::<F, Tracked>(family, &policies, |policy, (tx_a, mut a), (tx_b, mut b)| {
            let ledger = Ledger::new();
            if policy == Policy::Bounded(1) {
                put(&tx_a, ledger.issue(0))?;
                put(&tx_b, ledger.issue(0))?;
            }
            let both = || family.select_send((&tx_a, ledger.issue(1)), (&tx_b, ledger.issue(2)));
            let mut delivered = Vec::new();
            let mut select;
            {
                let (mut from_a, mut from_b);
                if select_first {
                    select = Driven::start(both()?);
                    from_a = Driven::start(a.recv()?);
                    from_b = Driven::start(b.recv()?);
                } else {
                    from_a = Driven::start(a.recv()?);
                    from_b = Driven::start(b.recv()?);
                    select = Driven::start(both()?);
                }
                settle(&mut [&mut from_a, &mut from_b]);
                settle(&mut [&mut select, &mut from_a, &mut from_b]);
                for receive in [from_a, from_b] {
                    delivered.extend(receive.cancel().and_then(Result::ok));
                }
            }
            ensure!(
                select.is_done(),
                "both channels had room, and the select waits"
            );
            let Some((arm, Ok(()))) = select.output() else {
                return failed("a select over two open channels did not send");
            };
            drop(select);
            for rx in [&mut a, &mut b] {
                while let Ok(value) = rx.try_recv() {
                    delivered.push(value);
                }
            }
            let mut ids: Vec<_> = delivered.iter().map(Tracked::id).collect();
            ids.retain(|&id| id != 0);
            ensure!(
                ids == [arm as u64 + 1],
                "the select says it sent {}, and the messages {ids:?} arrived (select first: {select_first})",
                arm + 1
            );
            drop(delivered);
            ensure!(
                ledger.live() == 0,
                "values stayed alive: {:?}",
                ledger.alive()
            );
            Ok(())
        })?;
    }
    Ok(())
}

/// Both arms were matched before the select was polled again; the loser's value must stay.
pub fn two_receives_take_one<F: Family>(family: &F) -> Outcome {
    let policies = [Policy::Rendezvous, Policy::Bounded(1), Policy::Unbounded];
    over_two::<F, u64>(family, &policies, |_, (tx_a, mut a), (tx_b, mut b)| {
        let mut select = Driven::start(family.select_receive(&mut a, &mut b)?);
        let mut send_a = Driven::start(tx_a.send(1)?);
        let mut send_b = Driven::start(tx_b.send(2)?);
        settle(&mut [&mut send_a, &mut send_b]);
        settle(&mut [&mut select, &mut send_a, &mut send_b]);
        let taken = match select.output() {
            Some((arm, Ok(value))) if value == arm as u64 + 1 => value,
            other => return failed(format!("the select over two values ended as {other:?}")),
        };
        drop(select);
        let left = if taken == 1 { (&mut b, 2) } else { (&mut a, 1) };
        let mut receive = Driven::start(left.0.recv()?);
        settle(&mut [&mut send_a, &mut send_b, &mut receive]);
        ensure!(
            receive.output() == Some(Ok(left.1)),
            "the select took {taken}, and the value of the other arm is lost"
        );
        drop(receive);
        ensure!(
            a.try_recv() == Err(Missing::Empty) && b.try_recv() == Err(Missing::Empty),
            "a value came twice"
        );
        ensure!(
            send_a.is_done() && send_b.is_done(),
            "everything was received, and a send waits"
        );
        Ok(())
    })
}

/// As a timeout around it does.
pub fn dropped_select_leaves_no_trace<F: Family>(family: &F) -> Outcome {
    let policies = [Policy::Rendezvous, Policy::Bounded(1)];
    over_two::<F, Tracked>(family, &policies, |policy, (tx_a, mut a), (tx_b, mut b)| {
        let ledger = Ledger::new();
        if policy == Policy::Bounded(1) {
            put(&tx_a, ledger.issue(0))?;
            put(&tx_b, ledger.issue(0))?;
        }
        let select = family.select_send((&tx_a, ledger.issue(1)), (&tx_b, ledger.issue(2)))?;
        drop(Driven::start(select));
        ensure!(
            ledger.alive().iter().all(|&id| id == 0),
            "the values of a dropped select are alive: {:?}",
            ledger.alive()
        );
        for rx in [&mut a, &mut b] {
            while let Ok(value) = rx.try_recv() {
                ensure!(value.id() == 0, "a dropped select had sent {}", value.id());
            }
        }

        // A select over receives that was matched on both arms and dropped before it was polled.
        let select = Driven::start(family.select_receive(&mut a, &mut b)?);
        let mut send_a = Driven::start(tx_a.send(ledger.issue(3))?);
        let mut send_b = Driven::start(tx_b.send(ledger.issue(4))?);
        settle(&mut [&mut send_a, &mut send_b]);
        drop(select);
        for (rx, id) in [(&mut a, 3), (&mut b, 4)] {
            let mut receive = Driven::start(rx.recv()?);
            settle(&mut [&mut send_a, &mut send_b, &mut receive]);
            ensure!(
                matches!(receive.output(), Some(Ok(value)) if value.id() == id),
                "value {id} went with a dropped select over receives"
            );
        }
        ensure!(
            send_a.is_done() && send_b.is_done(),
            "everything was received, and a send waits"
        );

        // And one that was never matched must not be there any more.
        drop(Driven::start(family.select_receive(&mut a, &mut b)?));
        for tx in [&tx_a, &tx_b] {
            ensure!(
                policy != Policy::Rendezvous
                    || matches!(tx.try_send(ledger.issue(5)), Err(Refused::Full(_))),
                "a send was accepted against a select that had been dropped"
            );
        }
        Ok(())
    })
}

/// The losing arms, and the values in them, are cleared away before or after the waker, whatever the waker does.
pub fn hostile_waker_of_dropped_select<F: Family>(family: &F) -> Outcome {
    let policies = [Policy::Rendezvous, Policy::Bounded(1)];
    for replaced in [false, true] {
        over_two::<F, Tracked>(family, &policies, |policy, (tx_a, mut a), (tx_b, mut b)| {
            let ledger = Ledger::new();
            if policy == Policy::Bounded(1) {
                put(&tx_a, ledger.issue(0))?;
                put(&tx_b, ledger.issue(0))?;
            }
            let hostile = Probe::panicking_once(Moment::Drop);
            let select = family.select_send((&tx_a, ledger.issue(1)), (&tx_b, ledger.issue(2)))?;
            end(
                Driven::start_with(select, hostile.clone()),
                &hostile,
                replaced,
            );
            ensure!(
                ledger.alive().iter().all(|&id| id == 0),
                "values of the dropped select are alive: {:?}",
                ledger.alive()
            );
            for rx in [&mut a, &mut b] {
                while let Ok(value) = rx.try_recv() {
                    ensure!(value.id() == 0, "a dropped select had sent {}", value.id());
                }
            }

            let hostile = Probe::panicking_once(Moment::Drop);
            let select = family.select_receive(&mut a, &mut b)?;
            end(
                Driven::start_with(select, hostile.clone()),
                &hostile,
                replaced,
            );
            for (tx, rx) in [(&tx_a, &mut a), (&tx_b, &mut b)] {
                ensure!(
                    policy != Policy::Rendezvous
                        || matches!(tx.try_send(ledger.issue(3)), Err(Refused::Full(_))),
                    "a send was accepted against a select that had been dropped"
                );
                let mut receive = Driven::start(rx.recv()?);
                let mut send = Driven::start(tx.send(ledger.issue(4))?);
                settle(&mut [&mut send, &mut receive]);
                ensure!(
                    matches!(receive.output(), Some(Ok(value)) if value.id() == 4),
                    "after the panic a send and a receive do not meet any more"
                );
            }
            Ok(())
        })?;
    }
    Ok(())
}

/// Ends a waiting select while its waker is hostile; when `replaced`, its waker is replaced first.
fn end<O>(mut select: Driven<'_, O>, hostile: &Probe, replaced: bool) {
    select.drop_own_waker();
    hostile.arm();
    let _ = catch_unwind(AssertUnwindSafe(|| {
        if replaced {
            select.poll_with(Probe::counting());
        } else {
            select.drop_future();
        }
    }));
    hostile.disarm();
}

/// If each only looks whether the other is ready, each waits for the other to commit.
pub fn facing_selects_meet<F: Family>(family: &F) -> Outcome {
    for send_first in [true, false] {
        over_two::<F, u64>(
            family,
            &[Policy::Rendezvous],
            |_, (tx_a, mut a), (tx_b, mut b)| {
                type Sending<'a> = Boxed<'a, (usize, Sent<u64>)>;
                let sending = || -> Result<Sending<'_>, Fault> {
                    Ok(family.select_send((&tx_a, 1), (&tx_b, 2))?)
                };
                let (mut send, mut receive);
                if send_first {
                    send = Driven::start(sending()?);
                    receive = Driven::start(family.select_receive(&mut a, &mut b)?);
                } else {
                    receive = Driven::start(family.select_receive(&mut a, &mut b)?);
                    send = Driven::start(sending()?);
                }
                settle(&mut [&mut send, &mut receive]);
                match (send.output(), receive.output()) {
                    (Some((sent, Ok(()))), Some((taken, Ok(value)))) => ensure!(
                        sent == taken && value == sent as u64 + 1,
                        "arm {sent} was sent, and arm {taken} brought {value}"
                    ),
                    other => {
                        return failed(format!(
                        "two selects that face each other (send first: {send_first}) ended as {other:?}"
                    ));
                    }
                }
                drop((send, receive));
                for (tx, rx) in [(&tx_a, &mut a), (&tx_b, &mut b)] {
                    ensure!(
                        rx.try_recv() == Err(Missing::Empty),
                        "the losing arm of a select over sends is still there"
                    );
                    ensure!(
                        matches!(tx.try_send(3), Err(Refused::Full(_))),
                        "the losing arm of a select over receives is still there"
                    );
                }
                Ok(())
            },
        )?;
    }
    Ok(())
}
