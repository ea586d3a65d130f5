//! Futures that are dropped or leaked in the middle: what they held must not be lost, nor held for ever.

use super::{over, put};
use crate::drive::{settle, Driven};
use crate::ensure;
use crate::payload::{Ledger, Tracked};
use crate::peer::{Family, Missing, Policy, ReceiveEnd, SendEnd};
use crate::verdict::Outcome;

/// kanal copies the value into the waiting future, and it goes with the future.
pub fn receive_dropped_after_match<F: Family>(family: &F) -> Outcome {
    let policies = [Policy::Rendezvous, Policy::Bounded(1), Policy::Unbounded];
    over::<F, Tracked>(family, &policies, |_, tx, mut rx| {
        let ledger = Ledger::new();
        let receive = Driven::start(rx.recv()?);
        let mut send = Driven::start(tx.send(ledger.issue(1))?);
        settle(&mut [&mut send]);
        let was_sent = send.is_done();
        // The receive has been woken, but its task is cancelled before it runs.
        drop(receive);

        let mut again = Driven::start(rx.recv()?);
        settle(&mut [&mut send, &mut again]);
        match again.output() {
            Some(Ok(value)) => ensure!(value.id() == 1, "another value came out"),
            _ if ledger.live() == 0 => {
                ensure!(!was_sent, "the send had completed, and the value is gone");
                ensure!(false, "the waiting send lost its value");
            }
            _ => ensure!(
                false,
                "the value is inside, and the next receive does not get it"
            ),
        }
        Ok(())
    })
}

/// flume and kanal: the wake-up was spent on a task that is no more.
pub fn notified_receive_dropped<F: Family>(family: &F) -> Outcome {
    let policies = [Policy::Rendezvous, Policy::Bounded(1), Policy::Unbounded];
    over::<F, Tracked>(family, &policies, |_, tx, mut rx| {
        let ledger = Ledger::new();
        let mut next_rx = rx.try_clone()?;
        let first = Driven::start(rx.recv()?);
        let mut next = Driven::start(next_rx.recv()?);
        let mut send = Driven::start(tx.send(ledger.issue(1))?);
        drop(first);
        settle(&mut [&mut send, &mut next]);
        ensure!(
            matches!(next.output(), Some(Ok(_))),
            "a value was sent, the first receive was dropped, and the second was never served (values alive: {})",
            ledger.live()
        );
        ensure!(
            send.is_done(),
            "the value was received, and its send does not know"
        );
        Ok(())
    })
}

/// The same on the other side: room was made for a send that is no more.
pub fn notified_send_dropped<F: Family>(family: &F) -> Outcome {
    let policies = [Policy::Rendezvous, Policy::Bounded(1)];
    over::<F, u64>(family, &policies, |policy, tx, mut rx| {
        if policy == Policy::Bounded(1) {
            put(&tx, 0)?;
        }
        let first = Driven::start(tx.send(1)?);
        let mut next = Driven::start(tx.send(2)?);
        let mut receive = Driven::start(rx.recv()?);
        settle(&mut [&mut receive]);
        drop(first);
        settle(&mut [&mut receive, &mut next]);
        ensure!(
            receive.is_done(),
            "senders wait, and a receive is not served"
        );
        drop(receive);

        // If the second send still waits, it must be for a reason: the value of the first is in its place.
        while !next.is_done() {
            let mut receive = Driven::start(rx.recv()?);
            settle(&mut [&mut receive, &mut next]);
            ensure!(
                receive.is_done(),
                "the channel is empty, and both a send and a receive wait"
            );
        }
        Ok(())
    })
}

/// event-listener and semaphores: a notification or a slot stays with a waiter that will never run.
///
/// That such a waiter withholds the one value it was matched with is accepted here, and a second one is not.
pub fn forgotten_receive<F: Family>(family: &F) -> Outcome {
    let policies = [Policy::Rendezvous, Policy::Bounded(1), Policy::Unbounded];
    over::<F, u64>(family, &policies, |_, tx, mut rx| {
        let mut live_rx = rx.try_clone()?;
        Driven::start(rx.recv()?).forget();
        let mut live = Driven::start(live_rx.recv()?);
        let mut first = Driven::start(tx.send(1)?);
        let mut second = Driven::start(tx.send(2)?);
        settle(&mut [&mut first, &mut second, &mut live]);
        ensure!(
            live.is_done(),
            "one receive is leaked, two values were sent, and the live receive got neither"
        );
        ensure!(
            first.is_done() && second.is_done(),
            "two receives took part, and a send still waits"
        );
        Ok(())
    })
}

/// The slot that was handed to a leaked send is lost to all others.
pub fn forgotten_send<F: Family>(family: &F) -> Outcome {
    let policies = [Policy::Rendezvous, Policy::Bounded(1)];
    over::<F, u64>(family, &policies, |policy, tx, mut rx| {
        if policy == Policy::Bounded(1) {
            put(&tx, 0)?;
        }
        Driven::start(tx.send(1)?).forget();
        let mut live = Driven::start(tx.send(2)?);
        // Three values at most are on their way, so three receives are enough for any order of things.
        for _ in 0..3 {
            let mut receive = Driven::start(rx.recv()?);
            settle(&mut [&mut receive, &mut live]);
        }
        ensure!(
            live.is_done(),
            "one send is leaked, everything was received, and the live send still waits"
        );
        Ok(())
    })
}

/// A value that stays in the queue after its send was cancelled is delivered by nobody's will.
pub fn dropped_send_is_not_sent<F: Family>(family: &F) -> Outcome {
    let policies = [Policy::Rendezvous, Policy::Bounded(1)];
    over::<F, Tracked>(family, &policies, |policy, tx, mut rx| {
        let ledger = Ledger::new();
        if policy == Policy::Bounded(1) {
            put(&tx, ledger.issue(0))?;
        }
        let mut send = Driven::start(tx.send(ledger.issue(1))?);
        ensure!(!send.is_done(), "the channel is full, and a send completed");
        // A poll without news must not put the value in twice.
        send.poll();
        drop(send);
        ensure!(
            !ledger.alive().contains(&1),
            "the value of the dropped send is still alive"
        );
        if policy == Policy::Bounded(1) {
            let value = rx.try_recv();
            ensure!(
                matches!(&value, Ok(value) if value.id() == 0),
                "the buffered value did not come out first"
            );
        }
        let rest = rx.try_recv();
        ensure!(
            matches!(rest, Err(Missing::Empty)),
            "after the dropped send the channel is not empty: {rest:?}"
        );
        ensure!(ledger.live() == 0, "values are alive that nobody holds");
        Ok(())
    })
}
