//! What must not compile does not; see `tests/compile/README.md`.
//!
//! The compiler's words change from one version to the next, its error codes hardly ever. So the words are compared
//! with the compiler that they were taken from, and with any other that each case fails with the same codes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

const CASES: &str = "tests/compile";

/// The error codes in what the compiler said about each case; an error without one counts as itself.
fn codes(directory: &Path) -> BTreeMap<PathBuf, Vec<String>> {
    let files = fs::read_dir(directory).expect("a directory of cases");
    let said = files.filter_map(|file| {
        let path = file.expect("a case").path();
        let text = fs::read_to_string(&path).ok()?;
        (path.extension()? == "stderr").then(|| {
            let errors = text.lines().filter(|line| line.starts_with("error"));
            let code = |line: &str| line.split(':').next().unwrap_or(line).to_string();
            (
                path.file_name().expect("a file").into(),
                errors.map(code).collect(),
            )
        })
    });
    said.collect()
}

/// Whether the texts were taken from the compiler that runs now.
fn is_the_compiler_of_the_texts() -> bool {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = Command::new(rustc).arg("--version").output();
    let version = version.expect("a compiler").stdout;
    let noted = fs::read(Path::new(CASES).join("RUSTC"));
    noted.expect("the noted version") == version
}

#[test]
fn what_must_not_compile_does_not() {
    if is_the_compiler_of_the_texts() {
        return trybuild::TestCases::new().compile_fail(format!("{CASES}/*.rs"));
    }
    let copies = Path::new(env!("CARGO_TARGET_TMPDIR")).join("compile");
    if copies.exists() {
        fs::remove_dir_all(&copies).expect("the copies of before can go");
    }
    fs::create_dir_all(&copies).expect("room for copies");
    for case in fs::read_dir(CASES).expect("the cases") {
        let case = case.expect("a case").path();
        if case.extension().is_some_and(|kind| kind == "rs") {
            fs::copy(&case, copies.join(case.file_name().expect("a file"))).expect("a copy");
        }
    }
    // The texts of this compiler are written beside the copies, and compared by their codes.
    env::set_var("TRYBUILD", "overwrite");
    let cases = trybuild::TestCases::new();
    cases.compile_fail(copies.join("*.rs"));
    drop(cases);
    assert_eq!(codes(&copies), codes(Path::new(CASES)));
}

#[test]
fn every_case_says_why() {
    for case in fs::read_dir(CASES).expect("the cases") {
        let case = case.expect("a case").path();
        if case.extension().is_some_and(|kind| kind == "rs") {
            let text = fs::read_to_string(&case).expect("a text");
            assert!(
                text.starts_with("//! "),
                "{} does not say why",
                case.display()
            );
            assert!(
                case.with_extension("stderr").exists(),
                "{} has no text",
                case.display()
            );
        }
    }
}
