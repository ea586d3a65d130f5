//! The future of a scope: runs the body and what is attached, and ends after the last task.

use super::attached::Attachments;
use super::core::{Core, Failure};
use super::handle::Scope;
use super::nesting::{self, within, Outer};
use crate::channel::SignalWatch;
use crate::runtime::{self, BoxFuture, Timer};
use crate::sync::Arc;
use std::fmt;
use std::future::Future;
use std::panic::{catch_unwind, resume_unwind, AssertUnwindSafe};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

/// Runs `body` with a [`Scope`], and ends when the body and everything started in the scope have ended.
///
/// The body is called when the future is first polled. The [module](super) says what happens when something fails, is
/// cancelled or is dropped.
///
/// # Errors
///
/// The first error that the body or a task has returned, after everything has ended.
///
/// # Panics
///
/// With the first panic of the body or a task, if it came before any error, after everything has ended; the panic hook
/// has reported it by then. Also if a runtime that is shut down drops a task of the scope, which then cannot end well.
/// If polled again after it was ready.
///
/// # Cancel safety
///
/// Dropping the future cancels everything in it, as the [module](super) says; what tasks had received or not yet sent is
/// dropped with them.
///
/// # Examples
///
/// ```
/// use millstream::scope::scope;
///
/// # millstream::block_on(async {
/// let failed = scope(|s| async move {
///     s.spawn(std::future::pending::<Result<(), String>>());
///     s.spawn(async { Err::<(), _>("no such file".to_string()) });
///     Ok(())
/// })
/// .await;
/// assert_eq!(failed, Err("no such file".to_string()));
/// # });
/// ```
pub fn scope<'env, B, F, R, E>(body: B) -> ScopeFuture<'env, B, F, R, E>
where
    B: FnOnce(Scope<'env, E>) -> F,
    F: Future<Output = Result<R, E>>,
    E: Send + 'static,
{
    let core = Core::new();
    ScopeFuture {
        stage: Stage::Start(body),
        attachments: Attachments::new(),
        failed: core.failed.watch(),
        cancelled: Some(core.cancelled.watch()),
        idle: None,
        grace: Grace::Unlimited,
        core,
    }
}

/// Runs a scope; made by [`scope`].
#[must_use = "a scope does nothing until it is awaited"]
pub struct ScopeFuture<'env, B, F, R, E: Send + 'static> {
    stage: Stage<B, F, R>,
    attachments: Attachments<'env>,
    core: Arc<Core<E>>,
    failed: SignalWatch,
    /// There until the cancellation was noticed.
    cancelled: Option<SignalWatch>,
    /// There while it waits for the last member.
    idle: Option<SignalWatch>,
    grace: Grace,
}

// Nothing is pinned but what the box points to.
impl<B, F, R, E: Send + 'static> Unpin for ScopeFuture<'_, B, F, R, E> {}

/// How far the body is.
enum Stage<B, F, R> {
    Start(B),
    Running(Pin<Box<F>>),
    Returned(R),
    Failed,
    /// The scope's future was ready.
    Over,
}

/// How long cooperative tasks have after a cancellation.
enum Grace {
    Unlimited,
    Limited(Duration),
    Running(BoxFuture<'static, ()>),
}

impl<'env, B, F, R, E> ScopeFuture<'env, B, F, R, E>
where
    B: FnOnce(Scope<'env, E>) -> F,
    F: Future<Output = Result<R, E>>,
    E: Send + 'static,
{
    /// How long [cooperative tasks](super::Spawner::spawn_cooperative) have to end after a cancellation before they are
    /// dropped; without this, as long as they take.
    ///
    /// The time is measured by the runtime that is current where the scope's future is polled.
    ///
    /// # Panics
    ///
    /// This call does not. The scope's future does if there is no runtime when the scope is cancelled; see
    /// [`runtime::current`](crate::runtime::current).
    pub fn grace(mut self, limit: Duration) -> Self {
        self.grace = Grace::Limited(limit);
        self
    }

    /// Begins or goes on with the body; whether it did something that has to be looked at.
    fn poll_body(&mut self, context: &mut Context<'_>) -> bool {
        let ended = match std::mem::replace(&mut self.stage, Stage::Failed) {
            Stage::Start(body) => {
                self.core.set_outer(nesting::current());
                let scope = Scope::new(self.core.clone(), self.attachments.door().clone());
                let mut here: Option<Arc<dyn Outer>> = Some(self.core.clone());
                let _within = within(&mut here);
                match catch_unwind(AssertUnwindSafe(|| body(scope))) {
                    Ok(future) => {
                        self.stage = Stage::Running(Box::pin(future));
                        return true;
                    }
                    Err(panic) => Err(Failure::Panic(panic)),
                }
            }
            Stage::Running(mut future) => {
                let mut here: Option<Arc<dyn Outer>> = Some(self.core.clone());
                let _within = within(&mut here);
                match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
                    Ok(Poll::Pending) => {
                        self.stage = Stage::Running(future);
                        return false;
                    }
                    Ok(Poll::Ready(Ok(value))) => Ok(value),
                    Ok(Poll::Ready(Err(error))) => Err(Failure::Error(error)),
                    Err(panic) => Err(Failure::Panic(panic)),
                }
            }
            other => {
                self.stage = other;
                return false;
            }
        };
        match ended {
            Ok(value) => self.stage = Stage::Returned(value),
            Err(failure) => self.core.fail(failure),
        }
        true
    }

    /// After a failure the body goes.
    fn end_body(&mut self) {
        if let Stage::Failed | Stage::Over = self.stage {
            return;
        }
        let stage = std::mem::replace(&mut self.stage, Stage::Failed);
        let mut here: Option<Arc<dyn Outer>> = Some(self.core.clone());
        let _within = within(&mut here);
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| drop(stage))) {
            self.core.fail(Failure::Panic(panic));
        }
    }

    /// Looks whether cooperative tasks have had their time.
    fn poll_grace(&mut self, context: &mut Context<'_>) {
        if let Some(cancelled) = &mut self.cancelled {
            if cancelled.poll(context).is_pending() {
                return;
            }
            self.cancelled = None;
            if let Grace::Limited(limit) = self.grace {
                self.grace = Grace::Running(runtime::current().sleep(limit));
            }
        }
        if let Grace::Running(sleep) = &mut self.grace {
            if sleep.as_mut().poll(context).is_ready() {
                self.grace = Grace::Unlimited;
                self.core.cut.raise();
            }
        }
    }

    /// Whether the last member has gone; what went wrong is inside.
    fn poll_end(&mut self, context: &mut Context<'_>) -> Poll<Option<Failure<E>>> {
        loop {
            if let Some(failure) = self.core.finish() {
                return Poll::Ready(failure);
            }
            if self.idle.is_none() {
                self.idle = self.core.idle();
            }
            if let Some(idle) = &mut self.idle {
                if idle.poll(context).is_pending() {
                    return Poll::Pending;
                }
            }
            self.idle = None;
        }
    }
}

impl<'env, B, F, R, E> Future for ScopeFuture<'env, B, F, R, E>
where
    B: FnOnce(Scope<'env, E>) -> F,
    F: Future<Output = Result<R, E>>,
    E: Send + 'static,
{
    type Output = Result<R, E>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        assert!(
            !matches!(this.stage, Stage::Over),
            "ScopeFuture was polled after it was ready"
        );
        loop {
            if this.failed.poll(context).is_ready() {
                this.end_body();
            }
            let moved = this.poll_body(context);
            this.attachments.poll(context);
            let unseen_failure = this.core.failed.is_raised() && this.body_is_there();
            if !moved && !unseen_failure {
                break;
            }
        }
        this.poll_grace(context);
        if this.body_is_there() && !matches!(this.stage, Stage::Returned(_)) {
            return Poll::Pending;
        }
        let Poll::Ready(failure) = this.poll_end(context) else {
            return Poll::Pending;
        };
        let stage = std::mem::replace(&mut this.stage, Stage::Over);
        this.attachments.drop_all();
        this.core.set_outer(None);
        match (failure, stage) {
            (None, Stage::Returned(value)) => Poll::Ready(Ok(value)),
            (Some(Failure::Error(error)), _) => Poll::Ready(Err(error)),
            (Some(Failure::Panic(panic)), _) => resume_unwind(panic),
            (None, _) => unreachable!("a body that has returned nothing has failed"),
        }
    }
}

impl<B, F, R, E: Send + 'static> ScopeFuture<'_, B, F, R, E> {
    /// Whether a failure would still find something of the body.
    fn body_is_there(&self) -> bool {
        !matches!(self.stage, Stage::Failed | Stage::Over)
    }
}

impl<B, F, R, E: Send + 'static> Drop for ScopeFuture<'_, B, F, R, E> {
    fn drop(&mut self) {
        if matches!(self.stage, Stage::Over) {
            return;
        }
        self.core.abandon();
        let mut here: Option<Arc<dyn Outer>> = Some(self.core.clone());
        let _within = within(&mut here);
        let stage = std::mem::replace(&mut self.stage, Stage::Over);
        // Also if the body's destructors panic, what was attached must not keep the door, which keeps it, alive.
        let dropped = catch_unwind(AssertUnwindSafe(|| drop(stage)));
        self.attachments.drop_all();
        if let Err(panic) = dropped {
            if !crate::sync::unmodelled::thread::panicking() {
                resume_unwind(panic);
            }
        }
    }
}

impl<B, F, R, E: Send + 'static> fmt::Debug for ScopeFuture<'_, B, F, R, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stage = match self.stage {
            Stage::Start(_) => "not started",
            Stage::Running(_) => "running",
            Stage::Returned(_) => "waiting for its tasks",
            Stage::Failed => "cancelling",
            Stage::Over => "over",
        };
        f.debug_struct("ScopeFuture")
            .field("stage", &stage)
            .field("cancelled", &self.core.cancelled.is_raised())
            .finish_non_exhaustive()
    }
}
