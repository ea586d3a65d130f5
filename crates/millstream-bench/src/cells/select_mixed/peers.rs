//! The peers of the blocking selects with sends.

use millstream::select;

use super::{Course, Selecting, WAYS};
use crate::cell::Peer;
use crate::peers::crossbeam_channel::Crossbeam;
use crate::peers::millstream::Millstream;
use crate::peers::{Channel, ReceiverOf, SenderOf};

pub struct MillstreamOneShot;

impl Selecting for MillstreamOneShot {
    const PEER: Peer = <Millstream as Channel>::PEER;
    type Channel = Millstream;

    fn drive(
        senders: &[SenderOf<Self::Channel>; WAYS],
        receivers: &[ReceiverOf<Self::Channel>; WAYS],
        course: &mut impl Course,
    ) {
        let ([a, b, c, d], [e, f, g, h]) = (senders, receivers);
        while let Some(value) = course.offer() {
            select! {
                blocking;
                sent = a.send(value) => { sent.expect("it is open"); course.sent(); }
                sent = b.send(value) => { sent.expect("it is open"); course.sent(); }
                sent = c.send(value) => { sent.expect("it is open"); course.sent(); }
                sent = d.send(value) => { sent.expect("it is open"); course.sent(); }
                value = e.recv() => course.received(value.expect("it is open")),
                value = f.recv() => course.received(value.expect("it is open")),
                value = g.recv() => course.received(value.expect("it is open")),
                value = h.recv() => course.received(value.expect("it is open")),
            }
        }
    }
}

/// `select!`, which is put together anew each time.
pub struct CrossbeamMacro;

impl Selecting for CrossbeamMacro {
    const PEER: Peer = Peer::of("crossbeam-channel", "crossbeam-select-macro");
    type Channel = Crossbeam;

    fn drive(
        senders: &[SenderOf<Self::Channel>; WAYS],
        receivers: &[ReceiverOf<Self::Channel>; WAYS],
        course: &mut impl Course,
    ) {
        let ([a, b, c, d], [e, f, g, h]) = (senders, receivers);
        while let Some(value) = course.offer() {
            crossbeam_channel::select! {
                send(a, value) -> sent => { sent.expect("it is open"); course.sent(); }
                send(b, value) -> sent => { sent.expect("it is open"); course.sent(); }
                send(c, value) -> sent => { sent.expect("it is open"); course.sent(); }
                send(d, value) -> sent => { sent.expect("it is open"); course.sent(); }
                recv(e) -> value => course.received(value.expect("it is open")),
                recv(f) -> value => course.received(value.expect("it is open")),
                recv(g) -> value => course.received(value.expect("it is open")),
                recv(h) -> value => course.received(value.expect("it is open")),
            }
        }
    }
}

/// One `Select`, used again and again.
pub struct CrossbeamReused;

impl Selecting for CrossbeamReused {
    const PEER: Peer = Peer::of("crossbeam-channel", "crossbeam-select-reused");
    type Channel = Crossbeam;

    fn drive(
        senders: &[SenderOf<Self::Channel>; WAYS],
        receivers: &[ReceiverOf<Self::Channel>; WAYS],
        course: &mut impl Course,
    ) {
        let mut select = crossbeam_channel::Select::new();
        for sender in senders {
            select.send(sender);
        }
        for receiver in receivers {
            select.recv(receiver);
        }
        while let Some(value) = course.offer() {
            let operation = select.select();
            let index = operation.index();
            if index < WAYS {
                let sent = operation.send(&senders[index], value);
                sent.expect("it is open");
                course.sent();
            } else {
                let received = operation.recv(&receivers[index - WAYS]);
                course.received(received.expect("it is open"));
            }
        }
    }
}
