//! Wakers that use the channel from inside `wake`, `clone` and `drop`: under a lock that is a deadlock.

use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Poll, Waker};

use super::{if_offered, over, owned_receive, put};
use crate::drive::{settle, Boxed, Driven};
use crate::ensure;
use crate::peer::{Family, Missing, Policy, ReceiveEnd, Received, SendEnd};
use crate::verdict::{Absent, Offer, Outcome};
use crate::waker::{poll_once, Moment, Probe};

/// What a hook does to the channel, counted, so that afterwards every value is accounted for.
struct Intruder<F: Family> {
    tx: F::Sender<u64>,
    /// The single consumer of a channel that has only one cannot be in two places.
    rx: Option<Mutex<F::Receiver<u64>>>,
    sent: AtomicU64,
    taken: AtomicU64,
}

impl<F: Family> Intruder<F> {
    /// An intruder that sends, and receives too if it can have a receiver.
    fn new(tx: &F::Sender<u64>, rx: &F::Receiver<u64>) -> Arc<Self> {
        Arc::new(Self {
            rx: rx.try_clone().ok().map(Mutex::new),
            ..Self::sending(tx)
        })
    }

    fn sending(tx: &F::Sender<u64>) -> Self {
        Self {
            tx: tx.clone(),
            rx: None,
            sent: AtomicU64::new(0),
            taken: AtomicU64::new(0),
        }
    }

    /// Touches the channel in every way that takes no time: clones and drops a handle, sends, receives.
    fn intrude(&self) {
        let tx = self.tx.clone();
        if tx.try_send(9).is_ok() {
            self.sent.fetch_add(1, SeqCst);
        }
        drop(tx);
        if let Some(rx) = &self.rx {
            let mut rx = rx.lock().unwrap_or_else(PoisonError::into_inner);
            if rx.try_recv().is_ok() {
                self.taken.fetch_add(1, SeqCst);
            }
        }
    }

    fn probe(self: &Arc<Self>, moment: Moment) -> Probe {
        let intruder = Arc::clone(self);
        Probe::hooked(moment, move || intruder.intrude())
    }
}

/// Receives until the channel is empty, polling `send` whenever it is woken.
fn drain<F: Family>(
    rx: &mut F::Receiver<u64>,
    send: &mut Driven<'_, Result<(), Option<u64>>>,
) -> Offer<u64> {
    let mut taken = 0;
    loop {
        let mut receive = Driven::start(rx.recv()?);
        settle(&mut [send, &mut receive]);
        match receive.output() {
            Some(Ok(_)) => taken += 1,
            _ => return Ok(taken),
        }
    }
}

/// async-channel and flume wake while they hold the list of waiters.
pub fn waker_of_receive_reenters<F: Family>(family: &F) -> Outcome {
    let policies = [Policy::Rendezvous, Policy::Bounded(2), Policy::Unbounded];
    over::<F, u64>(family, &policies, |_, tx, mut rx| {
        // It only sends: a receive here might fairly take the value that the waker announces.
        let intruder = Arc::new(Intruder::<F>::sending(&tx));
        let probe = intruder.probe(Moment::Wake);
        let mut receive = Driven::start_with(rx.recv()?, probe.clone());
        probe.arm();
        let mut send = Driven::start(tx.send(1)?);
        settle(&mut [&mut send, &mut receive]);
        probe.disarm();
        ensure!(probe.hook_runs() > 0, "the waiting receive was not woken");
        ensure!(
            matches!(receive.output(), Some(Ok(_))),
            "the woken receive got nothing"
        );
        drop(receive);
        let taken = 1 + drain::<F>(&mut rx, &mut send)?;
        let sent = 1 + intruder.sent.load(SeqCst);
        ensure!(
            send.is_done(),
            "the send does not know that it was received"
        );
        ensure!(
            taken == sent,
            "{sent} values were sent and {taken} received"
        );
        Ok(())
    })
}

/// The other direction.
pub fn waker_of_send_reenters<F: Family>(family: &F) -> Outcome {
    let policies = [Policy::Rendezvous, Policy::Bounded(1)];
    over::<F, u64>(family, &policies, |policy, tx, mut rx| {
        let buffered = u64::from(policy == Policy::Bounded(1));
        if buffered == 1 {
            put(&tx, 0)?;
        }
        let intruder = Intruder::<F>::new(&tx, &rx);
        let probe = intruder.probe(Moment::Wake);
        let mut send = Driven::start_with(tx.send(1)?, probe.clone());
        probe.arm();
        let taken = drain::<F>(&mut rx, &mut send)? + intruder.taken.load(SeqCst);
        probe.disarm();
        ensure!(probe.hook_runs() > 0, "the waiting send was not woken");
        ensure!(send.is_done(), "the channel is empty, and the send waits");
        let sent = buffered + 1 + intruder.sent.load(SeqCst);
        ensure!(
            taken == sent,
            "{sent} values were sent and {taken} received"
        );
        Ok(())
    })
}

/// A close wakes many at once, and the temptation to do it under the lock is greatest.
pub fn waker_reenters_on_close<F: Family>(family: &F) -> Outcome {
    let policies = [Policy::Rendezvous, Policy::Bounded(1)];
    over::<F, u64>(family, &policies, |policy, tx, rx| {
        if policy == Policy::Bounded(1) {
            put(&tx, 0)?;
        }
        let intruder = Arc::new(Intruder::<F>::sending(&tx));
        let probe = intruder.probe(Moment::Wake);
        let mut send = Driven::start_with(tx.send(1)?, probe.clone());
        probe.arm();
        drop(rx);
        settle(&mut [&mut send]);
        probe.disarm();
        ensure!(
            probe.hook_runs() > 0 && send.is_done(),
            "the waiting send was not told that the last receiver went"
        );
        Ok(())
    })?;
    let policies = [Policy::Rendezvous, Policy::Bounded(1), Policy::Unbounded];
    // A single consumer cannot use the channel in its own waker: then the senders' half stands alone.
    if_offered(over::<F, u64>(family, &policies, |_, tx, mut rx| {
        let other = Mutex::new(rx.try_clone()?);
        let probe = Probe::hooked(Moment::Wake, move || {
            let mut other = other.lock().unwrap_or_else(PoisonError::into_inner);
            let _ = other.try_recv();
        });
        let mut receive = Driven::start_with(rx.recv()?, probe.clone());
        probe.arm();
        drop(tx);
        settle(&mut [&mut receive]);
        probe.disarm();
        ensure!(
            probe.hook_runs() > 0 && receive.output() == Some(Err(Missing::Closed)),
            "the waiting receive was not told that the last sender went"
        );
        Ok(())
    }))
}

/// A receive that owns its handle, in a place where its waker finds it.
struct Parked {
    future: Arc<Mutex<Option<Boxed<'static, Received<u64>>>>>,
    output: Arc<Mutex<Option<Received<u64>>>>,
}

impl Parked {
    /// Polls a receive of `rx` once with a waker of the probe that `hook` makes of it, and parks it.
    fn start<F: Family>(
        mut rx: F::Receiver<u64>,
        hook: impl Fn(&Self) + Send + Sync + 'static,
    ) -> Offer<(Self, Probe)> {
        drop(rx.recv()?);
        let mut future = owned_receive::<F, _>(rx);
        let parked = Self {
            future: Arc::default(),
            output: Arc::default(),
        };
        let seen = Self {
            future: Arc::clone(&parked.future),
            output: Arc::clone(&parked.output),
        };
        let probe = Probe::hooked(Moment::Wake, move || hook(&seen));
        let pending = poll_once(future.as_mut(), &probe.waker()).is_pending();
        if pending {
            parked.put(future);
        }
        Ok((parked, probe))
    }

    fn take(&self) -> Option<Boxed<'static, Received<u64>>> {
        self.future
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }

    fn put(&self, future: Boxed<'static, Received<u64>>) {
        *self.future.lock().unwrap_or_else(PoisonError::into_inner) = Some(future);
    }
}

/// A select that is polled in its waker drops the losing receives there.
pub fn waker_drops_its_receive<F: Family>(family: &F) -> Outcome {
    let policies = [Policy::Rendezvous, Policy::Bounded(1), Policy::Unbounded];
    over::<F, u64>(family, &policies, |_, tx, mut rx| {
        let (parked, probe) = Parked::start::<F>(rx.try_clone()?, |parked| drop(parked.take()))?;
        probe.arm();
        let mut send = Driven::start(tx.send(1)?);
        probe.disarm();
        ensure!(probe.hook_runs() > 0, "the waiting receive was not woken");
        ensure!(parked.take().is_none(), "the receive was not dropped");
        let mut receive = Driven::start(rx.recv()?);
        settle(&mut [&mut send, &mut receive]);
        ensure!(
            receive.output() == Some(Ok(1)) && send.is_done(),
            "the value of the receive that was dropped in its waker is lost"
        );
        Ok(())
    })
}

/// An executor without a queue of its own does this.
pub fn waker_polls_its_receive<F: Family>(family: &F) -> Outcome {
    let policies = [Policy::Rendezvous, Policy::Bounded(1), Policy::Unbounded];
    over::<F, u64>(family, &policies, |_, tx, rx| {
        let (parked, probe) = Parked::start::<F>(rx.try_clone()?, |parked| {
            let Some(mut future) = parked.take() else {
                return;
            };
            match poll_once(future.as_mut(), Waker::noop()) {
                Poll::Ready(output) => {
                    *parked.output.lock().unwrap_or_else(PoisonError::into_inner) = Some(output);
                }
                Poll::Pending => parked.put(future),
            }
        })?;
        probe.arm();
        let mut send = Driven::start(tx.send(1)?);
        settle(&mut [&mut send]);
        probe.disarm();
        ensure!(probe.hook_runs() > 0, "the waiting receive was not woken");
        // A spurious wake-up is allowed, so one more poll is too.
        let mut output = parked
            .output
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let (None, Some(mut future)) = (output, parked.take()) {
            if let Poll::Ready(late) = poll_once(future.as_mut(), Waker::noop()) {
                output = Some(late);
            }
        }
        settle(&mut [&mut send]);
        ensure!(
            output == Some(Ok(1)),
            "the receive that was polled in its waker got {output:?}"
        );
        ensure!(
            send.is_done(),
            "the send does not know that it was received"
        );
        Ok(())
    })
}

/// Without the moment there was nothing to see. A waker that is never dropped is another case's bug.
fn came(probe: &Probe, moment: Moment) -> Outcome {
    if moment == Moment::Drop && probe.hook_runs() == 0 {
        return Err(Absent("wakers that go with their future (see register::waker_kept)").into());
    }
    ensure!(
        probe.hook_runs() > 0,
        "a waiting operation did not {moment:?} its waker"
    );
    Ok(())
}

/// Runs `act` on a receive, and then on a send, that waits with the intruder's waker, and accounts for all values.
///
/// The hook is armed before the first poll when `from_start`, else after it.
fn with_intruder<F: Family>(
    family: &F,
    moment: Moment,
    from_start: bool,
    act: impl Fn(&mut dyn Waiting),
) -> Outcome {
    let policies = [Policy::Rendezvous, Policy::Bounded(1), Policy::Unbounded];
    over::<F, u64>(family, &policies, |_, tx, mut rx| {
        let intruder = Intruder::<F>::new(&tx, &rx);
        let probe = intruder.probe(moment);
        if from_start {
            probe.arm();
        }
        let mut receive = Driven::start_with(rx.recv()?, probe.clone());
        receive.drop_own_waker();
        probe.arm();
        act(&mut receive);
        settle(&mut [&mut receive]);
        let taken = u64::from(matches!(receive.cancel(), Some(Ok(_))));
        probe.disarm();
        came(&probe, moment)?;
        let mut no_send = Driven::start(Box::pin(std::future::ready(Ok(()))));
        let taken = taken + drain::<F>(&mut rx, &mut no_send)? + intruder.taken.load(SeqCst);
        let sent = intruder.sent.load(SeqCst);
        ensure!(
            taken == sent,
            "{sent} values were sent and {taken} received"
        );
        Ok(())
    })?;
    let policies = [Policy::Rendezvous, Policy::Bounded(1)];
    over::<F, u64>(family, &policies, |policy, tx, mut rx| {
        let buffered = u64::from(policy == Policy::Bounded(1));
        if buffered == 1 {
            put(&tx, 0)?;
        }
        let intruder = Intruder::<F>::new(&tx, &rx);
        let probe = intruder.probe(moment);
        if from_start {
            probe.arm();
        }
        let mut send = Driven::start_with(tx.send(1)?, probe.clone());
        send.drop_own_waker();
        probe.arm();
        act(&mut send);
        settle(&mut [&mut send]);
        probe.disarm();
        came(&probe, moment)?;
        let taken = drain::<F>(&mut rx, &mut send)? + intruder.taken.load(SeqCst);
        ensure!(send.is_done(), "the channel is empty, and the send waits");
        let others = buffered + intruder.sent.load(SeqCst);
        // A send that was dropped may have been sent before; one that completed must have been.
        let least = others + u64::from(matches!(send.output(), Some(Ok(()))));
        ensure!(
            (least..=others + 1).contains(&taken),
            "{least} to {} values were sent and {taken} received",
            others + 1
        );
        Ok(())
    })
}

/// A waiting operation, whatever its output.
trait Waiting {
    fn poll_with(&mut self, probe: Probe);
    fn drop_future(&mut self);
}

impl<O> Waiting for Driven<'_, O> {
    fn poll_with(&mut self, probe: Probe) {
        Driven::poll_with(self, probe);
    }

    fn drop_future(&mut self) {
        Driven::drop_future(self);
    }
}

/// async-channel, flume and kanal assign the new waker over the old one, which is dropped under the lock.
pub fn replaced_waker_reenters<F: Family>(family: &F) -> Outcome {
    with_intruder(family, Moment::Drop, false, |waiting| {
        waiting.poll_with(Probe::counting());
    })
}

/// The list entry is unlinked and freed, with its waker, under the lock.
pub fn dropped_waker_reenters<F: Family>(family: &F) -> Outcome {
    with_intruder(family, Moment::Drop, false, |waiting| waiting.drop_future())
}

/// What happens in the clone comes between the check and the registration.
pub fn cloned_waker_reenters<F: Family>(family: &F) -> Outcome {
    with_intruder(family, Moment::Clone, true, |_| {})
}
