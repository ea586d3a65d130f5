//! The executors of the task cells: tokio on one thread and on two workers, smol's executor on one thread and on two.

use std::future::{pending, Future};
use std::pin::Pin;
use std::sync::LazyLock;
use std::thread;

use smol::Executor;
use tokio::runtime::{Builder, Runtime};

/// How a task starts another one.
pub trait Spawns: 'static {
    /// The future that comes back waits for the task, which runs by itself.
    fn spawn<F: Future<Output: Send> + Send + 'static>(
        future: F,
    ) -> impl Future<Output = F::Output> + Send;
}

/// Where tasks run.
pub trait Executes: 'static {
    /// How a cell's name spells it.
    const NAME: &'static str;

    type Spawner: Spawns;

    /// Runs a task from a thread outside to its end.
    ///
    /// What is to be measured is spawned by that task, as a server's tasks are: spawned from outside, it would go through
    /// tokio's injection queue, and how that is dealt out to the workers changes the figures by up to four times.
    fn run<R: Send + 'static>(task: Boxed<R>) -> R;
}

/// The task that starts the others and waits for their end: boxed, so that the executors are not compiled anew for each.
pub type Boxed<R> = Pin<Box<dyn Future<Output = R> + Send>>;

/// Either of tokio's runtimes: the one that the caller runs on.
pub struct Tokio;

impl Spawns for Tokio {
    fn spawn<F: Future<Output: Send> + Send + 'static>(
        future: F,
    ) -> impl Future<Output = F::Output> + Send {
        let task = tokio::spawn(future);
        async move { task.await.expect("no task panics") }
    }
}

/// tokio's current-thread runtime.
pub struct TokioThread;

impl Executes for TokioThread {
    const NAME: &'static str = "tokio-1t";

    type Spawner = Tokio;

    fn run<R: Send + 'static>(task: Boxed<R>) -> R {
        let runtime = Builder::new_current_thread()
            .build()
            .expect("the runtime starts");
        runtime
            .block_on(runtime.spawn(task))
            .expect("no task panics")
    }
}

/// Made once for all peers, so that none of them pays for starting threads.
static TWO_WORKERS: LazyLock<Runtime> = LazyLock::new(|| {
    Builder::new_multi_thread()
        .worker_threads(2)
        .build()
        .expect("the runtime starts")
});

/// tokio's multi-thread runtime with two workers.
pub struct TokioWorkers;

impl Executes for TokioWorkers {
    const NAME: &'static str = "tokio-2w";

    type Spawner = Tokio;

    fn run<R: Send + 'static>(task: Boxed<R>) -> R {
        TWO_WORKERS
            .block_on(TWO_WORKERS.spawn(task))
            .expect("no task panics")
    }
}

static ONE_THREAD: Executor<'static> = Executor::new();

/// smol's executor, run by the thread that waits for the task.
pub struct SmolThread;

impl Spawns for SmolThread {
    fn spawn<F: Future<Output: Send> + Send + 'static>(
        future: F,
    ) -> impl Future<Output = F::Output> + Send {
        ONE_THREAD.spawn(future)
    }
}

impl Executes for SmolThread {
    const NAME: &'static str = "smol-1t";

    type Spawner = Self;

    fn run<R: Send + 'static>(task: Boxed<R>) -> R {
        smol::future::block_on(ONE_THREAD.run(ONE_THREAD.spawn(task)))
    }
}

/// Made once for all peers, like tokio's workers.
static TWO_THREADS: LazyLock<&'static Executor<'static>> = LazyLock::new(|| {
    static EXECUTOR: Executor<'static> = Executor::new();
    for _ in 0..2 {
        thread::spawn(|| smol::future::block_on(EXECUTOR.run(pending::<()>())));
    }
    &EXECUTOR
});

/// smol's executor, run by two threads.
pub struct SmolThreads;

impl Spawns for SmolThreads {
    fn spawn<F: Future<Output: Send> + Send + 'static>(
        future: F,
    ) -> impl Future<Output = F::Output> + Send {
        TWO_THREADS.spawn(future)
    }
}

impl Executes for SmolThreads {
    const NAME: &'static str = "smol-2t";

    type Spawner = Self;

    fn run<R: Send + 'static>(task: Boxed<R>) -> R {
        smol::future::block_on(TWO_THREADS.spawn(task))
    }
}
