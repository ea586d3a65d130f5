//! `tokio::sync::mpsc`: one consumer, and two pairs of types for bounded and unbounded.

use ::tokio::sync::mpsc::error::{TryRecvError, TrySendError};
use ::tokio::sync::mpsc::{self, Receiver, Sender, UnboundedReceiver, UnboundedSender};
use millstream_testkit::drive::Boxed;
use millstream_testkit::peer::{
    Ends, Family, Missing, Permit, Policy, ReceiveEnd, Received, Refused, SendEnd, Sent,
};
use millstream_testkit::verdict::{Absent, Offer};

/// The family of `tokio::sync::mpsc` channels.
#[derive(Clone, Copy, Debug)]
pub struct TokioMpsc;

/// Either sender.
#[derive(Debug)]
pub enum Tx<T> {
    /// With a capacity.
    Bounded(Sender<T>),
    /// Without.
    Unbounded(UnboundedSender<T>),
}

impl<T> Clone for Tx<T> {
    fn clone(&self) -> Self {
        match self {
            Self::Bounded(tx) => Self::Bounded(tx.clone()),
            Self::Unbounded(tx) => Self::Unbounded(tx.clone()),
        }
    }
}

/// Either receiver.
#[derive(Debug)]
pub enum Rx<T> {
    /// With a capacity.
    Bounded(Receiver<T>),
    /// Without.
    Unbounded(UnboundedReceiver<T>),
}

impl Family for TokioMpsc {
    type Sender<T: Send + 'static> = Tx<T>;
    type Receiver<T: Send + 'static> = Rx<T>;

    fn name(&self) -> &'static str {
        "tokio mpsc"
    }

    fn open<T: Send + 'static>(&self, policy: Policy) -> Offer<Ends<Self, T>> {
        match policy {
            Policy::Rendezvous => Err(Absent("capacity zero")),
            Policy::Bounded(n) => {
                let (tx, rx) = mpsc::channel(n);
                Ok((Tx::Bounded(tx), Rx::Bounded(rx)))
            }
            Policy::Unbounded => {
                let (tx, rx) = mpsc::unbounded_channel();
                Ok((Tx::Unbounded(tx), Rx::Unbounded(rx)))
            }
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

impl<T: Send + 'static> SendEnd<T> for Tx<T> {
    fn try_send(&self, value: T) -> Result<(), Refused<T>> {
        match self {
            Self::Bounded(tx) => tx.try_send(value).map_err(|error| match error {
                TrySendError::Full(value) => Refused::Full(Some(value)),
                TrySendError::Closed(value) => Refused::Closed(Some(value)),
            }),
            Self::Unbounded(tx) => tx
                .send(value)
                .map_err(|error| Refused::Closed(Some(error.0))),
        }
    }

    fn send(&self, value: T) -> Offer<Boxed<'_, Sent<T>>> {
        Ok(match self {
            Self::Bounded(tx) => {
                let send = tx.send(value);
                Box::pin(async move { send.await.map_err(|error| Some(error.0)) })
            }
            Self::Unbounded(tx) => {
                Box::pin(async move { tx.send(value).map_err(|error| Some(error.0)) })
            }
        })
    }

    fn send_blocking(&self, value: T) -> Offer<Sent<T>> {
        Ok(match self {
            Self::Bounded(tx) => tx.blocking_send(value).map_err(|error| Some(error.0)),
            Self::Unbounded(tx) => tx.send(value).map_err(|error| Some(error.0)),
        })
    }

    fn try_reserve(&self) -> Offer<Option<Box<dyn Permit<T> + '_>>> {
        match self {
            Self::Bounded(tx) => Ok(tx
                .try_reserve()
                .ok()
                .map(|permit| Box::new(Slot(permit)) as Box<dyn Permit<T>>)),
            Self::Unbounded(_) => Err(Absent("permits")),
        }
    }
}

struct Slot<'a, T>(mpsc::Permit<'a, T>);

impl<T> Permit<T> for Slot<'_, T> {
    fn send(self: Box<Self>, value: T) -> Sent<T> {
        self.0.send(value);
        Ok(())
    }
}

impl<T: Send + 'static> ReceiveEnd<T> for Rx<T> {
    fn try_recv(&mut self) -> Received<T> {
        let received = match self {
            Self::Bounded(rx) => rx.try_recv(),
            Self::Unbounded(rx) => rx.try_recv(),
        };
        received.map_err(|error| match error {
            TryRecvError::Empty => Missing::Empty,
            TryRecvError::Disconnected => Missing::Closed,
        })
    }

    fn recv(&mut self) -> Offer<Boxed<'_, Received<T>>> {
        Ok(match self {
            Self::Bounded(rx) => Box::pin(async move { rx.recv().await.ok_or(Missing::Closed) }),
            Self::Unbounded(rx) => Box::pin(async move { rx.recv().await.ok_or(Missing::Closed) }),
        })
    }

    fn recv_blocking(&mut self) -> Offer<Received<T>> {
        Ok(match self {
            Self::Bounded(rx) => rx.blocking_recv(),
            Self::Unbounded(rx) => rx.blocking_recv(),
        }
        .ok_or(Missing::Closed))
    }

    fn close(&mut self) -> Offer<()> {
        match self {
            Self::Bounded(rx) => rx.close(),
            Self::Unbounded(rx) => rx.close(),
        }
        Ok(())
    }
}
