//! Histories of small programs under schedules drawn at random, each explained by the sequential specification.

use crate::concurrent::{Clock, Patience, Program};
use crate::spec::Policy;
use crate::support::{draw, explore_times};
use shuttle::thread;
use std::sync::Arc;

/// How many schedules of each kind are run of each set of channels. A program is drawn with each.
const SCHEDULES: usize = 3_000;

/// How a process lets others run: a step of the schedule, and a few of them before it gives up.
struct Steps;

impl Patience for Steps {
    fn polls(&mut self) -> usize {
        1 + draw(3)
    }

    fn pass(&mut self) {
        thread::yield_now();
    }
}

fn check(shape: &str, policies: &'static [Policy]) {
    explore_times(shape, SCHEDULES, move || {
        let program = Arc::new(Program::draw(policies, &mut draw));
        let clock = Clock::default();
        let threads = program
            .ends()
            .into_iter()
            .enumerate()
            .map(|(process, ends)| {
                let (program, clock) = (program.clone(), clock.clone());
                thread::spawn(move || program.run(process, ends, &clock, &mut Steps))
            });
        let threads: Vec<_> = threads.collect();
        let records = threads.into_iter().map(|thread| thread.join().unwrap());
        program.check(records.collect());
    });
}

#[test]
fn histories_of_a_rendezvous_are_linearizable() {
    check("histories of a rendezvous", &[Policy::Waits(0)]);
}

#[test]
fn histories_of_a_bounded_channel_are_linearizable() {
    check("histories of a bounded channel", &[Policy::Waits(1)]);
}

#[test]
fn histories_of_two_channels_are_linearizable() {
    check(
        "histories of two channels",
        &[Policy::Waits(0), Policy::Waits(1)],
    );
}

#[test]
fn histories_of_two_rendezvous_are_linearizable() {
    check(
        "histories of two rendezvous",
        &[Policy::Waits(0), Policy::Waits(0)],
    );
}

#[test]
fn histories_of_channels_that_drop_are_linearizable() {
    check("histories of a dropping channel", &[Policy::DropsNewest(1)]);
    check("histories of a sliding channel", &[Policy::DropsOldest(1)]);
}

#[test]
fn histories_of_a_promise_are_linearizable() {
    check(
        "histories of a promise",
        &[Policy::Promise, Policy::Waits(0)],
    );
}
