//! The current runtime of a thread: a stack of entered runtimes, and what counts when it is empty.

use std::cell::RefCell;
use std::future::Future;
use std::marker::PhantomData;

use super::handle::Handle;

thread_local! {
    /// The runtimes entered on this thread. No user code runs while it is borrowed.
    static STACK: RefCell<Stack> = const {
        RefCell::new(Stack { next_id: 0, entered: Vec::new() })
    };
}

/// The runtimes entered on one thread.
struct Stack {
    /// The identity of the next entry, unique on its thread.
    next_id: u64,
    /// The entries with their identities, the innermost last.
    entered: Vec<(u64, Handle)>,
}

/// Moves the runtime out of `slot` onto this thread's stack and returns the identity of the entry. It leaves the slot
/// as it is and returns `None` when the thread is ending and its stack has been destroyed.
fn push(slot: &mut Option<Handle>) -> Option<u64> {
    STACK
        .try_with(|stack| {
            let mut stack = stack.borrow_mut();
            let id = stack.next_id;
            let runtime = slot.take()?;
            stack.next_id += 1;
            stack.entered.push((id, runtime));
            Some(id)
        })
        .ok()
        .flatten()
}

/// Takes the entry with this identity off the stack, wherever in it that is. The caller gets the runtime, so that one
/// whose last handle this was is not dropped while the stack is borrowed.
fn remove(id: u64) -> Option<Handle> {
    STACK
        .try_with(|stack| {
            let entered = &mut stack.borrow_mut().entered;
            let at = entered.iter().rposition(|(entry, _)| *entry == id)?;
            Some(entered.remove(at).1)
        })
        .ok()
        .flatten()
}

/// Makes `runtime` the current one on this thread until the guard is dropped.
///
/// Guards nest; the one made last counts. If they are not dropped in reverse order, each takes only its own runtime
/// away, and the last made of those that remain counts. A guard that is leaked keeps its runtime entered for the rest
/// of the thread's life.
///
/// A guard belongs to its thread. Do not keep one across an `.await`: other tasks that are polled on the thread in the
/// meantime would see it too. To run one task on a certain runtime, spawn it there.
///
/// # Examples
///
/// ```
/// use millstream::runtime::{self, Manual};
/// use std::time::Duration;
///
/// let mut manual = Manual::new();
/// {
///     let _entered = runtime::enter(&manual);
///     runtime::spawn(async { /* runs on `manual` */ });
/// }
/// assert_eq!(manual.tasks(), 1);
/// manual.run_until_stalled();
/// assert_eq!(manual.tasks(), 0);
/// ```
#[must_use = "the runtime is left as soon as the guard is dropped"]
pub fn enter(runtime: impl Into<Handle>) -> EnterGuard {
    let mut runtime = Some(runtime.into());
    EnterGuard {
        id: push(&mut runtime),
        not_send: PhantomData,
    }
}

/// Keeps a runtime current on the thread it was made on; made by [`enter`].
#[derive(Debug)]
pub struct EnterGuard {
    /// The entry to remove; `None` if the thread was ending.
    id: Option<u64>,
    /// The entry is on this thread's stack, so the guard has to stay here.
    not_send: PhantomData<*const ()>,
}

impl Drop for EnterGuard {
    fn drop(&mut self) {
        if let Some(id) = self.id {
            drop(remove(id));
        }
    }
}

/// Keeps the runtime of a slot entered while it lives, and moves it back into the slot then, also when unwinding.
pub(super) struct Scope<'a> {
    /// Where the runtime came from and goes back to.
    slot: &'a mut Option<Handle>,
    /// The entry on the stack; `None` if the thread was ending and the runtime has stayed in the slot.
    id: Option<u64>,
}

impl<'a> Scope<'a> {
    /// Enters the runtime in `slot`.
    pub(super) fn enter(slot: &'a mut Option<Handle>) -> Self {
        let id = push(slot);
        Self { slot, id }
    }
}

impl Drop for Scope<'_> {
    fn drop(&mut self) {
        if let Some(id) = self.id {
            *self.slot = remove(id);
        }
    }
}

/// The current runtime of this thread, chosen as the [module](super) says.
///
/// # Panics
///
/// If there is none: none was entered, and no enabled feature supplies one. With the `tokio` feature as the only one,
/// that is so on threads outside a tokio runtime. [`try_current`] is the form that does not panic.
#[track_caller]
pub fn current() -> Handle {
    match try_current() {
        Some(runtime) => runtime,
        None => panic!(
            "there is no current runtime on this thread: enable the `runtime` feature of millstream (on by default) \
             or `smol`, or call this within a tokio runtime with the `tokio` feature, or enter a runtime with \
             `millstream::runtime::enter`"
        ),
    }
}

/// The current runtime of this thread, chosen as the [module](super) says, or `None` if there is none.
pub fn try_current() -> Option<Handle> {
    let entered = STACK.try_with(|stack| {
        let stack = stack.borrow();
        stack.entered.last().map(|(_, runtime)| runtime.clone())
    });
    entered.ok().flatten().or_else(Handle::ambient)
}

/// Spawns `future` on the current runtime. It goes on by itself until it ends.
///
/// # Panics
///
/// If there is no current runtime, as [`current`] does.
///
/// # Examples
///
/// ```
/// use millstream::runtime::{self, Manual};
/// use std::sync::mpsc;
///
/// let mut manual = Manual::new();
/// let _entered = runtime::enter(&manual);
/// let (tell, told) = mpsc::channel();
///
/// runtime::spawn(async move { tell.send("done").unwrap() });
///
/// manual.run_until_stalled();
/// assert_eq!(told.try_recv(), Ok("done"));
/// ```
#[track_caller]
pub fn spawn(future: impl Future<Output = ()> + Send + 'static) {
    current().spawn(future);
}
