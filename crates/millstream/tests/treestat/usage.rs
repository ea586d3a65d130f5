//! Arguments, pictures, and output that nobody reads.

use crate::run::{command, finish, treestat};
use crate::tree::Tree;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

#[test]
fn help_and_version_are_printed() {
    let run = treestat(["--help"]);
    run.ends_with(0);
    for said in [
        "Usage: treestat",
        "--graph <FILE>",
        "--follow",
        "--hidden",
        "--threads",
        "Exit code",
        "130",
        "141",
    ] {
        assert!(run.stdout.contains(said), "{said}: {run:#?}");
    }
    assert!(run.stdout.lines().all(|line| line.chars().count() <= 120));
    let run = treestat(["-V"]);
    assert_eq!(
        run.ends_with(0).stdout,
        format!("treestat {}\n", env!("CARGO_PKG_VERSION"))
    );
}

#[test]
fn wrong_usage_is_told_in_one_line() {
    let cases: [(&[&str], &str); 7] = [
        (&["--unknown"], "--unknown"),
        (&["-x"], "-x"),
        (&["--threads", "0"], "a number from 1 to 1024"),
        (&["--threads", "many"], "a number from 1 to 1024"),
        (&["--threads"], "--threads"),
        (
            &["--graph", "picture.jpg"],
            "picture.jpg: its name must end in .svg, .mmd or .dot",
        ),
        (&["--graph", "svg"], "its name must end in"),
    ];
    for (args, said) in cases {
        let run = treestat(args);
        run.ends_with(2);
        assert_eq!(run.stdout, "", "{args:?}");
        assert_eq!(run.stderr.lines().count(), 1, "{run:#?}");
        assert!(
            run.stderr.starts_with("treestat: ") && run.stderr.contains(said),
            "{args:?}: {run:#?}"
        );
    }
}

#[test]
fn a_path_that_looks_like_an_option_follows_two_dashes() {
    let tree = Tree::new();
    tree.file("--help", "one\n");
    let child = command(["--", "--help"])
        .current_dir(tree.path())
        .spawn()
        .unwrap();
    assert_eq!(finish(child).ends_with(0).rows()["all"], [1, 1, 1, 4]);
}

const STAGES: [&str; 8] = [
    "walk", "read", "count", "route", "tally 0", "tally 1", "tally 2", "tally 3",
];
const CHANNELS: [&str; 7] = [
    "files", "chunks", "counts", "lane 0", "lane 1", "lane 2", "lane 3",
];

fn drawn(ending: &str) -> String {
    let tree = Tree::new();
    for number in 0..50 {
        tree.file(format!("{number}.txt"), "some words\n".repeat(number));
    }
    let out = Tree::new();
    let file = out.join(format!("picture.{ending}"));
    let run = treestat([
        "--graph".as_ref(),
        file.as_os_str(),
        tree.path().as_os_str(),
    ]);
    run.ends_with(0);
    for name in STAGES.iter().chain(&CHANNELS) {
        assert!(
            run.stdout.contains(name),
            "the table shows {name}: {run:#?}"
        );
    }
    fs::read_to_string(file).expect("a picture")
}

#[test]
fn the_pipeline_is_drawn_as_dot() {
    let dot = drawn("dot");
    assert!(
        dot.starts_with("digraph pipeline {\n") && dot.ends_with("}\n"),
        "{dot}"
    );
    let labels: Vec<(String, &str)> = dot
        .lines()
        .filter_map(|line| {
            let (id, rest) = line.trim().split_once(" [label=\"")?;
            let end = rest.find("\\n").or(rest.find('"'))?;
            Some((id.to_string(), &rest[..end]))
        })
        .collect();
    for stage in STAGES {
        assert_eq!(
            labels
                .iter()
                .filter(|(id, name)| !id.contains("->") && *name == stage)
                .count(),
            1,
            "{dot}"
        );
    }
    let id = |stage: &str| {
        let found = labels
            .iter()
            .find(|(id, name)| !id.contains("->") && *name == stage);
        found.expect("a stage").0.clone()
    };
    let edges = [
        ("files", "walk", "read"),
        ("chunks", "read", "count"),
        ("counts", "count", "route"),
        ("lane 2", "route", "tally 2"),
    ];
    for (channel, from, to) in edges {
        let edge = format!("{} -> {}", id(from), id(to));
        assert!(labels.contains(&(edge, channel)), "{channel}: {dot}");
    }
    assert!(dot.contains("\"files\\n50 delivered\\n"), "{dot}");
}

#[test]
fn the_pipeline_is_drawn_as_mermaid() {
    let mermaid = drawn("mmd");
    assert!(mermaid.starts_with("flowchart TD\n"), "{mermaid}");
    for stage in STAGES {
        let nodes = mermaid.lines().filter(|line| {
            let label = line
                .split_once("[\"")
                .and_then(|(_, rest)| rest.split_once("\"]"));
            label.is_some_and(|(label, _)| label.split("<br/>").next() == Some(stage))
        });
        assert_eq!(nodes.count(), 1, "{stage}: {mermaid}");
    }
    for channel in CHANNELS {
        let edges = mermaid
            .lines()
            .filter(|line| line.contains(&format!(" -->|\"{channel}<br/>")));
        assert_eq!(edges.count(), 1, "{channel}: {mermaid}");
    }
}

#[test]
fn the_pipeline_is_drawn_as_svg() {
    let svg = drawn("svg");
    assert!(
        svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\"") && svg.ends_with("</svg>\n"),
        "{svg}"
    );
    let texts: Vec<&str> = svg
        .lines()
        .filter_map(|line| {
            line.strip_prefix("<text ")?
                .split_once('>')?
                .1
                .strip_suffix("</text>")
        })
        .collect();
    for name in STAGES.iter().chain(&CHANNELS) {
        assert_eq!(
            texts.iter().filter(|text| *text == name).count(),
            1,
            "{name}: {svg}"
        );
    }
}

#[test]
fn a_picture_that_cannot_be_written_is_told_and_the_counts_are_printed() {
    let tree = Tree::new();
    tree.file("a.txt", "one\n");
    let run = treestat([
        "-g".as_ref(),
        tree.join("missing/p.svg").as_os_str(),
        tree.path().as_os_str(),
    ]);
    run.ends_with(1);
    assert!(
        run.stderr
            .contains("missing/p.svg: No such file or directory"),
        "{run:#?}"
    );
    assert_eq!(run.rows()["all"], [1, 1, 1, 4]);
}

/// A pipe whose reader is gone.
fn broken_pipe() -> Stdio {
    let mut reader = Command::new("true").stdin(Stdio::piped()).spawn().unwrap();
    let pipe = reader.stdin.take().unwrap();
    reader.wait().unwrap();
    Stdio::from(pipe)
}

#[test]
fn output_that_nobody_reads_ends_the_program_quietly() {
    let tree = Tree::new();
    tree.file("a.txt", "one\n");
    for args in [vec![tree.path()], vec![Path::new("--help")]] {
        let child = command(args).stdout(broken_pipe()).spawn().unwrap();
        let run = finish(child);
        run.ends_with(141);
        assert_eq!(run.stderr, "");
    }
}

#[test]
fn problems_that_nobody_reads_do_not_stop_the_count() {
    let tree = Tree::new();
    tree.file("a.txt", "one\n");
    let child = command([tree.join("missing"), tree.path().to_path_buf()])
        .stderr(broken_pipe())
        .spawn()
        .unwrap();
    let run = finish(child);
    run.ends_with(1);
    assert_eq!(run.rows()["all"], [1, 1, 1, 4]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told() {
    let full = fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let child = command(["--version"]).stdout(full).spawn().unwrap();
    let run = finish(child);
    run.ends_with(1);
    assert!(
        run.stderr
            .contains("standard output: No space left on device"),
        "{run:#?}"
    );
}
