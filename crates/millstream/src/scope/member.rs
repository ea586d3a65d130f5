//! What a future becomes in a scope: it ends with the scope, and what goes wrong in it is the scope's affair.

use super::core::{Core, Failure, Membership};
use super::nesting::{within, Outer};
use crate::channel::Sender;
use crate::channel::SignalWatch;
use crate::sync::Arc;
use std::any::Any;
use std::future::Future;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::pin::Pin;
use std::task::{Context, Poll};

/// What the scope panics with if somebody else ended a task of it.
const DROPPED: &str = "a task of this scope was dropped by its runtime before it had ended";

/// A future with its place in a scope. The fields are dropped in this order.
pub(super) struct Member<F, T, E: Send + 'static> {
    /// There until it has ended. Boxed so that it can be dropped where it is and the rest stays movable.
    future: Option<Pin<Box<F>>>,
    /// Where its value goes.
    result: Option<Sender<T>>,
    /// What ends it early.
    stop: SignalWatch,
    core: Arc<Core<E>>,
    /// The same, for the scopes that are opened in it.
    scope: Option<Arc<dyn Outer>>,
    /// Given up last, when no destructor is left to run.
    membership: Option<Membership<E>>,
}

// Nothing is pinned but what the box points to.
impl<F, T, E: Send + 'static> Unpin for Member<F, T, E> {}

impl<F, T, E> Member<F, T, E>
where
    F: Future<Output = Result<T, E>>,
    E: Send + 'static,
{
    pub(super) fn new(
        future: F,
        result: Sender<T>,
        stop: SignalWatch,
        core: Arc<Core<E>>,
        membership: Membership<E>,
    ) -> Self {
        Member {
            future: Some(Box::pin(future)),
            result: Some(result),
            stop,
            scope: Some(core.clone()),
            core,
            membership: Some(membership),
        }
    }

    /// Polls the future unless it is to stop; `None` means that it is.
    fn step(&mut self, context: &mut Context<'_>) -> Poll<Option<Caught<Result<T, E>>>> {
        let _within = within(&mut self.scope);
        if self.stop.poll(context).is_ready() {
            return Poll::Ready(None);
        }
        let Some(future) = &mut self.future else {
            return Poll::Ready(None);
        };
        match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(result)) => Poll::Ready(Some(Ok(result))),
            Err(panic) => Poll::Ready(Some(Err(panic))),
        }
    }
}

type Caught<R> = Result<R, Box<dyn Any + Send>>;

impl<F, T, E> Future for Member<F, T, E>
where
    F: Future<Output = Result<T, E>>,
    E: Send + 'static,
{
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        let Poll::Ready(ended) = this.step(context) else {
            return Poll::Pending;
        };
        let _within = within(&mut this.scope);
        // Its destructors are a part of it: they run before anybody is told.
        let future = this.future.take();
        let dropped = catch_unwind(AssertUnwindSafe(|| drop(future)));
        let result = this.result.take();
        match ended {
            Some(Err(panic)) => this.core.fail(Failure::Panic(panic)),
            Some(Ok(Err(error))) => this.core.fail(Failure::Error(error)),
            Some(Ok(Ok(value))) => {
                // If nobody wants the value it is dropped here, and that is the user's code too.
                let sent = catch_unwind(AssertUnwindSafe(|| {
                    drop(result.map(|result| result.try_send(value)));
                }));
                if let Err(panic) = sent {
                    this.core.fail(Failure::Panic(panic));
                }
            }
            None => {}
        }
        if let Err(panic) = dropped {
            this.core.fail(Failure::Panic(panic));
        }
        drop(this.membership.take());
        Poll::Ready(())
    }
}

impl<F, T, E: Send + 'static> Drop for Member<F, T, E> {
    fn drop(&mut self) {
        let Some(future) = self.future.take() else {
            return;
        };
        let _within = within(&mut self.scope);
        if !self.core.cancelled.is_raised() {
            // A scope that ended well although a part of it was not done would be a lie.
            self.core.fail(Failure::Panic(Box::new(DROPPED)));
        }
        drop(future);
    }
}
