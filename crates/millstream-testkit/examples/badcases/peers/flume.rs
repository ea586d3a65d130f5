//! `flume`.

use std::time::Duration;

use ::flume::{Receiver, RecvTimeoutError, SendTimeoutError, Sender, TryRecvError, TrySendError};
use millstream_testkit::drive::Boxed;
use millstream_testkit::peer::{
    Ends, Family, Missing, Policy, ReceiveEnd, Received, Refused, SendEnd, Sent,
};
use millstream_testkit::verdict::{Absent, Offer};

/// The family of `flume` channels.
#[derive(Clone, Copy, Debug)]
pub struct Flume;

impl Family for Flume {
    type Sender<T: Send + 'static> = Tx<T>;
    type Receiver<T: Send + 'static> = Rx<T>;

    fn name(&self) -> &'static str {
        "flume"
    }

    fn open<T: Send + 'static>(&self, policy: Policy) -> Offer<Ends<Self, T>> {
        match policy {
            Policy::Rendezvous => Ok(ends(::flume::bounded(0))),
            Policy::Bounded(n) => Ok(ends(::flume::bounded(n))),
            Policy::Unbounded => Ok(ends(::flume::unbounded())),
            Policy::Dropping(_) | Policy::Sliding(_) => Err(Absent("policies that drop")),
        }
    }

    fn select_send<'a, T: Send + 'static>(
        &self,
        first: (&'a Self::Sender<T>, T),
        second: (&'a Self::Sender<T>, T),
    ) -> Offer<Boxed<'a, (usize, Sent<T>)>> {
        super::select_send(first, second)
    }

    fn select_receive<'a, T: Send + 'static>(
        &self,
        first: &'a mut Self::Receiver<T>,
        second: &'a mut Self::Receiver<T>,
    ) -> Offer<Boxed<'a, (usize, Received<T>)>> {
        super::select_receive(first, second)
    }
}

/// A sender of this crate.
#[derive(Debug)]
pub struct Tx<T>(Sender<T>);

/// A receiver of this crate.
#[derive(Debug)]
pub struct Rx<T>(Receiver<T>);

fn ends<T>((tx, rx): (Sender<T>, Receiver<T>)) -> (Tx<T>, Rx<T>) {
    (Tx(tx), Rx(rx))
}

impl<T> Clone for Tx<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T: Send + 'static> SendEnd<T> for Tx<T> {
    fn try_send(&self, value: T) -> Result<(), Refused<T>> {
        self.0.try_send(value).map_err(|error| match error {
            TrySendError::Full(value) => Refused::Full(Some(value)),
            TrySendError::Disconnected(value) => Refused::Closed(Some(value)),
        })
    }

    fn send(&self, value: T) -> Offer<Boxed<'_, Sent<T>>> {
        let send = self.0.send_async(value);
        Ok(Box::pin(async move {
            send.await.map_err(|error| Some(error.into_inner()))
        }))
    }

    fn send_blocking(&self, value: T) -> Offer<Sent<T>> {
        Ok(self.0.send(value).map_err(|error| Some(error.into_inner())))
    }

    fn send_timeout(&self, value: T, limit: Duration) -> Offer<Result<(), Refused<T>>> {
        Ok(self
            .0
            .send_timeout(value, limit)
            .map_err(|error| match error {
                SendTimeoutError::Timeout(value) => Refused::Full(Some(value)),
                SendTimeoutError::Disconnected(value) => Refused::Closed(Some(value)),
            }))
    }
}

impl<T: Send + 'static> ReceiveEnd<T> for Rx<T> {
    fn try_recv(&mut self) -> Received<T> {
        self.0.try_recv().map_err(|error| match error {
            TryRecvError::Empty => Missing::Empty,
            TryRecvError::Disconnected => Missing::Closed,
        })
    }

    fn try_clone(&self) -> Offer<Self> {
        Ok(Self(self.0.clone()))
    }

    fn recv(&mut self) -> Offer<Boxed<'_, Received<T>>> {
        let receive = self.0.recv_async();
        Ok(Box::pin(async move {
            receive.await.map_err(|_| Missing::Closed)
        }))
    }

    fn recv_blocking(&mut self) -> Offer<Received<T>> {
        Ok(self.0.recv().map_err(|_| Missing::Closed))
    }

    fn recv_timeout(&mut self, limit: Duration) -> Offer<Received<T>> {
        Ok(self.0.recv_timeout(limit).map_err(|error| match error {
            RecvTimeoutError::Timeout => Missing::Empty,
            RecvTimeoutError::Disconnected => Missing::Closed,
        }))
    }
}
