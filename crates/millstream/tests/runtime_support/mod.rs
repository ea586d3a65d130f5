//! What the tests of runtimes share: wakers that tell, values that tell when they are dropped, and a runtime that is
//! recognised by its clock.

#![allow(dead_code)]

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{channel, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;
use std::time::{Duration, Instant};

use millstream::runtime::{current, BoxFuture, Handle, Spawn, Timer};

/// How long an event that must come may take before the test gives it up for lost.
pub const LOST: Duration = Duration::from_secs(60);

/// The next message, which must come.
#[track_caller]
pub fn receive<T>(from: &Receiver<T>) -> T {
    from.recv_timeout(LOST)
        .expect("a message that should have come did not")
}

/// Waits for a future that must end.
#[track_caller]
pub fn finish(future: BoxFuture<'static, ()>) {
    let (to, ended) = channel();
    thread::spawn(move || {
        millstream::block_on(future);
        to.send(()).unwrap();
    });
    receive(&ended);
}

/// A waker that counts how often it was woken.
#[derive(Default)]
pub struct Count(AtomicUsize);

impl Count {
    pub fn new() -> (Arc<Self>, Waker) {
        let count = Arc::new(Self::default());
        (count.clone(), Waker::from(count))
    }

    pub fn get(&self) -> usize {
        self.0.load(Ordering::Acquire)
    }
}

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::AcqRel);
    }
}

/// A waker that runs a closure whenever it is woken.
pub struct OnWake<F>(pub F);

impl<F: Fn() + Send + Sync + 'static> Wake for OnWake<F> {
    fn wake(self: Arc<Self>) {
        (self.0)();
    }
}

pub fn on_wake(f: impl Fn() + Send + Sync + 'static) -> Waker {
    Waker::from(Arc::new(OnWake(f)))
}

/// Runs a closure when it is dropped.
pub struct OnDrop<F: FnMut()>(pub F);

impl<F: FnMut()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

/// Polls once.
pub fn poll<F: Future + Unpin + ?Sized>(future: &mut F, waker: &Waker) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Context::from_waker(waker))
}

/// Throws a panic that the hook does not report, so that the output of a test that passes stays clean.
pub fn panic_quietly<T>(payload: T) -> !
where
    T: Send + 'static,
{
    std::panic::resume_unwind(Box::new(payload))
}

/// A runtime whose clock shows a fixed time, which tells it from others, and whose tasks are polled by `run`.
#[derive(Clone)]
pub struct Marked {
    pub time: Instant,
    pub tasks: Arc<Mutex<Vec<BoxFuture<'static, ()>>>>,
}

impl Marked {
    /// The runtime with this number.
    pub fn new(number: u64) -> Self {
        Self {
            time: mark(number),
            tasks: Arc::default(),
        }
    }

    pub fn handle(&self) -> Handle {
        Handle::new(self.clone())
    }

    /// Polls each task once and drops those that have ended.
    pub fn run(&self) {
        let tasks = std::mem::take(&mut *self.tasks.lock().unwrap());
        for mut task in tasks {
            if poll(&mut task, Waker::noop()).is_pending() {
                self.tasks.lock().unwrap().push(task);
            }
        }
    }
}

impl Spawn for Marked {
    fn spawn(&self, task: BoxFuture<'static, ()>) {
        self.tasks.lock().unwrap().push(task);
    }
}

impl Timer for Marked {
    fn now(&self) -> Instant {
        self.time
    }

    fn sleep_until(&self, _deadline: Instant) -> BoxFuture<'static, ()> {
        Box::pin(std::future::pending())
    }
}

/// The time that the clock with this number shows.
pub fn mark(number: u64) -> Instant {
    static EPOCH: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    *EPOCH.get_or_init(Instant::now) + Duration::from_secs(1_000_000 * (number + 1))
}

/// The number of the [`Marked`] runtime that is current.
#[track_caller]
pub fn current_mark() -> u64 {
    let now = current().now();
    (0..100)
        .find(|&number| mark(number) == now)
        .expect("the current runtime is not a marked one")
}

/// A future that tells which marked runtime is current when it is polled and when it is dropped.
pub struct TellMarks {
    pub to: Sender<(&'static str, u64)>,
    pub polls: usize,
}

impl Future for TellMarks {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<()> {
        self.to.send(("poll", current_mark())).unwrap();
        if self.polls == 0 {
            return Poll::Ready(());
        }
        self.polls -= 1;
        Poll::Pending
    }
}

impl Drop for TellMarks {
    fn drop(&mut self) {
        self.to.send(("drop", current_mark())).unwrap();
    }
}
