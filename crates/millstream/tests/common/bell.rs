//! A waker that only counts, and futures polled by hand.

use std::future::Future;
use std::pin::{pin, Pin};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

/// One task that waits: counts how often it is woken, and knows how many of its wakers others keep.
pub struct Bell(Arc<Count>);

struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

impl Bell {
    pub fn new() -> Self {
        Bell(Arc::new(Count(AtomicUsize::new(0))))
    }

    pub fn waker(&self) -> Waker {
        Waker::from(self.0.clone())
    }

    pub fn poll<F: Future + Unpin>(&self, future: &mut F) -> Poll<F::Output> {
        Pin::new(future).poll(&mut Context::from_waker(&self.waker()))
    }

    /// Polls a future that must have to wait.
    #[track_caller]
    pub fn waits<F: Future + Unpin>(&self, future: &mut F) {
        assert!(self.poll(future).is_pending(), "it is ready already");
    }

    /// Polls a future that must be ready.
    #[track_caller]
    pub fn gets<F: Future + Unpin>(&self, future: &mut F) -> F::Output {
        match self.poll(future) {
            Poll::Ready(output) => output,
            Poll::Pending => panic!("it is not ready"),
        }
    }

    /// How often it was woken since this was asked last.
    pub fn rings(&self) -> usize {
        self.0 .0.swap(0, Ordering::SeqCst)
    }

    /// How many wakers of it are kept by somebody.
    pub fn held(&self) -> usize {
        Arc::strong_count(&self.0) - 1
    }
}

/// The output of a future that must be ready at its first poll.
#[track_caller]
pub fn now<F: Future>(future: F) -> F::Output {
    let mut context = Context::from_waker(Waker::noop());
    match pin!(future).poll(&mut context) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("it is not ready"),
    }
}
