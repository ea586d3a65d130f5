//! A stream that several handles poll in turn, so that any of them can be dropped or left aside at any moment.

use crate::sync::{Arc, Lock};
use futures_core::Stream;
use std::mem;
use std::panic::{catch_unwind, resume_unwind, AssertUnwindSafe};
use std::pin::Pin;
use std::task::{Context, Poll, Wake, Waker};

/// A source, what its handles share about it (`X`), and who waits for it.
///
/// To poll the source, a handle takes it out of its place, so that none of its code runs under the lock; whoever finds
/// it gone waits until it is put back. The source is polled with a waker that wakes every handle that waits, so no
/// handle is needed for the others to go on.
pub(super) struct Common<S, X> {
    state: Lock<State<S, X>>,
    waiting: Arc<Waiting>,
    /// Wakes all that wait; the source is polled with it.
    waker: Waker,
}

/// What the other handles say after a panic.
const FAILED: &str = "the source of this stream panicked when another handle polled it";

/// What is under the lock.
struct State<S, X> {
    source: Place<S>,
    /// What the operator keeps.
    extra: X,
}

enum Place<S> {
    Here(Pin<Box<S>>),
    /// A handle is polling it.
    Out,
    Ended,
    /// It panicked.
    Failed,
}

/// The handles that wait, by number, and how often they were woken.
struct Waiting(Lock<WaitingState>);

struct WaitingState {
    wakers: Vec<(u64, Waker)>,
    /// Counted up by every wake of all, so that one that fell into a poll is noticed.
    rounds: u64,
    next_handle: u64,
}

impl Waiting {
    /// Wakes all that wait, but for one that is running now.
    fn wake_all(&self, but: Option<u64>) {
        let mut state = self.0.lock();
        state.rounds += 1;
        let wakers = mem::take(&mut state.wakers);
        drop(state);
        // Each is woken whatever another's waker does.
        let mut panic = None;
        for (handle, waker) in wakers {
            if Some(handle) != but {
                let woken = catch_unwind(AssertUnwindSafe(|| waker.wake()));
                panic = panic.or(woken.err());
            }
        }
        if let Some(panic) = panic {
            resume_unwind(panic);
        }
    }

    /// How many rounds of waking there were.
    fn rounds(&self) -> u64 {
        self.0.lock().rounds
    }
}

impl Wake for Waiting {
    fn wake(self: Arc<Self>) {
        self.wake_all(None);
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.wake_all(None);
    }
}

/// What came of a handle's turn at the source.
pub(super) enum Turned<T> {
    Item(T),
    Ended,
    /// The handle did not want an item any more when its turn came.
    Unwanted,
    /// Nothing yet, or another handle has the source: the handle is woken when it should look again.
    Wait,
}

impl<S, X> Common<S, X> {
    pub(super) fn new(source: S, extra: X) -> Self {
        let waiting = Arc::new(Waiting(Lock::new(WaitingState {
            wakers: Vec::new(),
            rounds: 0,
            next_handle: 0,
        })));
        Common {
            state: Lock::new(State {
                source: Place::Here(Box::pin(source)),
                extra,
            }),
            waker: Waker::from(waiting.clone()),
            waiting,
        }
    }

    /// A number for a new handle.
    pub(super) fn new_handle(&self) -> u64 {
        let mut state = self.waiting.0.lock();
        state.next_handle += 1;
        state.next_handle
    }

    /// Runs a short function over what the operator keeps. It must run no code of the user's.
    pub(super) fn with<R>(&self, function: impl FnOnce(&mut X) -> R) -> R {
        function(&mut self.state.lock().extra)
    }

    /// Wakes every handle that waits, but for the one that does so.
    pub(super) fn wake_others(&self, handle: u64) {
        self.waiting.wake_all(Some(handle));
    }

    /// Enters a handle among those that wait. Whoever does so looks again afterwards, before it waits.
    pub(super) fn wait(&self, handle: u64, context: &Context<'_>) {
        let waker = context.waker().clone();
        let mut state = self.waiting.0.lock();
        let known = state
            .wakers
            .iter_mut()
            .find(|(number, _)| *number == handle);
        let old = match known {
            Some((_, old)) => Some(mem::replace(old, waker)),
            None => {
                state.wakers.push((handle, waker));
                None
            }
        };
        drop(state);
        drop(old);
    }

    /// Takes a handle out of those that wait.
    pub(super) fn stop_waiting(&self, handle: u64) {
        let mut state = self.waiting.0.lock();
        let at = state
            .wakers
            .iter()
            .position(|(number, _)| *number == handle);
        let waker = at.map(|at| state.wakers.swap_remove(at));
        drop(state);
        drop(waker);
    }

    /// Ends the stream for all handles and drops the source, unless it is being polled.
    pub(super) fn end(&self) {
        let mut state = self.state.lock();
        let source = match &state.source {
            Place::Here(_) => mem::replace(&mut state.source, Place::Ended),
            _ => Place::Out,
        };
        drop(state);
        drop(source);
        self.waiting.wake_all(None);
    }

    /// Whether nothing more will come from the source.
    ///
    /// # Panics
    ///
    /// If it panicked: that must not be taken for an end.
    pub(super) fn is_over(&self) -> bool {
        let (ended, failed) = match self.state.lock().source {
            Place::Here(_) | Place::Out => (false, false),
            Place::Ended => (true, false),
            Place::Failed => (true, true),
        };
        assert!(!failed, "{FAILED}");
        ended
    }

    /// What is known of the number of items to come: nothing, until the end.
    pub(super) fn size_hint(&self) -> (usize, Option<usize>) {
        let over = matches!(self.state.lock().source, Place::Ended | Place::Failed);
        (0, over.then_some(0))
    }

    /// Polls the source if it is there and `wants` says yes, on behalf of a handle. An item goes through `keep` under the lock, in the same
    /// step in which the source is put back. When there is nothing, the handle is among those that wait.
    ///
    /// # Panics
    ///
    /// If the source panics, or has panicked in the poll of another handle.
    pub(super) fn turn<K>(
        &self,
        handle: u64,
        context: &Context<'_>,
        wants: impl Fn(&mut X) -> bool,
        keep: impl FnOnce(&mut X, S::Item) -> K,
    ) -> Turned<K>
    where
        S: Stream,
    {
        let mut taken = self.take_source(&wants);
        if let Taken::Out = taken {
            self.wait(handle, context);
            // Whoever has it wakes all that waited by the time it puts it back; it may have done so since.
            taken = self.take_source(&wants);
        }
        let mut source = match taken {
            Taken::Source(source) => source,
            Taken::Out => return Turned::Wait,
            Taken::Unwanted => return Turned::Unwanted,
            Taken::Ended => return Turned::Ended,
            Taken::Failed => panic!("{FAILED}"),
        };
        let guard = FailOnPanic(self);
        let before = self.waiting.rounds();
        let polled = source
            .as_mut()
            .poll_next(&mut Context::from_waker(&self.waker));
        mem::forget(guard);
        match polled {
            Poll::Ready(Some(item)) => {
                let mut state = self.state.lock();
                state.source = Place::Here(source);
                let kept = keep(&mut state.extra, item);
                drop(state);
                // The source will wake nobody before it is polled again, and there may be more in it.
                self.wake_others(handle);
                Turned::Item(kept)
            }
            Poll::Ready(None) => {
                self.state.lock().source = Place::Ended;
                drop(source);
                self.wake_others(handle);
                Turned::Ended
            }
            Poll::Pending => {
                self.state.lock().source = Place::Here(source);
                self.wait(handle, context);
                // The source may have woken all, or another handle had an item, before this one waited; and others may
                // have come during the poll, after the source had woken all.
                if self.waiting.rounds() != before {
                    self.waiting.wake_all(None);
                }
                Turned::Wait
            }
        }
    }

    /// Takes the source out of its place, if it is there and wanted.
    fn take_source(&self, wants: impl Fn(&mut X) -> bool) -> Taken<S> {
        let mut state = self.state.lock();
        match state.source {
            Place::Here(_) => {}
            Place::Out => return Taken::Out,
            Place::Ended => return Taken::Ended,
            Place::Failed => return Taken::Failed,
        }
        if !wants(&mut state.extra) {
            return Taken::Unwanted;
        }
        match mem::replace(&mut state.source, Place::Out) {
            Place::Here(source) => Taken::Source(source),
            _ => unreachable!("it was found to be there, under the same lock"),
        }
    }
}

/// What came of an attempt to take the source.
enum Taken<S> {
    Source(Pin<Box<S>>),
    Unwanted,
    Out,
    Ended,
    Failed,
}

/// Marks the source as failed if its poll unwinds, and tells everyone.
struct FailOnPanic<'a, S, X>(&'a Common<S, X>);

impl<S, X> Drop for FailOnPanic<'_, S, X> {
    fn drop(&mut self) {
        self.0.state.lock().source = Place::Failed;
        self.0.waiting.wake_all(None);
    }
}
