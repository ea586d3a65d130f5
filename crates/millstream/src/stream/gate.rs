//! A gate that lets as many items pass as it was told to.

use super::signal::{Signal, Waits};
use crate::sync::Arc;
use futures_core::Stream;
use pin_project_lite::pin_project;
use std::fmt;
use std::mem;
use std::pin::Pin;
use std::task::{ready, Context, Poll};

pin_project! {
    /// A stream behind a gate; made by [`gate`](super::MillstreamExt::gate).
    #[must_use = "streams do nothing unless polled"]
    pub struct Gate<S> {
        #[pin]
        stream: S,
        credits: Waits<Credits>,
        // Credits that were fetched from the keeper and not used.
        open_for: u64,
    }
}

/// What the keeper has given and the gate has not fetched.
struct Credits {
    credits: u64,
    stopped: bool,
}

/// Opens a gate; made by [`gate`](super::MillstreamExt::gate).
///
/// When the last clone is dropped, the gate is stopped.
#[derive(Clone)]
pub struct GateKeeper {
    inner: Arc<Keeper>,
}

/// Stops the gate when the last keeper is gone.
struct Keeper(Arc<Signal<Credits>>);

impl Drop for Keeper {
    fn drop(&mut self) {
        self.0.change(|credits| credits.stopped = true);
    }
}

impl GateKeeper {
    /// Lets `items` more pass; `false` if the gate was stopped before.
    pub fn admit(&self, items: u64) -> bool {
        self.inner.0.change(|credits| {
            if !credits.stopped {
                credits.credits = credits.credits.saturating_add(items);
            }
            !credits.stopped
        })
    }

    /// Ends the gated stream after what was admitted; `false` if it was stopped before.
    pub fn stop(&self) -> bool {
        self.inner
            .0
            .change(|credits| !mem::replace(&mut credits.stopped, true))
    }
}

impl<S> Gate<S> {
    pub(super) fn new(stream: S) -> (Self, GateKeeper) {
        let credits = Arc::new(Signal::new(Credits {
            credits: 0,
            stopped: false,
        }));
        let keeper = GateKeeper {
            inner: Arc::new(Keeper(credits.clone())),
        };
        let gate = Gate {
            stream,
            credits: Waits(credits),
            open_for: 0,
        };
        (gate, keeper)
    }

    /// The stream behind the gate, with everything that did not pass.
    pub fn into_inner(self) -> S {
        self.stream
    }
}

impl<S: Stream> Stream for Gate<S> {
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let this = self.project();
        if *this.open_for == 0 {
            let fetched = this.credits.look(context, |credits| {
                let fetched = mem::take(&mut credits.credits);
                (fetched > 0 || credits.stopped).then_some(fetched)
            });
            match fetched {
                None => return Poll::Pending,
                Some(0) => return Poll::Ready(None),
                Some(fetched) => *this.open_for = fetched,
            }
        }
        // Nothing is asked for before it may pass, so nothing is ever held.
        let item = ready!(this.stream.poll_next(context));
        *this.open_for -= u64::from(item.is_some());
        Poll::Ready(item)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let (lower, upper) = self.stream.size_hint();
        let (admitted, stopped) = self.credits.with(|credits| {
            (
                credits.credits.saturating_add(self.open_for),
                credits.stopped,
            )
        });
        let admitted = usize::try_from(admitted).unwrap_or(usize::MAX);
        let most = if stopped { Some(admitted) } else { None };
        (
            // The keeper may never admit more.
            lower.min(admitted),
            match (upper, most) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            },
        )
    }
}

impl<S> fmt::Debug for Gate<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (credits, stopped) = self
            .credits
            .with(|credits| (credits.credits, credits.stopped));
        f.debug_struct("Gate")
            .field("open_for", &credits.saturating_add(self.open_for))
            .field("stopped", &stopped)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for GateKeeper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stopped = self.inner.0.with(|credits| credits.stopped);
        f.debug_struct("GateKeeper")
            .field("stopped", &stopped)
            .finish_non_exhaustive()
    }
}
