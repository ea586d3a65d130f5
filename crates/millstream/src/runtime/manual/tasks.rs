//! The tasks of a manual runtime: who is in line to be polled, and who is alive.

use crate::sync::unmodelled::thread;
use crate::sync::unmodelled::{Arc, Mutex, MutexGuard, PoisonError};
use crate::sync::unmodelled::{AtomicBool, Ordering};
use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::panic::{catch_unwind, resume_unwind, AssertUnwindSafe};
use std::pin::Pin;
use std::task::{Context, Poll, Wake, Waker};

use crate::runtime::task::Entered;

/// All tasks of one runtime.
pub(super) struct Tasks(Mutex<State>);

/// What the lock is for. Futures are polled and dropped outside of it.
struct State {
    /// Tasks to poll, first come, first served.
    ready: VecDeque<Arc<Task>>,
    /// Tasks that have not ended, by number.
    alive: BTreeMap<u64, Arc<Task>>,
    /// The number of the next task.
    next_number: u64,
    /// Set when the runtime has been shut down.
    shut_down: bool,
}

/// One task; also its waker.
struct Task {
    number: u64,
    /// The tasks it is one of. The circle this makes with `alive` is broken when the task ends or the runtime does.
    tasks: Arc<Tasks>,
    /// The future; not here while it is being polled, and no more when it has ended.
    future: Mutex<Option<Entered>>,
    /// Whether the task is in line. It is set by the waker that puts it there, and unset by the runner that takes it
    /// out, before the poll, so that a wake during the poll puts it in line again.
    in_line: AtomicBool,
}

impl Tasks {
    pub(super) fn new() -> Self {
        Self(Mutex::new(State {
            ready: VecDeque::new(),
            alive: BTreeMap::new(),
            next_number: 0,
            shut_down: false,
        }))
    }

    /// No user code runs under the lock, so there is no panic that could leave it half changed.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many tasks have not ended.
    pub(super) fn len(&self) -> usize {
        self.lock().alive.len()
    }

    /// Puts a new task in line. It is dropped instead if the runtime has been shut down.
    pub(super) fn spawn(this: &Arc<Self>, future: Entered) {
        let mut state = this.lock();
        if state.shut_down {
            drop(state);
            drop(future);
            return;
        }
        let task = Arc::new(Task {
            number: state.next_number,
            tasks: this.clone(),
            future: Mutex::new(Some(future)),
            in_line: AtomicBool::new(true),
        });
        state.next_number += 1;
        state.alive.insert(task.number, task.clone());
        state.ready.push_back(task);
    }

    /// Polls the task that is first in line. Returns whether there was one.
    ///
    /// A panic of the task is passed on after the task was removed.
    pub(super) fn run_one(&self) -> bool {
        let Some(task) = self.lock().ready.pop_front() else {
            return false;
        };
        // It is a swap because this poll has to see what was written before each wake that found the task in line.
        task.in_line.swap(false, Ordering::AcqRel);
        // A waker that outlived its task may have put it in line.
        let Some(mut future) = task.lock().take() else {
            return true;
        };
        let waker = Waker::from(task.clone());
        let mut cx = Context::from_waker(&waker);
        let polled = catch_unwind(AssertUnwindSafe(|| Pin::new(&mut future).poll(&mut cx)));
        if let Ok(Poll::Pending) = polled {
            *task.lock() = Some(future);
            return true;
        }
        self.lock().alive.remove(&task.number);
        let dropped = catch_unwind(AssertUnwindSafe(|| drop(future)));
        // Of two panics the first one is the cause.
        if let Some(payload) = polled.err().or(dropped.err()) {
            resume_unwind(payload);
        }
        true
    }

    /// Drops all tasks, and lets no new ones in. The first panic of a destructor is passed on when all are dropped,
    /// unless the thread is panicking already.
    pub(super) fn shut_down(&self) {
        let (ready, alive) = {
            let mut state = self.lock();
            state.shut_down = true;
            (
                std::mem::take(&mut state.ready),
                std::mem::take(&mut state.alive),
            )
        };
        drop(ready);
        let mut panic = None;
        for task in alive.into_values() {
            let future = task.lock().take();
            let dropped = catch_unwind(AssertUnwindSafe(|| drop(future)));
            panic = panic.or(dropped.err());
        }
        if let Some(payload) = panic.filter(|_| !thread::panicking()) {
            resume_unwind(payload);
        }
    }
}

impl Task {
    /// As with the other lock, nothing panics under it.
    fn lock(&self) -> MutexGuard<'_, Option<Entered>> {
        self.future.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wake for Task {
    fn wake(self: Arc<Self>) {
        if self.in_line.swap(true, Ordering::AcqRel) {
            return;
        }
        let tasks = self.tasks.clone();
        let mut state = tasks.lock();
        if !state.shut_down {
            state.ready.push_back(self);
            return;
        }
        // The last reference may be this one, and what is left of the task is not to be dropped under the lock.
        drop(state);
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.clone().wake();
    }
}
