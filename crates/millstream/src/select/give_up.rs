//! Giving an operation up with an answer: whether it has happened by then, which dropping its future does not say.

use super::builder::Select;
use super::list::Arms;
use crate::channel::{
    RecvError, RecvFuture, RecvTimeoutError, SendError, SendFuture, SendTimeoutError,
};
use std::future::Future;

/// An operation that can be given up. For bindings, which have ways of their own to wait and to be cancelled.
pub trait GiveUp: Future + Unpin + Sized {
    /// The result, if it has happened all the same; a value that was not sent is dropped.
    fn give_up(self) -> Option<Self::Output>;
}

impl<T> GiveUp for SendFuture<'_, T> {
    fn give_up(self) -> Option<Result<(), SendError<T>>> {
        match SendFuture::give_up(self) {
            Ok(()) => Some(Ok(())),
            Err(SendTimeoutError::Closed(value)) => Some(Err(SendError(value))),
            Err(SendTimeoutError::Timeout(_)) => None,
        }
    }
}

impl<T> GiveUp for RecvFuture<'_, T> {
    fn give_up(self) -> Option<Result<T, RecvError>> {
        match RecvFuture::give_up(self) {
            Ok(value) => Some(Ok(value)),
            Err(RecvTimeoutError::Closed) => Some(Err(RecvError)),
            Err(RecvTimeoutError::Timeout) => None,
        }
    }
}

impl<R, L: Arms<R>> GiveUp for Select<R, L> {
    fn give_up(self) -> Option<R> {
        Select::give_up(self)
    }
}
