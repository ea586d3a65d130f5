//! flume's `Selector`, put together anew each time.

use super::{Course, Selecting, WAYS};
use crate::cell::Peer;
use crate::peers::flume::Flume;
use crate::peers::{ReceiverOf, SenderOf, Standing};

pub struct FlumeSelector;

impl Selecting for FlumeSelector {
    const PEER: Peer = Peer::of("flume", "flume-selector").standing(Standing::Flawed(
        "sends more than once: while it waits, each of its sends can be received from",
    ));
    type Channel = Flume;

    fn drive(
        senders: &[SenderOf<Self::Channel>; WAYS],
        receivers: &[ReceiverOf<Self::Channel>; WAYS],
        course: &mut impl Course,
    ) {
        while let Some(value) = course.offer() {
            let mut selector = flume::Selector::new();
            for sender in senders {
                selector = selector.send(sender, value, |sent| {
                    sent.expect("it is open");
                    None
                });
            }
            for receiver in receivers {
                selector = selector.recv(receiver, |value| Some(value.expect("it is open")));
            }
            match selector.wait() {
                Some(value) => course.received(value),
                None => course.sent(),
            }
        }
    }
}
