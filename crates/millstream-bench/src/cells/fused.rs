//! `fused`: a map, a filter and a map in one task, with no channel between them.

use std::future::poll_fn;
use std::hint::black_box;
use std::pin::pin;
use std::task::Poll;
use std::time::Instant;

use futures::Stream;

use crate::cell::{Cells, Peer, Run, Spec, Tally, Unit};
use crate::peers::{millstream::Millstream, Channel, Standing};

const ITERATOR: Peer = Peer::of("std", "iterator").standing(Standing::Floor(
    "std's Iterator, which cannot wait: no polling, no wakers",
));

pub fn enter_all(cells: &mut Cells) {
    enter(cells, <Millstream as Channel>::PEER, |messages| {
        drain(with_millstream(messages))
    });
    enter(cells, Peer::sound("futures-lite"), |messages| {
        drain(with_futures_lite(messages))
    });
    enter(cells, Peer::sound("futures"), |messages| {
        drain(with_futures(messages))
    });
    enter(cells, ITERATOR, |messages| {
        timed(|tally| {
            let numbers = twice(messages).map(first).filter(choose).map(second);
            let mut all = Tally::default();
            numbers.for_each(|value| all.add(value));
            tally.merge(all);
        })
    });
}

fn enter(cells: &mut Cells, peer: Peer, run: impl Fn(usize) -> Run + 'static) {
    let spec = Spec {
        name: "fused".to_owned(),
        unit: Unit::Item,
        messages: 20_000_000,
    };
    cells.enter(spec, peer, run);
}

/// The source, of whose items every second one arrives.
fn twice(messages: usize) -> std::ops::Range<usize> {
    0..2 * black_box(messages)
}

fn first(value: usize) -> usize {
    value + 6
}

fn choose(value: &usize) -> bool {
    value % 2 == 0
}

fn second(value: usize) -> usize {
    value / 2 - 3
}

fn with_millstream(messages: usize) -> impl Stream<Item = usize> {
    use millstream::prelude::*;
    from_range(twice(messages))
        .map(first)
        .filter(choose)
        .map(second)
}

fn with_futures_lite(messages: usize) -> impl Stream<Item = usize> {
    use futures_lite::stream::{iter, StreamExt};
    iter(twice(messages)).map(first).filter(choose).map(second)
}

fn with_futures(messages: usize) -> impl Stream<Item = usize> {
    use futures::stream::{iter, StreamExt};
    iter(twice(messages))
        .map(first)
        .filter(|value| std::future::ready(choose(value)))
        .map(second)
}

/// Runs a stream to its end; the loop is the same for all.
fn drain(stream: impl Stream<Item = usize>) -> Run {
    let mut stream = pin!(stream);
    timed(|total| {
        futures::executor::block_on(poll_fn(|context| {
            // Counted in a variable of this poll's own, which can be in registers.
            let mut tally = Tally::default();
            let poll = loop {
                match stream.as_mut().poll_next(context) {
                    Poll::Ready(Some(value)) => tally.add(value),
                    Poll::Ready(None) => break Poll::Ready(()),
                    Poll::Pending => break Poll::Pending,
                }
            };
            total.merge(tally);
            poll
        }));
    })
}

fn timed(work: impl FnOnce(&mut Tally)) -> Run {
    let mut received = Tally::default();
    let started = Instant::now();
    work(&mut received);
    Run {
        elapsed: started.elapsed(),
        received,
    }
}
