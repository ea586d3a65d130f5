//! A stream written as an async block, without a task or a channel.

use super::try_pipe::TryPipe;
use crate::sync::{Arc, Lock};
use futures_core::{FusedStream, Stream};
use pin_project_lite::pin_project;
use std::fmt;
use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

/// Hands items from the async block of [`generate`] to whoever consumes the stream.
pub struct Emitter<T> {
    place: Arc<Place<T>>,
}

/// Where an item lies between the block and the consumer.
struct Place<T>(Lock<State<T>>);

struct State<T> {
    item: Option<T>,
    /// Whether the consumer has asked for an item that it has not got yet.
    wish_is_open: bool,
    /// How many items the consumer has asked for: an emit is done when the next after its own is wanted.
    wanted: u64,
    /// Emits that wait for the next wish.
    waiting: Vec<Waker>,
    /// Whether the block is being polled: the consumer then looks into the place by itself.
    polled: bool,
    /// The task that polled last, to be told of an item that was emitted elsewhere.
    consumer: Option<Waker>,
}

/// Waits until the item was taken and the next is wanted; made by [`Emitter::emit`].
#[must_use = "an item is emitted when this is awaited"]
pub struct Emit<'a, T> {
    place: &'a Place<T>,
    /// Gone when it is in the place.
    item: Option<T>,
    /// Which wish ends the wait.
    until: u64,
}

impl<T> Emitter<T> {
    /// Hands an item out, and waits until the consumer wants the one after it.
    ///
    /// So what follows in the block is not run before its result is needed. Several emits at once, from a join of
    /// futures in the block, take turns.
    ///
    /// Emit from within the block: in a task of its own, an emitter whose stream was dropped waits for ever. For items
    /// from other tasks there are channels.
    ///
    /// # Cancel safety
    ///
    /// An emit that is dropped before its first poll has emitted nothing; after that the item may have been taken, or is
    /// the next that will be.
    pub fn emit(&self, item: T) -> Emit<'_, T> {
        Emit {
            place: &self.place,
            item: Some(item),
            until: 0,
        }
    }
}

impl<T> Clone for Emitter<T> {
    /// Another handle on the same stream.
    fn clone(&self) -> Self {
        Emitter {
            place: self.place.clone(),
        }
    }
}

// The item is moved and never pinned.
impl<T> Unpin for Emit<'_, T> {}

impl<T> Future for Emit<'_, T> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        let mut state = this.place.0.lock();
        if this.item.is_none() && state.wanted >= this.until {
            return Poll::Ready(());
        }
        let mut consumer = None;
        if this.item.is_some() && state.item.is_none() {
            state.item = this.item.take();
            // The wish that is open, or else the next, takes the item; the one after that ends the wait.
            this.until = state.wanted + if state.wish_is_open { 1 } else { 2 };
            if !state.polled {
                consumer = state.consumer.take();
            }
        }
        // Whoever wishes polls the block. Only an emit in an executor inside the block, or elsewhere, has to be woken.
        let waker = context.waker();
        let is_polled_anyway = state.polled && is_known(state.consumer.iter(), waker);
        if is_polled_anyway || is_known(state.waiting.iter(), waker) {
            drop(state);
        } else {
            drop(state);
            this.place
                .wait(waker.clone(), this.until, this.item.is_none());
        }
        if let Some(consumer) = consumer {
            consumer.wake();
        }
        Poll::Pending
    }
}

/// Whether one of these wakes the same task.
fn is_known<'a>(mut wakers: impl Iterator<Item = &'a Waker>, waker: &Waker) -> bool {
    wakers.any(|known| known.will_wake(waker))
}

pin_project! {
    /// The items that an async block emits; made by [`generate`].
    #[must_use = "streams do nothing unless polled"]
    pub struct Generate<T, F> {
        // The block, until it has ended.
        #[pin]
        block: Option<F>,
        place: Arc<Place<T>>,
    }

    impl<T, F> PinnedDrop for Generate<T, F> {
        // An emitter that was taken elsewhere must not keep wakers, nor an item that nobody will take.
        fn drop(this: Pin<&mut Self>) {
            let mut state = this.place.0.lock();
            let left = (
                state.item.take(),
                mem::take(&mut state.waiting),
                state.consumer.take(),
            );
            drop(state);
            drop(left);
        }
    }
}

/// A stream of what an async block emits.
///
/// The block runs inside the polls of the stream, up to the next item: no task, no channel, no buffer. Pass the emitter,
/// or a reference to it, on to other functions as you like. The stream ends when the block does. [`try_generate`] is the
/// form for a block that can fail.
///
/// The idea is the async generator of Python (`async def` with `yield`).
///
/// # Panics
///
/// A panic in the block comes out of the poll of the consumer; the stream has ended then.
///
/// # Cancel safety
///
/// Dropping the stream drops the block where it stands.
///
/// # Examples
///
/// ```
/// use millstream::prelude::*;
///
/// async fn count(emit: &Emitter<u32>, to: u32) {
///     for number in 0..to {
///         emit.emit(number).await;
///     }
/// }
///
/// # millstream::block_on(async {
/// let numbers = generate(|emit| async move {
///     count(&emit, 2).await;
///     count(&emit, 3).await;
/// });
/// assert_eq!(numbers.collect::<Vec<_>>().await, [0, 1, 0, 1, 2]);
/// # });
/// ```
pub fn generate<T, F>(block: impl FnOnce(Emitter<T>) -> F) -> Generate<T, F>
where
    F: Future<Output = ()>,
{
    let place = Arc::new(Place(Lock::new(State {
        item: None,
        wish_is_open: false,
        wanted: 0,
        waiting: Vec::new(),
        polled: false,
        consumer: None,
    })));
    let emitter = Emitter {
        place: place.clone(),
    };
    Generate {
        block: Some(block(emitter)),
        place,
    }
}

/// A stream of what an async block emits, and of the error that it ends with, if it does.
///
/// Everything else is as for [`generate`].
///
/// # Examples
///
/// ```
/// use millstream::prelude::*;
///
/// # millstream::block_on(async {
/// let mut numbers = std::pin::pin!(try_generate(|emit| async move {
///     for text in ["1", "2", "x"] {
///         emit.emit(text.parse::<i32>()?).await;
///     }
///     Ok::<_, std::num::ParseIntError>(())
/// }));
/// assert_eq!(numbers.next().await, Some(Ok(1)));
/// assert_eq!(numbers.next().await, Some(Ok(2)));
/// assert!(numbers.next().await.unwrap().is_err());
/// assert_eq!(numbers.next().await, None);
/// # });
/// ```
pub fn try_generate<T, E, F>(
    block: impl FnOnce(Emitter<T>) -> F,
) -> impl Stream<Item = Result<T, E>>
where
    F: Future<Output = Result<(), E>>,
{
    let error = Arc::new(Lock::new(None));
    let report = error.clone();
    let values = generate(move |emitter| {
        let block = block(emitter);
        async move {
            if let Err(error) = block.await {
                *report.lock() = Some(error);
            }
        }
    });
    TryPipe::over(values, error)
}

/// Ends the stream if its block panics.
struct EndOnPanic<'a, T, F> {
    block: Pin<&'a mut Option<F>>,
    place: &'a Place<T>,
}

impl<T, F> Drop for EndOnPanic<'_, T, F> {
    fn drop(&mut self) {
        self.block.set(None);
        self.place.0.lock().polled = false;
    }
}

impl<T> Place<T> {
    /// Keeps the waker of an emit until the next wish, unless that is open already.
    fn wait(&self, waker: Waker, until: u64, emitted: bool) {
        let mut state = self.0.lock();
        let too_late = if emitted {
            state.wanted >= until
        } else {
            state.item.is_none()
        };
        if !too_late {
            state.waiting.push(waker);
            return;
        }
        drop(state);
        waker.wake();
    }

    /// Opens a wish if none is open, and finds an item that lies there already. Otherwise the block is to be polled, and
    /// the emits are returned that wait for this wish.
    fn wish(&self, waker: &Waker) -> Result<T, Vec<Waker>> {
        let mut state = self.0.lock();
        if !is_known(state.consumer.iter(), waker) {
            drop(state);
            let waker = waker.clone();
            state = self.0.lock();
            let old = state.consumer.replace(waker);
            drop(state);
            drop(old);
            state = self.0.lock();
        }
        let is_new = !mem::replace(&mut state.wish_is_open, true);
        state.wanted += u64::from(is_new);
        if let Some(item) = state.item.take() {
            state.wish_is_open = false;
            return Ok(item);
        }
        state.polled = true;
        Err(if is_new {
            mem::take(&mut state.waiting)
        } else {
            Vec::new()
        })
    }

    /// Takes what the block has emitted, when it has been polled.
    fn take(&self) -> Option<T> {
        let mut state = self.0.lock();
        state.polled = false;
        let item = state.item.take();
        state.wish_is_open = item.is_none();
        item
    }
}

impl<T, F: Future<Output = ()>> Stream for Generate<T, F> {
    type Item = T;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T>> {
        let mut this = self.project();
        if this.block.is_none() {
            return Poll::Ready(None);
        }
        let waiting = match this.place.wish(context.waker()) {
            Ok(item) => return Poll::Ready(Some(item)),
            Err(waiting) => waiting,
        };
        // Those that wait in this very task are polled now anyway; others stand in an executor inside the block.
        for waker in waiting {
            if !waker.will_wake(context.waker()) {
                waker.wake();
            }
        }
        let mut guard = EndOnPanic {
            block: this.block.as_mut(),
            place: this.place,
        };
        let polled = match guard.block.as_mut().as_pin_mut() {
            Some(block) => block.poll(context),
            None => Poll::Ready(()),
        };
        mem::forget(guard);
        if polled.is_ready() {
            this.block.set(None);
        }
        if let Some(item) = this.place.take() {
            return Poll::Ready(Some(item));
        }
        if polled.is_ready() {
            return Poll::Ready(None);
        }
        Poll::Pending
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (0, if self.block.is_none() { Some(0) } else { None })
    }
}

impl<T, F: Future<Output = ()>> FusedStream for Generate<T, F> {
    fn is_terminated(&self) -> bool {
        self.block.is_none()
    }
}

impl<T> fmt::Debug for Emitter<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Emitter").finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for Emit<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Emit")
            .field("emitted", &self.item.is_none())
            .finish_non_exhaustive()
    }
}

impl<T, F> fmt::Debug for Generate<T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Generate")
            .field("ended", &self.block.is_none())
            .finish_non_exhaustive()
    }
}
