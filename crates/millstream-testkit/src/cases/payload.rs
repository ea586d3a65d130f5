//! Values that use the channel from their drop: under a lock that is a deadlock.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex, PoisonError};

use super::{over, put};
use crate::drive::Driven;
use crate::ensure;
use crate::payload::{Ledger, Tracked};
use crate::peer::{Family, Policy, ReceiveEnd, SendEnd};
use crate::verdict::{Absent, Outcome};

/// A sender that values in the channel can reach without keeping the channel alive, and a count of their visits.
struct Way<F: Family> {
    tx: Arc<Mutex<Option<F::Sender<Tracked>>>>,
    visits: Arc<AtomicUsize>,
}

impl<F: Family> Way<F> {
    fn to(tx: &F::Sender<Tracked>) -> Self {
        Self {
            tx: Arc::new(Mutex::new(Some(tx.clone()))),
            visits: Arc::default(),
        }
    }

    /// A value that clones a sender, sends through it and drops it, all in its own drop.
    fn value(&self, ledger: &Ledger, id: u64) -> Tracked {
        let (tx, visits) = (Arc::clone(&self.tx), Arc::clone(&self.visits));
        let plain = Mutex::new(Some(ledger.issue(id + 100)));
        ledger.issue(id).on_drop(move || {
            let tx = tx.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let plain = plain.lock().unwrap_or_else(PoisonError::into_inner).take();
            if let (Some(tx), Some(plain)) = (tx, plain) {
                let _ = tx.try_send(plain);
                visits.fetch_add(1, SeqCst);
            }
        })
    }

    /// Closes the way, so that the channel can end.
    fn close(&self) {
        let tx = self
            .tx
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        drop(tx);
    }

    fn visits(&self) -> usize {
        self.visits.load(SeqCst)
    }
}

/// The queue is cleared while the lock is held.
pub fn queued_value_reenters<F: Family>(family: &F) -> Outcome {
    let policies = [Policy::Bounded(2), Policy::Unbounded];
    over::<F, Tracked>(family, &policies, |_, tx, rx| {
        let ledger = Ledger::new();
        let way = Way::<F>::to(&tx);
        put(&tx, way.value(&ledger, 1))?;
        put(&tx, way.value(&ledger, 2))?;
        drop(rx);
        let visits = way.visits();
        way.close();
        drop(tx);
        if visits == 0 {
            return Err(Absent("queued values that go with the last receiver").into());
        }
        ensure!(visits == 2, "{visits} of 2 queued values were dropped");
        ensure!(
            ledger.live() == 0,
            "values stayed alive: {:?}",
            ledger.alive()
        );
        Ok(())
    })
}

/// The entry with the value is freed while the lock is held.
pub fn waiting_value_reenters<F: Family>(family: &F) -> Outcome {
    let policies = [Policy::Rendezvous, Policy::Bounded(1)];
    over::<F, Tracked>(family, &policies, |policy, tx, mut rx| {
        let ledger = Ledger::new();
        let way = Way::<F>::to(&tx);
        if policy == Policy::Bounded(1) {
            put(&tx, ledger.issue(0))?;
        }
        let send = Driven::start(tx.send(way.value(&ledger, 1))?);
        ensure!(!send.is_done(), "the channel is full, and a send completed");
        drop(send);
        ensure!(
            way.visits() == 1,
            "the value of the dropped send was not dropped"
        );
        // The same with the value given back by the end of the channel, and nobody to take it.
        let send = Driven::start(tx.send(way.value(&ledger, 2))?);
        while rx.try_recv().is_ok_and(|value| value.id() != 2) {}
        drop(rx);
        drop(send);
        way.close();
        drop(tx);
        ensure!(
            ledger.live() == 0,
            "values stayed alive: {:?}",
            ledger.alive()
        );
        Ok(())
    })
}

/// A policy that makes room by dropping does it in the middle of a send.
pub fn evicted_value_reenters<F: Family>(family: &F) -> Outcome {
    let policies = [Policy::Sliding(1), Policy::Dropping(1)];
    over::<F, Tracked>(family, &policies, |_, tx, rx| {
        let ledger = Ledger::new();
        let way = Way::<F>::to(&tx);
        put(&tx, way.value(&ledger, 1))?;
        put(&tx, way.value(&ledger, 2))?;
        ensure!(way.visits() > 0, "one value too many, and none was dropped");
        drop(rx);
        way.close();
        drop(tx);
        ensure!(
            ledger.live() == 0,
            "values stayed alive: {:?}",
            ledger.alive()
        );
        Ok(())
    })
}
