//! Pipelines that nobody wants any more: none of their tasks, threads and waiters stays (aiochan keeps two tasks for each).

mod common;

use common::{within, Bell};
use millstream::hub::{Bound, Tee};
use millstream::pipe;
use millstream::runtime::{self, Manual};
use millstream::scope::scope;
use millstream::{bounded, rendezvous, select, ChannelState, Receiver, Sender};
use std::convert::Infallible;
use std::future::pending;

const PIPELINES: usize = 100;

/// Goes when all its clones are gone: whoever holds one is alive.
type Alive = Sender<Infallible>;

/// A stage that is a task.
async fn forward(input: Receiver<u32>, output: Sender<u32>, alive: Alive) {
    let _alive = alive;
    loop {
        select! {
            biased;
            () = output.closed() => return,
            value = input.recv() => match value {
                Ok(value) => {
                    if output.send(value).await.is_err() {
                        return;
                    }
                }
                Err(_) => return,
            },
        }
    }
}

/// Task, tee, worker thread; the source and what comes out at the two ends.
fn pipeline(alive: &Alive) -> (Sender<u32>, Receiver<u32>, Receiver<u32>) {
    let (source, input) = bounded(2);
    let (tx, forwarded) = rendezvous();
    runtime::spawn(forward(input, tx, alive.clone()));
    let tee = Tee::new(forwarded);
    let (one, two) = (tee.tap(Bound::Wait(1)), tee.tap(Bound::Lockstep));
    let (tx, mapped) = bounded(1);
    let guard = alive.clone();
    pipe::threads(1).map_into(one, tx, move |n| {
        let _ = &guard;
        n + 1
    });
    (source, mapped, two)
}

fn all_gone(alive: Receiver<Infallible>) {
    within(move || assert!(alive.recv_blocking().is_err()));
}

/// Lets tasks run until they are as many as they should be: what a worker thread does comes when it comes.
fn run_until_tasks_are(manual: &mut Manual, count: usize) {
    let patience = std::time::Instant::now() + std::time::Duration::from_secs(60);
    loop {
        manual.run_until_stalled();
        if manual.tasks() == count {
            return;
        }
        assert!(
            std::time::Instant::now() < patience,
            "{} tasks stay",
            manual.tasks()
        );
        std::thread::yield_now();
    }
}

#[test]
fn dropping_what_comes_out_ends_everything_upstream() {
    // Full to the brim, in the middle of something, and silent.
    for values in [100, 3, 0] {
        let mut manual = Manual::new();
        let (alive, gone) = rendezvous();
        let mut pipelines = Vec::new();
        {
            let _entered = manual.enter();
            for _ in 0..PIPELINES {
                pipelines.push(pipeline(&alive));
            }
        }
        drop(alive);
        manual.run_until_stalled();
        for (source, _, _) in &pipelines {
            for n in 0..values {
                if source.try_send(n).is_err() {
                    manual.run_until_stalled();
                }
            }
        }
        manual.run_until_stalled();
        assert_eq!(manual.tasks(), 2 * PIPELINES, "a forwarder and a tee each");
        let sources: Vec<_> = pipelines.into_iter().map(|(source, ..)| source).collect();
        run_until_tasks_are(&mut manual, 0);
        all_gone(gone);
        assert_eq!(manual.sleepers(), 0);
        for source in sources {
            assert!(source.is_closed());
            assert_eq!((source.receiver_count(), source.len()), (0, 0));
            assert_eq!(source.stats().state, ChannelState::Fluent, "no waiter");
        }
    }
}

#[test]
fn dropping_the_source_ends_everything_downstream_after_what_was_sent() {
    let mut manual = Manual::new();
    let (alive, gone) = rendezvous();
    let mut outputs = Vec::new();
    {
        let _entered = manual.enter();
        for _ in 0..PIPELINES {
            let (source, one, two) = pipeline(&alive);
            source.try_send(1).unwrap();
            outputs.push((one, two));
        }
    }
    drop(alive);
    // The consumer of the tee's second tap is there, so its value can be delivered.
    let mut received = 0;
    while received < PIPELINES {
        manual.run_until_stalled();
        for (_, two) in &outputs {
            received += two.try_iter().count();
        }
    }
    run_until_tasks_are(&mut manual, 0);
    for (one, _) in &outputs {
        assert_eq!(one.iter().collect::<Vec<_>>(), [2]);
    }
    all_gone(gone);
}

#[test]
fn a_dropped_scope_takes_its_pipelines_along() {
    let mut manual = Manual::new();
    let (alive, gone) = rendezvous();
    let bell = Bell::new();
    let mut future = Box::pin(scope(|s| {
        let mut sources = Vec::new();
        for _ in 0..PIPELINES {
            let (source, one, two) = pipeline(&alive);
            sources.push(source);
            let guard = alive.clone();
            s.spawn(async move {
                let _guard = guard;
                while let Ok(value) = one.recv().await {
                    assert_eq!(two.recv().await, Ok(value - 1));
                }
                Ok(())
            });
        }
        drop(alive);
        async move {
            let _sources = sources;
            pending::<Result<(), ()>>().await
        }
    }));
    {
        let _entered = manual.enter();
        bell.waits(&mut future);
    }
    manual.run_until_stalled();
    assert_eq!(manual.tasks(), 3 * PIPELINES);
    drop(future);
    run_until_tasks_are(&mut manual, 0);
    all_gone(gone);
    assert_eq!((manual.sleepers(), bell.held()), (0, 0));
}
