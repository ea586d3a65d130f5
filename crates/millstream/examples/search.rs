//! Google search 1.0 to 3.0: one after the other, side by side, with a time limit, and the fastest of replicas.
//!
//! The backends here take a time of their own each; the clock is a test clock, so the program is quick and always prints
//! the same.

use millstream::runtime::{Manual, Timer};
use millstream::{bounded, runtime, select, timeout, unbounded, Receiver};
use std::time::Duration;

const KINDS: [&str; 3] = ["web", "image", "video"];

/// A backend: answers after as many milliseconds as it is slow.
async fn backend(kind: &str, replica: u32, query: &str) -> String {
    let slowness = match (kind, replica) {
        ("video", 1) => 90,
        (_, replica) => 10 * u64::from(replica) + kind.len() as u64,
    };
    let clock = runtime::current();
    clock.sleep(Duration::from_millis(slowness)).await;
    format!("{kind} result for {query} of replica {replica}")
}

/// 1.0: one backend after the other.
async fn one_after_the_other(query: &str) -> Vec<String> {
    let mut results = Vec::new();
    for kind in KINDS {
        results.push(backend(kind, 1, query).await);
    }
    results
}

/// 2.0: all backends side by side.
fn side_by_side(query: &'static str) -> Receiver<String> {
    let (tx, rx) = unbounded();
    for kind in KINDS {
        let tx = tx.clone();
        runtime::spawn(async move {
            // Nobody may want the answer any more by now.
            let _ = tx.send(backend(kind, 1, query).await).await;
        });
    }
    rx
}

/// 2.1: what has come when the time is up. No locks, no condition variables, no callbacks.
async fn within(limit: Duration, results: Receiver<String>) -> Vec<String> {
    let over = timeout(limit);
    let mut got = Vec::new();
    loop {
        select! {
            result = results.recv() => match result {
                Ok(result) => got.push(result),
                Err(_) => return got,
            },
            _ = over.recv() => return got,
        }
    }
}

/// The first answer of several replicas; the others find that nobody listens.
async fn first_of_replicas(kind: &'static str, query: &'static str) -> String {
    let (tx, rx) = bounded(1);
    for replica in 1..=3 {
        let tx = tx.clone();
        runtime::spawn(async move {
            let _ = tx.send(backend(kind, replica, query).await).await;
        });
    }
    drop(tx);
    rx.recv().await.expect("at least one answers")
}

/// 3.0: replicas, side by side, with a time limit.
async fn replicated(query: &'static str, limit: Duration) -> Vec<String> {
    let (tx, rx) = unbounded();
    for kind in KINDS {
        let tx = tx.clone();
        runtime::spawn(async move {
            let _ = tx.send(first_of_replicas(kind, query).await).await;
        });
    }
    drop(tx);
    within(limit, rx).await
}

fn main() {
    let mut clock = Manual::new();
    let _entered = clock.enter();
    let limit = Duration::from_millis(80);

    let results = clock.block_on(one_after_the_other("golang"));
    println!("1.0 after {:?}: {results:#?}", clock.elapsed());
    assert_eq!(results.len(), 3);

    let before = clock.elapsed();
    let results = clock.block_on(async { within(limit, side_by_side("golang")).await });
    println!("2.1 after {:?}: {results:#?}", clock.elapsed() - before);
    assert_eq!(results.len(), 2, "the slow one is left out");

    let before = clock.elapsed();
    let results = clock.block_on(replicated("golang", limit));
    println!("3.0 after {:?}: {results:#?}", clock.elapsed() - before);
    assert_eq!(results.len(), 3, "a replica stands in for the slow one");
}
