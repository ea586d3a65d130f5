//! Wakers, payloads and iterators that come back to the channel from inside of what it does to them.

use crate::common::{within, Bell, Hooks};
use millstream::{Receiver, Sender};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

/// A task that is polled inside its own wake-up, as an executor of one's own might do.
struct Inline {
    task: Mutex<Option<Pin<Box<dyn Future<Output = ()> + Send>>>>,
}

impl Wake for Inline {
    fn wake(self: Arc<Self>) {
        // Whoever is being polled is left to it: that poll sees what has come.
        let Some(mut task) = self.task.lock().unwrap().take() else {
            return;
        };
        let waker = Waker::from(self.clone());
        let mut context = Context::from_waker(&waker);
        if task.as_mut().poll(&mut context).is_pending() {
            *self.task.lock().unwrap() = Some(task);
        }
    }
}

fn spawn_inline(task: impl Future<Output = ()> + Send + 'static) {
    let task = Mutex::new(Some(Box::pin(task) as Pin<Box<_>>));
    Arc::new(Inline { task }).wake();
}

#[test]
fn a_chain_of_tasks_that_run_inside_each_others_wake_ups_passes_a_value_through() {
    within(|| {
        let (first, mut last): (Sender<u32>, Receiver<u32>) = millstream::rendezvous();
        for _ in 0..100 {
            let (tx, rx) = millstream::bounded(1);
            let from = std::mem::replace(&mut last, rx);
            spawn_inline(async move {
                while let Ok(value) = from.recv().await {
                    tx.send(value + 1).await.unwrap();
                }
            });
        }
        // Each send wakes the next task inside it, a hundred deep.
        assert_eq!(first.try_send(0), Ok(()));
        assert_eq!(last.try_recv(), Ok(100));
        drop(first);
        assert!(
            last.try_recv().unwrap_err().is_closed(),
            "the end went the same way"
        );
    });
}

#[test]
fn a_waker_that_sends_to_its_own_channel_sends() {
    within(|| {
        let (tx, rx) = millstream::unbounded::<u32>();
        let again = tx.clone();
        let (waker, hooks) = Hooks::on_wake(Box::new(move || again.try_send(2).unwrap())).waker();
        let mut recv = rx.recv();
        let mut context = Context::from_waker(&waker);
        assert!(Pin::new(&mut recv).poll(&mut context).is_pending());
        hooks.arm();
        tx.try_send(1).unwrap();
        assert_eq!(hooks.runs(), 1);
        assert_eq!(Pin::new(&mut recv).poll(&mut context), Poll::Ready(Ok(1)));
        assert_eq!(rx.try_recv(), Ok(2));
    });
}

/// A payload that holds a handle of the channel it lies in, and sends when it is dropped.
struct Echo(Sender<Option<Echo>>);

impl Drop for Echo {
    fn drop(&mut self) {
        // The last receiver is gone, or this would not have been dropped.
        assert!(self.0.try_send(None).unwrap_err().is_closed());
    }
}

#[test]
fn a_payload_that_uses_its_channel_when_it_is_dropped_finds_it_closed() {
    within(|| {
        let (tx, rx) = millstream::unbounded();
        for _ in 0..3 {
            tx.try_send(Some(Echo(tx.clone()))).ok().unwrap();
        }
        drop(rx);
        assert_eq!(
            tx.sender_count(),
            1,
            "the payloads and their handles are gone"
        );
    });
}

#[test]
fn waiting_inside_a_wait_takes_no_wake_up_from_the_outer_one() {
    within(|| {
        let (tx, rx) = millstream::bounded::<u32>(1);
        let outer = async {
            // A blocking form inside of async code is a mistake, and works where somebody else sends.
            let (inner_tx, inner_rx) = millstream::rendezvous::<u32>();
            let sender = std::thread::spawn(move || inner_tx.send_blocking(1));
            let inner = inner_rx.recv_blocking();
            sender.join().unwrap().unwrap();
            (inner, rx.recv().await)
        };
        let sender = std::thread::spawn(move || tx.send_blocking(2));
        assert_eq!(millstream::block_on(outer), (Ok(1), Ok(2)));
        sender.join().unwrap().unwrap();
    });
}

#[test]
fn an_iterator_that_receives_from_itself_is_told_so() {
    within(|| {
        let own: Arc<Mutex<Option<Receiver<u32>>>> = Arc::default();
        let rx = millstream::from_iter({
            let own = own.clone();
            std::iter::from_fn(move || {
                let rx = own.lock().unwrap().clone()?;
                rx.try_recv().ok()
            })
        });
        *own.lock().unwrap() = Some(rx.clone());
        let said = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| rx.try_recv()));
        let said = crate::common::panic_text(said.unwrap_err());
        assert!(said.contains("used the channel that it serves"), "{said}");
        // Its own handle keeps nothing alive: the iterator is gone with the panic.
        let bell = Bell::new();
        assert!(
            bell.gets(&mut rx.recv()).is_err(),
            "and the channel is at its end"
        );
    });
}
