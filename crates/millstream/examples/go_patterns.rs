//! Rob Pike's Go concurrency patterns: generator, fan-in, restoring order, time-outs, a quit channel with a receipt.
//!
//! A goroutine is a task here (`runtime::spawn`), `<-c` is `c.recv().await`, and a `select` is a `select!`.

use millstream::{after, bounded, rendezvous, runtime, select, tick, timeout, Receiver, Sender};
use std::time::Duration;

const BEAT: Duration = Duration::from_millis(2);

/// Generator: a function that returns a channel. It ends when nobody listens any more.
fn boring(name: &'static str) -> Receiver<String> {
    let (tx, rx) = rendezvous();
    runtime::spawn(async move {
        let beat = tick(BEAT);
        for n in 0.. {
            if tx.send(format!("{name} {n}")).await.is_err() {
                break;
            }
            let _ = beat.recv().await;
        }
    });
    rx
}

/// Multiplexing: one channel of what comes from two, whoever is ready.
fn fan_in(left: Receiver<String>, right: Receiver<String>) -> Receiver<String> {
    let (tx, rx) = rendezvous();
    runtime::spawn(async move {
        loop {
            let line = select! {
                line = left.recv() => line,
                line = right.recv() => line,
            };
            let Ok(line) = line else { break };
            if tx.send(line).await.is_err() {
                break;
            }
        }
    });
    rx
}

/// Sequencing: a message that carries the channel on which its sender waits for the go-ahead.
struct Message {
    text: String,
    go_on: Sender<()>,
}

async fn in_lockstep() {
    let (tx, rx) = rendezvous();
    for name in ["Joe", "Ann"] {
        let tx = tx.clone();
        runtime::spawn(async move {
            for n in 0..3 {
                let (go_on, wait) = rendezvous();
                let text = format!("{name} {n}");
                if tx.send(Message { text, go_on }).await.is_err() || wait.recv().await.is_err() {
                    break;
                }
            }
        });
    }
    drop(tx);
    let mut rounds = 0;
    while let (Ok(one), Ok(two)) = (rx.recv().await, rx.recv().await) {
        println!("in lockstep: {} and {}", one.text, two.text);
        assert_eq!(one.text[4..], two.text[4..], "nobody is ahead");
        one.go_on.send(()).await.expect("it waits");
        two.go_on.send(()).await.expect("it waits");
        rounds += 1;
    }
    assert_eq!(rounds, 3);
}

/// A time-out for each message: a new clock each time round.
async fn timeout_per_message(silence: Receiver<String>) {
    select! {
        line = silence.recv() => panic!("nobody was to speak, but: {line:?}"),
        after(BEAT) => println!("time-out: you are too slow"),
    }
}

/// A time-out for the whole conversation: one clock for all rounds.
async fn timeout_for_all(lines: Receiver<String>) {
    let over = timeout(10 * BEAT);
    let mut heard = 0;
    loop {
        select! {
            line = lines.recv() => { line.expect("it talks for ever"); heard += 1 }
            _ = over.recv() => break,
        }
    }
    println!("time-out: you talk too much, {heard} lines");
    assert!(heard > 0);
}

/// A quit channel: the listener says stop, the speaker cleans up and says that it has.
async fn quit_with_receipt() {
    let (quit, quitting) = rendezvous::<&str>();
    let (bye, receipt) = bounded(1);
    let (tx, lines) = rendezvous();
    runtime::spawn(async move {
        for n in 0.. {
            select! {
                sent = tx.send(format!("line {n}")) => sent.expect("someone listens"),
                reason = quitting.recv() => {
                    let reason = reason.expect("it says why");
                    bye.send(format!("cleaned up, since you said {reason}")).await.expect("it waits");
                    return;
                }
            }
        }
    });
    for _ in 0..3 {
        println!("{}", lines.recv().await.expect("it talks"));
    }
    quit.send("enough").await.expect("it listens");
    let receipt = receipt.recv().await.expect("a receipt");
    println!("{receipt}");
    assert_eq!(receipt, "cleaned up, since you said enough");
}

fn main() {
    millstream::block_on(async {
        let talk = fan_in(boring("Joe"), boring("Ann"));
        let mut names = std::collections::HashSet::new();
        while names.len() < 2 {
            let line = talk.recv().await.expect("they talk for ever");
            println!("{line}");
            names.insert(line.split(' ').next().expect("a name").to_string());
        }
        in_lockstep().await;
        let (_nobody, silence) = rendezvous();
        timeout_per_message(silence).await;
        timeout_for_all(boring("Joe")).await;
        quit_with_receipt().await;

        let moment = after(BEAT);
        assert!(moment.recv().await.is_ok());
        println!("you are all boring, I am leaving");
    });
}
