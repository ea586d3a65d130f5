//! The plain channel as a family of the testkit: handles, futures, and the blocking forms made from them.

use std::future::{poll_fn, Future};
use std::mem::forget;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use millstream_testkit::drive::{block_on, Boxed};
use millstream_testkit::peer::{
    Ends, Family, Missing, Permit, Policy, ReceiveEnd, Received, Refused, SendEnd, Sent,
};
use millstream_testkit::verdict::Offer;

use crate::channel::Channel;
use crate::flaw::Flaw;

/// The family of plain channels with this flaw.
#[derive(Clone, Copy, Debug)]
pub struct Seeded(pub Flaw);

/// Values travel in boxes, so that large ones cost this channel no stack.
pub struct Tx<T>(Arc<Channel<Box<T>>>);

pub struct Rx<T>(Arc<Channel<Box<T>>>);

impl<T> Clone for Tx<T> {
    fn clone(&self) -> Self {
        self.0.lock().tx += 1;
        Self(Arc::clone(&self.0))
    }
}

impl<T> Drop for Tx<T> {
    fn drop(&mut self) {
        self.0.drop_sender();
    }
}

impl<T> Drop for Rx<T> {
    fn drop(&mut self) {
        self.0.drop_receiver();
    }
}

fn ends<T>(channel: Channel<Box<T>>) -> (Tx<T>, Rx<T>) {
    let channel = Arc::new(channel);
    (Tx(Arc::clone(&channel)), Rx(channel))
}

impl Family for Seeded {
    type Sender<T: Send + 'static> = Tx<T>;
    type Receiver<T: Send + 'static> = Rx<T>;

    fn name(&self) -> &'static str {
        "seeded"
    }

    fn open<T: Send + 'static>(&self, policy: Policy) -> Offer<Ends<Self, T>> {
        Ok(ends(Channel::new(self.0, policy, size_of::<T>() == 0)))
    }

    fn promise<T: Clone + Send + Sync + 'static>(&self) -> Offer<Ends<Self, T>> {
        let channel = Channel::new(self.0, Policy::Bounded(1), false);
        channel.lock().promise = Some(|value: Box<T>| Arc::new(move || value.clone()));
        Ok(ends(channel))
    }

    /// The race of two futures that `tokio::select!` would make.
    fn select_send<'a, T: Send + 'static>(
        &self,
        first: (&'a Tx<T>, T),
        second: (&'a Tx<T>, T),
    ) -> Offer<Boxed<'a, (usize, Sent<T>)>> {
        if self.0 == Flaw::SelectOnlyLooks {
            let (mut one, mut two) = (Some(first.1), Some(second.1));
            return Ok(looking(move || {
                look_to_send(first.0, &mut one, 0).or_else(|| look_to_send(second.0, &mut two, 1))
            }));
        }
        Ok(race(first.0.send(first.1)?, second.0.send(second.1)?))
    }

    fn select_receive<'a, T: Send + 'static>(
        &self,
        first: &'a mut Rx<T>,
        second: &'a mut Rx<T>,
    ) -> Offer<Boxed<'a, (usize, Received<T>)>> {
        if self.0 == Flaw::SelectOnlyLooks {
            return Ok(looking(move || {
                let found = |index, received| match received {
                    Err(Missing::Empty) => None,
                    other => Some((index, other)),
                };
                found(0, first.try_recv()).or_else(|| found(1, second.try_recv()))
            }));
        }
        Ok(race(first.recv()?, second.recv()?))
    }
}

fn look_to_send<T: Send + 'static>(
    tx: &Tx<T>,
    value: &mut Option<T>,
    index: usize,
) -> Option<(usize, Sent<T>)> {
    match tx.try_send(value.take()?) {
        Ok(()) => Some((index, Ok(()))),
        Err(Refused::Full(back)) => {
            *value = back;
            None
        }
        Err(Refused::Closed(back)) => Some((index, Err(back))),
    }
}

/// A select that does nothing but look.
fn looking<'a, O>(mut look: impl FnMut() -> Option<O> + Send + 'a) -> Boxed<'a, O> {
    Box::pin(poll_fn(move |_| look().map_or(Poll::Pending, Poll::Ready)))
}

fn race<'a, O: 'a>(mut first: Boxed<'a, O>, mut second: Boxed<'a, O>) -> Boxed<'a, (usize, O)> {
    Box::pin(poll_fn(move |cx| {
        if let Poll::Ready(output) = first.as_mut().poll(cx) {
            return Poll::Ready((0, output));
        }
        second.as_mut().poll(cx).map(|output| (1, output))
    }))
}

struct Sending<T> {
    channel: Arc<Channel<Box<T>>>,
    value: Option<Box<T>>,
    id: Option<u64>,
}

impl<T> Future for Sending<T> {
    type Output = Sent<T>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Sent<T>> {
        let this = &mut *self;
        let sent = this.channel.poll_send(&mut this.value, &mut this.id, cx);
        sent.map_err(|value| value.map(|value| *value))
    }
}

impl<T> Drop for Sending<T> {
    fn drop(&mut self) {
        if let Some(id) = self.id {
            self.channel.drop_send(id);
        }
    }
}

struct Receiving<T> {
    channel: Arc<Channel<Box<T>>>,
    id: Option<u64>,
}

impl<T> Future for Receiving<T> {
    type Output = Received<T>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Received<T>> {
        let this = &mut *self;
        let received = this.channel.poll_recv(&mut this.id, cx);
        received.map_ok(|value| *value)
    }
}

impl<T> Drop for Receiving<T> {
    fn drop(&mut self) {
        if let Some(id) = self.id {
            self.channel.drop_recv(id);
        }
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Polls until the deadline; `None` when it has passed.
fn block_until<F: Future + Unpin>(future: &mut F, deadline: Option<Instant>) -> Option<F::Output> {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    loop {
        if let Poll::Ready(output) = Pin::new(&mut *future).poll(&mut Context::from_waker(&waker)) {
            return Some(output);
        }
        match deadline {
            None => thread::park(),
            Some(deadline) => {
                let left = deadline.checked_duration_since(Instant::now())?;
                thread::park_timeout(left);
            }
        }
    }
}

fn deadline(flaw: Flaw, limit: Duration) -> Option<Instant> {
    match flaw {
        Flaw::DeadlineOverflows => Some(Instant::now() + limit),
        _ => Instant::now().checked_add(limit),
    }
}

impl<T: Send + 'static> Tx<T> {
    fn sending(&self, value: T) -> Sending<T> {
        Sending {
            channel: Arc::clone(&self.0),
            value: Some(Box::new(value)),
            id: None,
        }
    }
}

impl<T: Send + 'static> SendEnd<T> for Tx<T> {
    fn try_send(&self, value: T) -> Result<(), Refused<T>> {
        let sent = self.0.try_send(Box::new(value));
        sent.map_err(|refused| match refused {
            Refused::Full(value) => Refused::Full(value.map(|value| *value)),
            Refused::Closed(value) => Refused::Closed(value.map(|value| *value)),
        })
    }

    fn send(&self, value: T) -> Offer<Boxed<'_, Sent<T>>> {
        Ok(Box::pin(self.sending(value)))
    }

    fn send_blocking(&self, value: T) -> Offer<Sent<T>> {
        Ok(block_on(self.sending(value)))
    }

    fn send_timeout(&self, value: T, limit: Duration) -> Offer<Result<(), Refused<T>>> {
        let mut sending = self.sending(value);
        Ok(
            match block_until(&mut sending, deadline(self.0.flaw, limit)) {
                Some(Ok(())) => Ok(()),
                Some(Err(value)) => Err(Refused::Closed(value)),
                None => Err(Refused::Full(None)),
            },
        )
    }

    fn try_reserve(&self) -> Offer<Option<Box<dyn Permit<T> + '_>>> {
        let granted = self.0.reserve();
        Ok(granted.then(|| Box::new(Slot(Some(&self.0))) as Box<dyn Permit<T>>))
    }
}

struct Slot<'a, T>(Option<&'a Arc<Channel<Box<T>>>>);

impl<T> Permit<T> for Slot<'_, T> {
    fn send(mut self: Box<Self>, value: T) -> Sent<T> {
        match self.0.take() {
            Some(channel) => {
                let sent = channel.redeem(Some(Box::new(value)));
                sent.map_err(|value| value.map(|value| *value))
            }
            None => Err(Some(value)),
        }
    }
}

impl<T> Drop for Slot<'_, T> {
    fn drop(&mut self) {
        if let Some(channel) = self.0 {
            let _ = channel.redeem(None);
        }
    }
}

impl<T: Send + 'static> Rx<T> {
    fn receiving(&self) -> Receiving<T> {
        Receiving {
            channel: Arc::clone(&self.0),
            id: None,
        }
    }
}

impl<T: Send + 'static> ReceiveEnd<T> for Rx<T> {
    fn try_recv(&mut self) -> Received<T> {
        self.0.try_recv().map(|value| *value)
    }

    fn try_clone(&self) -> Offer<Self> {
        self.0.lock().rx += 1;
        Ok(Self(Arc::clone(&self.0)))
    }

    fn recv(&mut self) -> Offer<Boxed<'_, Received<T>>> {
        Ok(Box::pin(self.receiving()))
    }

    fn recv_blocking(&mut self) -> Offer<Received<T>> {
        Ok(block_on(self.receiving()))
    }

    fn recv_timeout(&mut self, limit: Duration) -> Offer<Received<T>> {
        let mut receiving = self.receiving();
        let received = block_until(&mut receiving, deadline(self.0.flaw, limit));
        if received.is_none() && self.0.flaw == Flaw::TimedOutStays {
            forget(receiving);
        }
        Ok(received.unwrap_or(Err(Missing::Empty)))
    }

    fn close(&mut self) -> Offer<()> {
        self.0.close();
        Ok(())
    }
}
