//! Ctrl-C: once to stop and see what was counted, twice to kill.

#![cfg(unix)]

use crate::run::{command, finish, signal, within_limit};
use crate::tree::Tree;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::Child;

/// A file that takes so long to count that no test ever sees the end. It has no blocks, so it takes no room.
fn endless(tree: &Tree) -> PathBuf {
    let path = tree.join("endless");
    let file = File::create(&path).unwrap();
    // Some file systems know no file of this size: then one that takes minutes.
    file.set_len(1 << 43)
        .or_else(|_| file.set_len(1 << 40))
        .unwrap();
    path
}

/// Counts a small tree, complains of a path that is missing, and goes on with the endless file.
fn start(tree: &Tree) -> Child {
    let small = tree.folder("small");
    command([small, tree.join("missing"), endless(tree)])
        .spawn()
        .unwrap()
}

/// Waits for the complaint: then the small tree is behind, and the program is at the endless file or about to be.
fn wait_for_complaint(child: &mut Child) {
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let (line, stderr) = within_limit(child.id(), move || {
        let mut line = String::new();
        stderr.read_line(&mut line).unwrap();
        (line, stderr)
    });
    assert!(line.contains("/missing: No such file"), "{line}");
    // Put back, for what else may come.
    child.stderr = Some(stderr.into_inner());
}

#[test]
fn ctrl_c_prints_what_was_counted_so_far() {
    let tree = Tree::new();
    tree.file("small/a.txt", "one two\n");
    let mut child = start(&tree);
    wait_for_complaint(&mut child);
    signal("INT", child.id());
    let run = finish(child);
    run.ends_with(130);
    assert!(run.stdout.starts_with("PARTIAL: interrupted"), "{run:#?}");
    // The complaint came down the pipeline behind the small tree, though another worker may have overtaken it.
    let bytes = run.rows()["all"][3];
    assert!(bytes < 1 << 40, "{run:#?}");
    assert!(
        run.stdout.contains("from -> to"),
        "the channels are shown: {run:#?}"
    );
}

#[test]
fn a_second_ctrl_c_kills() {
    let tree = Tree::new();
    // Enough types that the report is longer than what a pipe holds: the program cannot end while nobody reads.
    for number in 0..3_000 {
        tree.file(
            format!("small/{number}.type-of-its-own-{number}"),
            "some_words here\n",
        );
    }
    let mut child = start(&tree);
    wait_for_complaint(&mut child);
    signal("INT", child.id());
    let mut stdout = child.stdout.take().unwrap();
    let (first, stdout) = within_limit(child.id(), move || {
        let mut first = [0; 7];
        stdout.read_exact(&mut first).unwrap();
        (first, stdout)
    });
    assert_eq!(&first, b"PARTIAL");
    assert!(
        child.try_wait().unwrap().is_none(),
        "it has more to say than a pipe holds"
    );
    signal("INT", child.id());
    let id = child.id();
    let status = within_limit(id, move || child.wait());
    assert_eq!(status.unwrap().code(), Some(130));
    let rest = within_limit(id, move || {
        let mut rest = String::new();
        BufReader::new(stdout)
            .read_to_string(&mut rest)
            .map(|_| rest)
    });
    assert!(
        !rest.unwrap().contains("from -> to"),
        "it was killed before its end"
    );
}
