//! The peers that take several items at once, of themselves or because their user writes it so.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::{mpsc, LazyLock};
use std::thread;

use pariter::IteratorExt;
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use rayon::{ThreadPool, ThreadPoolBuilder};

use super::busy::{timed, Busy};
use super::THREADS;
use crate::cell::Run;

/// How many items a user's chunk has.
const CHUNK: usize = 64;

/// How many chunks may be on their way.
const AHEAD: usize = 2 * THREADS;

/// As it comes: it finds the length of its batches by itself.
pub fn millstream(items: usize, busy: Busy) -> Run {
    let stage = millstream::pipe::threads(THREADS).ordered();
    timed(|| {
        let results = stage.map(millstream::from_iter(0..items), move |item| busy.with(item));
        results.into_iter()
    })
}

pub fn pariter(items: usize, busy: Busy) -> Run {
    timed(|| {
        let options = |map: pariter::ParallelMapBuilder<_>| map.threads(THREADS).buffer_size(AHEAD);
        chunks(items)
            .parallel_map_custom(options, move |chunk| work(chunk, busy))
            .flatten()
    })
}

static RAYON: LazyLock<ThreadPool> = LazyLock::new(|| {
    ThreadPoolBuilder::new()
        .num_threads(THREADS)
        .build()
        .expect("the threads start")
});

/// A job for each chunk, with a few of them ahead of the one whose results are due.
pub fn rayon(items: usize, busy: Busy) -> Run {
    timed(|| {
        let mut jobs = chunks(items).map(move |chunk| {
            let (tell, told) = mpsc::sync_channel(1);
            RAYON.spawn(move || {
                // Nobody listens any more only if the run has failed.
                let _ = tell.send(work(chunk, busy));
            });
            told
        });
        let mut ahead: VecDeque<_> = jobs.by_ref().take(AHEAD).collect();
        std::iter::from_fn(move || {
            let results = ahead.pop_front()?;
            ahead.extend(jobs.next());
            Some(results.recv().expect("the function does not panic"))
        })
        .flatten()
    })
}

pub fn par_iter(items: usize, busy: Busy) -> Run {
    timed(|| {
        let map = || (0..items).into_par_iter().map(|item| busy.with(item));
        let results: Vec<usize> = RAYON.install(|| map().collect());
        results.into_iter()
    })
}

/// The best that two threads can do.
pub fn halves(items: usize, busy: Busy) -> Run {
    timed(|| {
        let middle = items.div_ceil(2);
        let [first, second] = thread::scope(|scope| {
            let halves = [0..middle, middle..items];
            let threads = halves.map(|half| scope.spawn(move || work(half, busy)));
            threads.map(|thread| thread.join().expect("the function does not panic"))
        });
        first.into_iter().chain(second)
    })
}

fn chunks(items: usize) -> impl Iterator<Item = Range<usize>> + Send {
    (0..items)
        .step_by(CHUNK)
        .map(move |start| start..items.min(start + CHUNK))
}

fn work(chunk: Range<usize>, busy: Busy) -> Vec<usize> {
    chunk.map(|item| busy.with(item)).collect()
}
