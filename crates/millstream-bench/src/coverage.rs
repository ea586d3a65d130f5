//! Tests that every peer delivers everything in every cell, and that nobody is missing.

use crate::cell::Cell;
use crate::cells::all;

/// Enough for every producer to fill a buffer of 64 many times and to wait.
const MESSAGES: usize = 2_000;
/// What part of a full run is enough where that is fewer: cells have few messages where each of them puts a thread to sleep.
const PART: usize = 20;

const EVERY_TASK_PEER: [&str; 13] = [
    "millstream",
    "flume",
    "kanal",
    "loole",
    "async-channel",
    "tokio-mpsc",
    "crossfire-spsc",
    "crossfire-mpsc",
    "crossfire-mpmc",
    "fibre-spsc",
    "fibre-mpsc",
    "fibre-mpmc",
    "futures-mpsc",
];

const EVERY_THREAD_PEER: [&str; 12] = [
    "millstream",
    "flume",
    "kanal",
    "loole",
    "async-channel",
    "crossbeam-channel",
    "tokio-mpsc",
    "crossfire-mpsc",
    "crossfire-mpmc",
    "fibre-mpsc",
    "fibre-mpmc",
    "std-mpsc",
];

#[test]
fn every_peer_delivers_everything_in_every_cell() {
    for cell in all() {
        let messages = MESSAGES.min(cell.messages / PART);
        for contender in &cell.contenders {
            let sample = cell.measure(contender, messages);
            let peer = contender.peer.name;
            assert!(sample.ns > 0.0, "{peer} in {} took no time", cell.name);
            cell.look(contender, messages);
        }
    }
}

/// The peers of a cell, in the order of the alphabet.
fn peers_of(cells: &[Cell], name: &str) -> Vec<&'static str> {
    let cell = cells.iter().find(|cell| cell.name == name);
    let cell = cell.unwrap_or_else(|| panic!("there is no cell {name}"));
    sorted(cell.contenders.iter().map(|other| other.peer.name))
}

fn sorted(names: impl IntoIterator<Item = &'static str>) -> Vec<&'static str> {
    let mut names: Vec<_> = names.into_iter().collect();
    names.sort_unstable();
    names
}

/// Some names without some and with others.
fn but(names: &[&'static str], without: &[&str], with: &[&'static str]) -> Vec<&'static str> {
    let left = names.iter().filter(|name| !without.contains(name));
    sorted(left.chain(with).copied())
}

fn expect(cells: &[Cell], name: &str, peers: &[&'static str]) {
    assert_eq!(peers_of(cells, name), peers, "{name}");
}

/// Who has which channels.
struct Peers {
    rendezvous: Vec<&'static str>,
    with_room: Vec<&'static str>,
    unbounded: Vec<&'static str>,
}

impl Peers {
    /// Those that are left where some cannot run, because there are more producers or consumers than they can have.
    fn but(&self, without: &[&str]) -> Self {
        Peers {
            rendezvous: but(&self.rendezvous, without, &[]),
            with_room: but(&self.with_room, without, &[]),
            unbounded: but(&self.unbounded, without, &[]),
        }
    }

    /// Looks for them in the cells that have one shape and each of the capacities.
    fn expect(&self, cells: &[Cell], shape: &str) {
        expect(cells, &format!("{shape}/0"), &self.rendezvous);
        expect(cells, &format!("{shape}/1"), &self.with_room);
        expect(cells, &format!("{shape}/64"), &self.with_room);
        expect(cells, &format!("{shape}/unbounded"), &self.unbounded);
    }
}

#[test]
fn every_task_cell_has_the_peers_that_can_run_it() {
    let cells = all();
    let bounded = ["futures-intrusive", "postage", "tachyonix"];
    let peers = Peers {
        rendezvous: sorted([
            "millstream",
            "flume",
            "kanal",
            "loole",
            "fibre-spsc",
            "fibre-mpsc",
            "fibre-mpmc",
            "futures-intrusive",
        ]),
        with_room: but(&EVERY_TASK_PEER, &[], &bounded),
        unbounded: but(&EVERY_TASK_PEER, &["fibre-spsc"], &[]),
    };
    for shape in ["tokio-1t/1p1c", "tokio-2w/1p1c", "smol-1t/1p1c"] {
        peers.expect(&cells, shape);
    }
    for cell in [
        "ready-pair/64",
        "ping-pong/1",
        "ping-pong-2w/1",
        "tokio-1t/1p1c/64/64-bytes",
        "tokio-1t/1p1c/64/1024-bytes",
        "tokio-2w/1p1c/64/64-bytes",
        "tokio-2w/1p1c/64/1024-bytes",
    ] {
        expect(&cells, cell, &peers.with_room);
    }
    expect(&cells, "ready-pair/unbounded", &peers.unbounded);
    expect(&cells, "ping-pong/0", &peers.rendezvous);
    expect(&cells, "ping-pong-2w/0", &peers.rendezvous);

    let senders = peers.but(&["crossfire-spsc", "fibre-spsc"]);
    senders.expect(&cells, "tokio-2w/4p1c");
    expect(&cells, "waiting-senders/10000", &senders.with_room);
    let quick = but(&senders.with_room, &["postage"], &[]);
    expect(&cells, "waiting-senders/100000", &quick);

    let shared = peers.but(&[
        "crossfire-spsc",
        "crossfire-mpsc",
        "fibre-spsc",
        "fibre-mpsc",
        "tokio-mpsc",
        "tachyonix",
        "futures-mpsc",
    ]);
    for shape in ["tokio-2w/4p4c", "smol-2t/4p4c"] {
        shared.expect(&cells, shape);
    }
    for waiters in ["10000", "100000"] {
        let name = format!("waiting-receivers/{waiters}");
        expect(&cells, &name, &shared.with_room);
    }
}

#[test]
fn every_thread_cell_has_the_peers_that_can_run_it() {
    let cells = all();
    let bounded = ["crossfire-spsc", "fibre-spsc", "postage"];
    let peers = Peers {
        rendezvous: sorted([
            "millstream",
            "flume",
            "kanal",
            "loole",
            "crossbeam-channel",
            "fibre-spsc",
            "fibre-mpsc",
            "fibre-mpmc",
            "std-mpsc",
        ]),
        with_room: but(&EVERY_THREAD_PEER, &[], &bounded),
        unbounded: but(&EVERY_THREAD_PEER, &[], &["crossfire-spsc"]),
    };
    peers.expect(&cells, "threads/1p1c");
    for cell in [
        "threads/1p1c/64/64-bytes",
        "threads/1p1c/64/1024-bytes",
        "ping-pong-threads/1",
    ] {
        expect(&cells, cell, &peers.with_room);
    }
    expect(&cells, "ping-pong-threads/0", &peers.rendezvous);

    let shared = peers.but(&[
        "crossfire-spsc",
        "crossfire-mpsc",
        "fibre-spsc",
        "fibre-mpsc",
        "tokio-mpsc",
        "std-mpsc",
    ]);
    for shape in ["threads/2p2c", "threads/4p4c"] {
        shared.expect(&cells, shape);
    }
    expect(&cells, "crowd/0", &shared.rendezvous);
    expect(&cells, "crowd/64", &shared.with_room);
}

#[test]
fn every_cell_that_never_waits_has_the_peers_that_can_run_it() {
    let cells = all();
    let bounded = ["crossfire-spsc", "fibre-spsc", "postage", "tachyonix"];
    let bounded = [
        &bounded[..],
        &["futures-mpsc", "futures-intrusive", "mutex-vecdeque"],
    ]
    .concat();
    let with_room = but(&EVERY_THREAD_PEER, &[], &bounded);
    for cell in ["try-pair/64", "channel-life/1", "channel-life/64"] {
        expect(&cells, cell, &with_room);
    }
    let unbounded = but(
        &EVERY_THREAD_PEER,
        &[],
        &["crossfire-spsc", "futures-mpsc", "mutex-vecdeque"],
    );
    for cell in [
        "try-pair/unbounded",
        "channel-life/unbounded",
        "queued/unbounded",
    ] {
        expect(&cells, cell, &unbounded);
    }
}

#[test]
fn every_cell_of_the_plot_exists() {
    let cells = all();
    for name in crate::plot::MAIN {
        assert!(cells.iter().any(|cell| cell.name == name), "{name}");
    }
}

#[test]
fn every_select_cell_has_the_peers_that_can_run_it() {
    let cells = all();
    let sets = sorted([
        "millstream",
        "tokio-streammap",
        "futures-concurrency",
        "futures-buffered",
        "futures-select-all",
    ]);
    let tasks = but(&sets, &[], &["tokio-select-loole", "tokio-select-mpsc"]);
    let threads = sorted([
        "millstream",
        "crossbeam-select-macro",
        "crossbeam-select-reused",
        "crossfire-select",
        "flume-selector",
    ]);
    for family in ["", "-set"] {
        for runtime in ["tokio-1t", "tokio-2w"] {
            for load in ["loaded", "sparse"] {
                let name = format!("select-{load}{family}/{runtime}");
                expect(&cells, &name, &tasks);
            }
        }
        for load in ["loaded", "crowded", "sparse"] {
            let name = format!("select-{load}{family}/threads");
            expect(&cells, &name, &threads);
        }
    }
    for ways in ["8", "64", "1000"] {
        expect(&cells, &format!("select-wide/{ways}"), &sets);
    }
    for family in ["threads", "async-beside-blocking"] {
        let ready = but(&threads, &["crossfire-select"], &[]);
        expect(&cells, &format!("select-ready/{family}"), &ready);
        let meeting = but(&ready, &["flume-selector"], &[]);
        expect(&cells, &format!("select-meeting/{family}"), &meeting);
    }
}

#[test]
fn every_cell_beside_the_channels_has_the_peers_that_can_run_it() {
    let cells = all();
    let expect = |name: &str, peers: &[&'static str]| {
        expect(&cells, name, &sorted(peers.iter().copied()));
    };
    for runtime in ["tokio-1t", "tokio-2w"] {
        expect(
            &format!("broadcast/{runtime}"),
            &[
                "millstream",
                "millstream-x4",
                "kanal-x4",
                "loole-x4",
                "fibre-spmc",
                "postage",
                "async-broadcast",
                "tokio-broadcast-throttled",
            ],
        );
        expect(
            &format!("stages/{runtime}"),
            &[
                "millstream",
                "millstream-by-hand",
                "flume",
                "kanal",
                "loole",
                "async-channel",
                "tokio-mpsc",
            ],
        );
    }
    expect(
        "fused",
        &["millstream", "futures-lite", "futures", "iterator"],
    );
    for streams in ["4", "64", "1024"] {
        expect(
            &format!("merge/{streams}"),
            &[
                "millstream",
                "futures-buffered",
                "futures-select-all",
                "tokio-streammap",
                "futures-concurrency",
                "one-stream",
            ],
        );
    }
    let single = [
        "millstream",
        "pariter",
        "tokio-spawn-buffered",
        "tokio-spawn-blocking-buffered",
        "plain-loop",
        "halves",
    ];
    let chunked = but(
        &single,
        &[],
        &["pariter-chunks", "rayon-chunks", "rayon-par-iter"],
    );
    for length in ["1us", "10us"] {
        expect(&format!("ordered-map/{length}"), &chunked);
        expect(&format!("ordered-map-unbatched/{length}"), &single);
    }
}
