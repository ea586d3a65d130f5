//! The table of seeded bugs, the hooks in the sources, the tests that catch them and GUARANTEES.md say the same.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

fn engine(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// An entry of `ci/seeded.txt`.
#[derive(Debug)]
struct Bug {
    promises: BTreeSet<String>,
    /// What is wrong, in words.
    text: String,
    /// Gate, binary and test.
    tests: Vec<[String; 3]>,
}

fn table() -> BTreeMap<String, Bug> {
    let mut bugs: BTreeMap<String, Bug> = BTreeMap::new();
    let mut last = String::new();
    for line in read(&engine("../../ci/seeded.txt")).lines() {
        if line.starts_with('#') || line.trim().is_empty() {
            continue;
        }
        if !line.starts_with(' ') {
            let (name, promises) = line.split_once(": ").expect("a name and its promises");
            last = name.to_string();
            let bug = Bug {
                promises: promises.split(' ').map(str::to_string).collect(),
                text: String::new(),
                tests: Vec::new(),
            };
            assert!(bugs.insert(last.clone(), bug).is_none(), "{name} twice");
            continue;
        }
        let bug = bugs.get_mut(&last).expect("a name comes first");
        let words: Vec<&str> = line.split_whitespace().collect();
        match words[..] {
            ["unit" | "model" | "loom" | "shuttle", binary, test] => {
                bug.tests.push([words[0], binary, test].map(str::to_string));
            }
            _ => bug.text.push_str(line.trim()),
        }
    }
    assert!(bugs.len() >= 28, "{} bugs", bugs.len());
    bugs
}

fn rust_files_below(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files_below(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The bugs that the engine asks for.
fn hooks() -> BTreeSet<String> {
    let mut files = Vec::new();
    rust_files_below(&engine("src"), &mut files);
    let mut names = BTreeSet::new();
    for file in files {
        for rest in read(&file).split("seeded!(\"").skip(1) {
            let end = rest.find('"').expect("a name in quotes");
            names.insert(rest[..end].to_string());
        }
    }
    names
}

#[test]
fn every_bug_of_the_table_is_in_the_engine_and_every_one_in_the_engine_is_in_the_table() {
    let in_table: BTreeSet<String> = table().into_keys().collect();
    assert_eq!(in_table, hooks());
}

#[test]
fn every_bug_is_explained_and_has_a_test_that_exists() {
    for (name, bug) in table() {
        assert!(bug.text.ends_with(['.', ')']), "{name} is not explained");
        assert!(!bug.tests.is_empty(), "{name} is caught by nobody");
        for [gate, binary, test] in bug.tests {
            let path: Vec<&str> = test.split("::").collect();
            let (function, modules) = path.split_last().expect("a test has a name");
            let modules = modules.join("/");
            let file = match (&*gate, &*binary) {
                (_, "lib") => engine("src").join(modules + ".rs"),
                ("model", _) => engine("tests/model/main.rs"),
                (_, binary) if modules.is_empty() => engine(&format!("tests/{binary}.rs")),
                (_, binary) => engine(&format!("tests/{binary}/{modules}.rs")),
            };
            let is_there = read(&file).contains(&format!("fn {function}("));
            assert!(is_there, "{name}: {} lacks {function}", file.display());
        }
    }
}

/// The script that runs a gate of the table.
fn script(gate: &str) -> String {
    // The models beside a specification are tests like others.
    format!("ci/{}", gate.replace("model", "unit"))
}

#[test]
fn every_guarantee_names_its_seeded_bugs_and_the_gates_that_were_seen_red() {
    let bugs = table();
    let text = read(&engine("../../GUARANTEES.md"));
    let rows: Vec<&str> = text.lines().filter(|row| row.starts_with("| G")).collect();
    assert!(rows.len() >= 20);
    for row in rows {
        let row = row.trim_start_matches("| ").trim_end_matches(" |");
        let cells: Vec<&str> = row.split(" | ").collect();
        let [promise, _, _, gates, named] = cells[..] else {
            panic!("not five cells: {row}");
        };
        let quoted = |cell: &str| -> BTreeSet<String> {
            let names = cell.split('`').skip(1).step_by(2);
            names.map(str::to_string).collect()
        };
        let breaking: Vec<_> = bugs
            .iter()
            .filter(|(_, bug)| bug.promises.contains(promise))
            .collect();
        assert!(!breaking.is_empty(), "no seeded bug breaks {promise}");
        let names: BTreeSet<String> = breaking.iter().map(|(name, _)| (*name).clone()).collect();
        assert_eq!(quoted(named), names, "{promise}");
        let red: BTreeSet<String> = breaking
            .iter()
            .flat_map(|(_, bug)| bug.tests.iter().map(|[gate, ..]| script(gate)))
            .collect();
        assert_eq!(
            quoted(gates),
            red,
            "{promise}: the gates that catch its bugs"
        );
    }
}
