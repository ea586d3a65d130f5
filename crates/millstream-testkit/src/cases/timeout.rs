//! Blocking operations with a limit: they end on time, leave nothing behind, and take any limit.

use std::thread;
use std::time::Duration;

use super::{failed, if_offered, over, put};
use crate::drive::{settle, Driven};
use crate::ensure;
use crate::payload::{Ledger, Tracked};
use crate::peer::{Family, Missing, Policy, ReceiveEnd, Refused, SendEnd};
use crate::verdict::Outcome;

/// Long enough to be a wait, short enough to be nothing.
const MOMENT: Duration = Duration::from_millis(1);

/// thingbuf and std: the entry of the operation that gave up is served before those who still wait.
pub fn stale_waiter<F: Family>(family: &F) -> Outcome {
    over::<F, Tracked>(family, &[Policy::Rendezvous], |_, tx, mut rx| {
        let ledger = Ledger::new();
        ensure!(
            matches!(rx.recv_timeout(MOMENT)?, Err(Missing::Empty)),
            "a receive on an empty channel did not time out"
        );
        ensure!(
            matches!(tx.try_send(ledger.issue(1)), Err(Refused::Full(_))),
            "a send was accepted against a receive that had timed out"
        );
        match tx.send_timeout(ledger.issue(2), MOMENT)? {
            Err(Refused::Full(Some(value))) => {
                ensure!(
                    value.id() == 2,
                    "the send that timed out gave back another value"
                );
            }
            Err(Refused::Full(None)) => {}
            other => ensure!(
                false,
                "a send without a receiver did not time out: {other:?}"
            ),
        }
        ensure!(
            matches!(rx.try_recv(), Err(Missing::Empty)),
            "a value came out of a send that had timed out"
        );
        ensure!(ledger.live() == 0, "a value is alive that nobody holds");
        Ok(())
    })?;
    let policies = [Policy::Rendezvous, Policy::Bounded(1), Policy::Unbounded];
    // Without tasks, or without a second receiver, the first half stands alone.
    if_offered(over::<F, u64>(family, &policies, |policy, tx, mut rx| {
        let mut other = rx.try_clone()?;
        let mut receive = Driven::start(rx.recv()?);
        ensure!(
            other.recv_timeout(MOMENT)? == Err(Missing::Empty),
            "a receive on an empty channel did not time out"
        );
        let mut send = Driven::start(tx.send(1)?);
        settle(&mut [&mut send, &mut receive]);
        ensure!(
            receive.output() == Some(Ok(1)),
            "another receive timed out, and the one that waits is not served"
        );
        if policy == Policy::Unbounded {
            return Ok(());
        }
        drop((receive, send));

        if policy == Policy::Bounded(1) {
            put(&tx, 2)?;
        }
        ensure!(
            matches!(tx.send_timeout(3, MOMENT)?, Err(Refused::Full(_))),
            "a send into a full channel did not time out"
        );
        let mut send = Driven::start(tx.send(4)?);
        let mut got = Vec::new();
        for _ in 0..2 {
            let mut receive = Driven::start(rx.recv()?);
            settle(&mut [&mut send, &mut receive]);
            got.extend(receive.output());
        }
        let expected: &[_] = if policy == Policy::Bounded(1) {
            &[Ok(2), Ok(4)]
        } else {
            &[Ok(4)]
        };
        ensure!(
            got == expected && send.is_done(),
            "another send timed out; sent {expected:?}, received {got:?}"
        );
        Ok(())
    }))
}

/// `Instant::now() + Duration::MAX` panics.
pub fn duration_max<F: Family>(family: &F) -> Outcome {
    let policies = [Policy::Rendezvous, Policy::Bounded(1), Policy::Unbounded];
    over::<F, u64>(family, &policies, |policy, tx, mut rx| {
        if policy != Policy::Rendezvous {
            let sent = tx.send_timeout(1, Duration::MAX)?;
            ensure!(sent.is_ok(), "there was room: {sent:?}");
            let received = rx.recv_timeout(Duration::MAX)?;
            ensure!(received == Ok(1), "a value was there: {received:?}");
        }
        // And where one has to wait, on either side, whoever comes first.
        let sender = thread::spawn(move || {
            for value in 2..10 {
                if let Err(what) = tx.send_timeout(value, Duration::MAX)? {
                    return failed(format!("a send with the longest timeout: {what:?}"));
                }
            }
            Ok(())
        });
        for value in 2..10 {
            let received = rx.recv_timeout(Duration::MAX)?;
            ensure!(received == Ok(value), "{value} was sent: {received:?}");
        }
        sender
            .join()
            .unwrap_or_else(|_| failed("a send with the longest timeout panicked"))
    })
}
