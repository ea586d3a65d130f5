//! The peers that take every item alone.

use std::sync::LazyLock;

use futures::stream::{iter, Stream};
use futures::StreamExt;
use pariter::IteratorExt;
use tokio::runtime::{Builder, Runtime};

use super::busy::{timed, Busy};
use super::THREADS;
use crate::cell::Run;

/// How many items may be on their way; enough for a thread never to wait for the one that takes the results.
const AHEAD: usize = 64;

pub fn plain_loop(items: usize, busy: Busy) -> Run {
    timed(|| (0..items).map(move |item| busy.with(item)))
}

/// With batches of one.
pub fn millstream(items: usize, busy: Busy) -> Run {
    let stage = millstream::pipe::threads(THREADS).ordered().batch(1);
    timed(|| {
        let results = stage.map(millstream::from_iter(0..items), move |item| busy.with(item));
        results.into_iter()
    })
}

pub fn pariter(items: usize, busy: Busy) -> Run {
    timed(|| {
        let options = |map: pariter::ParallelMapBuilder<_>| map.threads(THREADS).buffer_size(AHEAD);
        (0..items).parallel_map_custom(options, move |item| busy.with(item))
    })
}

/// Two threads for tasks that compute, and two for those that block.
static TOKIO: LazyLock<Runtime> = LazyLock::new(|| {
    Builder::new_multi_thread()
        .worker_threads(THREADS)
        .max_blocking_threads(THREADS)
        .build()
        .expect("the runtime starts")
});

/// A task for each item.
pub fn tokio_spawn(items: usize, busy: Busy) -> Run {
    buffered(iter(0..items).map(move |item| TOKIO.spawn(async move { busy.with(item) })))
}

/// A blocking task for each item.
pub fn spawn_blocking(items: usize, busy: Busy) -> Run {
    buffered(iter(0..items).map(move |item| TOKIO.spawn_blocking(move || busy.with(item))))
}

fn buffered(tasks: impl Stream<Item = tokio::task::JoinHandle<usize>>) -> Run {
    let results = tasks
        .buffered(AHEAD)
        .map(|result| result.expect("the function does not panic"));
    timed(|| futures::executor::block_on_stream(Box::pin(results)))
}
