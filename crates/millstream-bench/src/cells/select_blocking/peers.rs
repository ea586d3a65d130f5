//! The peers of the blocking selects over receives.

use millstream::{select, SelectSet};

use super::Selecting;
use crate::cell::Peer;
use crate::peers::crossbeam_channel::Crossbeam;
use crate::peers::crossfire::mpsc;
use crate::peers::flume::Flume;
use crate::peers::millstream::Millstream;
use crate::peers::{Channel, ReceiverOf};

pub struct MillstreamOneShot;

impl Selecting for MillstreamOneShot {
    const PEER: Peer = <Millstream as Channel>::PEER;
    type Channel = Millstream;

    fn receive(
        receivers: Vec<ReceiverOf<Self::Channel>>,
        count: usize,
        mut then: impl FnMut(usize),
    ) {
        let [a, b, c, d, e, f, g, h] = &receivers[..] else {
            panic!("there are eight arms, not {}", receivers.len());
        };
        for _ in 0..count {
            let received = select! {
                blocking;
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

pub struct MillstreamSet;

impl Selecting for MillstreamSet {
    const PEER: Peer = <Millstream as Channel>::PEER;
    type Channel = Millstream;

    fn receive(
        receivers: Vec<ReceiverOf<Self::Channel>>,
        count: usize,
        mut then: impl FnMut(usize),
    ) {
        let mut set = SelectSet::new();
        for receiver in &receivers {
            set.recv(receiver, |value| value);
        }
        for _ in 0..count {
            let received = set.wait().expect("the set has arms");
            then(received.expect("the channels are open"));
        }
    }
}

/// `select!`, which is put together anew for each message.
pub struct CrossbeamMacro;

impl Selecting for CrossbeamMacro {
    const PEER: Peer = Peer::of("crossbeam-channel", "crossbeam-select-macro");
    type Channel = Crossbeam;

    fn receive(
        receivers: Vec<ReceiverOf<Self::Channel>>,
        count: usize,
        mut then: impl FnMut(usize),
    ) {
        let [a, b, c, d, e, f, g, h] = &receivers[..] else {
            panic!("there are eight arms, not {}", receivers.len());
        };
        for _ in 0..count {
            let received = crossbeam_channel::select! {
                recv(a) -> value => value,
                recv(b) -> value => value,
                recv(c) -> value => value,
                recv(d) -> value => value,
                recv(e) -> value => value,
                recv(f) -> value => value,
                recv(g) -> value => value,
                recv(h) -> value => value,
            };
            then(received.expect("the channels are open"));
        }
    }
}

/// One `Select`, used for all messages.
pub struct CrossbeamReused;

impl Selecting for CrossbeamReused {
    const PEER: Peer = Peer::of("crossbeam-channel", "crossbeam-select-reused");
    type Channel = Crossbeam;

    fn receive(
        receivers: Vec<ReceiverOf<Self::Channel>>,
        count: usize,
        mut then: impl FnMut(usize),
    ) {
        let mut select = crossbeam_channel::Select::new();
        for receiver in &receivers {
            select.recv(receiver);
        }
        for _ in 0..count {
            let operation = select.select();
            let receiver = &receivers[operation.index()];
            then(operation.recv(receiver).expect("the channels are open"));
        }
    }
}

pub struct Crossfire;

impl Selecting for Crossfire {
    const PEER: Peer = Peer::of("crossfire", "crossfire-select")
        .standing(<mpsc::Blocking as Channel>::PEER.standing);
    type Channel = mpsc::Blocking;

    fn receive(
        receivers: Vec<ReceiverOf<Self::Channel>>,
        count: usize,
        mut then: impl FnMut(usize),
    ) {
        let mut select = crossfire::select::Select::new();
        for receiver in &receivers {
            select.add(receiver);
        }
        for _ in 0..count {
            let ready = select.select().expect("the channels are open");
            let receiver = receivers.iter().find(|receiver| ready == **receiver);
            let receiver = receiver.expect("it is one of those that were added");
            then(receiver.read_select(ready).expect("the channels are open"));
        }
    }
}

pub struct FlumeSelector;

impl Selecting for FlumeSelector {
    const PEER: Peer = Peer::of("flume", "flume-selector");
    type Channel = Flume;

    fn receive(
        receivers: Vec<ReceiverOf<Self::Channel>>,
        count: usize,
        mut then: impl FnMut(usize),
    ) {
        for _ in 0..count {
            let selector = flume::Selector::new();
            let selector = receivers.iter().fold(selector, |selector, receiver| {
                selector.recv(receiver, |value| value)
            });
            then(selector.wait().expect("the channels are open"));
        }
    }
}
