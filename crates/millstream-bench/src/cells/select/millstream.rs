//! millstream's two ways: `select!` for each message, and a `SelectSet` for all of them.

use millstream::{select, Receiver, SelectSet};

use super::Selecting;
use crate::cell::Peer;
use crate::peers::millstream::Millstream;
use crate::peers::Channel;

pub struct OneShot;

impl Selecting for OneShot {
    const PEER: Peer = <Millstream as Channel>::PEER;
    type Channel = Millstream;

    async fn receive(
        receivers: Vec<Receiver<usize>>,
        count: usize,
        mut then: impl FnMut(usize) + Send,
    ) {
        let [a, b, c, d, e, f, g, h] = &receivers[..] else {
            panic!("there are eight arms, not {}", receivers.len());
        };
        for _ in 0..count {
            let received = select! {
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

pub struct Set;

impl Selecting for Set {
    const PEER: Peer = <Millstream as Channel>::PEER;
    type Channel = Millstream;

    async fn receive(
        receivers: Vec<Receiver<usize>>,
        count: usize,
        mut then: impl FnMut(usize) + Send,
    ) {
        let mut set = SelectSet::new();
        for receiver in &receivers {
            set.recv(receiver, |value| value);
        }
        for _ in 0..count {
            let received = set.next().await.expect("the set has arms");
            then(received.expect("the channels are open"));
        }
    }
}
