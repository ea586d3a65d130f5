//! Four channels, to which the producer sends one after the other: what one writes where there is no broadcast.

use std::marker::PhantomData;

use super::{Broadcast, CAPACITY, OUTLETS};
use crate::cell::Peer;
use crate::cells::several::array;
use crate::peers::{kanal, AsyncChannel, Channel, IntoOption, Standing};

pub const MILLSTREAM: Peer = Peer::of("millstream", "millstream-x4").standing(Standing::Subject);
pub const KANAL: Peer =
    Peer::of("kanal", "kanal-x4").standing(<kanal::Async as Channel>::PEER.standing);
pub const LOOLE: Peer = Peer::of("loole", "loole-x4");

pub struct Four<C>(PhantomData<C>);

impl<C: AsyncChannel> Broadcast for Four<C> {
    type Inlet = [C::Sender; OUTLETS];
    type Outlet = C::Receiver;

    fn open() -> (Self::Inlet, [C::Receiver; OUTLETS]) {
        array::<C, _>(CAPACITY)
    }

    async fn send(inlet: &mut Self::Inlet, value: usize) -> bool {
        for sender in inlet {
            if C::send(sender, value).await.into_option().is_none() {
                return false;
            }
        }
        true
    }

    async fn recv(outlet: &mut C::Receiver) -> Option<usize> {
        C::recv(outlet).await.into_option()
    }
}
