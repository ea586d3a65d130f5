//! Wakers that are counted, that change from poll to poll, and that panic.

use crate::counts::Counts;
use crate::panics::{calmly, deliberately};
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread;

/// How many wakers of a run exist: one that is left at the end belongs to a waiter that is left.
#[derive(Debug, Default)]
pub struct Census(AtomicUsize);

/// One that is counted as long as it lives.
#[derive(Debug)]
pub struct Counted(Arc<Census>);

impl Census {
    pub fn count(self: &Arc<Self>) -> Counted {
        self.0.fetch_add(1, SeqCst);
        Counted(self.clone())
    }

    pub fn alive(&self) -> usize {
        self.0.load(SeqCst)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0 .0.fetch_sub(1, SeqCst);
    }
}

/// What is wrong with a waker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Temper {
    /// Nothing.
    Calm,
    /// It panics after it has woken its task.
    PanicsInWake,
    /// It panics when the last of its clones is dropped.
    PanicsInDrop,
}

struct Spy {
    inner: Waker,
    temper: Temper,
    counts: Arc<Counts>,
    _counted: Counted,
}

impl Wake for Spy {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.inner.wake_by_ref();
        if self.temper == Temper::PanicsInWake && !thread::panicking() {
            self.counts.panicked();
            deliberately();
        }
    }
}

impl Drop for Spy {
    fn drop(&mut self) {
        if self.temper == Temper::PanicsInDrop && !thread::panicking() {
            self.counts.panicked();
            deliberately();
        }
    }
}

/// A future that is polled under wakers of ours; a new one each time, or the same one as long as the task is the same.
pub struct Watched<F> {
    future: F,
    census: Arc<Census>,
    counts: Arc<Counts>,
    temper: Temper,
    /// The waker and the one that it stands for, if it is to be kept.
    kept: Option<Option<(Waker, Waker)>>,
}

impl<F> Watched<F> {
    pub fn new(
        future: F,
        census: &Arc<Census>,
        counts: &Arc<Counts>,
        temper: Temper,
        is_kept: bool,
    ) -> Self {
        Watched {
            future,
            census: census.clone(),
            counts: counts.clone(),
            temper,
            kept: is_kept.then_some(None),
        }
    }
}

impl<F: Future + Unpin> Future for Watched<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = &mut *self;
        let outer = context.waker();
        let kept = this.kept.as_ref().and_then(Option::as_ref);
        let waker = match kept {
            Some((ours, theirs)) if theirs.will_wake(outer) => ours.clone(),
            _ => Waker::from(Arc::new(Spy {
                inner: outer.clone(),
                temper: this.temper,
                counts: this.counts.clone(),
                _counted: this.census.count(),
            })),
        };
        let polled = Pin::new(&mut this.future).poll(&mut Context::from_waker(&waker));
        let old = match &mut this.kept {
            Some(kept) => kept.replace((waker, outer.clone())).map(|(ours, _)| ours),
            None => Some(waker),
        };
        // Our own is dropped by us.
        let _ = calmly(|| drop(old));
        polled
    }
}

impl<F> Drop for Watched<F> {
    fn drop(&mut self) {
        let kept = self.kept.take();
        let _ = calmly(|| drop(kept));
    }
}
