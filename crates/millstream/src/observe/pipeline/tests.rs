//! Which stage is found to be the bottleneck.

use super::super::testing::Shown;
use super::*;

/// A pipeline of channels `(from, to, milliseconds senders waited, milliseconds receivers waited)`.
fn pipeline(channels: &[(&str, &str, u64, u64)]) -> Pipeline {
    Pipeline::new(channels.iter().map(|(from, to, senders, receivers)| {
        Shown::between("c", from, to)
            .waited(*senders, *receivers)
            .done()
    }))
}

fn found(channels: &[(&str, &str, u64, u64)]) -> Option<String> {
    pipeline(channels).bottleneck_name().map(str::to_string)
}

#[test]
fn none_without_channels_or_waiting() {
    assert_eq!(found(&[]), None);
    assert_eq!(found(&[("a", "b", 0, 0)]), None);
    assert_eq!(
        found(&[("a", "b", 70, 70)]),
        None,
        "they waited for each other alike"
    );
}

#[test]
fn a_slow_middle_stage_is_full_before_and_empty_after() {
    let chain = [
        ("a", "b", 900, 0),
        ("b", "c", 850, 10),
        ("c", "d", 5, 900),
        ("d", "e", 0, 950),
    ];
    assert_eq!(found(&chain).as_deref(), Some("c"));
}

#[test]
fn a_slow_source_keeps_everybody_waiting() {
    assert_eq!(
        found(&[("a", "b", 0, 900), ("b", "c", 0, 990)]).as_deref(),
        Some("a")
    );
}

#[test]
fn a_slow_sink_stops_everybody() {
    assert_eq!(
        found(&[("a", "b", 990, 0), ("b", "c", 900, 0)]).as_deref(),
        Some("c")
    );
}

#[test]
fn many_waiting_threads_do_not_outvote_the_cause() {
    // Sixteen readers wait for the router, the router waits for one slow tally: sixteen times the waiting is on the
    // router's input, and yet it is not at fault.
    let lanes = [
        ("read", "route", 16_000, 0),
        ("route", "tally 0", 0, 900),
        ("route", "tally 1", 950, 0),
        ("route", "tally 2", 0, 900),
    ];
    assert_eq!(found(&lanes).as_deref(), Some("tally 1"));
}

#[test]
fn the_wait_for_a_result_at_the_end_blames_nobody() {
    // The report waits for the tallies all the time, by design; they wait for the count.
    let run = [
        ("read", "count", 800, 5),
        ("count", "tally", 0, 900),
        ("tally", "report", 0, 4_000),
    ];
    assert_eq!(found(&run).as_deref(), Some("count"));
}

#[test]
fn waits_of_less_than_a_hundredth_are_noise() {
    let chain = [("a", "b", 1_000, 0), ("b", "errors", 9, 0)];
    assert_eq!(found(&chain).as_deref(), Some("b"));
    let chain = [("a", "b", 1_000, 0), ("b", "slow", 11, 0)];
    assert_eq!(found(&chain).as_deref(), Some("slow"));
}

#[test]
fn two_stages_that_talk_both_ways_are_set_off() {
    // A client waits for the answers of a server, and the server now and then for the client's questions.
    let talk = [("client", "server", 0, 200), ("server", "client", 0, 800)];
    let pipeline = pipeline(&talk);
    assert_eq!(pipeline.bottleneck_name(), Some("server"));
    assert_eq!(
        pipeline.bottleneck.unwrap().waited,
        Duration::from_millis(600)
    );
}

#[test]
fn a_circle_of_waiting_ends_at_the_one_that_keeps_most() {
    let circle = [("a", "b", 500, 0), ("b", "c", 900, 0), ("c", "a", 300, 0)];
    assert_eq!(
        found(&circle).as_deref(),
        Some("c"),
        "kept b 900, was kept 300"
    );
    let entered = [
        ("in", "a", 2_000, 0),
        ("a", "b", 500, 0),
        ("b", "c", 900, 0),
        ("c", "a", 300, 0),
    ];
    assert_eq!(
        found(&entered).as_deref(),
        Some("a"),
        "kept in 2000 and c 300, was kept 500"
    );
}

#[test]
fn a_channel_from_a_stage_to_itself_tells_nothing() {
    assert_eq!(found(&[("a", "a", 5_000, 0)]), None);
    assert_eq!(
        found(&[("a", "a", 5_000, 0), ("a", "b", 3, 0)]).as_deref(),
        Some("b")
    );
}

#[test]
fn stages_of_one_name_are_one_and_unnamed_ends_are_each_their_own() {
    let mixed = Pipeline::new([
        Shown::between("c", "a", "b").done(),
        Shown::between("d", "b", "a").done(),
        Shown::named("x").done(),
        Shown::named("x").waited(0, 7).done(),
    ]);
    let names: Vec<_> = mixed
        .stages
        .iter()
        .map(|stage| stage.name.as_str())
        .collect();
    let of_x = [
        "senders of x",
        "receivers of x",
        "senders of x",
        "receivers of x",
    ];
    assert_eq!(names[..2], ["a", "b"]);
    assert_eq!(names[2..], of_x);
    assert_eq!(
        mixed.bottleneck.unwrap().stage,
        4,
        "the senders of the second x"
    );
}

#[test]
fn times_of_any_length_are_added_up() {
    let mut endless = Shown::between("c", "a", "b").done();
    endless.stats.send_blocked = Some(Duration::MAX);
    let found = Pipeline::new([endless.clone(), endless.clone(), endless]);
    assert_eq!(found.bottleneck_name(), Some("b"));
}

#[test]
fn where_both_sides_wait_they_keep_pace() {
    // Figures of a real run on a busy machine: the counters waited for the router now and then, and it for them; the
    // tallies, of which there are four, hardly had anything to do.
    let run = [
        ("walk", "read", 617, 3),
        ("read", "count", 3_000, 74),
        ("count", "route", 252, 89),
        ("route", "tally 0", 0, 1_600),
        ("route", "tally 1", 129, 1_290),
        ("route", "tally 2", 3, 1_580),
        ("route", "tally 3", 3, 1_580),
    ];
    assert_eq!(found(&run).as_deref(), Some("count"));
}

#[test]
fn a_full_channel_tells_more_than_an_empty_one() {
    // Two stages that nobody keeps waiting: the one with work piled up before it, and the one with idlers behind it.
    let run = [("a", "b", 300, 0), ("b", "c", 0, 0), ("c", "d", 0, 900)];
    assert_eq!(found(&run).as_deref(), Some("b"));
    let run = [("a", "b", 30, 0), ("b", "c", 0, 0), ("c", "d", 0, 900)];
    assert_eq!(found(&run).as_deref(), Some("c"), "it was hardly full");
}

#[test]
fn a_stage_that_joins_waits_for_the_slower_input() {
    let join = [
        ("fast", "join", 900, 0),
        ("slow", "join", 0, 850),
        ("join", "end", 0, 900),
    ];
    assert_eq!(found(&join).as_deref(), Some("slow"));
}
