//! A stage on worker threads: a plain function applied to everything that comes out of a channel.

use crate::channel::{bounded, Receiver, Sender};
use crate::sync::thread;
use crate::sync::Arc;
use std::panic::{catch_unwind, AssertUnwindSafe};

/// A stage on worker threads, about to be started; see [`threads`].
#[derive(Clone, Debug)]
#[must_use = "a stage does nothing until it is given an input"]
pub struct Threads {
    count: usize,
    name: Option<String>,
}

/// A stage on `count` threads of its own (at least one), which apply a plain function to each value of a channel.
///
/// The stage ends by itself: when its input is closed and drained, its output closes; when nobody receives from its
/// output any more, it lets go of its input, and so on upstream. It never holds more than one value a thread beside
/// what its channels hold, so memory stays bounded.
///
/// # Order
///
/// Values leave in the order in which they are done.
///
/// # Panics in the function
///
/// A panic ends the stage: its input is let go of, what was done stays receivable, and after that the panic comes out
/// of the receive that would have been told the end. It is never mistaken for a clean end.
///
/// # Examples
///
/// ```
/// use millstream::pipe;
///
/// let lengths = pipe::threads(4).map(millstream::from_iter(["a", "bb", "ccc"]), str::len);
/// let mut lengths: Vec<usize> = lengths.iter().collect();
/// lengths.sort_unstable();
/// assert_eq!(lengths, [1, 2, 3]);
/// ```
pub fn threads(count: usize) -> Threads {
    Threads {
        count: count.max(1),
        name: None,
    }
}

impl Threads {
    /// Names the threads, for debuggers and panic messages.
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Starts the stage, with an output channel of its own that keeps as many values as there are threads.
    ///
    /// # Panics
    ///
    /// If the operating system gives no thread.
    pub fn map<T, R>(
        self,
        input: Receiver<T>,
        function: impl Fn(T) -> R + Send + Sync + 'static,
    ) -> Receiver<R>
    where
        T: Send + 'static,
        R: Send + 'static,
    {
        let (tx, rx) = bounded(self.count);
        self.map_into(input, tx, function);
        rx
    }

    /// Starts the stage between two channels.
    ///
    /// # Panics
    ///
    /// If the operating system gives no thread.
    pub fn map_into<T, R>(
        self,
        input: Receiver<T>,
        output: Sender<R>,
        function: impl Fn(T) -> R + Send + Sync + 'static,
    ) where
        T: Send + 'static,
        R: Send + 'static,
    {
        self.flat_map_into(input, output, move |value| std::iter::once(function(value)));
    }

    /// Starts the stage between two channels, with a function that makes any number of values of one. Its iterator
    /// runs on the worker thread too, one value at a time, as the output has room.
    ///
    /// # Panics
    ///
    /// If the operating system gives no thread.
    pub fn flat_map_into<T, I>(
        self,
        input: Receiver<T>,
        output: Sender<I::Item>,
        function: impl Fn(T) -> I + Send + Sync + 'static,
    ) where
        T: Send + 'static,
        I: IntoIterator,
        I::Item: Send + 'static,
    {
        let function = Arc::new(function);
        let name = self.name.as_deref().unwrap_or("millstream-pipe");
        for number in 0..self.count {
            let (input, output, function) = (input.clone(), output.clone(), function.clone());
            thread::Builder::new()
                .name(format!("{name}-{number}"))
                .spawn(move || work(&input, &output, &*function))
                .expect("a thread for a stage");
        }
    }
}

/// What one worker does until there is nothing to do or nobody to do it for.
fn work<T, I: IntoIterator>(
    input: &Receiver<T>,
    output: &Sender<I::Item>,
    function: &(impl Fn(T) -> I + ?Sized),
) {
    let ran = catch_unwind(AssertUnwindSafe(|| {
        while let Ok(value) = input.recv_blocking() {
            for result in function(value) {
                if output.send_blocking(result).is_err() {
                    return;
                }
            }
            if output.is_closed() {
                return;
            }
        }
    }));
    if let Err(payload) = ran {
        // The siblings stop at their next value; the consumer gets the panic after what was done.
        input.close();
        output.fail(payload);
    }
}
