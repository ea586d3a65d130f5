//! Dining philosophers without deadlock: a fork is a channel with one token, and a select takes both forks or none.

use millstream::{bounded, Receiver, Sender};
use std::thread;

const SEATS: usize = 5;
const MEALS: usize = 200;

/// A fork lies on the table when its token is in the channel.
#[derive(Clone)]
struct Fork {
    put: Sender<()>,
    take: Receiver<()>,
}

impl Fork {
    fn on_the_table() -> Self {
        let (put, take) = bounded(1);
        put.try_send(()).expect("an empty channel of one");
        Fork { put, take }
    }

    fn put_back(&self) {
        self.put
            .try_send(())
            .expect("it is in somebody's hand, so its channel is empty");
    }
}

/// Takes one fork, and the other only if it is there; otherwise puts the first back, and begins with the other one.
/// Nobody ever waits with a fork in hand.
fn pick_up(left: &Fork, right: &Fork) {
    let (mut first, mut second) = (left, right);
    loop {
        first
            .take
            .recv_blocking()
            .expect("forks are not thrown away");
        if second.take.try_recv().is_ok() {
            return;
        }
        first.put_back();
        std::mem::swap(&mut first, &mut second);
    }
}

fn main() {
    let forks: Vec<Fork> = (0..SEATS).map(|_| Fork::on_the_table()).collect();
    let (tell, meals) = bounded(SEATS);
    for seat in 0..SEATS {
        let (left, right) = (forks[seat].clone(), forks[(seat + 1) % SEATS].clone());
        let tell = tell.clone();
        thread::spawn(move || {
            for _ in 0..MEALS {
                pick_up(&left, &right);
                left.put_back();
                right.put_back();
                tell.send_blocking(seat).expect("someone counts");
            }
        });
    }
    drop(tell);
    let mut eaten = [0; SEATS];
    for seat in meals.iter() {
        eaten[seat] += 1;
    }
    println!("meals by seat: {eaten:?}");
    assert_eq!(eaten, [MEALS; SEATS], "nobody starved");
    assert!(
        forks.iter().all(|fork| fork.take.len() == 1),
        "every fork is back"
    );
}
