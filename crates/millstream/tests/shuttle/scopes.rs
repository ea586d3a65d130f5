//! Scopes that are dropped midway, while threads outside send to their tasks and receive from them.
//!
//! The tasks take turns on one thread, in an order that is drawn: which scope the running code is a part of is kept in
//! std's thread-local storage, which all of shuttle's threads share.

use crate::ledger::{Ledger, Token};
use crate::support::{draw, explore_times};
use millstream::runtime::{BoxFuture, Handle, Spawn, Timer};
use millstream::scope::{scope, Scope};
use millstream::{Receiver, Sender};
use shuttle::sync::atomic::{AtomicBool, Ordering::SeqCst};
use shuttle::thread;
use std::future::{pending, Future};
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Instant;

/// How many schedules of each kind are run.
const SCHEDULES: usize = 5_000;
const VALUES: usize = 4;

/// Tasks that have been spawned, each with whether it was woken.
#[derive(Clone, Default)]
struct Tasks(Arc<Mutex<Vec<(BoxFuture<'static, ()>, Arc<Woken>)>>>);

struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, SeqCst);
    }
}

impl Spawn for Tasks {
    fn spawn(&self, task: BoxFuture<'static, ()>) {
        let woken = Arc::new(Woken(AtomicBool::new(true)));
        self.0.lock().unwrap().push((task, woken));
    }
}

impl Timer for Tasks {
    fn now(&self) -> Instant {
        Instant::now()
    }

    fn sleep_until(&self, _: Instant) -> BoxFuture<'static, ()> {
        Box::pin(pending())
    }
}

impl Tasks {
    fn are_left(&self) -> bool {
        !self.0.lock().unwrap().is_empty()
    }

    /// Polls one task, any of those that were woken; the others get a turn in any case.
    fn turn(&self) {
        thread::yield_now();
        let taken = {
            let mut tasks = self.0.lock().unwrap();
            let woken: Vec<_> = (0..tasks.len())
                .filter(|number| tasks[*number].1 .0.load(SeqCst))
                .collect();
            (!woken.is_empty()).then(|| tasks.swap_remove(woken[draw(woken.len())]))
        };
        let Some((mut task, woken)) = taken else {
            return;
        };
        woken.0.store(false, SeqCst);
        let waker = Waker::from(woken.clone());
        if task
            .as_mut()
            .poll(&mut Context::from_waker(&waker))
            .is_pending()
        {
            self.0.lock().unwrap().push((task, woken));
        }
    }
}

/// Sends to the tasks of the scope; with `stays` it ends when they do, and not they when it does.
fn feed(tx: Sender<Token>, ledger: Ledger, stays: bool) {
    for number in 0..VALUES {
        if tx.send_blocking(ledger.token(0, number)).is_ok() {
            ledger.sent();
        }
    }
    if stays {
        millstream::block_on(tx.closed());
    }
}

/// Receives from them until the end.
fn collect(rx: Receiver<Token>, ledger: Ledger) {
    while let Ok(token) = rx.recv_blocking() {
        ledger.received(&token);
    }
}

/// What one task of the scope does: receives and passes on.
async fn inside(rx: Receiver<Token>, tx: Sender<Token>) -> Result<(), ()> {
    while let Ok(token) = rx.recv().await {
        if tx.send(token).await.is_err() {
            return Err(());
        }
    }
    Ok(())
}

#[test]
fn a_scope_that_is_dropped_leaves_nothing() {
    explore_times("a scope that is dropped", SCHEDULES, || {
        let ledger = Ledger::default();
        let tasks = Tasks::default();
        let _entered = Handle::new(tasks.clone()).enter();
        let (into, input) = millstream::bounded(draw(2));
        let (out, output) = millstream::bounded(draw(2));
        let is_dropped = draw(3) > 0;
        let feeding = thread::spawn({
            let ledger = ledger.clone();
            move || feed(into, ledger, is_dropped)
        });
        let collecting = thread::spawn({
            let ledger = ledger.clone();
            move || collect(output, ledger)
        });
        let has_ended = {
            let mut scope = pin!(scope(|s: Scope<'static, ()>| async move {
                s.spawn(inside(input.clone(), out.clone()));
                s.spawn_cooperative(inside(input.clone(), out.clone()));
                s.attach(inside(input, out));
                Ok(())
            }));
            let woken = Arc::new(Woken(AtomicBool::new(true)));
            let waker = Waker::from(woken.clone());
            let mut turns = if is_dropped { draw(12) } else { usize::MAX };
            loop {
                if turns == 0 {
                    break false;
                }
                turns -= 1;
                if woken.0.swap(false, SeqCst) {
                    let polled = scope.as_mut().poll(&mut Context::from_waker(&waker));
                    if let Poll::Ready(ended) = polled {
                        assert!(ended.is_ok(), "nothing has failed");
                        assert!(!tasks.are_left(), "a scope ends after its tasks");
                        break true;
                    }
                }
                tasks.turn();
            }
        };
        // The scope is gone. Its tasks are asked to go, and nothing else is left for them to do.
        while tasks.are_left() {
            tasks.turn();
        }
        feeding.join().unwrap();
        collecting.join().unwrap();
        ledger.settle(if has_ended { 0 } else { VALUES });
    });
}
