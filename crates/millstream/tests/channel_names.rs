//! Channels that have a name: they are listed as long as they live, in the order in which they were made.

use millstream::{named, observe};

/// The channels of this test that are listed; other tests have theirs.
fn listed(prefix: &str) -> Vec<String> {
    let all = observe::snapshot().into_iter();
    let names = all.map(|channel| channel.name().to_owned());
    names.filter(|name| name.starts_with(prefix)).collect()
}

#[test]
fn the_living_are_listed_in_the_order_in_which_they_were_made() {
    let first = named("living-1").bounded::<u32>(1);
    let second = named("living-2").rendezvous::<u32>();
    let third = named("living-3").unbounded::<u32>();
    assert_eq!(listed("living-"), ["living-1", "living-2", "living-3"]);
    drop(second);
    assert_eq!(listed("living-"), ["living-1", "living-3"]);
    let fourth = named("living-4").bounded::<u32>(1);
    assert_eq!(listed("living-"), ["living-1", "living-3", "living-4"]);
    drop((first, third, fourth));
    assert!(listed("living-").is_empty());
}

#[test]
fn one_handle_of_either_side_is_enough() {
    let (tx, rx) = named("handle").bounded::<u32>(1);
    drop(tx);
    assert_eq!(listed("handle"), ["handle"]);
    drop(rx);
    assert!(listed("handle").is_empty());
}
