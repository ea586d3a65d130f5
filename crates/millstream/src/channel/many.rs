//! Many values in one operation: fewer locks and fewer wake-ups per value.

use super::error::SendError;
use super::permit::ReserveFuture;
use super::receiver::Receiver;
use super::sender::Sender;
use crate::wait::{Key, Wakes};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{ready, Context, Poll};

/// Receives up to a number of values at once; made by [`Receiver::recv_many`].
///
/// Polled again after it was ready, it receives again.
#[must_use = "a receive does nothing until it is awaited"]
pub struct RecvManyFuture<'a, T> {
    receiver: &'a Receiver<T>,
    values: &'a mut Vec<T>,
    limit: usize,
    key: Option<Key>,
}

impl<'a, T> RecvManyFuture<'a, T> {
    pub(super) fn new(receiver: &'a Receiver<T>, values: &'a mut Vec<T>, limit: usize) -> Self {
        RecvManyFuture {
            receiver,
            values,
            limit,
            key: None,
        }
    }
}

impl<T> Future for RecvManyFuture<'_, T> {
    type Output = usize;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<usize> {
        let this = &mut *self;
        if this.limit == 0 {
            return Poll::Ready(0);
        }
        if this.key.is_none() {
            this.key = this.receiver.take_parked();
        }
        let (shared, forecast) = (&this.receiver.shared, &this.receiver.forecast);
        // Room is made before anything is taken: a failing allocation must not find values in hand.
        this.values.reserve(1);
        let Some(first) = ready!(shared.poll_recv(forecast, &mut this.key, context)) else {
            return Poll::Ready(0);
        };
        this.values.push(first);
        let further = take_ready(this.receiver, this.limit - 1, |value| {
            this.values.push(value)
        });
        Poll::Ready(1 + further)
    }
}

/// Takes up to `limit` values that are there now, and says how many they were.
pub(super) fn take_ready<T>(
    receiver: &Receiver<T>,
    limit: usize,
    mut each: impl FnMut(T),
) -> usize {
    let shared = &receiver.shared;
    if shared.is_promise || limit == 0 {
        return 0;
    }
    let mut taken = 0;
    let mut wakes = Wakes::new();
    let mut state = shared.state.lock();
    if state.is_special() {
        // What the store has comes one by one, through its own code.
        let limit = limit.min(state.receivable());
        drop(state);
        wakes.fire();
        while taken < limit {
            let Some(Some(value)) = shared.try_recv() else {
                break;
            };
            each(value);
            taken += 1;
        }
        return taken;
    }
    taken += state.take_unclaimed(limit, &mut wakes, each);
    drop(state);
    wakes.fire();
    taken
}

impl<T> Drop for RecvManyFuture<'_, T> {
    fn drop(&mut self) {
        if let Some(key) = self.key.take() {
            self.receiver.shared.cancel_recv(key);
        }
    }
}

impl<T> fmt::Debug for RecvManyFuture<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecvManyFuture")
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}

/// Sends the items of an iterator; made by [`Sender::send_many`].
///
/// Polled again after it was ready, it goes on with what is left in the iterator.
#[must_use = "a send does nothing until it is awaited"]
pub struct SendManyFuture<'a, T, I> {
    sender: &'a Sender<T>,
    items: I,
    reserve: Option<ReserveFuture<'a, T>>,
    sent: usize,
}

// The iterator is only ever moved and called, never pinned.
impl<T, I> Unpin for SendManyFuture<'_, T, I> {}

impl<'a, T, I> SendManyFuture<'a, T, I> {
    pub(super) fn new(sender: &'a Sender<T>, items: I) -> Self {
        SendManyFuture {
            sender,
            items,
            reserve: None,
            sent: 0,
        }
    }
}

/// How many items one poll sends before it lets sibling tasks run.
const TURN: usize = 128;

impl<T, I: Iterator<Item = T>> Future for SendManyFuture<'_, T, I> {
    type Output = Result<usize, SendError<Vec<T>>>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let turn = if seeded!("no-turn-for-siblings") {
            usize::MAX
        } else {
            TURN
        };
        for _ in 0..turn {
            if this.items.size_hint().1 == Some(0) {
                return Poll::Ready(Ok(this.sent));
            }
            let sender = this.sender;
            let reserve = this.reserve.get_or_insert_with(|| sender.reserve());
            let granted = ready!(Pin::new(reserve).poll(context));
            this.reserve = None;
            let Some(item) = this.items.next() else {
                return Poll::Ready(Ok(this.sent));
            };
            let refused = match granted {
                Ok(permit) => permit.send(item).err().map(SendError::into_inner),
                Err(SendError(())) => Some(item),
            };
            if let Some(item) = refused {
                return Poll::Ready(Err(SendError(vec![item])));
            }
            this.sent += 1;
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

impl<T, I> fmt::Debug for SendManyFuture<'_, T, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SendManyFuture")
            .field("sent", &self.sent)
            .finish_non_exhaustive()
    }
}
