//! A waiter whose waker comes back to the channel, or panics; and scenarios run with it.

use super::{within, Bell, Hook, Hooks};
use futures_core::Stream;
use millstream::{Receiver, Sender};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

/// A scenario with its name.
pub type Scenario = (&'static str, fn(&Waiter));

/// One waiter whose waker has code of its own.
pub struct Waiter {
    pub waker: Waker,
    pub hooks: Arc<Hooks>,
    /// What the code does, once there is a channel to do it to.
    deed: Deed,
}

type Deed = Arc<Mutex<Option<Arc<dyn Fn() + Send + Sync>>>>;

#[derive(Clone, Copy, PartialEq)]
pub enum Manner {
    ComesBack,
    Panics,
}

impl Waiter {
    pub fn new(hooks: fn(Hook) -> Hooks, manner: Manner) -> Self {
        let deed = Deed::default();
        let code: Hook = match manner {
            Manner::Panics => Box::new(|| panic!("the waker's own")),
            Manner::ComesBack => {
                let deed = deed.clone();
                Box::new(move || {
                    let deed = deed.lock().unwrap().clone();
                    deed.expect("it was told what to do")();
                })
            }
        };
        let (waker, hooks) = hooks(code).waker();
        Waiter { waker, hooks, deed }
    }

    /// From here on the waker's code runs, and pokes at this channel from all sides.
    pub fn pokes<T: Send + 'static>(&self, tx: &Sender<T>, rx: &Receiver<T>) {
        let (tx, rx) = (tx.downgrade(), rx.downgrade());
        *self.deed.lock().unwrap() = Some(Arc::new(move || {
            let bell = Bell::new();
            if let Some(tx) = tx.upgrade() {
                let _ = (tx.len(), tx.stats(), tx.is_full(), tx.is_closed());
                drop(tx.try_reserve());
                let _ = bell.poll(&mut tx.closed());
            }
            if let Some(rx) = rx.upgrade() {
                let _ = (rx.len(), format!("{rx:?}"));
                drop(rx.clone());
                let _ = bell.poll(&mut rx.drained());
            }
        }));
        self.hooks.arm();
    }

    pub fn poll<F: Future + Unpin>(&self, future: &mut F) -> Poll<F::Output> {
        Pin::new(future).poll(&mut Context::from_waker(&self.waker))
    }

    #[track_caller]
    pub fn waits<F: Future + Unpin>(&self, future: &mut F) {
        assert!(self.poll(future).is_pending());
    }

    /// Polls a stream that has nothing yet.
    #[track_caller]
    pub fn waits_for_next(&self, rx: &mut Receiver<u32>) {
        let context = &mut Context::from_waker(&self.waker);
        assert!(Pin::new(rx).poll_next(context).is_pending());
    }
}

/// Runs each scenario with a waker of that kind, and sees that its code did run.
pub fn run_all(scenarios: &'static [Scenario], hooks: fn(Hook) -> Hooks, manner: Manner) {
    for (name, scenario) in scenarios {
        within(move || {
            println!("{name}");
            let waiter = Waiter::new(hooks, manner);
            scenario(&waiter);
            assert!(
                waiter.hooks.runs() > 0,
                "{name}: the waker's code never ran"
            );
            waiter.hooks.disarm();
        });
    }
}

/// An empty channel of capacity 1.
pub fn empty() -> (Sender<u32>, Receiver<u32>) {
    millstream::bounded(1)
}

/// A channel of capacity 1 with a 0 in it.
pub fn full() -> (Sender<u32>, Receiver<u32>) {
    let (tx, rx) = millstream::bounded(1);
    tx.try_send(0).unwrap();
    (tx, rx)
}
