//! What must not be left when a run is over: tasks, wakers, values, threads, file descriptors.

use crate::book::Book;
use crate::run::Run;
use std::fs;
use std::thread;
use std::time::{Duration, Instant};

/// How long what has been told to end may take to do so, on a machine that does other things too.
const PATIENCE: Duration = Duration::from_secs(20);

/// Waits until `left` is at most `bound`. There is no event for the end of a detached thread or task.
fn settled(what: &str, bound: usize, left: impl Fn() -> usize) -> Result<(), String> {
    let end = Instant::now() + PATIENCE;
    let mut looks = 0;
    while left() > bound {
        if Instant::now() > end {
            return Err(format!("{} {what} left, {bound} expected", left()));
        }
        looks += 1;
        match looks < 100 {
            true => thread::yield_now(),
            false => thread::sleep(Duration::from_micros(200)),
        }
    }
    Ok(())
}

/// Waits for the tasks of a run, and for its wakers, functions and iterators.
pub fn nobody(run: &Run) -> Result<(), String> {
    settled("tasks", 0, || run.tasks.alive())?;
    settled("wakers or functions", 0, || run.wakers.alive())
}

/// Waits until the last value of a book was dropped.
pub fn no_values(book: &Book) -> Result<(), String> {
    settled("values", 0, || book.live()).map_err(|left| format!("{left}: {}", book.alive()))
}

/// The threads and file descriptors of this process.
#[derive(Clone, Copy, Debug)]
pub struct Left {
    threads: usize,
    descriptors: usize,
}

fn entries(folder: &str) -> usize {
    fs::read_dir(folder).map_or(0, Iterator::count)
}

impl Left {
    pub fn now() -> Self {
        Left {
            threads: entries("/proc/self/task"),
            descriptors: entries("/proc/self/fd"),
        }
    }

    /// Waits until nothing is left of a run but what was there before it.
    pub fn nothing_more(&self, run: &Run) -> Result<(), String> {
        nobody(run)?;
        settled("threads", self.threads, || entries("/proc/self/task"))?;
        for book in run.board.books() {
            no_values(&book)?;
        }
        settled("file descriptors", self.descriptors, || {
            entries("/proc/self/fd")
        })
        .map_err(|left| {
            let files = fs::read_dir("/proc/self/fd")
                .into_iter()
                .flatten()
                .flatten();
            let files = files.map(|file| format!("{:?}", fs::read_link(file.path())));
            format!("{left}: {}", files.collect::<Vec<_>>().join(", "))
        })?;
        for probe in run.board.probes() {
            let stats = probe.snapshot().stats;
            if stats.state != millstream::ChannelState::Fluent {
                return Err(format!("a waiter is left: {stats:?}"));
            }
        }
        Ok(())
    }
}
