//! How an end went, and what became of a value that was not sent.

use crate::sync::Arc;
use std::error::Error;
use std::fmt;

/// How the other end went.
///
/// The three are told apart because they mean different things: only after [`Closed`](Ended::Closed) is what was received
/// all there was to be.
#[derive(Clone, Debug)]
pub enum Ended {
    /// It was closed by [`close`](super::End::close): a normal end.
    Closed,
    /// It was dropped without a word, by an early return, a cancellation or a panic.
    Abandoned,
    /// It gave up with an error, by [`fail`](super::End::fail).
    Failed(Arc<dyn Error + Send + Sync>),
}

/// Why a [`send`](super::End::send) did not come to its normal end, and the value if the peer does not have it.
pub enum SendFailure<T> {
    /// The peer has gone and did not take the value.
    Refused {
        /// What was to be sent.
        value: T,
        /// How the peer went.
        ended: Ended,
    },
    /// The peer took the value, and went before it had dealt with it.
    Unanswered(Ended),
    /// The peer waits in a send itself, for this end to receive. Both would wait for ever: receive first.
    Crossed(T),
}

impl Ended {
    /// Whether it was a normal end.
    pub fn is_closed(&self) -> bool {
        matches!(self, Ended::Closed)
    }

    /// Whether the end was dropped without being closed.
    pub fn is_abandoned(&self) -> bool {
        matches!(self, Ended::Abandoned)
    }

    /// The error that the end gave up with.
    pub fn error(&self) -> Option<&(dyn Error + Send + Sync + 'static)> {
        match self {
            Ended::Failed(error) => Some(&**error),
            Ended::Closed | Ended::Abandoned => None,
        }
    }
}

impl<T> SendFailure<T> {
    /// The value, unless the peer has it.
    pub fn into_inner(self) -> Option<T> {
        match self {
            SendFailure::Refused { value, .. } | SendFailure::Crossed(value) => Some(value),
            SendFailure::Unanswered(_) => None,
        }
    }

    /// How the peer went, if it did.
    pub fn ended(&self) -> Option<&Ended> {
        match self {
            SendFailure::Refused { ended, .. } | SendFailure::Unanswered(ended) => Some(ended),
            SendFailure::Crossed(_) => None,
        }
    }

    /// Whether the peer waits in a send itself.
    pub fn is_crossed(&self) -> bool {
        matches!(self, SendFailure::Crossed(_))
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Ended::Closed => "the other end was closed",
            Ended::Abandoned => "the other end was dropped without being closed",
            Ended::Failed(_) => "the other end gave up with an error",
        })
    }
}

impl Error for Ended {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Ended::Failed(error) => Some(&**error),
            Ended::Closed | Ended::Abandoned => None,
        }
    }
}

impl<T> fmt::Debug for SendFailure<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SendFailure::Refused { ended, .. } => f
                .debug_struct("Refused")
                .field("ended", ended)
                .finish_non_exhaustive(),
            SendFailure::Unanswered(ended) => f.debug_tuple("Unanswered").field(ended).finish(),
            SendFailure::Crossed(_) => f.write_str("Crossed(..)"),
        }
    }
}

impl<T> fmt::Display for SendFailure<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SendFailure::Refused { ended, .. } => write!(f, "the value was not sent: {ended}"),
            SendFailure::Unanswered(ended) => {
                write!(f, "the value was taken but not dealt with: {ended}")
            }
            SendFailure::Crossed(_) => {
                f.write_str("both ends send at once: one has to receive first")
            }
        }
    }
}

impl<T> Error for SendFailure<T> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.ended().and_then(Error::source)
    }
}
