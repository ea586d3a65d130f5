//! A channel as a lock and as a semaphore: the tokens in it are the right to go on.

use millstream::{bounded, select, Receiver, Sender};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;
use std::thread;

/// As many may hold it at once as there are tokens; with one token it is a lock.
#[derive(Clone)]
struct Semaphore {
    give: Sender<()>,
    take: Receiver<()>,
}

impl Semaphore {
    fn new(tokens: usize) -> Self {
        let (give, take) = bounded(tokens);
        for _ in 0..tokens {
            give.try_send(()).expect("room for every token");
        }
        Semaphore { give, take }
    }

    fn hold<R>(&self, work: impl FnOnce() -> R) -> R {
        self.take.recv_blocking().expect("tokens come back");
        let result = work();
        self.give
            .try_send(())
            .expect("room for the token that was taken");
        result
    }
}

/// Runs eight workers under a semaphore and says how many were ever inside at once.
fn most_at_once(semaphore: &Semaphore) -> usize {
    let inside = Arc::new(AtomicUsize::new(0));
    let most = Arc::new(AtomicUsize::new(0));
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..100 {
                    semaphore.hold(|| {
                        let now = inside.fetch_add(1, Ordering::SeqCst) + 1;
                        most.fetch_max(now, Ordering::SeqCst);
                        thread::yield_now();
                        inside.fetch_sub(1, Ordering::SeqCst);
                    });
                }
            });
        }
    });
    most.load(Ordering::SeqCst)
}

fn main() {
    let lock = Semaphore::new(1);
    println!("a lock let in {} at once", most_at_once(&lock));
    assert_eq!(most_at_once(&lock), 1);

    let pair = Semaphore::new(2);
    let most = most_at_once(&pair);
    println!("a semaphore of 2 let in {most} at once");
    assert!((1..=2).contains(&most));

    // What a mutex cannot do: wait for whichever of three locks is free first.
    let locks = [Semaphore::new(1), Semaphore::new(1), Semaphore::new(1)];
    locks[0].take.recv_blocking().expect("it is free");
    locks[1].take.recv_blocking().expect("it is free");
    let which = select! {
        blocking;
        _ = locks[0].take.recv() => 0,
        _ = locks[1].take.recv() => 1,
        _ = locks[2].take.recv() => 2,
    };
    println!("lock {which} was free");
    assert_eq!(which, 2);
}
