//! `select-meeting`: two selects, each with a send to and a receive from each of four rendezvous, on two threads.
//!
//! Each meeting passes one value, one way or the other. Both sides count the meetings, and offer the number of the next: what is received is known to the receiver beforehand.

use std::sync::Barrier;
use std::thread;
use std::time::Instant;

use super::{Course, Selecting};
use crate::cell::{Cells, Run, Spec, Tally, Unit};
use crate::cells::several::array;

pub fn spec(family: &str) -> Spec {
    Spec {
        name: format!("select-meeting/{family}"),
        unit: Unit::Message,
        messages: 5_000,
    }
}

/// What each of the two goes through.
pub struct Meetings {
    next: usize,
    end: usize,
    pub received: Tally,
}

impl Meetings {
    pub fn new(messages: usize) -> Self {
        Meetings {
            next: 0,
            end: messages,
            received: Tally::default(),
        }
    }
}

impl Course for Meetings {
    fn offer(&self) -> Option<usize> {
        (self.next < self.end).then_some(self.next)
    }

    fn sent(&mut self) {
        self.next += 1;
    }

    fn received(&mut self, value: usize) {
        assert_eq!(value, self.next, "the other side is at the same meeting");
        self.received.add(value);
        self.next += 1;
    }
}

pub fn enter<S: Selecting>(cells: &mut Cells, family: &str) {
    cells.enter(spec(family), S::PEER, run::<S>);
}

fn run<S: Selecting>(messages: usize) -> Run {
    let (senders, receivers) = array::<S::Channel, _>(0);
    let barrier = &Barrier::new(2);
    let side = || {
        let mut course = Meetings::new(messages);
        barrier.wait();
        let started = Instant::now();
        S::drive(&senders, &receivers, &mut course);
        (started, course.received)
    };
    thread::scope(|scope| {
        let other = scope.spawn(side);
        let (started, mut received) = side();
        let (other_started, others) = other.join().expect("the other side does not panic");
        let elapsed = started.min(other_started).elapsed();
        received.merge(others);
        Run { elapsed, received }
    })
}
