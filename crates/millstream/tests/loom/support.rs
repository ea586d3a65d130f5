//! What the models share: the exploration itself, wakers that count, and values that are counted out.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};

/// How often a schedule may take a thread off the processor where it does not wait. Few mistakes need more
/// than two.
const PREEMPTIONS: usize = 4;

/// Runs `model` under every schedule with few preemptions.
pub fn explore(model: impl Fn() + Send + Sync + 'static) {
    explore_within(PREEMPTIONS, model);
}

/// Runs `model` under every schedule with at most `preemptions` of them, for a model that would take minutes
/// with more. `LOOM_MAX_PREEMPTIONS` says otherwise, here and in [`explore`], for a longer look.
///
/// It prints how many schedules that were: a model of which there is one explores nothing.
pub fn explore_within(preemptions: usize, model: impl Fn() + Send + Sync + 'static) {
    let runs = Arc::new(AtomicUsize::new(0));
    let counted = runs.clone();
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound.get_or_insert(preemptions);
    let started = Instant::now();
    builder.check(move || {
        counted.fetch_add(1, SeqCst);
        model();
    });
    let name = std::thread::current().name().map(str::to_string);
    let runs = runs.load(SeqCst);
    println!(
        "{}: {runs} schedules in {:.1?}",
        name.as_deref().unwrap_or("model"),
        started.elapsed()
    );
    assert!(
        runs > 1,
        "there is one schedule only: nothing ran beside anything"
    );
}

/// A waker that counts how often it was called.
///
/// The count is std's and not loom's: a model reads it where the thread that wakes has been joined.
pub struct Counter(AtomicUsize);

impl Counter {
    pub fn new() -> Arc<Self> {
        Arc::new(Counter(AtomicUsize::new(0)))
    }

    pub fn wakes(&self) -> usize {
        self.0.load(SeqCst)
    }
}

impl Wake for Counter {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, SeqCst);
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.fetch_add(1, SeqCst);
    }
}

/// Polls a future once.
pub fn poll_once<F: Future + Unpin>(future: &mut F, counter: &Arc<Counter>) -> Poll<F::Output> {
    let waker = Waker::from(counter.clone());
    Pin::new(future).poll(&mut Context::from_waker(&waker))
}

/// Polls a future that is expected to wait.
pub fn start_waiting<F: Future + Unpin>(future: &mut F) -> Arc<Counter> {
    let counter = Counter::new();
    assert!(poll_once(future, &counter).is_pending(), "it has to wait");
    counter
}

/// A moment that is over: whoever waits until then may stop waiting at any step.
pub fn at_any_moment() -> Instant {
    Instant::now() - Duration::from_secs(1)
}

/// Counts the drops of its [`Token`].
#[derive(Clone)]
pub struct Ledger(Arc<AtomicUsize>);

/// The one value of a model that must not be lost or doubled.
pub struct Token(Ledger);

impl Ledger {
    pub fn new() -> (Ledger, Token) {
        let ledger = Ledger(Arc::new(AtomicUsize::new(0)));
        (ledger.clone(), Token(ledger))
    }

    /// How often the token was dropped so far.
    pub fn drops(&self) -> usize {
        self.0.load(SeqCst)
    }
}

impl Drop for Token {
    fn drop(&mut self) {
        self.0 .0.fetch_add(1, SeqCst);
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token")
    }
}
