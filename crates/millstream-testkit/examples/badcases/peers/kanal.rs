//! `kanal`, through its async handles, which give out the blocking ones.

use std::time::Duration;

use ::kanal::{AsyncReceiver, AsyncSender, ReceiveErrorTimeout, SendErrorTimeout};
use millstream_testkit::drive::Boxed;
use millstream_testkit::peer::{
    Ends, Family, Missing, Policy, ReceiveEnd, Received, Refused, SendEnd, Sent,
};
use millstream_testkit::verdict::{Absent, Offer};

/// The family of `kanal` channels.
#[derive(Clone, Copy, Debug)]
pub struct Kanal;

impl Family for Kanal {
    type Sender<T: Send + 'static> = Tx<T>;
    type Receiver<T: Send + 'static> = Rx<T>;

    fn name(&self) -> &'static str {
        "kanal"
    }

    fn open<T: Send + 'static>(&self, policy: Policy) -> Offer<Ends<Self, T>> {
        match policy {
            Policy::Rendezvous => Ok(ends(::kanal::bounded_async(0))),
            Policy::Bounded(n) => Ok(ends(::kanal::bounded_async(n))),
            Policy::Unbounded => Ok(ends(::kanal::unbounded_async())),
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
pub struct Tx<T>(AsyncSender<T>);

/// A receiver of this crate.
#[derive(Debug)]
pub struct Rx<T>(AsyncReceiver<T>);

fn ends<T>((tx, rx): (AsyncSender<T>, AsyncReceiver<T>)) -> (Tx<T>, Rx<T>) {
    (Tx(tx), Rx(rx))
}

impl<T> Clone for Tx<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

/// kanal's errors hold no value. Where it has a form that leaves the value with the caller, that form is used.
impl<T: Send + 'static> SendEnd<T> for Tx<T> {
    fn try_send(&self, value: T) -> Result<(), Refused<T>> {
        let mut value = Some(value);
        match self.0.try_send_option(&mut value) {
            Ok(true) => Ok(()),
            Ok(false) => Err(Refused::Full(value)),
            Err(_) => Err(Refused::Closed(value)),
        }
    }

    fn send(&self, value: T) -> Offer<Boxed<'_, Sent<T>>> {
        let send = self.0.send(value);
        Ok(Box::pin(async move { send.await.map_err(|_| None) }))
    }

    fn send_blocking(&self, value: T) -> Offer<Sent<T>> {
        Ok(self.0.as_sync().send(value).map_err(|_| None))
    }

    fn send_timeout(&self, value: T, limit: Duration) -> Offer<Result<(), Refused<T>>> {
        let mut value = Some(value);
        Ok(
            match self.0.as_sync().send_option_timeout(&mut value, limit) {
                Ok(()) => Ok(()),
                Err(SendErrorTimeout::Timeout) => Err(Refused::Full(value)),
                Err(_) => Err(Refused::Closed(value)),
            },
        )
    }
}

/// kanal has a close, which throws away what is buffered, and says so: it is another thing.
impl<T: Send + 'static> ReceiveEnd<T> for Rx<T> {
    fn try_recv(&mut self) -> Received<T> {
        match self.0.try_recv() {
            Ok(Some(value)) => Ok(value),
            Ok(None) => Err(Missing::Empty),
            Err(_) => Err(Missing::Closed),
        }
    }

    fn try_clone(&self) -> Offer<Self> {
        Ok(Self(self.0.clone()))
    }

    fn recv(&mut self) -> Offer<Boxed<'_, Received<T>>> {
        let receive = self.0.recv();
        Ok(Box::pin(async move {
            receive.await.map_err(|_| Missing::Closed)
        }))
    }

    fn recv_blocking(&mut self) -> Offer<Received<T>> {
        Ok(self.0.as_sync().recv().map_err(|_| Missing::Closed))
    }

    fn recv_timeout(&mut self, limit: Duration) -> Offer<Received<T>> {
        Ok(self
            .0
            .as_sync()
            .recv_timeout(limit)
            .map_err(|error| match error {
                ReceiveErrorTimeout::Timeout => Missing::Empty,
                _ => Missing::Closed,
            }))
    }
}
