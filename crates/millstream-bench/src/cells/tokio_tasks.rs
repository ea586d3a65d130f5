//! `tokio-1t` and `tokio-2w`: producer and consumer tasks on tokio, on the current thread or on two workers.

use std::sync::LazyLock;
use std::time::Instant;

use tokio::runtime::{Builder, Runtime};

use crate::cell::{capacity_name, Cells, Run, Spec, Tally, Unit};
use crate::peers::{AsyncChannel, IntoOption};

const CAPACITIES: [Option<usize>; 4] = [Some(0), Some(1), Some(64), None];
const MESSAGES: usize = 200_000;

/// All peers run on the same two workers, so that none of them pays for starting threads.
static TWO_WORKERS: LazyLock<Runtime> = LazyLock::new(|| {
    Builder::new_multi_thread()
        .worker_threads(2)
        .build()
        .expect("the runtime starts")
});

pub fn enter_one_to_one<C: AsyncChannel>(cells: &mut Cells) {
    for capacity in CAPACITIES {
        if C::new(capacity).is_some() {
            cells.enter::<C>(spec("tokio-1t/1p1c", capacity), move |messages| {
                let (sender, receiver) = C::new(capacity).expect("asked on entering");
                let runtime = Builder::new_current_thread()
                    .build()
                    .expect("the runtime starts");
                run::<C>(&runtime, sender, vec![receiver], 1, messages)
            });
        }
    }
    for capacity in CAPACITIES {
        if C::new(capacity).is_some() {
            cells.enter::<C>(spec("tokio-2w/1p1c", capacity), move |messages| {
                let (sender, receiver) = C::new(capacity).expect("asked on entering");
                run::<C>(&TWO_WORKERS, sender, vec![receiver], 1, messages)
            });
        }
    }
}

pub fn enter_many_to_many<C: AsyncChannel<Receiver: Clone>>(cells: &mut Cells) {
    for capacity in CAPACITIES {
        if C::new(capacity).is_some() {
            cells.enter::<C>(spec("tokio-2w/4p4c", capacity), move |messages| {
                let (sender, receiver) = C::new(capacity).expect("asked on entering");
                run::<C>(&TWO_WORKERS, sender, vec![receiver; 4], 4, messages)
            });
        }
    }
}

fn spec(shape: &str, capacity: Option<usize>) -> Spec {
    Spec {
        name: format!("{shape}/{}", capacity_name(capacity)),
        unit: Unit::Message,
        messages: MESSAGES,
    }
}

/// Runs producers and consumers that are spawned by a task, as a server's are.
///
/// Spawned from outside they would go through tokio's injection queue, and how it deals them out to the workers changes the figures by up to four times.
fn run<C: AsyncChannel>(
    runtime: &Runtime,
    sender: C::Sender,
    receivers: Vec<C::Receiver>,
    producers: usize,
    messages: usize,
) -> Run {
    let parent = runtime.spawn(exchange::<C>(sender, receivers, producers, messages));
    runtime
        .block_on(parent)
        .expect("no producer or consumer panics")
}

async fn exchange<C: AsyncChannel>(
    sender: C::Sender,
    receivers: Vec<C::Receiver>,
    producers: usize,
    messages: usize,
) -> Run {
    let started = Instant::now();
    let consuming: Vec<_> = receivers
        .into_iter()
        .map(|receiver| tokio::spawn(consume::<C>(receiver)))
        .collect();
    let producing: Vec<_> = (0..producers)
        .map(|first| tokio::spawn(produce::<C>(sender.clone(), first, producers, messages)))
        .collect();
    drop(sender);
    let mut received = Tally::default();
    for task in producing {
        task.await.expect("a producer does not panic");
    }
    for task in consuming {
        received.merge(task.await.expect("a consumer does not panic"));
    }
    Run {
        elapsed: started.elapsed(),
        received,
    }
}

/// Sends this producer's share of the numbers; a send that fails shows in the tally.
async fn produce<C: AsyncChannel>(sender: C::Sender, first: usize, step: usize, messages: usize) {
    for value in (first..messages).step_by(step) {
        if C::send(&sender, value).await.into_option().is_none() {
            return;
        }
    }
}

/// Receives until the last producer has gone.
async fn consume<C: AsyncChannel>(mut receiver: C::Receiver) -> Tally {
    let mut tally = Tally::default();
    while let Some(value) = C::recv(&mut receiver).await.into_option() {
        tally.add(value);
    }
    tally
}
