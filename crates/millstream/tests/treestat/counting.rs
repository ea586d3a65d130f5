//! What is counted, what is not, and that it is counted once.

use crate::run::{finish, treestat, Row};
use crate::tree::Tree;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// An independent count of a tree, per type, with `all`: every file that is neither hidden nor a link.
fn expected(folder: &Path) -> BTreeMap<String, Row> {
    let mut rows = BTreeMap::new();
    rows.insert("all".to_string(), Row::default());
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let kind = entry.file_type().unwrap();
            if entry.file_name().to_string_lossy().starts_with('.') {
                continue;
            }
            if kind.is_dir() {
                folders.push(entry.path());
            } else if kind.is_file() {
                let (file_type, row) = counted(&entry.path());
                for name in [file_type, "all".to_string()] {
                    let sum = rows.entry(name).or_default();
                    for (sum, number) in sum.iter_mut().zip(row) {
                        *sum += number;
                    }
                }
            }
        }
    }
    rows
}

fn counted(path: &Path) -> (String, Row) {
    let text = fs::read(path).unwrap();
    let lines = text.iter().filter(|byte| **byte == b'\n').count() as u64;
    let mut words = text
        .split(|byte| b" \t\n\r\x0b\x0c".contains(byte))
        .filter(|word| !word.is_empty())
        .count() as u64;
    let mut file_type = match path.extension() {
        Some(ending) => format!(".{}", ending.to_string_lossy().to_lowercase()),
        None => "(none)".to_string(),
    };
    if text.iter().take(8192).any(|byte| *byte == 0) {
        (file_type, words) = ("(binary)".to_string(), 0);
    }
    (file_type, [1, lines, words, text.len() as u64])
}

/// Some of everything; the large ones are larger than a few chunks.
fn mixed_tree() -> Tree {
    let tree = Tree::new();
    tree.file("empty.txt", "");
    tree.file("no-newline.txt", "one two");
    tree.file(
        "deep/er/and/deeper/code.rs",
        "fn main() { let x1 = x1 + _y; }\n\n",
    );
    tree.file("deep/CODE.RS", "fn fn fn\r\n\tlet 1st = 0x1f;\n");
    tree.file("Makefile", "all:\n\techo all\n");
    tree.file("latin1.txt", b"caf\xe9 na\xefve\n\xff\xfe\n");
    tree.file(
        "greek.txt",
        "\u{3bb}\u{3cc}\u{3b3}\u{3bf}\u{3c2} \u{3bb}\u{3cc}\u{3b3}\u{3bf}\u{3c2} \u{2014} x\n",
    );
    tree.file(
        "picture.png",
        b"\x89PNG\r\n\x1a\n\0\0\0\n three words here\n",
    );
    tree.file(
        "late-nul.txt",
        [vec![b'a'; 8192], vec![0], b" b\n".to_vec()].concat(),
    );
    let line = "the quick brown_fox jumps; over 99 lazy dogs\n";
    tree.file("large.txt", line.repeat(40_000));
    tree.file("one-word.b64", "QUJD/+=".repeat(200_000));
    tree.file("one-identifier.hex", "abcdef0".repeat(200_000));
    for number in 0..300 {
        let name = format!("many/{}/{number}.t{}", number % 7, number % 11);
        tree.file(name, format!("file number {number}\n").repeat(number));
    }
    tree
}

#[test]
fn counts_agree_with_an_independent_count() {
    let tree = mixed_tree();
    let run = treestat([tree.path()]);
    run.ends_with(0);
    assert_eq!(run.rows(), expected(tree.path()));
    assert_eq!(run.stderr, "");
    assert!(run
        .stdout
        .contains("(binary): a NUL byte in the first 8 KiB"));
    assert!(!run.stdout.contains("PARTIAL"));
    assert_eq!(run.identifiers(".rs"), "fn 4, let 2, x1 2, _y 1, main 1");
    assert_eq!(run.identifiers(".b64"), "QUJD 200,000");
    assert!(
        run.identifiers(".hex").starts_with("(none)")
            || !run.identifiers(".hex").contains("abcdef0")
    );
    assert!(
        run.identifiers(".txt")
            .starts_with("brown_fox 40,000, dogs 40,000, jumps 40,000"),
        "{run:#?}"
    );
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let tree = mixed_tree();
    let counts = |threads: &str| {
        let run = treestat(["-t".as_ref(), threads.as_ref(), tree.path().as_os_str()]);
        run.ends_with(0);
        let (counts, _) = run
            .stdout
            .split_once("\n\n")
            .expect("the table of channels follows");
        counts.to_string()
    };
    assert_eq!(counts("1"), counts("8"));
}

#[test]
fn totals_are_those_of_wc() {
    let tree = Tree::new();
    for number in 0..40 {
        let text =
            "some plain words, and a number: 12\n  indented\tand tabbed\n".repeat(number * 50);
        tree.file(format!("{number}.txt"), text + "no newline at the end");
    }
    let files: Vec<PathBuf> = fs::read_dir(tree.path())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    // The C locale, in which `wc` knows no other white space than ours.
    let Ok(output) = Command::new("wc")
        .arg("-lwc")
        .args(&files)
        .env("LC_ALL", "C")
        .output()
    else {
        // Not every system has it; the count of our own above is made everywhere.
        return;
    };
    let output = String::from_utf8(output.stdout).unwrap();
    let total = output.lines().last().expect("a line of totals");
    let total: Vec<u64> = total
        .split_whitespace()
        .filter_map(|cell| cell.parse().ok())
        .collect();
    let run = treestat([tree.path()]);
    assert_eq!(run.rows()["all"][1..], total);
}

#[test]
fn an_empty_tree_is_all_zeros() {
    let tree = Tree::new();
    let run = treestat([tree.path()]);
    run.ends_with(0);
    assert_eq!(run.rows(), BTreeMap::from([("all".to_string(), [0; 4])]));
}

#[test]
fn the_current_directory_is_what_counts_without_a_path() {
    let tree = Tree::new();
    tree.file("a.txt", "one\n");
    let child = crate::run::command([""; 0])
        .current_dir(tree.path())
        .spawn()
        .unwrap();
    assert_eq!(finish(child).ends_with(0).rows()["all"], [1, 1, 1, 4]);
}

#[test]
fn hidden_names_count_if_asked_for_or_given() {
    let tree = Tree::new();
    tree.file("seen.txt", "1\n");
    tree.file(".hidden.txt", "22\n");
    tree.file(".folder/in.txt", "333\n");
    let bytes = |args: &[&Path]| treestat(args).ends_with(0).rows()["all"][3];
    let (all, hidden, folder) = (
        Path::new("-a"),
        tree.join(".hidden.txt"),
        tree.join(".folder"),
    );
    assert_eq!(bytes(&[tree.path()]), 2);
    assert_eq!(bytes(&[all, tree.path()]), 9);
    assert_eq!(bytes(&[tree.path(), &hidden]), 5);
    assert_eq!(bytes(&[&folder, tree.path()]), 6);
}

#[test]
fn overlapping_paths_are_counted_once() {
    let tree = Tree::new();
    let file = tree.file("a/b/file.txt", "one two\n");
    tree.file("a/other.txt", "three\n");
    let (a, b) = (tree.join("a"), tree.join("a/b"));
    let detour = tree.join("a/../a/b/../b");
    let orders: [&[&Path]; 5] = [
        &[&a, &b, &file],
        &[&file, &b, &a],
        &[&b, &file, &a, &a],
        &[&detour, &a, &detour, &file],
        &[tree.path(), &a, &b, &file],
    ];
    for paths in orders {
        let run = treestat(paths);
        assert_eq!(run.ends_with(0).rows()["all"], [2, 2, 3, 14], "{paths:?}");
    }
    assert_eq!(
        treestat([&file, &file]).ends_with(0).rows()["all"],
        [1, 1, 2, 8]
    );
}
