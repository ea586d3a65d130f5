//! Something that is said once, to whoever listens and whoever asks later.

use crate::channel::{rendezvous, ClosedFuture, Receiver, Sender};

/// A signal that is raised once and for good: a channel that carries nothing and is closed.
#[derive(Debug)]
pub(super) struct Signal {
    end: Sender<()>,
    /// Without it the channel would be closed from the start.
    _other_end: Receiver<()>,
}

impl Signal {
    pub(super) fn new() -> Self {
        let (end, other_end) = rendezvous();
        Signal {
            end,
            _other_end: other_end,
        }
    }

    pub(super) fn raise(&self) {
        self.end.close();
    }

    pub(super) fn is_raised(&self) -> bool {
        self.end.is_closed()
    }

    /// Waits until it is raised.
    pub(super) fn raised(&self) -> ClosedFuture<'_, ()> {
        self.end.closed()
    }
}
