//! Futures that run on the scope's own task, beside its body, and may borrow from around it.

use crate::channel::{unbounded, Receiver, Sender};
use crate::sync::atomic::{AtomicBool, Ordering};
use crate::sync::{Arc, Lock};
use futures_core::Stream;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Wake, Waker};

/// A future that was attached.
type Attached<'env> = Pin<Box<dyn Future<Output = ()> + Send + 'env>>;

/// What is sent to have the scope look for newcomers.
const NEWCOMER: usize = usize::MAX;

/// Where newcomers wait for the scope to take them in.
pub(super) struct Door<'env> {
    /// `None` when the scope has ended.
    newcomers: Lock<Option<Vec<Attached<'env>>>>,
    ready: Sender<usize>,
}

impl<'env> Door<'env> {
    /// Gives a future to the scope; one that comes too late is dropped.
    pub(super) fn attach(&self, future: Attached<'env>) {
        let late = match &mut *self.newcomers.lock() {
            Some(newcomers) => {
                newcomers.push(future);
                None
            }
            None => Some(future),
        };
        drop(late);
        // There is room for all; it fails only when the scope is gone.
        let _ = self.ready.try_send(NEWCOMER);
    }
}

/// All that was attached to one scope.
pub(super) struct Attachments<'env> {
    door: Arc<Door<'env>>,
    children: Vec<Option<Child<'env>>>,
    /// Numbers of places in `children` that are free.
    free: Vec<usize>,
    /// Numbers of those that are to be polled.
    ready: Receiver<usize>,
}

struct Child<'env> {
    future: Attached<'env>,
    bell: Arc<Bell>,
    waker: Waker,
}

/// Wakes one child: puts it in line, and the line wakes the scope.
struct Bell {
    number: usize,
    /// Whether it is in line. Set by the waker that puts it there, unset before the poll.
    in_line: AtomicBool,
    ready: Sender<usize>,
}

impl<'env> Attachments<'env> {
    pub(super) fn new() -> Self {
        // As many numbers as there are children, since each is in line once, and one for each newcomer.
        let (ready, receiver) = unbounded();
        Attachments {
            door: Arc::new(Door {
                newcomers: Lock::new(Some(Vec::new())),
                ready,
            }),
            children: Vec::new(),
            free: Vec::new(),
            ready: receiver,
        }
    }

    pub(super) fn door(&self) -> &Arc<Door<'env>> {
        &self.door
    }

    /// Polls those that were woken, once each, and has the scope woken by the next one.
    pub(super) fn poll(&mut self, context: &mut Context<'_>) {
        for _ in 0..=self.ready.len() {
            match Pin::new(&mut self.ready).poll_next(context) {
                Poll::Ready(Some(NEWCOMER)) => self.take_in(),
                Poll::Ready(Some(number)) => self.poll_child(number),
                Poll::Ready(None) | Poll::Pending => return,
            }
        }
        // One that always wakes itself lets the body and the other tasks of the runtime have their turn.
        context.waker().wake_by_ref();
    }

    fn take_in(&mut self) {
        let newcomers = match &mut *self.door.newcomers.lock() {
            Some(newcomers) => std::mem::take(newcomers),
            None => Vec::new(),
        };
        for future in newcomers {
            let number = self.free.pop().unwrap_or(self.children.len());
            let bell = Arc::new(Bell {
                number,
                in_line: AtomicBool::new(false),
                ready: self.door.ready.clone(),
            });
            let child = Child {
                future,
                waker: Waker::from(bell.clone()),
                bell,
            };
            if number == self.children.len() {
                self.children.push(Some(child));
            } else {
                self.children[number] = Some(child);
            }
            self.poll_child(number);
        }
    }

    fn poll_child(&mut self, number: usize) {
        let Some(place) = self.children.get_mut(number) else {
            return;
        };
        // A waker that outlived its child may name an empty place, or a successor: who is polled in vain does no harm.
        let Some(child) = place else {
            return;
        };
        // A swap, so that the poll sees what was done before each wake that found it in line.
        child.bell.in_line.swap(false, Ordering::AcqRel);
        let polled = child
            .future
            .as_mut()
            .poll(&mut Context::from_waker(&child.waker));
        if polled.is_ready() {
            let child = place.take();
            self.free.push(number);
            drop(child);
        }
    }

    /// Drops all of them, and those that come later.
    pub(super) fn drop_all(&mut self) {
        let newcomers = self.door.newcomers.lock().take();
        drop(newcomers);
        self.children.clear();
    }
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.in_line.swap(true, Ordering::AcqRel) {
            let _ = self.ready.try_send(self.number);
        }
    }
}
