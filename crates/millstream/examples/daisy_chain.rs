//! A daisy chain of 100,000 tasks: each receives a number from its right, adds one, and passes it to its left.

use millstream::{rendezvous, runtime};

const LINKS: u64 = 100_000;

fn main() {
    let (tx, leftmost) = rendezvous();
    let mut to_left = tx;
    for _ in 0..LINKS {
        let (tx, from_right) = rendezvous::<u64>();
        let left = std::mem::replace(&mut to_left, tx);
        runtime::spawn(async move {
            let number = from_right.recv().await.expect("a number from the right");
            left.send(number + 1).await.expect("somebody on the left");
        });
    }
    to_left.send_blocking(1).expect("the chain listens");
    let result = leftmost.recv_blocking().expect("the chain answers");
    println!("{LINKS} links made {result} of 1");
    assert_eq!(result, LINKS + 1);
}
