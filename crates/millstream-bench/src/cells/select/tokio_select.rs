//! `tokio::select!` over the receives of other channels.
//!
//! Only channels of which a dropped receive loses nothing can be here: with kanal's, for one, values go missing, and the cell's count would say so.

use super::Selecting;
use crate::cell::Peer;
use crate::peers::loole::Loole;
use crate::peers::tokio_mpsc::Bounded;

pub struct OverLoole;

impl Selecting for OverLoole {
    const PEER: Peer = Peer::of("loole", "tokio-select-loole");
    type Channel = Loole;

    async fn receive(
        receivers: Vec<loole::Receiver<usize>>,
        count: usize,
        mut then: impl FnMut(usize) + Send,
    ) {
        let [a, b, c, d, e, f, g, h] = &receivers[..] else {
            panic!("there are eight arms, not {}", receivers.len());
        };
        for _ in 0..count {
            let received = tokio::select! {
                value = a.recv_async() => value,
                value = b.recv_async() => value,
                value = c.recv_async() => value,
                value = d.recv_async() => value,
                value = e.recv_async() => value,
                value = f.recv_async() => value,
                value = g.recv_async() => value,
                value = h.recv_async() => value,
            };
            then(received.expect("the channels are open"));
        }
    }
}

pub struct OverMpsc;

impl Selecting for OverMpsc {
    const PEER: Peer = Peer::of("tokio", "tokio-select-mpsc");
    type Channel = Bounded;

    async fn receive(
        mut receivers: Vec<tokio::sync::mpsc::Receiver<usize>>,
        count: usize,
        mut then: impl FnMut(usize) + Send,
    ) {
        let [a, b, c, d, e, f, g, h] = &mut receivers[..] else {
            panic!("there are eight arms, not {}", receivers.len());
        };
        for _ in 0..count {
            let received = tokio::select! {
                value = a.recv() => value,
                value = b.recv() => value,
                value = c.recv() => value,
                value = d.recv() => value,
                value = e.recv() => value,
                value = f.recv() => value,
                value = g.recv() => value,
                value = h.recv() => value,
            };
            then(received.expect("the channels are open"));
        }
    }
}
