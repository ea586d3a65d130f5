//! What a future is wrapped in when it becomes a task: it sees its runtime, and its panics stay with it.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::current::Scope;
use super::handle::Handle;
use super::traits::BoxFuture;
#[cfg(any(feature = "runtime", feature = "smol"))]
use crate::sync::contained;

/// A task that finds its own runtime to be the current one while it is polled and while it is dropped.
pub(super) struct Entered {
    /// The runtime. It moves to the thread's stack of entered runtimes during a poll and back afterwards, because
    /// cloning it each time would have all workers count on one shared cache line.
    runtime: Option<Handle>,
    /// The future itself; taken out only to be dropped.
    future: Option<BoxFuture<'static, ()>>,
}

impl Entered {
    pub(super) fn new(runtime: Handle, future: BoxFuture<'static, ()>) -> Self {
        Self {
            runtime: Some(runtime),
            future: Some(future),
        }
    }
}

impl Future for Entered {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.get_mut();
        let _scope = Scope::enter(&mut this.runtime);
        match &mut this.future {
            Some(future) => future.as_mut().poll(cx),
            None => Poll::Ready(()),
        }
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        // Destructors of the task's values may spawn or look at the clock as well as its body may.
        let _scope = Scope::enter(&mut self.runtime);
        drop(self.future.take());
    }
}

/// A task whose panics, in polls and in destructors, end that task and nothing else.
///
/// The executor behind the built-in runtime and behind smol contains a panic of a poll by itself, but aborts the process
/// if a destructor panics, of the future when it has ended or of the value that a poll has thrown.
#[cfg(any(feature = "runtime", feature = "smol"))]
pub(super) struct Contained(Option<Entered>);

#[cfg(any(feature = "runtime", feature = "smol"))]
impl Contained {
    pub(super) fn new(task: Entered) -> Self {
        Self(Some(task))
    }
}

#[cfg(any(feature = "runtime", feature = "smol"))]
impl Future for Contained {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let polled = match &mut self.0 {
            Some(task) => contained(|| Pin::new(task).poll(cx)),
            None => return Poll::Ready(()),
        };
        if let Some(Poll::Pending) = polled {
            return Poll::Pending;
        }
        let task = self.0.take();
        contained(|| drop(task));
        Poll::Ready(())
    }
}

#[cfg(any(feature = "runtime", feature = "smol"))]
impl Drop for Contained {
    fn drop(&mut self) {
        let task = self.0.take();
        contained(|| drop(task));
    }
}
