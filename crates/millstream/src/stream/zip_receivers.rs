//! Rows of one value from each of many channels, of which none is taken before all are there.

use crate::channel::{Claim, ClaimFuture, Receiver, RecvError};
use futures_core::Stream;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::generate::generate;

/// Takes one row of values; made by [`recv_row`].
#[must_use = "nothing is taken until this is awaited"]
pub struct RecvRow<'a, T> {
    claims: Vec<Place<'a, T>>,
}

/// What one channel has for the row.
enum Place<'a, T> {
    Waiting(ClaimFuture<'a, T>),
    Claimed(Claim<'a, T>),
}

/// Waits until each of some channels has a value, then takes one from each.
///
/// # Errors
///
/// [`RecvError`] as soon as one channel is closed and drained, or if there are no channels. Nothing was taken then from
/// the others.
///
/// # Cancel safety
///
/// Cancel safe: values are claimed, and taken only in the poll that returns. While this waits, a claimed value is not
/// up for taking by others.
///
/// # Examples
///
/// ```
/// use millstream::stream::recv_row;
///
/// # millstream::block_on(async {
/// let long = millstream::from_iter([1, 2]);
/// let short = millstream::from_iter([10]);
/// assert_eq!(recv_row([&long, &short]).await, Ok(vec![1, 10]));
/// assert!(recv_row([&long, &short]).await.is_err());
/// assert_eq!(long.recv().await, Ok(2), "it stayed in its channel");
/// # });
/// ```
pub fn recv_row<'a, T: 'a>(receivers: impl IntoIterator<Item = &'a Receiver<T>>) -> RecvRow<'a, T> {
    let claims = receivers.into_iter().map(|rx| Place::Waiting(rx.claim()));
    RecvRow {
        claims: claims.collect(),
    }
}

// Values are taken by moving claims, and never pinned.
impl<T> Unpin for RecvRow<'_, T> {}

impl<T> Future for RecvRow<'_, T> {
    type Output = Result<Vec<T>, RecvError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut complete = !self.claims.is_empty();
        let mut closed = self.claims.is_empty();
        for place in &mut self.claims {
            if let Place::Waiting(claim) = place {
                match Pin::new(claim).poll(context) {
                    Poll::Ready(Ok(claim)) => *place = Place::Claimed(claim),
                    Poll::Ready(Err(RecvError)) => {
                        closed = true;
                        break;
                    }
                    Poll::Pending => complete = false,
                }
            }
        }
        if closed {
            // The claims on the others go back.
            self.claims.clear();
            return Poll::Ready(Err(RecvError));
        }
        if !complete {
            return Poll::Pending;
        }
        // Room is made before anything is taken.
        let mut row = Vec::with_capacity(self.claims.len());
        for place in self.claims.drain(..) {
            if let Place::Claimed(claim) = place {
                row.push(claim.take());
            }
        }
        Poll::Ready(Ok(row))
    }
}

impl<T> fmt::Debug for RecvRow<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecvRow")
            .field("channels", &self.claims.len())
            .finish_non_exhaustive()
    }
}

/// Zips channels without ever holding a value: one row for each value of the channel that ends first.
///
/// What [`zip_all`](super::zip_all) does for streams, with [`recv_row`]: values are claimed until a row is complete, so
/// those that no row takes stay in their channels, for whoever has another handle on these. A zip of nothing ends at
/// once.
///
/// # Cancel safety
///
/// Dropping the stream at any moment loses no value.
///
/// # Examples
///
/// ```
/// use millstream::prelude::*;
///
/// # millstream::block_on(async {
/// let numbers = millstream::from_iter(0..3);
/// let rows = zip_receivers([numbers.clone(), millstream::from_iter(10..12)]);
/// assert_eq!(rows.collect::<Vec<_>>().await, [[0, 10], [1, 11]]);
/// assert_eq!(numbers.recv().await, Ok(2));
/// # });
/// ```
pub fn zip_receivers<T>(
    receivers: impl IntoIterator<Item = Receiver<T>>,
) -> impl Stream<Item = Vec<T>> {
    let receivers: Vec<Receiver<T>> = receivers.into_iter().collect();
    generate(move |emit| async move {
        while let Ok(row) = recv_row(&receivers).await {
            emit.emit(row).await;
        }
    })
}
