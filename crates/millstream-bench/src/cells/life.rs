//! `channel-life`, `queued`: a channel that is made for one message, and one that fills up before anybody receives: what it costs, and how much memory an empty channel and a queued value take.

use std::hint::black_box;
use std::time::Instant;

use crate::cell::{capacity_name, Cells, Run, Spec, Tally, Unit};
use crate::counting::Count;
use crate::peers::{IntoOption, TryChannel};
use crate::probe::Probe;

pub fn enter<C: TryChannel>(cells: &mut Cells) {
    for capacity in [Some(1), Some(64), None] {
        if C::new(capacity).is_some() {
            let spec = Spec {
                name: format!("channel-life/{}", capacity_name(capacity)),
                unit: Unit::Message,
                messages: 50_000,
            };
            cells
                .enter(spec, C::PEER, move |messages| live::<C>(capacity, messages))
                .probe(move |messages| keep_empty::<C>(capacity, messages));
        }
    }
    if C::new(None).is_some() {
        let spec = Spec {
            name: "queued/unbounded".to_owned(),
            unit: Unit::Message,
            messages: 200_000,
        };
        cells
            .enter(spec, C::PEER, |messages| {
                let (sender, receiver) = C::new(None).expect("asked on entering");
                let started = Instant::now();
                let received = queue::<C>(sender, receiver, messages, || ());
                Run {
                    elapsed: started.elapsed(),
                    received,
                }
            })
            .probe(|messages| {
                let (sender, receiver) = C::new(None).expect("asked on entering");
                let count = Count::start();
                let mut bytes = 0;
                let received = queue::<C>(sender, receiver, messages, || bytes = count.bytes());
                Probe::of_bytes(received, bytes, messages)
            });
    }
}

/// Makes a channel for each message.
fn live<C: TryChannel>(capacity: Option<usize>, messages: usize) -> Run {
    let mut received = Tally::default();
    let started = Instant::now();
    for value in 0..messages {
        let (mut sender, mut receiver) = C::new(capacity).expect("asked on entering");
        received.add(pass::<C>(&mut sender, &mut receiver, value));
    }
    Run {
        elapsed: started.elapsed(),
        received,
    }
}

/// Makes all of the channels before the first one is used.
fn keep_empty<C: TryChannel>(capacity: Option<usize>, messages: usize) -> Probe {
    let mut channels = Vec::with_capacity(messages);
    let count = Count::start();
    channels.extend((0..messages).map(|_| C::new(capacity).expect("asked on entering")));
    let bytes = count.bytes();
    drop(count);
    let mut received = Tally::default();
    for (value, (mut sender, mut receiver)) in channels.into_iter().enumerate() {
        received.add(pass::<C>(&mut sender, &mut receiver, value));
    }
    Probe::of_bytes(received, bytes, messages)
}

fn pass<C: TryChannel>(sender: &mut C::Sender, receiver: &mut C::Receiver, value: usize) -> usize {
    C::try_send(sender, black_box(value))
        .into_option()
        .expect("the channel is open and has room");
    C::try_recv(receiver)
        .into_option()
        .expect("the channel holds a value")
}

/// Sends all of the messages before the first one is received.
fn queue<C: TryChannel>(
    mut sender: C::Sender,
    mut receiver: C::Receiver,
    messages: usize,
    when_full: impl FnOnce(),
) -> Tally {
    for value in 0..messages {
        C::try_send(&mut sender, value)
            .into_option()
            .expect("the channel is open and has room");
    }
    when_full();
    let mut received = Tally::default();
    for _ in 0..messages {
        received.add(
            C::try_recv(&mut receiver)
                .into_option()
                .expect("the channel holds a value"),
        );
    }
    received
}
