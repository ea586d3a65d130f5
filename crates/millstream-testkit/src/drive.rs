//! The smallest executors: a task that is polled only when it was woken, and a thread that blocks on one future.

use std::fmt;
use std::future::Future;
use std::pin::{pin, Pin};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

use crate::waker::Probe;

/// A future of any channel, boxed.
pub type Boxed<'a, O> = Pin<Box<dyn Future<Output = O> + Send + 'a>>;

/// More self-wakes than this without an event from outside mean that a future spins.
const SPIN_LIMIT: usize = 1_000;

/// One future, polled the way an executor would: once at the start, and then only when its waker was called.
///
/// That is the point of it: a wake-up that a channel loses stays lost, and shows.
pub struct Driven<'a, O> {
    /// Gone when it was ready or dropped.
    future: Option<Boxed<'a, O>>,
    output: Option<O>,
    probe: Probe,
    waker: Waker,
    /// Wakes that were answered by a poll.
    answered: usize,
}

impl<'a, O> Driven<'a, O> {
    /// Takes the future and polls it once, with a waker that only counts.
    pub fn start(future: Boxed<'a, O>) -> Self {
        Self::start_with(future, Probe::counting())
    }

    /// Takes the future and polls it once, with a waker of `probe`.
    pub fn start_with(future: Boxed<'a, O>, probe: Probe) -> Self {
        let mut driven = Self {
            future: Some(future),
            output: None,
            waker: probe.waker(),
            answered: probe.wakes(),
            probe,
        };
        driven.poll();
        driven
    }

    /// Polls whether it was woken or not, as a select around it would.
    pub fn poll(&mut self) {
        self.answered = self.probe.wakes();
        let Some(future) = &mut self.future else {
            return;
        };
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&self.waker)) {
            self.output = Some(output);
            self.future = None;
        }
    }

    /// Gives the future a waker of another probe, and polls it once with that.
    pub fn poll_with(&mut self, probe: Probe) {
        self.waker = probe.waker();
        self.probe = probe;
        self.poll();
    }

    /// Drops the waker that is held for the next poll, so that those left are the channel's.
    pub fn drop_own_waker(&mut self) {
        self.waker = Waker::noop().clone();
    }

    /// Was it woken since it was last polled?
    pub fn is_woken(&self) -> bool {
        self.future.is_some() && self.probe.wakes() > self.answered
    }

    /// Did the future end, or was it dropped?
    pub fn is_done(&self) -> bool {
        self.future.is_none()
    }

    /// The probe whose wakers it was last polled with.
    pub fn probe(&self) -> &Probe {
        &self.probe
    }

    /// The output, once, if the future has ended.
    pub fn output(&mut self) -> Option<O> {
        self.output.take()
    }

    /// Drops the future and stays, done but without an output.
    pub fn drop_future(&mut self) {
        self.future = None;
    }

    /// Drops the future, and gives back the output if it had ended.
    pub fn cancel(self) -> Option<O> {
        self.output
    }

    /// Leaks the future: it stays registered with its channel and nobody will poll or drop it.
    pub fn forget(mut self) {
        std::mem::forget(self.future.take());
    }
}

impl<O> fmt::Debug for Driven<'_, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Driven")
            .field("done", &self.is_done())
            .field("woken", &self.is_woken())
            .finish_non_exhaustive()
    }
}

/// Something that [`settle`] can poll.
pub trait Settle {
    /// Polls it if it was woken, and says whether it did.
    fn turn(&mut self) -> bool;
}

impl<O> Settle for Driven<'_, O> {
    fn turn(&mut self) -> bool {
        let woken = self.is_woken();
        if woken {
            self.poll();
        }
        woken
    }
}

/// Polls the tasks in turn until none of them is woken.
///
/// # Panics
///
/// When they keep waking for ever.
pub fn settle(tasks: &mut [&mut dyn Settle]) {
    for _ in 0..SPIN_LIMIT {
        let mut turned = false;
        for task in tasks.iter_mut() {
            turned |= task.turn();
        }
        if !turned {
            return;
        }
    }
    panic!("the tasks woke themselves and each other {SPIN_LIMIT} times without an end");
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.unpark();
    }
}

/// Blocks this thread until `future` is ready. Knows no tricks: it parks, so a lost wake-up hangs.
pub fn block_on<F: Future>(future: F) -> F::Output {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return output;
        }
        thread::park();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::poll_fn;
    use std::panic::{catch_unwind, AssertUnwindSafe};
    use std::sync::Mutex;

    #[test]
    fn a_task_is_polled_only_when_woken() {
        let slot: Arc<Mutex<(usize, Option<Waker>)>> = Arc::default();
        let inner = Arc::clone(&slot);
        let mut task = Driven::start(Box::pin(poll_fn(move |cx| {
            let mut slot = inner.lock().unwrap();
            slot.0 += 1;
            slot.1 = Some(cx.waker().clone());
            if slot.0 < 3 {
                Poll::Pending
            } else {
                Poll::Ready(slot.0)
            }
        })));
        settle(&mut [&mut task]);
        assert_eq!(slot.lock().unwrap().0, 1);
        for _ in 0..2 {
            let waker = slot.lock().unwrap().1.take();
            waker.expect("it left a waker").wake();
            settle(&mut [&mut task]);
        }
        assert_eq!(task.output(), Some(3));
    }

    #[test]
    fn a_task_that_wakes_itself_for_ever_is_noticed() {
        let spin = poll_fn(|cx| -> Poll<()> {
            cx.waker().wake_by_ref();
            Poll::Pending
        });
        let mut task = Driven::start(Box::pin(spin));
        let quiet = catch_unwind(AssertUnwindSafe(|| settle(&mut [&mut task])));
        assert!(quiet.is_err());
    }

    #[test]
    fn block_on_waits_for_another_thread() {
        let slot: Arc<Mutex<(bool, Option<Waker>)>> = Arc::default();
        let inner = Arc::clone(&slot);
        let other = thread::spawn(move || {
            let mut slot = inner.lock().unwrap();
            slot.0 = true;
            if let Some(waker) = slot.1.take() {
                waker.wake();
            }
        });
        block_on(poll_fn(|cx| {
            let mut slot = slot.lock().unwrap();
            slot.1 = Some(cx.waker().clone());
            if slot.0 {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        }));
        other.join().expect("the other thread ended well");
    }
}
