//! What a channel keeps of a task that waits: the last waker, as long as it waits, and no longer.

use super::{if_offered, over, put};
use crate::drive::{settle, Driven};
use crate::ensure;
use crate::peer::{Family, Policy, ReceiveEnd, SendEnd};
use crate::verdict::Outcome;
use crate::waker::{poll_once, Probe};

/// How often something is repeated of which nothing must be left: a heap of leftovers would show.
const TIMES: usize = 100;

/// tokio keeps the waker of a receive that is no more: the task it belongs to cannot be freed.
pub fn waker_kept<F: Family>(family: &F) -> Outcome {
    let policies = [Policy::Rendezvous, Policy::Bounded(1), Policy::Unbounded];
    over::<F, u64>(family, &policies, |policy, tx, mut rx| {
        let probe = Probe::counting();
        for _ in 0..TIMES {
            Driven::start_with(rx.recv()?, probe.clone()).cancel();
        }
        ensure!(
            probe.alive() == 0,
            "{TIMES} receives were dropped, and {} of their wakers are kept",
            probe.alive()
        );
        let mut receive = Driven::start_with(rx.recv()?, probe.clone());
        let mut send = Driven::start(tx.send(1)?);
        settle(&mut [&mut send, &mut receive]);
        ensure!(receive.is_done(), "a send and a receive did not meet");
        receive.drop_own_waker();
        ensure!(
            probe.alive() == 0,
            "the waker of a completed receive is kept"
        );
        if policy == Policy::Unbounded {
            return Ok(());
        }
        drop((receive, send));

        if policy == Policy::Bounded(1) {
            put(&tx, 0)?;
        }
        for _ in 0..TIMES {
            Driven::start_with(tx.send(2)?, probe.clone()).cancel();
        }
        ensure!(
            probe.alive() == 0,
            "{TIMES} sends were dropped, and {} of their wakers are kept",
            probe.alive()
        );
        let mut send = Driven::start_with(tx.send(3)?, probe.clone());
        let mut receive = Driven::start(rx.recv()?);
        settle(&mut [&mut send, &mut receive]);
        ensure!(send.is_done(), "room was made, and the send waits");
        send.drop_own_waker();
        ensure!(probe.alive() == 0, "the waker of a completed send is kept");
        Ok(())
    })
}

/// A future that moves to another task, or into a select, comes with another waker.
pub fn stale_waker<F: Family>(family: &F) -> Outcome {
    let policies = [Policy::Rendezvous, Policy::Bounded(1), Policy::Unbounded];
    over::<F, u64>(family, &policies, |policy, tx, mut rx| {
        let (old, new) = (Probe::counting(), Probe::counting());
        let mut receive = Driven::start_with(rx.recv()?, old.clone());
        receive.poll_with(new.clone());
        ensure!(
            old.alive() == 0,
            "the waker of the receive was replaced, and is kept"
        );
        let mut send = Driven::start(tx.send(1)?);
        ensure!(old.wakes() == 0, "the old waker of the receive was called");
        ensure!(
            new.wakes() > 0,
            "the new waker of the receive was not called"
        );
        settle(&mut [&mut send, &mut receive]);
        ensure!(receive.is_done(), "a send and a receive did not meet");
        if policy == Policy::Unbounded {
            return Ok(());
        }
        drop((receive, send));

        if policy == Policy::Bounded(1) {
            put(&tx, 0)?;
        }
        let (old, new) = (Probe::counting(), Probe::counting());
        let mut send = Driven::start_with(tx.send(2)?, old.clone());
        send.poll_with(new.clone());
        ensure!(
            old.alive() == 0,
            "the waker of the send was replaced, and is kept"
        );
        let mut receive = Driven::start(rx.recv()?);
        settle(&mut [&mut receive]);
        ensure!(old.wakes() == 0, "the old waker of the send was called");
        ensure!(new.wakes() > 0, "the new waker of the send was not called");
        settle(&mut [&mut send, &mut receive]);
        ensure!(send.is_done(), "room was made, and the send waits");
        Ok(())
    })
}

/// `will_wake` may always say no. Who stores the waker and then asks whether it is stored asks for ever.
pub fn nameless_waker<F: Family>(family: &F) -> Outcome {
    let policies = [Policy::Rendezvous, Policy::Bounded(1), Policy::Unbounded];
    over::<F, u64>(family, &policies, |policy, tx, mut rx| {
        let probe = Probe::nameless();
        let mut receive = Driven::start_with(rx.recv()?, probe.clone());
        poll_again(&mut receive, &probe)?;
        let mut send = Driven::start(tx.send(1)?);
        ensure!(probe.wakes() > 0, "the waiting receive was not woken");
        settle(&mut [&mut send, &mut receive]);
        ensure!(receive.is_done(), "a send and a receive did not meet");
        drop((receive, send));
        if policy == Policy::Unbounded {
            return Ok(());
        }

        if policy == Policy::Bounded(1) {
            put(&tx, 0)?;
        }
        let probe = Probe::nameless();
        let mut send = Driven::start_with(tx.send(2)?, probe.clone());
        poll_again(&mut send, &probe)?;
        let mut receive = Driven::start(rx.recv()?);
        settle(&mut [&mut receive]);
        ensure!(probe.wakes() > 0, "the waiting send was not woken");
        settle(&mut [&mut send, &mut receive]);
        ensure!(send.is_done(), "room was made, and the send waits");
        Ok(())
    })?;
    if_offered(over::<F, u64>(
        family,
        &[Policy::Bounded(1)],
        |policy, tx, mut rx| {
            let (other_tx, mut other_rx) = family.open(policy)?;
            let probe = Probe::nameless();
            let select = family.select_receive(&mut rx, &mut other_rx)?;
            let mut select = Driven::start_with(select, probe.clone());
            poll_again(&mut select, &probe)?;
            put(&other_tx, 3)?;
            ensure!(probe.wakes() > 0, "the waiting select was not woken");
            settle(&mut [&mut select]);
            ensure!(
                select.output() == Some((1, Ok(3))),
                "the select did not receive what was sent"
            );
            drop((select, tx));
            Ok(())
        },
    ))
}

/// Polls without news, as a select around it would: each poll stores one more waker, and must drop the one before.
fn poll_again<O>(waiting: &mut Driven<'_, O>, probe: &Probe) -> Outcome {
    for _ in 0..TIMES {
        waiting.poll();
    }
    // The task's own, the one in line, and one more where somebody keeps a copy.
    ensure!(
        probe.alive() <= 3,
        "{TIMES} polls left {} wakers",
        probe.alive()
    );
    Ok(())
}

/// A channel that spins inside `poll`, or asks to be polled again, takes a whole core to wait.
pub fn idle_receive_wakes_itself<F: Family>(family: &F) -> Outcome {
    let policies = [Policy::Rendezvous, Policy::Bounded(1), Policy::Unbounded];
    over::<F, u64>(family, &policies, |_, tx, mut rx| {
        let probe = Probe::counting();
        let waker = probe.waker();
        let mut receive = rx.recv()?;
        for _ in 0..3 {
            ensure!(
                poll_once(receive.as_mut(), &waker).is_pending(),
                "an empty channel had something to receive"
            );
        }
        ensure!(
            probe.wakes() == 0,
            "nothing was sent, and the receive was woken {} times",
            probe.wakes()
        );
        drop((receive, tx));
        Ok(())
    })
}
