//! The sequential specification, held against the real channels step by step: one history after the other, drawn at
//! random and shrunk when refuted.
//!
//! `MILLSTREAM_HISTORIES` says how many histories are run for each set of channels. A history that is refuted is
//! printed as the list of its steps: as a test in `found.rs` it can be run again, and stays there once it is explained.

mod acts;
#[path = "../common/mod.rs"]
mod common;
mod compare;
mod concurrent;
mod fifo;
mod found;
mod real;
mod spec;
mod step;
mod threads;
mod token;

use compare::Run;
use millstream_testkit::linear;
use proptest::test_runner::{Config, TestError, TestRunner};
use spec::Policy;

/// How many histories of each kind are run unless it is said.
const HISTORIES: u32 = 300;

fn histories() -> u32 {
    let said = std::env::var("MILLSTREAM_HISTORIES").ok();
    said.map_or(HISTORIES, |count| count.parse().expect("a number"))
}

/// Runs histories over channels with these policies.
fn check(policies: &[Policy]) {
    let config = Config {
        cases: histories(),
        failure_persistence: None,
        max_shrink_iters: 20_000,
        ..Config::default()
    };
    let mut runner = TestRunner::new(config);
    let result = runner.run(&step::histories(policies.len()), |steps| {
        Run::new(policies).history(&steps);
        Ok(())
    });
    if let Err(TestError::Fail(reason, steps)) = result {
        panic!("{policies:?} are refuted by {steps:?}:\n{reason}");
    }
    result.expect("histories can be drawn");
}

#[test]
fn rendezvous() {
    check(&[Policy::Waits(0)]);
    check(&[Policy::Waits(0), Policy::Waits(0)]);
}

#[test]
fn bounded() {
    check(&[Policy::Waits(1)]);
    check(&[Policy::Waits(2), Policy::Waits(1)]);
    check(&[Policy::Waits(1), Policy::Waits(0)]);
}

#[test]
fn unbounded() {
    check(&[Policy::Waits(usize::MAX), Policy::Waits(1)]);
}

#[test]
fn dropping() {
    check(&[Policy::DropsNewest(0), Policy::DropsNewest(2)]);
    check(&[Policy::DropsNewest(1), Policy::Waits(0)]);
}

#[test]
fn sliding() {
    check(&[Policy::DropsOldest(0), Policy::DropsOldest(2)]);
    check(&[Policy::DropsOldest(1), Policy::Waits(0)]);
}

#[test]
fn promise() {
    check(&[Policy::Promise, Policy::Waits(0)]);
}

#[test]
fn from_iter() {
    check(&[Policy::Iterator, Policy::Waits(1)]);
}

#[test]
fn custom() {
    check(&[Policy::Custom(1)]);
    check(&[Policy::Custom(2), Policy::Waits(0)]);
}
