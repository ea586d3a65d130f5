//! millstream's selects with sends, awaited in tasks.

use std::sync::Arc;
use std::time::Instant;

use millstream::{select, Receiver, Sender};

use super::meeting::{self, Meetings};
use super::ready::{self, Table};
use super::{Course, WAYS};
use crate::cell::{Cells, Run};
use crate::cells::runtimes::{Executes, Spawns, Tokio, TokioThread, TokioWorkers};
use crate::cells::several::array;
use crate::peers::{millstream::Millstream, Channel};

pub fn enter(cells: &mut Cells, family: &str) {
    let peer = <Millstream as Channel>::PEER;
    cells.enter(ready::spec(family), peer, |messages| {
        TokioThread::run(Box::pin(ready(messages)))
    });
    cells.enter(meeting::spec(family), peer, |messages| {
        TokioWorkers::run(Box::pin(meet(messages)))
    });
}

async fn ready(messages: usize) -> Run {
    let mut table = Table::<Millstream>::laid(messages);
    while let Some(mut round) = table.round() {
        let started = Instant::now();
        drive(&table.outgoing.0, &table.incoming.1, &mut round).await;
        table.clear(round, started.elapsed());
    }
    table.finish()
}

async fn meet(messages: usize) -> Run {
    let ends = Arc::new(array::<Millstream, _>(0));
    let side = || {
        let ends = ends.clone();
        async move {
            let mut course = Meetings::new(messages);
            drive(&ends.0, &ends.1, &mut course).await;
            course.received
        }
    };
    let started = Instant::now();
    let (one, other) = (Tokio::spawn(side()), Tokio::spawn(side()));
    let mut received = one.await;
    received.merge(other.await);
    Run {
        elapsed: started.elapsed(),
        received,
    }
}

async fn drive(
    senders: &[Sender<usize>; WAYS],
    receivers: &[Receiver<usize>; WAYS],
    course: &mut impl Course,
) {
    let ([a, b, c, d], [e, f, g, h]) = (senders, receivers);
    while let Some(value) = course.offer() {
        select! {
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
