//! First in, first out, also for values that waited, and for those that came back.

use super::{over, put};
use crate::drive::{settle, Driven};
use crate::ensure;
use crate::peer::{Family, Policy, ReceiveEnd, SendEnd};
use crate::verdict::Outcome;

/// Buffered values come first, then those of the waiting sends in the order in which they began to wait.
pub fn waiting_sends_in_order<F: Family>(family: &F) -> Outcome {
    let policies = [Policy::Rendezvous, Policy::Bounded(1), Policy::Bounded(2)];
    over::<F, u64>(family, &policies, |policy, tx, mut rx| {
        let buffered = if let Policy::Bounded(n) = policy {
            n as u64
        } else {
            0
        };
        for value in 0..buffered {
            put(&tx, value)?;
        }
        let mut sends = Vec::new();
        for value in buffered..buffered + 3 {
            sends.push(Driven::start(tx.send(value)?));
        }
        for expected in 0..buffered + 3 {
            let mut receive = Driven::start(rx.recv()?);
            settle(&mut [&mut receive]);
            for send in &mut sends {
                settle(&mut [send, &mut receive]);
            }
            let received = receive.output();
            ensure!(
                received == Some(Ok(expected)),
                "instead of {expected} came {received:?}"
            );
        }
        ensure!(
            sends.iter().all(Driven::is_done),
            "everything was received, and a send waits"
        );
        Ok(())
    })
}

/// A value whose receive was dropped must not go to the end of the queue.
pub fn returned_value_keeps_its_place<F: Family>(family: &F) -> Outcome {
    let policies = [Policy::Bounded(3), Policy::Unbounded];
    over::<F, u64>(family, &policies, |_, tx, mut rx| {
        let matched = Driven::start(rx.recv()?);
        for value in 0..3 {
            put(&tx, value)?;
        }
        drop(matched);
        for expected in 0..3 {
            let received = rx.try_recv();
            ensure!(
                received == Ok(expected),
                "instead of {expected} came {received:?}"
            );
        }
        Ok(())
    })
}
