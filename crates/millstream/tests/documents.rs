//! What the documents say is there, is there: every test that they cite exists, and every link leads somewhere.

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(document: &str) -> String {
    fs::read_to_string(root().join(document)).unwrap_or_else(|error| panic!("{document}: {error}"))
}

/// The texts between single backticks.
fn quoted(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// The cited tests: a file name in backticks, then functions in backticks up to the next file name.
fn cited_tests(line: &str) -> Vec<(String, String)> {
    let mut file = None;
    let mut cited = Vec::new();
    for name in quoted(line) {
        if name.ends_with(".rs") && !name.contains('/') {
            file = Some(name.to_string());
        } else if let Some(file) = &file {
            cited.push((file.clone(), name.to_string()));
        }
    }
    cited
}

fn assert_tests_exist(document: &str, line: &str) {
    let cited = cited_tests(line);
    assert!(!cited.is_empty(), "{document} cites no test in: {line}");
    for (file, function) in cited {
        let path = root().join("crates/millstream/tests").join(&file);
        let code = fs::read_to_string(&path)
            .unwrap_or_else(|_| panic!("{document} cites {file}, which is not there"));
        let is_there =
            code.contains(&format!("fn {function}(")) || code.contains(&format!("{function},"));
        assert!(
            is_there,
            "{document} cites {file} {function}, which is not there"
        );
    }
}

#[test]
fn every_guarantee_names_tests_that_exist() {
    let text = read("GUARANTEES.md");
    let rows: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with("| G"))
        .collect();
    assert!(rows.len() >= 15);
    for row in rows {
        let cells: Vec<&str> = row.split(" | ").collect();
        assert_eq!(cells.len(), 5, "{row}");
        assert_tests_exist("GUARANTEES.md", cells[2]);
    }
}

#[test]
fn every_row_of_the_seeds_is_filled_and_names_tests_that_exist() {
    let text = read("docs/SEEDS.md");
    let rows: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with("| `"))
        .collect();
    assert!(rows.len() >= 60, "{} rows", rows.len());
    for row in rows {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        assert_eq!(cells.len(), 5, "{row}");
        assert!(
            cells.iter().all(|cell| !cell.is_empty()),
            "an empty cell in: {row}"
        );
        if cells[4] != "—" {
            assert_tests_exist("docs/SEEDS.md", cells[4]);
        }
    }
}

#[test]
fn documents_link_to_files_that_exist() {
    for document in [
        "README.md",
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        "COMPARE.md",
        "GUARANTEES.md",
        "docs/SEEDS.md",
    ] {
        let text = read(document);
        let folder = root().join(document).parent().unwrap().to_path_buf();
        for link in text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next())
        {
            if !link.contains("://") && !link.starts_with('#') {
                let file = link.split('#').next().unwrap();
                assert!(folder.join(file).exists(), "{document} links to {link}");
            }
        }
    }
}

#[test]
fn the_reader_of_citations_sees_what_it_should() {
    let line = "| x | `a.rs` `one`, `two` · `b.rs` `three` |";
    let cited: Vec<_> = cited_tests(line)
        .into_iter()
        .map(|(file, test)| format!("{file} {test}"))
        .collect();
    assert_eq!(cited, ["a.rs one", "a.rs two", "b.rs three"]);
}
