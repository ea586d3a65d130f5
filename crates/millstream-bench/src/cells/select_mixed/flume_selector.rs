//! flume's `Selector`, put together anew each time.

use super::{Course, Selecting, WAYS};
use crate::cell::Peer;
use crate::peers::Standing;

pub struct Flume;

impl Selecting for Flume {
    const PEER: Peer = Peer::of("flume", "flume-selector").standing(Standing::Flawed(
        "sends more than once: while it waits, each of its sends can be received from",
    ));
    type Sender = flume::Sender<usize>;
    type Receiver = flume::Receiver<usize>;

    fn bounded(capacity: usize) -> (Self::Sender, Self::Receiver) {
        flume::bounded(capacity)
    }

    fn try_send(sender: &Self::Sender, value: usize) -> bool {
        sender.try_send(value).is_ok()
    }

    fn try_recv(receiver: &Self::Receiver) -> Option<usize> {
        receiver.try_recv().ok()
    }

    fn drive(
        senders: &[Self::Sender; WAYS],
        receivers: &[Self::Receiver; WAYS],
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
