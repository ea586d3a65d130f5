//! Channels that have a name: they are listed as long as they live, in the order in which they were made.

mod common;

use common::within;
use millstream::{named, observe};
use std::thread::yield_now;

/// The channels of this test that are listed; other tests have theirs.
fn listed(prefix: &str) -> Vec<String> {
    let all = observe::snapshot().into_iter();
    let names = all.map(|channel| channel.name().to_owned());
    names.filter(|name| name.starts_with(prefix)).collect()
}

/// Waits until that is what is listed: whoever makes a list keeps the channels on it for that moment, so that one that
/// is dropped meanwhile is on other lists a little longer.
fn comes_to(prefix: &'static str, names: &'static [&'static str]) {
    within(move || {
        while listed(prefix) != names {
            yield_now();
        }
    });
}

#[test]
fn the_living_are_listed_in_the_order_in_which_they_were_made() {
    let first = named("living-1").bounded::<u32>(1);
    let second = named("living-2").rendezvous::<u32>();
    let third = named("living-3").unbounded::<u32>();
    assert_eq!(listed("living-"), ["living-1", "living-2", "living-3"]);
    drop(second);
    comes_to("living-", &["living-1", "living-3"]);
    let fourth = named("living-4").bounded::<u32>(1);
    assert_eq!(listed("living-"), ["living-1", "living-3", "living-4"]);
    drop((first, third, fourth));
    comes_to("living-", &[]);
    // One handle of either side is enough.
    let (tx, rx) = named("living-5").bounded::<u32>(1);
    drop(tx);
    assert_eq!(listed("living-"), ["living-5"]);
    drop(rx);
    comes_to("living-", &[]);
}
