//! Histories of a few threads, as the machine happens to run them, each explained by the specification or refuted.

use crate::common::within;
use crate::concurrent::{Clock, Patience, Program};
use crate::spec::Policy;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};
use std::sync::{Arc, Barrier};
use std::thread;

/// How a thread lets others run: it yields, and gives up after a few rounds of that.
struct Yields(usize);

impl Patience for Yields {
    fn polls(&mut self) -> usize {
        self.0 = self.0 % 4 + 1;
        self.0
    }

    fn pass(&mut self) {
        thread::yield_now();
    }
}

/// Runs one program on threads of its own that start together.
fn run(program: Program, patience: usize) {
    let program = Arc::new(program);
    let (clock, start) = (
        Clock::default(),
        Arc::new(Barrier::new(program.processes.len())),
    );
    let threads = program
        .ends()
        .into_iter()
        .enumerate()
        .map(|(process, ends)| {
            let (program, clock, start) = (program.clone(), clock.clone(), start.clone());
            thread::spawn(move || {
                start.wait();
                program.run(process, ends, &clock, &mut Yields(patience + process))
            })
        });
    let threads: Vec<_> = threads.collect();
    let records = threads.into_iter().map(|thread| thread.join().unwrap());
    program.check(records.collect());
}

#[test]
fn histories_of_threads_are_linearizable() {
    let policies = [
        vec![Policy::Waits(0)],
        vec![Policy::Waits(1)],
        vec![Policy::Waits(0), Policy::Waits(1)],
        vec![Policy::Waits(usize::MAX)],
        vec![Policy::DropsNewest(1)],
        vec![Policy::DropsOldest(1), Policy::Waits(0)],
        vec![Policy::Promise],
    ];
    within(move || {
        let mut runner = TestRunner::new(Config::default());
        for _ in 0..crate::histories().div_ceil(3) {
            for policies in &policies {
                let numbers = prop::collection::vec(any::<usize>(), 128);
                let numbers = numbers.new_tree(&mut runner).unwrap().current();
                let mut numbers = numbers.into_iter().cycle();
                let mut draw = |bound: usize| numbers.next().unwrap_or(0) % bound;
                let program = Program::draw(policies, &mut draw);
                run(program, draw(4));
            }
        }
    });
}
