//! What a process of a small concurrent history does.

use crate::spec::{Value, Wish};

/// One operation. None of them waits for ever, so that every history comes to its end.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Call {
    Send(usize, Value, Way),
    Recv(usize, Way),
    /// A permit, then its value sent or, without one, the permit dropped.
    Reserve(usize, Option<Value>),
    /// A claim, then its value taken or the claim dropped.
    Claim(usize, bool),
    RecvMany(usize, usize),
    /// A select over these arms, dropped in the end unless it has a default.
    Select(Vec<(usize, Wish, Option<Value>)>, bool),
    Close(usize),
    /// The process gives its handle of the sending or of the receiving side up.
    DropHandle(usize, bool),
}

/// How long an operation waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Way {
    /// Not at all.
    Try,
    /// Until a deadline that is past: it may join the line and leaves it at once.
    Late,
    /// As long as it is polled, and then it is dropped.
    Dropped,
}

impl Call {
    /// Draws one over so many channels; `value` is there for it to send.
    pub fn draw(channels: usize, value: Value, draw: &mut impl FnMut(usize) -> usize) -> Call {
        let channel = draw(channels);
        let way = [Way::Try, Way::Late, Way::Dropped, Way::Dropped][draw(4)];
        match draw(14) {
            0..=2 => Call::Send(channel, value, way),
            3..=5 => Call::Recv(channel, way),
            6 => Call::Reserve(channel, (draw(2) == 0).then_some(value)),
            7 => Call::Claim(channel, draw(2) == 0),
            8 => Call::RecvMany(channel, 1 + draw(2)),
            9 if draw(3) == 0 => Call::Close(channel),
            _ => {
                let send = (draw(channels), Wish::Send, Some(value));
                let recv = (draw(channels), Wish::Recv, None);
                let third = [
                    (draw(channels), Wish::Reserve, None),
                    (draw(channels), Wish::Claim, None),
                    (draw(channels), Wish::Recv, None),
                ][draw(3)];
                let arms = [
                    vec![send, recv],
                    vec![recv, send],
                    vec![send, third],
                    vec![recv, third],
                ];
                Call::Select(arms[draw(4)].clone(), draw(5) == 0)
            }
        }
    }
}
