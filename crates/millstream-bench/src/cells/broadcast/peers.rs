//! Channels of other crates that broadcast.

use std::sync::Arc;

use fibre::spmc::{BoundedAsyncReceiver, BoundedAsyncSender};
use postage::sink::Sink;
use postage::stream::Stream;
use tokio::sync::{broadcast, Notify};

use super::{Broadcast, CAPACITY, OUTLETS};
use crate::cell::Peer;

pub struct Fibre;

impl Fibre {
    pub const PEER: Peer = Peer::of("fibre", "fibre-spmc");
}

impl Broadcast for Fibre {
    type Inlet = BoundedAsyncSender<usize>;
    type Outlet = BoundedAsyncReceiver<usize>;

    fn open() -> (Self::Inlet, [Self::Outlet; OUTLETS]) {
        let (sender, receiver) = fibre::spmc::bounded_async(CAPACITY);
        (sender, four(receiver))
    }

    async fn send(inlet: &mut Self::Inlet, value: usize) -> bool {
        inlet.send(value).await.is_ok()
    }

    async fn recv(outlet: &mut Self::Outlet) -> Option<usize> {
        outlet.recv().await.ok()
    }
}

pub struct Postage;

impl Postage {
    pub const PEER: Peer = Peer::sound("postage");
}

impl Broadcast for Postage {
    type Inlet = postage::broadcast::Sender<usize>;
    type Outlet = postage::broadcast::Receiver<usize>;

    fn open() -> (Self::Inlet, [Self::Outlet; OUTLETS]) {
        let (sender, receiver) = postage::broadcast::channel(CAPACITY);
        (sender, four(receiver))
    }

    async fn send(inlet: &mut Self::Inlet, value: usize) -> bool {
        inlet.send(value).await.is_ok()
    }

    async fn recv(outlet: &mut Self::Outlet) -> Option<usize> {
        outlet.recv().await
    }
}

pub struct AsyncBroadcast;

impl AsyncBroadcast {
    pub const PEER: Peer = Peer::sound("async-broadcast");
}

impl Broadcast for AsyncBroadcast {
    type Inlet = async_broadcast::Sender<usize>;
    type Outlet = async_broadcast::Receiver<usize>;

    fn open() -> (Self::Inlet, [Self::Outlet; OUTLETS]) {
        let (sender, receiver) = async_broadcast::broadcast(CAPACITY);
        (sender, four(receiver))
    }

    // The forms whose futures are not put on the heap.
    async fn send(inlet: &mut Self::Inlet, value: usize) -> bool {
        inlet.broadcast_direct(value).await.is_ok()
    }

    async fn recv(outlet: &mut Self::Outlet) -> Option<usize> {
        outlet.recv_direct().await.ok()
    }
}

/// tokio's broadcast overwrites what a slow receiver has not seen, so here its sender waits for room.
pub struct ThrottledTokio;

impl ThrottledTokio {
    pub const PEER: Peer = Peer::of("tokio", "tokio-broadcast-throttled");
}

impl Broadcast for ThrottledTokio {
    type Inlet = (broadcast::Sender<usize>, Arc<Notify>);
    type Outlet = (broadcast::Receiver<usize>, Arc<Notify>);

    fn open() -> (Self::Inlet, [Self::Outlet; OUTLETS]) {
        let (sender, _) = broadcast::channel(CAPACITY);
        let received = Arc::new(Notify::new());
        let outlets = [(); OUTLETS].map(|()| (sender.subscribe(), received.clone()));
        ((sender, received), outlets)
    }

    async fn send((sender, received): &mut Self::Inlet, value: usize) -> bool {
        while sender.len() >= CAPACITY {
            received.notified().await;
        }
        sender.send(value).is_ok()
    }

    /// # Panics
    ///
    /// When a value was lost, which the throttle is there to prevent.
    async fn recv((receiver, received): &mut Self::Outlet) -> Option<usize> {
        match receiver.recv().await {
            Ok(value) => {
                received.notify_one();
                Some(value)
            }
            Err(broadcast::error::RecvError::Closed) => None,
            Err(broadcast::error::RecvError::Lagged(lost)) => panic!("{lost} values were lost"),
        }
    }
}

fn four<R: Clone>(receiver: R) -> [R; OUTLETS] {
    [(); OUTLETS].map(|()| receiver.clone())
}
