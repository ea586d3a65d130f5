//! `ready-pair`: `send().await` and `recv().await` in turn on one thread, neither of which ever waits.
//!
//! Each future is made, polled once with a waker that does nothing, and dropped: what is left is the channel's own cost.

use std::future::Future;
use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use crate::cell::{capacity_name, Cells, Run, Spec, Tally, Unit};
use crate::peers::{AsyncChannel, IntoOption};

pub fn enter<C: AsyncChannel>(cells: &mut Cells) {
    for capacity in [Some(64), None] {
        if C::new(capacity).is_some() {
            let spec = Spec {
                name: format!("ready-pair/{}", capacity_name(capacity)),
                unit: Unit::Message,
                messages: 500_000,
            };
            cells.enter(spec, C::PEER, move |messages| run::<C>(capacity, messages));
        }
    }
}

fn run<C: AsyncChannel>(capacity: Option<usize>, messages: usize) -> Run {
    let (mut sender, mut receiver) = C::new(capacity).expect("the peer was asked when it entered");
    let mut context = Context::from_waker(Waker::noop());
    let mut received = Tally::default();
    let started = Instant::now();
    for value in 0..messages {
        now(C::send(&mut sender, black_box(value)), &mut context)
            .into_option()
            .expect("the channel is open");
        let value = now(C::recv(&mut receiver), &mut context)
            .into_option()
            .expect("the channel is open");
        received.add(value);
    }
    Run {
        elapsed: started.elapsed(),
        received,
    }
}

/// Polls a future that must be ready the first time.
#[inline(always)]
fn now<F: Future>(future: F, context: &mut Context<'_>) -> F::Output {
    match pin!(future).poll(context) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("an operation waited although a value or a slot was there"),
    }
}
