//! A receiver as a stream.

use super::receiver::Receiver;
use crate::wait::Key;
use futures_core::{FusedStream, Stream};
use std::pin::Pin;
use std::task::{ready, Context, Poll};

/// A place in line, which goes back to the handle when the poll is over, also if it ends by the panic of a waker: with
/// the place a value would be lost that it was matched with.
struct Place<'a, T> {
    receiver: &'a Receiver<T>,
    key: Option<Key>,
}

impl<T> Drop for Place<'_, T> {
    fn drop(&mut self) {
        if let Some(key) = self.key.take() {
            self.receiver.park(key);
        }
    }
}

/// The values until the channel is closed and drained; of a promise, its value once.
///
/// Between polls the handle keeps its place in line, and a claim if it was matched; dropping the handle, or
/// using it in another way, takes that over, so no value is lost.
impl<T> Stream for Receiver<T> {
    type Item = T;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T>> {
        if self.promise_taken(false) {
            return Poll::Ready(None);
        }
        let mut place = Place {
            receiver: &self,
            key: self.take_parked(),
        };
        let polled = self
            .shared
            .poll_recv(&self.forecast, &mut place.key, context);
        drop(place);
        let value = ready!(polled);
        self.promise_taken(value.is_some());
        Poll::Ready(value)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        // Other receivers may take what is here, so nothing is certain.
        (0, None)
    }
}

impl<T> FusedStream for Receiver<T> {
    fn is_terminated(&self) -> bool {
        self.promise_taken(false) || self.shared.state.lock().is_finished()
    }
}
