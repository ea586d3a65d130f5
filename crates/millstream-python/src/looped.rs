//! Waiting on an event loop: wake-ups are collected per loop and handed to their tasks by one callback.

use crate::attached::Attached;
use crate::fork::Process;
use crate::leaving::{self, Inside};
use crate::outcome::{Outcome, Pending};
use crate::quiet::Quiet;
use crate::waiter::Waiter;
use crate::waiters::{self, Place, Places};
use pyo3::exceptions::PyException;
use pyo3::ffi;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyWeakrefMethods, PyWeakrefReference};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Wake, Waker};

/// How many tasks are resumed in one turn of the loop, before others get theirs.
const STEPS_A_TURN: usize = 32;

/// One operation that waits in a task: its future, and the way to wake the task.
pub(crate) struct LoopWait {
    /// Taken out while it is polled, so that nothing is held then; gone once the operation has ended, and never there if
    /// others look at that.
    pending: Attached<Option<Pending>>,
    queue: Arc<LoopQueue>,
    /// Whether it is on its way to its task, or there is nothing to wake.
    woken: AtomicBool,
    /// Whether the time is up that the operation was given.
    timed_out: AtomicBool,
    /// Where its waiter lies, in each channel that could wake it.
    places: Attached<Places>,
}

impl LoopWait {
    pub(crate) fn new(pending: Pending, queue: Arc<LoopQueue>) -> Arc<Self> {
        LoopWait::of(Some(pending), queue)
    }

    /// One that is only told that something has ended, which others see to.
    pub(crate) fn told(queue: Arc<LoopQueue>) -> Arc<Self> {
        LoopWait::of(None, queue)
    }

    fn of(pending: Option<Pending>, queue: Arc<LoopQueue>) -> Arc<Self> {
        Arc::new(LoopWait {
            pending: Attached::new(pending),
            queue,
            woken: AtomicBool::new(false),
            timed_out: AtomicBool::new(false),
            places: Attached::new(Places::default()),
        })
    }

    /// Looks whether the operation has ended. `None` if its loop was closed under it.
    pub(crate) fn poll(self: &Arc<Self>, py: Python<'_>) -> Option<Poll<Outcome>> {
        let mut pending = self.pending.replace(py, None)?;
        // From here on whoever wakes does so anew.
        self.woken.store(false, Ordering::SeqCst);
        let waker = Waker::from(self.clone());
        let poll = pending.poll(&mut Context::from_waker(&waker));
        if poll.is_pending() {
            if self.timed_out.load(Ordering::SeqCst) {
                return Some(Poll::Ready(pending.give_up()));
            }
            self.pending.replace(py, Some(pending));
        }
        Some(poll)
    }

    /// The waiter lies there from now on, and is to be found there by the wake-up.
    pub(crate) fn settle(&self, py: Python<'_>, place: Place) {
        self.places.update(py, |places| places.push(place));
    }

    /// The same, for one that lies in several.
    pub(crate) fn settle_in(&self, py: Python<'_>, places: Places) {
        self.places.replace(py, places);
    }

    /// Takes the waiter back from wherever it lies.
    fn unsettle(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        waiters::take(self.places.replace(py, Places::default()), py)
    }

    /// Ends the operation without effect: what it was matched with goes to the next in line.
    pub(crate) fn give_up(&self, py: Python<'_>) {
        self.woken.store(true, Ordering::SeqCst);
        let pending = self.pending.replace(py, None);
        drop(pending);
        drop(self.unsettle(py));
    }

    /// The loop is closed: its task cannot be resumed.
    fn lose(&self, py: Python<'_>) {
        let waiter = self.unsettle(py);
        self.give_up(py);
        if let Some(Ok(waiter)) = waiter.map(|waiter| waiter.into_bound(py).cast_into::<Waiter>()) {
            waiter.get().lose(py);
        }
    }

    /// Wakes the task, unless it is woken already; `false` then.
    pub(crate) fn wake_once(self: &Arc<Self>) -> bool {
        let is_first = !self.woken.swap(true, Ordering::SeqCst);
        if is_first {
            LoopQueue::push(self.clone());
        }
        is_first
    }

    /// Whether its task was told to look again, and has not done so yet.
    pub(crate) fn is_woken(&self) -> bool {
        self.woken.load(Ordering::SeqCst)
    }

    pub(crate) fn time_up(self: &Arc<Self>) {
        self.timed_out.store(true, Ordering::SeqCst);
        self.wake_once();
    }
}

impl Wake for LoopWait {
    fn wake(self: Arc<Self>) {
        self.wake_once();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.wake_once();
    }
}

/// The operations of one loop whose tasks are to be resumed.
pub(crate) struct LoopQueue {
    /// A weak reference, since a loop may go while something still waits for it.
    event_loop: Py<PyWeakrefReference>,
    process: Process,
    ready: Mutex<Ready>,
}

#[derive(Default)]
struct Ready {
    waits: VecDeque<Arc<LoopWait>>,
    /// Whether the loop has been asked to call.
    is_scheduled: bool,
}

thread_local! {
    /// The queue of the loop that this thread used last.
    static LAST: RefCell<Option<Arc<LoopQueue>>> = const { RefCell::new(None) };
    /// The loop in whose call this thread is, if it is in one of ours.
    static DRAINING: RefCell<Option<Running>> = const { RefCell::new(None) };
}

/// The loop that runs on this thread.
pub(crate) struct Running {
    pub(crate) queue: Arc<LoopQueue>,
    pub(crate) event_loop: Py<PyAny>,
}

impl Running {
    /// `RuntimeError` if none runs.
    pub(crate) fn current(py: Python<'_>) -> PyResult<Self> {
        // Asking asyncio costs a system call in some versions of it.
        let draining = DRAINING.with_borrow(|running| running.as_ref().map(|it| it.clone_ref(py)));
        if let Some(running) = draining {
            return Ok(running);
        }
        static RUNNING: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        let event_loop = RUNNING
            .import(py, "asyncio", "_get_running_loop")?
            .call0()?;
        if event_loop.is_none() {
            return Err(crate::errors::misuse(
                "an operation that has to wait needs a running event loop; in a thread use its blocking form",
            ));
        }
        let queue = LoopQueue::of(&event_loop)?;
        Ok(Running {
            queue,
            event_loop: event_loop.unbind(),
        })
    }

    fn clone_ref(&self, py: Python<'_>) -> Self {
        Running {
            queue: self.queue.clone(),
            event_loop: self.event_loop.clone_ref(py),
        }
    }
}

/// The time during which a loop is in a call of ours.
struct Draining;

impl Draining {
    fn new(running: Running) -> Self {
        let before = DRAINING.replace(Some(running));
        drop(before);
        Draining
    }
}

impl Drop for Draining {
    fn drop(&mut self) {
        let running = DRAINING.take();
        drop(running);
    }
}

impl LoopQueue {
    fn of(event_loop: &Bound<'_, PyAny>) -> PyResult<Arc<Self>> {
        let last = LAST.with_borrow(Clone::clone);
        if let Some(queue) = last {
            if queue.is_of(event_loop.py(), event_loop) {
                return Ok(queue);
            }
        }
        let queue = Arc::new(LoopQueue {
            event_loop: PyWeakrefReference::new(event_loop)?.unbind(),
            process: Process::current(),
            ready: Mutex::default(),
        });
        let before = LAST.replace(Some(queue.clone()));
        drop(before);
        Ok(queue)
    }

    fn is_of(&self, py: Python<'_>, event_loop: &Bound<'_, PyAny>) -> bool {
        let own = self.event_loop.bind(py).upgrade();
        own.is_some_and(|own| own.is(event_loop)) && !self.process.is_gone()
    }

    fn push(wait: Arc<LoopWait>) {
        let queue = wait.queue.clone();
        let mut ready = lock(&queue.ready);
        ready.waits.push_back(wait);
        let must_schedule = !std::mem::replace(&mut ready.is_scheduled, true);
        drop(ready);
        if must_schedule {
            queue.schedule();
        }
    }

    /// Asks the loop to call. If there is no loop any more, nothing can be resumed: the operations are given up, and
    /// what they were matched with goes to others.
    fn schedule(self: Arc<Self>) {
        // While the interpreter shuts down nobody is left to be told.
        leaving::try_attached(|py| {
            let _quiet = Quiet::new(py);
            let Err(error) = self.ask(py) else { return };
            if error.is_instance_of::<PyException>(py) || self.ask(py).is_err() {
                return self.refuse(py);
            }
            // An interrupt came just then. It is no word of the loop's, and is due where it can be seen.
            // SAFETY: the thread is attached.
            unsafe { ffi::PyErr_SetInterrupt() };
        });
    }

    fn ask(self: &Arc<Self>, py: Python<'_>) -> PyResult<()> {
        let Some(event_loop) = self.event_loop.bind(py).upgrade() else {
            return Err(crate::errors::misuse("the event loop is gone"));
        };
        let call = Bound::new(py, Drain::new(self.clone()))?;
        if self.runs_here(py, &event_loop) {
            event_loop.call_method1(intern!(py, "call_soon"), (call,))?;
            return Ok(());
        }
        event_loop.call_method1(intern!(py, "call_soon_threadsafe"), (call,))?;
        // It may have been closed between its own look at that and its keeping of the call.
        let is_closed = event_loop.call_method0(intern!(py, "is_closed"))?;
        match is_closed.is_truthy()? {
            true => Err(crate::errors::misuse("the event loop is closed")),
            false => Ok(()),
        }
    }

    /// Whether the loop is the one that runs on this thread. It may have been made on another, and go on on a third.
    fn runs_here(&self, py: Python<'_>, event_loop: &Bound<'_, PyAny>) -> bool {
        let running = Running::current(py);
        running.is_ok_and(|running| running.event_loop.bind(py).is(event_loop))
    }

    fn refuse(&self, py: Python<'_>) {
        let mut ready = lock(&self.ready);
        ready.is_scheduled = false;
        let waits = std::mem::take(&mut ready.waits);
        drop(ready);
        for wait in waits {
            wait.lose(py);
        }
    }

    fn drain(self: &Arc<Self>, py: Python<'_>) -> PyResult<()> {
        let Some(event_loop) = self.event_loop.bind(py).upgrade() else {
            return Ok(());
        };
        let _draining = Draining::new(Running {
            queue: self.clone(),
            event_loop: event_loop.unbind(),
        });
        for _ in 0..STEPS_A_TURN {
            let next = lock(&self.ready).waits.pop_front();
            let Some(wait) = next else { break };
            let Some(waiter) = wait.unsettle(py) else {
                continue;
            };
            let waiter = waiter.into_bound(py).cast_into::<Waiter>()?;
            if let Err(error) = Waiter::resume(&waiter) {
                // Only what must end the loop comes here. The others are resumed when it runs again.
                self.go_on();
                return Err(error);
            }
        }
        self.go_on();
        Ok(())
    }

    /// Asks for another turn if somebody is left.
    fn go_on(self: &Arc<Self>) {
        let mut ready = lock(&self.ready);
        ready.is_scheduled = !ready.waits.is_empty();
        let must_schedule = ready.is_scheduled;
        drop(ready);
        if must_schedule {
            self.clone().schedule();
        }
    }
}

/// What the loop calls.
#[pyclass(frozen, module = "millstream._core", name = "_Drain")]
struct Drain {
    queue: Arc<LoopQueue>,
    is_called: AtomicBool,
}

impl Drain {
    fn new(queue: Arc<LoopQueue>) -> Self {
        Drain {
            queue,
            is_called: AtomicBool::new(false),
        }
    }
}

impl Drop for Drain {
    /// A loop that is closed drops what it was asked to call. What it was to hand out then goes to others.
    fn drop(&mut self) {
        if *self.is_called.get_mut() || self.queue.process.is_gone() {
            return;
        }
        Python::try_attach(|py| {
            let _quiet = Quiet::new(py);
            self.queue.refuse(py);
        });
    }
}

#[pymethods]
impl Drain {
    fn __call__(&self, py: Python<'_>) -> PyResult<()> {
        let _inside = Inside::new(py);
        self.is_called.store(true, Ordering::Relaxed);
        self.queue.drain(py)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("nothing panics under this lock")
}
