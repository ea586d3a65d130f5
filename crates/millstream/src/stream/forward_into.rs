//! A stream put into a channel that others share.

use super::budget::TURN;
use crate::channel::{SendError, Sender};
use crate::runtime::yield_now;
use futures_core::Stream;
use std::error::Error;
use std::fmt;
use std::future::{poll_fn, Future};
use std::pin::pin;
use std::task::Poll;

/// What happens to the channel when the stream that was forwarded into it has ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AtEnd {
    /// It is closed.
    Close,
    /// It stays open for its other senders.
    #[default]
    KeepOpen,
}

/// The channel was closed before the stream had ended.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ForwardError<T> {
    /// How many items were sent.
    pub sent: u64,
    /// The item that was pulled and could not be sent, because the last receiver went in that very moment.
    pub unsent: Option<T>,
}

/// What a fallible forward can meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TryForwardError<T, E> {
    /// The channel was closed before the stream had ended.
    Closed(ForwardError<T>),
    /// The stream yielded an error.
    Stream {
        /// How many items were sent.
        sent: u64,
        /// The error.
        error: E,
    },
}

/// Forwards what `good` finds to be a value; an item that is none ends it.
pub(super) async fn forward<S: Stream, T, E>(
    stream: S,
    tx: Sender<T>,
    at_end: AtEnd,
    good: impl Fn(S::Item) -> Result<T, E>,
) -> Result<u64, TryForwardError<T, E>> {
    let mut stream = pin!(stream);
    let mut closed = pin!(tx.closed());
    let mut sent = 0u64;
    loop {
        // The place comes first: an item is pulled only when it can be sent, so a forward that is dropped has none.
        let Ok(permit) = tx.reserve().await else {
            return Err(TryForwardError::Closed(ForwardError { sent, unsent: None }));
        };
        let pulled = poll_fn(|context| {
            if closed.as_mut().poll(context).is_ready() {
                return Poll::Ready(Err(()));
            }
            stream.as_mut().poll_next(context).map(Ok)
        });
        let item = match pulled.await {
            Ok(Some(item)) => item,
            Ok(None) => break,
            Err(()) => return Err(TryForwardError::Closed(ForwardError { sent, unsent: None })),
        };
        match good(item) {
            Ok(value) => {
                if let Err(SendError(value)) = permit.send(value) {
                    let unsent = Some(value);
                    return Err(TryForwardError::Closed(ForwardError { sent, unsent }));
                }
            }
            Err(error) => return Err(TryForwardError::Stream { sent, error }),
        }
        sent += 1;
        if sent % u64::from(TURN) == 0 {
            yield_now().await;
        }
    }
    if at_end == AtEnd::Close {
        tx.close();
    }
    Ok(sent)
}

impl<T> fmt::Debug for ForwardError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ForwardError")
            .field("sent", &self.sent)
            .field("has_unsent", &self.unsent.is_some())
            .finish()
    }
}

impl<T> fmt::Display for ForwardError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the channel was closed after {} items", self.sent)
    }
}

impl<T> Error for ForwardError<T> {}

impl<T, E> fmt::Display for TryForwardError<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TryForwardError::Closed(closed) => closed.fmt(f),
            TryForwardError::Stream { sent, .. } => {
                write!(f, "the stream failed after {sent} items")
            }
        }
    }
}

impl<T: fmt::Debug, E: Error + 'static> Error for TryForwardError<T, E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            TryForwardError::Closed(_) => None,
            TryForwardError::Stream { error, .. } => Some(error),
        }
    }
}
