//! Random walks: what the author of a case did not think of.

use super::{failed, over, owned_receive, owned_send};
use crate::drive::{settle, Driven, Settle};
use crate::ensure;
use crate::payload::{Ledger, Tracked};
use crate::peer::{Family, Policy, ReceiveEnd, Received, SendEnd, Sent};
use crate::verdict::{Fault, Outcome};

/// How many walks for each policy, and how long one is.
const WALKS: u64 = 200;
const STEPS: u64 = 40;

/// Everything that is under way in one walk.
struct Walk<F: Family> {
    tx: F::Sender<Tracked>,
    rx: F::Receiver<Tracked>,
    ledger: Ledger,
    random: u64,
    sends: Vec<(u64, Driven<'static, Sent<Tracked>>)>,
    receives: Vec<Driven<'static, Received<Tracked>>>,
    /// What was sent for certain. A send that was cancelled may be received or not.
    sent: Vec<u64>,
    received: Vec<Tracked>,
}

impl<F: Family> Walk<F> {
    /// A number below `bound`, from a xorshift generator: a seed repeats its walk.
    fn below(&mut self, bound: usize) -> usize {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        (self.random % bound.max(1) as u64) as usize
    }

    fn step(&mut self, id: u64) -> Outcome {
        match self.below(8) {
            0 | 1 => {
                let send = owned_send::<F, _>(self.tx.clone(), self.ledger.issue(id));
                self.sends.push((id, Driven::start(send)));
            }
            2 | 3 => {
                let receive = owned_receive::<F, _>(self.rx.try_clone()?);
                self.receives.push(Driven::start(receive));
            }
            4 => {
                let sent = self.tx.try_send(self.ledger.issue(id));
                self.sent.extend(sent.is_ok().then_some(id));
            }
            5 => self.received.extend(self.rx.try_recv()),
            6 if !self.sends.is_empty() => {
                let (id, send) = {
                    let index = self.below(self.sends.len());
                    self.sends.swap_remove(index)
                };
                if let Some(Ok(())) = send.cancel() {
                    self.sent.push(id);
                }
            }
            _ if !self.receives.is_empty() => {
                let index = self.below(self.receives.len());
                let receive = self.receives.swap_remove(index);
                self.received.extend(receive.cancel().and_then(Result::ok));
            }
            _ => {}
        }
        // Tasks run at times, and between them things happen to those that were woken and have not run.
        if self.below(3) == 0 {
            self.settle()?;
        }
        Ok(())
    }

    /// Lets every woken task run, collects what ended, and asks the others what they wait for.
    fn settle(&mut self) -> Outcome {
        let sends = self
            .sends
            .iter_mut()
            .map(|(_, send)| send as &mut dyn Settle);
        let receives = self
            .receives
            .iter_mut()
            .map(|receive| receive as &mut dyn Settle);
        settle(&mut sends.chain(receives).collect::<Vec<_>>());
        for receive in &mut self.receives {
            self.received.extend(receive.output().and_then(Result::ok));
        }
        self.receives.retain(|receive| !receive.is_done());
        for (id, send) in &mut self.sends {
            if let Some(Ok(())) = send.output() {
                self.sent.push(*id);
            }
        }
        self.sends.retain(|(_, send)| !send.is_done());
        // Nobody is woken and nobody runs, so whoever waits must have a reason to.
        ensure!(
            self.receives.is_empty() || self.rx.try_recv().is_err(),
            "{} receives wait, and there is a value",
            self.receives.len()
        );
        ensure!(
            self.sends.is_empty() || self.tx.try_send(self.ledger.issue(STEPS)).is_err(),
            "{} sends wait, and there is room",
            self.sends.len()
        );
        Ok(())
    }

    fn finish(mut self) -> Outcome {
        self.settle()?;
        self.receives.clear();
        loop {
            let before = self.received.len();
            let receive = owned_receive::<F, _>(self.rx.try_clone()?);
            self.receives.push(Driven::start(receive));
            self.settle()?;
            if self.received.len() == before {
                break;
            }
        }
        ensure!(
            self.sends.is_empty(),
            "the channel is empty, and {} sends wait",
            self.sends.len()
        );
        let mut ids: Vec<_> = self.received.iter().map(Tracked::id).collect();
        ids.sort_unstable();
        ensure!(
            ids.windows(2).all(|pair| pair[0] != pair[1]),
            "a value was received twice: {ids:?}"
        );
        for id in &self.sent {
            ensure!(
                ids.binary_search(id).is_ok(),
                "value {id} was sent, and not received: sent {:?}, received {ids:?}",
                self.sent
            );
        }
        self.received.clear();
        ensure!(
            self.ledger.live() == 0,
            "values are alive that nobody holds: {:?}",
            self.ledger.alive()
        );
        Ok(())
    }
}

/// Sends, receives, cancellations and turns of the executor in random order: nothing is lost, doubled or stuck.
pub fn random_walk<F: Family>(family: &F) -> Outcome {
    let policies = [
        Policy::Rendezvous,
        Policy::Bounded(1),
        Policy::Bounded(2),
        Policy::Unbounded,
    ];
    for seed in 1..=WALKS {
        let walked = over::<F, Tracked>(family, &policies, |_, tx, mut rx| {
            // Asked once, so that the walk need not ask at every step.
            drop(tx.send(Ledger::new().issue(0))?);
            drop(rx.recv()?);
            let mut walk = Walk::<F> {
                tx,
                rx,
                ledger: Ledger::new(),
                // Small seeds differ in a few bits only; this spreads them.
                random: seed.wrapping_mul(0x9E37_79B9_7F4A_7C15),
                sends: Vec::new(),
                receives: Vec::new(),
                sent: Vec::new(),
                received: Vec::new(),
            };
            for id in 0..STEPS {
                walk.step(id)?;
            }
            walk.finish()
        });
        match walked {
            Err(Fault::Failed(what)) => return failed(format!("walk {seed}: {what}")),
            other => other?,
        }
    }
    Ok(())
}
