//! Panics that are meant, and how they are told from those that are not.

use std::any::Any;
use std::future::Future;
use std::panic::{catch_unwind, resume_unwind, AssertUnwindSafe};
use std::pin::Pin;
use std::task::{Context, Poll};

/// The payload of every panic that is meant.
#[derive(Debug)]
struct Deliberate;

/// What a tee says to all taps but one when a value panics in its `clone`; the first gets the payload itself.
const SECOND_HAND: &str = "the hub's user code panicked";

/// Panics, without a word from the panic hook.
pub fn deliberately() -> ! {
    resume_unwind(Box::new(Deliberate))
}

pub fn is_deliberate(payload: &(dyn Any + Send)) -> bool {
    payload.is::<Deliberate>()
        || payload
            .downcast_ref::<String>()
            .is_some_and(|text| text == SECOND_HAND)
}

/// What a panic says.
pub fn text_of(payload: &(dyn Any + Send)) -> String {
    if let Some(text) = payload.downcast_ref::<&str>() {
        (*text).to_string()
    } else if let Some(text) = payload.downcast_ref::<String>() {
        text.clone()
    } else if payload.is::<Deliberate>() {
        "a deliberate panic came out where none belongs".to_string()
    } else {
        "a panic with a payload of unknown type".to_string()
    }
}

/// A deliberate panic came out.
#[derive(Debug)]
pub struct Panicked;

/// Calls `code` and catches a panic that is meant.
pub fn calmly<R>(code: impl FnOnce() -> R) -> Result<R, Panicked> {
    match catch_unwind(AssertUnwindSafe(code)) {
        Ok(output) => Ok(output),
        Err(payload) if is_deliberate(&*payload) => Err(Panicked),
        Err(payload) => resume_unwind(payload),
    }
}

/// A future whose deliberate panics are its output, those of its destructor among them.
pub struct Calm<F>(Option<Pin<Box<F>>>);

pub fn calm<F: Future>(future: F) -> Calm<F> {
    Calm(Some(Box::pin(future)))
}

impl<F: Future> Future for Calm<F> {
    type Output = Result<F::Output, Panicked>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let future = self.0.as_mut().expect("polled until it is ready");
        let polled = calmly(|| future.as_mut().poll(context));
        if let Ok(Poll::Pending) = polled {
            return Poll::Pending;
        }
        let future = self.0.take();
        let dropped = calmly(|| drop(future));
        Poll::Ready(match (polled, dropped) {
            (Ok(Poll::Ready(output)), Ok(())) => Ok(output),
            _ => Err(Panicked),
        })
    }
}

impl<F> Drop for Calm<F> {
    fn drop(&mut self) {
        let future = self.0.take();
        let _ = calmly(|| drop(future));
    }
}
