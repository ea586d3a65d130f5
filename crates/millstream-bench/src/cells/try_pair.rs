//! `try-pair`: `try_send` and `try_recv` in turn on one thread.

use std::hint::black_box;
use std::time::Instant;

use crate::cell::{capacity_name, Cells, Run, Spec, Tally, Unit};
use crate::peers::{IntoOption, TryChannel};

pub fn enter<C: TryChannel>(cells: &mut Cells) {
    for capacity in [Some(64), None] {
        if C::new(capacity).is_some() {
            let spec = Spec {
                name: format!("try-pair/{}", capacity_name(capacity)),
                unit: Unit::Message,
                messages: 500_000,
            };
            cells.enter(spec, C::PEER, move |messages| run::<C>(capacity, messages));
        }
    }
}

fn run<C: TryChannel>(capacity: Option<usize>, messages: usize) -> Run {
    let (mut sender, mut receiver) = C::new(capacity).expect("the peer was asked when it entered");
    let mut received = Tally::default();
    let started = Instant::now();
    for value in 0..messages {
        C::try_send(&mut sender, black_box(value))
            .into_option()
            .expect("the channel is open and has room");
        let value = C::try_recv(&mut receiver)
            .into_option()
            .expect("the channel holds a value");
        received.add(value);
    }
    Run {
        elapsed: started.elapsed(),
        received,
    }
}
