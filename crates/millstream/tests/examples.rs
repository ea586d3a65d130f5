//! The short examples run to their end: their own assertions are the test.

use std::path::PathBuf;
use std::process::Command;

/// Builds and runs an example, in the way and with the target folder of this very test.
fn run(example: &str) {
    let mut command = Command::new(env!("CARGO"));
    command.args([
        "run",
        "--quiet",
        "--package",
        "millstream",
        "--example",
        example,
    ]);
    let target = target_folder();
    command.arg("--target-dir").arg(&target);
    let output = command.output().expect("cargo can be run");
    let text = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{example} failed\n{text}\n{errors}"
    );
    assert!(!text.is_empty(), "{example} shows something");
}

/// `target`, from `target/debug/deps/examples-…`.
fn target_folder() -> PathBuf {
    let this = std::env::current_exe().expect("a test has a file");
    this.ancestors()
        .nth(3)
        .expect("three folders up")
        .to_path_buf()
}

#[test]
fn every_example_runs_to_its_end() {
    for example in [
        "producers_consumers",
        "go_patterns",
        "daisy_chain",
        "search",
        "dining_philosophers",
        "lock_and_semaphore",
        "worker_pool",
        "topics",
        "batch_into_sink",
        "line_server",
        "parallel_hash",
    ] {
        run(example);
    }
}
