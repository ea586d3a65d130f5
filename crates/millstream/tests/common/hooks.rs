//! A waker whose clone, wake and drop are the test's code: it may come back to the channel, or panic.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::Arc;
use std::task::{RawWaker, RawWakerVTable, Waker};

/// What a hook does.
pub type Hook = Box<dyn Fn() + Send + Sync>;

/// The code behind a waker. It runs only while the hooks are armed, so that a test says which of the many
/// clones and drops of a waker it means.
#[derive(Default)]
pub struct Hooks {
    pub on_clone: Option<Hook>,
    pub on_wake: Option<Hook>,
    pub on_drop: Option<Hook>,
    armed: AtomicBool,
    runs: AtomicUsize,
}

impl Hooks {
    pub fn on_clone(code: Hook) -> Self {
        Hooks {
            on_clone: Some(code),
            ..Hooks::default()
        }
    }

    pub fn on_wake(code: Hook) -> Self {
        Hooks {
            on_wake: Some(code),
            ..Hooks::default()
        }
    }

    pub fn on_drop(code: Hook) -> Self {
        Hooks {
            on_drop: Some(code),
            ..Hooks::default()
        }
    }

    /// The waker, and a second reference to arm the hooks and to count their runs.
    pub fn waker(self) -> (Waker, Arc<Hooks>) {
        let hooks = Arc::new(self);
        let data = Arc::into_raw(hooks.clone()).cast();
        // SAFETY: the table treats the pointer as one strong count of an `Arc<Hooks>`, which is what was just
        // made; `Hooks` is `Send + Sync`, so the waker may go anywhere.
        let waker = unsafe { Waker::from_raw(RawWaker::new(data, &TABLE)) };
        (waker, hooks)
    }

    pub fn arm(&self) {
        self.armed.store(true, Ordering::SeqCst);
    }

    pub fn disarm(&self) {
        self.armed.store(false, Ordering::SeqCst);
    }

    /// How often a hook has begun to run.
    pub fn runs(&self) -> usize {
        self.runs.load(Ordering::SeqCst)
    }

    fn run(&self, hook: &Option<Hook>) {
        if let (Some(code), true) = (hook, self.armed.load(Ordering::SeqCst)) {
            self.runs.fetch_add(1, Ordering::SeqCst);
            code();
        }
    }
}

static TABLE: RawWakerVTable = RawWakerVTable::new(clone, wake, wake_by_ref, drop_waker);

unsafe fn clone(data: *const ()) -> RawWaker {
    // SAFETY: `data` is a live strong count of an `Arc<Hooks>`, as every waker of this table holds one.
    let hooks = unsafe { &*data.cast::<Hooks>() };
    hooks.run(&hooks.on_clone);
    // SAFETY: as above; the new waker gets a strong count of its own.
    unsafe { Arc::increment_strong_count(data.cast::<Hooks>()) };
    RawWaker::new(data, &TABLE)
}

unsafe fn wake(data: *const ()) {
    // SAFETY: the waker is consumed, so its strong count is taken over here.
    let hooks = unsafe { Arc::from_raw(data.cast::<Hooks>()) };
    hooks.run(&hooks.on_wake);
}

unsafe fn wake_by_ref(data: *const ()) {
    // SAFETY: `data` is a live strong count of an `Arc<Hooks>`.
    let hooks = unsafe { &*data.cast::<Hooks>() };
    hooks.run(&hooks.on_wake);
}

unsafe fn drop_waker(data: *const ()) {
    // SAFETY: the waker is dropped, so its strong count is taken over here.
    let hooks = unsafe { Arc::from_raw(data.cast::<Hooks>()) };
    hooks.run(&hooks.on_drop);
}
