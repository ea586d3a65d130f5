//! A stage on worker threads that each have a state of their own, which every stage on threads is made of.

use super::batch::MOST;
use super::stage::{Outcome, Plan, Stage};
use super::threads::Threads;
use super::worker::{work, Outlet, Step};
use crate::channel::{Receiver, Sender};
use crate::sync::thread;
use crate::sync::Arc;
use std::fmt;
use std::ops::ControlFlow;

/// A stage on worker threads, each with a state of its own, about to be started; made by [`Threads::init`].
///
/// The methods are those of [`Threads`], with functions that get the state first.
#[derive(Clone)]
#[must_use = "a stage does nothing until it is given an input"]
pub struct StatefulThreads<I> {
    threads: Threads,
    init: I,
}

impl<I> StatefulThreads<I> {
    pub(super) fn new(threads: Threads, init: I) -> Self {
        StatefulThreads { threads, init }
    }

    /// [`Threads::map`] with a state.
    ///
    /// # Panics
    ///
    /// If the operating system gives no thread.
    pub fn map<S, T, R>(
        self,
        input: Receiver<T>,
        function: impl Fn(&mut S, T) -> R + Send + Sync + 'static,
    ) -> Receiver<R>
    where
        I: Fn() -> S + Send + Sync + 'static,
        T: Send + 'static,
        R: Send + 'static,
    {
        let (tx, rx) = self.threads.output();
        self.map_into(input, tx, function);
        rx
    }

    /// [`Threads::map_into`] with a state.
    ///
    /// # Panics
    ///
    /// If the operating system gives no thread.
    pub fn map_into<S, T, R>(
        self,
        input: Receiver<T>,
        output: Sender<R>,
        function: impl Fn(&mut S, T) -> R + Send + Sync + 'static,
    ) where
        I: Fn() -> S + Send + Sync + 'static,
        T: Send + 'static,
        R: Send + 'static,
    {
        self.start(input, output, move |state: &mut S, value, outlet| {
            outlet.keep(function(state, value));
            ControlFlow::Continue(())
        });
    }

    /// [`Threads::flat_map`] with a state.
    ///
    /// # Panics
    ///
    /// If the operating system gives no thread.
    pub fn flat_map<S, T, O>(
        self,
        input: Receiver<T>,
        function: impl Fn(&mut S, T) -> O + Send + Sync + 'static,
    ) -> Receiver<O::Item>
    where
        I: Fn() -> S + Send + Sync + 'static,
        T: Send + 'static,
        O: IntoIterator,
        O::Item: Send + 'static,
    {
        let (tx, rx) = self.threads.output();
        self.flat_map_into(input, tx, function);
        rx
    }

    /// [`Threads::flat_map_into`] with a state.
    ///
    /// # Panics
    ///
    /// If the operating system gives no thread.
    pub fn flat_map_into<S, T, O>(
        self,
        input: Receiver<T>,
        output: Sender<O::Item>,
        function: impl Fn(&mut S, T) -> O + Send + Sync + 'static,
    ) where
        I: Fn() -> S + Send + Sync + 'static,
        T: Send + 'static,
        O: IntoIterator,
        O::Item: Send + 'static,
    {
        self.start(input, output, move |state: &mut S, value, outlet| {
            for result in function(state, value) {
                if outlet.send(result).is_err() {
                    return ControlFlow::Break(Outcome::Ended);
                }
            }
            ControlFlow::Continue(())
        });
    }

    /// [`Threads::try_map`] with a state.
    ///
    /// # Panics
    ///
    /// If the operating system gives no thread.
    pub fn try_map<S, T, R, E>(
        self,
        input: Receiver<T>,
        function: impl Fn(&mut S, T) -> Result<R, E> + Send + Sync + 'static,
    ) -> Receiver<Result<R, E>>
    where
        I: Fn() -> S + Send + Sync + 'static,
        T: Send + 'static,
        R: Send + 'static,
        E: Send + 'static,
    {
        let (tx, rx) = self.threads.output();
        self.try_map_into(input, tx, function);
        rx
    }

    /// [`Threads::try_map_into`] with a state.
    ///
    /// # Panics
    ///
    /// If the operating system gives no thread.
    pub fn try_map_into<S, T, R, E>(
        self,
        input: Receiver<T>,
        output: Sender<Result<R, E>>,
        function: impl Fn(&mut S, T) -> Result<R, E> + Send + Sync + 'static,
    ) where
        I: Fn() -> S + Send + Sync + 'static,
        T: Send + 'static,
        R: Send + 'static,
        E: Send + 'static,
    {
        self.start(input, output, move |state: &mut S, value, outlet| {
            let result = function(state, value);
            let failed = result.is_err();
            outlet.keep(result);
            if failed {
                ControlFlow::Break(Outcome::Ended)
            } else {
                ControlFlow::Continue(())
            }
        });
    }

    /// Starts the threads.
    fn start<S, T, R>(
        self,
        input: Receiver<T>,
        output: Sender<R>,
        apply: impl Fn(&mut S, T, &mut Outlet<'_, T, R>) -> Step + Send + Sync + 'static,
    ) where
        I: Fn() -> S + Send + Sync + 'static,
        T: Send + 'static,
        R: Send + 'static,
    {
        let Threads {
            count,
            name,
            ordered,
            batch,
            ..
        } = self.threads;
        let plan = Plan {
            workers: count,
            ordered,
            window: count.saturating_mul(2),
            batch: batch.min(output.capacity().unwrap_or(MOST)),
        };
        let stage = Arc::new(Stage::new(input, output, plan));
        let functions = Arc::new((self.init, apply));
        let name = name.as_deref().unwrap_or("millstream-pipe");
        for number in 0..count {
            let (stage, functions) = (stage.clone(), functions.clone());
            thread::Builder::new()
                .name(format!("{name}-{number}"))
                .spawn(move || {
                    let (init, apply) = &*functions;
                    work(&stage, init, apply);
                })
                .expect("a thread for a stage");
        }
    }
}

impl<I> fmt::Debug for StatefulThreads<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StatefulThreads")
            .field("threads", &self.threads)
            .finish_non_exhaustive()
    }
}
