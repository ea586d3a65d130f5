//! millstream's own channels as a [`Family`]: the column that must be clean.

use std::time::Duration;

use millstream::{
    Receiver, RecvTimeoutError, Select, SendTimeoutError, Sender, TryRecvError, TrySendError,
};

use crate::drive::Boxed;
use crate::peer::{
    Ends, Family, Missing, Permit, Policy, ReceiveEnd, Received, Refused, SendEnd, Sent,
};
use crate::verdict::Offer;

/// The family of millstream channels.
#[derive(Clone, Copy, Debug)]
pub struct Millstream;

impl Family for Millstream {
    type Sender<T: Send + 'static> = Sender<T>;
    type Receiver<T: Send + 'static> = Receiver<T>;

    fn name(&self) -> &'static str {
        "millstream"
    }

    fn open<T: Send + 'static>(&self, policy: Policy) -> Offer<Ends<Self, T>> {
        Ok(match policy {
            Policy::Rendezvous => millstream::rendezvous(),
            Policy::Bounded(n) => millstream::bounded(n),
            Policy::Unbounded => millstream::unbounded(),
            Policy::Dropping(n) => millstream::dropping(n),
            Policy::Sliding(n) => millstream::sliding(n),
        })
    }

    fn promise<T: Clone + Send + Sync + 'static>(&self) -> Offer<Ends<Self, T>> {
        Ok(millstream::promise())
    }

    // Both selects are biased only so that every run is the same.

    fn select_send<'a, T: Send + 'static>(
        &self,
        first: (&'a Self::Sender<T>, T),
        second: (&'a Self::Sender<T>, T),
    ) -> Offer<Boxed<'a, (usize, Sent<T>)>> {
        let select = Select::new()
            .biased()
            .send(first.0, first.1, |sent| (0, sent))
            .send(second.0, second.1, |sent| (1, sent));
        Ok(Box::pin(async move {
            let (arm, sent) = select.await;
            (arm, sent.map_err(|error| Some(error.into_inner())))
        }))
    }

    fn select_receive<'a, T: Send + 'static>(
        &self,
        first: &'a mut Self::Receiver<T>,
        second: &'a mut Self::Receiver<T>,
    ) -> Offer<Boxed<'a, (usize, Received<T>)>> {
        let select = Select::new()
            .biased()
            .recv(&*first, |received| (0, received))
            .recv(&*second, |received| (1, received));
        Ok(Box::pin(async move {
            let (arm, received) = select.await;
            (arm, received.map_err(|_| Missing::Closed))
        }))
    }
}

impl<T: Send + 'static> SendEnd<T> for Sender<T> {
    fn try_send(&self, value: T) -> Result<(), Refused<T>> {
        Sender::try_send(self, value).map_err(|error| match error {
            TrySendError::Full(value) => Refused::Full(Some(value)),
            TrySendError::Closed(value) => Refused::Closed(Some(value)),
        })
    }

    fn send(&self, value: T) -> Offer<Boxed<'_, Sent<T>>> {
        let send = Sender::send(self, value);
        Ok(Box::pin(async move {
            send.await.map_err(|error| Some(error.into_inner()))
        }))
    }

    fn send_blocking(&self, value: T) -> Offer<Sent<T>> {
        Ok(Sender::send_blocking(self, value).map_err(|error| Some(error.into_inner())))
    }

    fn send_timeout(&self, value: T, limit: Duration) -> Offer<Result<(), Refused<T>>> {
        let sent = Sender::send_timeout(self, value, limit);
        Ok(sent.map_err(|error| match error {
            SendTimeoutError::Timeout(value) => Refused::Full(Some(value)),
            SendTimeoutError::Closed(value) => Refused::Closed(Some(value)),
        }))
    }

    fn try_reserve(&self) -> Offer<Option<Box<dyn Permit<T> + '_>>> {
        let permit = Sender::try_reserve(self).ok();
        Ok(permit.map(|permit| Box::new(permit) as Box<dyn Permit<T>>))
    }
}

impl<T> Permit<T> for millstream::Permit<'_, T> {
    fn send(self: Box<Self>, value: T) -> Sent<T> {
        millstream::Permit::send(*self, value).map_err(|error| Some(error.into_inner()))
    }
}

impl<T: Send + 'static> ReceiveEnd<T> for Receiver<T> {
    fn try_recv(&mut self) -> Received<T> {
        Receiver::try_recv(self).map_err(|error| match error {
            TryRecvError::Empty => Missing::Empty,
            TryRecvError::Closed => Missing::Closed,
        })
    }

    fn try_clone(&self) -> Offer<Self> {
        Ok(self.clone())
    }

    fn recv(&mut self) -> Offer<Boxed<'_, Received<T>>> {
        let receive = Receiver::recv(self);
        Ok(Box::pin(async move {
            receive.await.map_err(|_| Missing::Closed)
        }))
    }

    fn recv_blocking(&mut self) -> Offer<Received<T>> {
        Ok(Receiver::recv_blocking(self).map_err(|_| Missing::Closed))
    }

    fn recv_timeout(&mut self, limit: Duration) -> Offer<Received<T>> {
        let received = Receiver::recv_timeout(self, limit);
        Ok(received.map_err(|error| match error {
            RecvTimeoutError::Timeout => Missing::Empty,
            RecvTimeoutError::Closed => Missing::Closed,
        }))
    }

    fn close(&mut self) -> Offer<()> {
        Receiver::close(self);
        Ok(())
    }
}
