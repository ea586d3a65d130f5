//! An operation under way, polled by hand with a waker that counts.

use std::cell::Cell;
use std::future::{poll_fn, Future};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

/// Counts how often it is woken.
struct Bell(AtomicUsize);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// What somebody waits for at a channel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Side {
    Sending,
    /// For a permit, which takes a place: somebody who receives meanwhile is not enough, unless nothing is kept.
    Reserving,
    Receiving,
}

/// Whether an operation holds a right, and whether it is to use it.
#[derive(Clone, Default)]
pub struct Hold {
    holds: Rc<Cell<bool>>,
    goes_on: Rc<Cell<bool>>,
}

impl Hold {
    /// Waits until it is told to go on.
    pub async fn wait(&self) {
        self.holds.set(true);
        poll_fn(|_| match self.goes_on.get() {
            true => Poll::Ready(()),
            false => Poll::Pending,
        })
        .await;
    }
}

/// One operation.
pub struct Task {
    future: Pin<Box<dyn Future<Output = ()>>>,
    bell: Arc<Bell>,
    hold: Hold,
    was_polled: bool,
    /// What a first look or a wake-up promises it: the next poll may find something.
    may_move: bool,
    /// For what it waits whenever it waits.
    waits_for: Vec<(usize, Side)>,
    /// For what it waits only now and then.
    may_wait_for: Vec<(usize, Side)>,
}

impl Task {
    pub fn new(
        hold: Hold,
        waits_for: Vec<(usize, Side)>,
        future: impl Future<Output = ()> + 'static,
    ) -> Self {
        Task {
            future: Box::pin(future),
            bell: Arc::new(Bell(AtomicUsize::new(0))),
            hold,
            was_polled: false,
            may_move: true,
            waits_for,
            may_wait_for: Vec::new(),
        }
    }

    /// Adds what it may stand in line for, but need not while it waits.
    pub fn that_may_wait_for(mut self, ends: Vec<(usize, Side)>) -> Self {
        self.may_wait_for = ends;
        self
    }

    /// Whether it was woken since it was polled last, or may have something to do for another reason.
    pub fn is_called(&self) -> bool {
        self.may_move || self.bell.0.load(Ordering::Relaxed) > 0
    }

    /// From here on its waker is another one.
    pub fn change_waker(&mut self) {
        self.may_move = self.is_called();
        self.bell = Arc::new(Bell(AtomicUsize::new(0)));
    }

    pub fn go_on(&mut self) {
        if !self.hold.goes_on.replace(true) {
            self.may_move = true;
        }
    }

    /// Polls, and says whether it has ended. One that nobody called must still have to wait: or a wake-up was lost.
    pub fn poll(&mut self) -> bool {
        let (called, held) = (self.is_called(), self.hold.holds.get());
        self.bell.0.store(0, Ordering::Relaxed);
        self.may_move = false;
        self.was_polled = true;
        let waker = Waker::from(self.bell.clone());
        let ended = self
            .future
            .as_mut()
            .poll(&mut Context::from_waker(&waker))
            .is_ready();
        let moved = ended || self.hold.holds.get() != held;
        assert!(called || !moved, "{:?} was not woken", self.waits_for);
        ended
    }

    /// What it stands in line for now.
    pub fn waits_for(&self) -> &[(usize, Side)] {
        match self.was_polled && !self.hold.holds.get() {
            true => &self.waits_for,
            false => &[],
        }
    }

    /// In how many places it may stand in line at a channel, or hold a right there.
    pub fn concerns(&self, channel: usize) -> usize {
        let places = self.waits_for.iter().chain(&self.may_wait_for);
        places.filter(|(number, _)| *number == channel).count()
    }
}
