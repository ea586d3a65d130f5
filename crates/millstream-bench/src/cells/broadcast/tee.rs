//! millstream's `Tee`: a task between one channel and four.

use millstream::hub::{Bound, Tee};
use millstream::{Receiver, Sender};

use super::{Broadcast, CAPACITY, OUTLETS};
use crate::cell::Peer;
use crate::peers::{millstream::Millstream, Channel};

pub struct MillstreamTee;

impl MillstreamTee {
    pub const PEER: Peer = <Millstream as Channel>::PEER;
}

impl Broadcast for MillstreamTee {
    type Inlet = Sender<usize>;
    type Outlet = Receiver<usize>;

    fn open() -> (Sender<usize>, [Receiver<usize>; OUTLETS]) {
        let (sender, receiver) = millstream::bounded(CAPACITY);
        let tee = Tee::new(receiver);
        // Dropping the tee leaves the taps as they are.
        (
            sender,
            [(); OUTLETS].map(|()| tee.tap(Bound::Wait(CAPACITY))),
        )
    }

    async fn send(inlet: &mut Sender<usize>, value: usize) -> bool {
        inlet.send(value).await.is_ok()
    }

    async fn recv(outlet: &mut Receiver<usize>) -> Option<usize> {
        outlet.recv().await.ok()
    }
}
