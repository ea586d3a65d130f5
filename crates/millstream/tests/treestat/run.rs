//! Builds the example if need be, runs it, and reads what it prints.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc;
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, SystemTime};

/// Longer than any run takes, even on a busy machine.
const LIMIT: Duration = Duration::from_secs(120);

/// The program, built from the sources as they are now.
pub fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        // This test is `<profile>/deps/treestat-<hash>`, the example `<profile>/examples/treestat`.
        let test = std::env::current_exe().expect("the path of this test");
        let profile = test.ancestors().nth(2).expect("a folder of the profile");
        let program = profile
            .join("examples")
            .join(format!("treestat{}", std::env::consts::EXE_SUFFIX));
        // `cargo test` builds examples too, but not if it is asked for this test alone.
        if modified(&program).is_none_or(|built| built < newest_source()) {
            build(profile);
        }
        assert!(program.is_file(), "{} is not there", program.display());
        program
    })
}

fn build(profile: &Path) {
    let cargo = std::env::var_os("CARGO").expect("cargo runs this test");
    let name = profile
        .file_name()
        .and_then(OsStr::to_str)
        .unwrap_or_default();
    let name = if name == "debug" { "dev" } else { name };
    let status = Command::new(cargo)
        .args([
            "build",
            "--quiet",
            "--example",
            "treestat",
            "--profile",
            name,
        ])
        .arg("--target-dir")
        .arg(profile.parent().expect("a target folder"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status();
    assert!(
        status.expect("cargo starts").success(),
        "the example does not build"
    );
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|data| data.modified()).ok()
}

fn newest_source() -> SystemTime {
    fn newest(folder: &Path) -> Option<SystemTime> {
        let entries = fs::read_dir(folder)
            .expect("sources")
            .map(|entry| entry.expect("sources").path());
        entries
            .filter_map(|path| {
                if path.is_dir() {
                    newest(&path)
                } else {
                    modified(&path)
                }
            })
            .max()
    }
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = ["src", "examples/treestat"].map(|folder| newest(&package.join(folder)));
    folders
        .into_iter()
        .flatten()
        .max()
        .expect("sources have a time")
}

/// The program with these arguments, none of the test's own input, and its output caught.
pub fn command<A: AsRef<OsStr>>(args: impl IntoIterator<Item = A>) -> Command {
    let mut command = Command::new(program());
    command
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Runs the program to its end.
pub fn treestat<A: AsRef<OsStr>>(args: impl IntoIterator<Item = A>) -> Run {
    finish(command(args).spawn().expect("the program starts"))
}

/// Waits for a program that was started, and fails if it hangs.
pub fn finish(child: Child) -> Run {
    let id = child.id();
    let output = within_limit(id, move || child.wait_with_output());
    Run::from(output.expect("the program's output"))
}

/// What a blocking call says, or a failure if it takes too long; then the child is killed, so that nothing is left.
pub fn within_limit<T: Send + 'static>(child: u32, call: impl FnOnce() -> T + Send + 'static) -> T {
    let (tell, told) = mpsc::channel();
    thread::spawn(move || tell.send(call()));
    told.recv_timeout(LIMIT).unwrap_or_else(|_| {
        signal("KILL", child);
        panic!("the program hangs");
    })
}

/// Sends a signal to a child.
pub fn signal(name: &str, child: u32) {
    let status = Command::new("sh")
        .arg("-c")
        .arg(format!("kill -{name} {child}"))
        .status();
    assert!(
        status.expect("a shell").success(),
        "a signal to a child of one's own"
    );
}

/// How a run ended and what it printed.
#[derive(Debug)]
pub struct Run {
    pub status: ExitStatus,
    pub stdout: String,
    pub stderr: String,
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        Run {
            status: output.status,
            stdout: String::from_utf8(output.stdout).expect("the output is UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("the messages are UTF-8"),
        }
    }
}

/// Files, lines, words, bytes.
pub type Row = [u64; 4];

impl Run {
    #[track_caller]
    pub fn ends_with(&self, code: i32) -> &Self {
        assert_eq!(self.status.code(), Some(code), "{self:#?}");
        self
    }

    /// The counts per type, `all` among them.
    pub fn rows(&self) -> BTreeMap<String, Row> {
        let lines = self
            .stdout
            .lines()
            .skip_while(|line| !line.starts_with("type "))
            .skip(1);
        let mut rows = BTreeMap::new();
        for line in lines.take_while(|line| !line.is_empty()) {
            let cells: Vec<&str> = line.split_whitespace().collect();
            let numbers: Vec<u64> = cells
                .iter()
                .skip(1)
                .filter_map(|cell| cell.replace(',', "").parse().ok())
                .collect();
            if let (true, Ok(row)) = (cells.len() == 5, Row::try_from(numbers)) {
                rows.insert(cells[0].to_string(), row);
            }
        }
        assert!(rows.contains_key("all"), "{self:#?}");
        rows
    }

    /// The most frequent identifiers of a type, as they are printed.
    pub fn identifiers(&self, file_type: &str) -> &str {
        let mut lines = self.stdout.lines();
        lines
            .find(|line| line.split_whitespace().next() == Some(file_type))
            .unwrap_or_else(|| panic!("no line for {file_type}: {self:#?}"));
        lines.next().unwrap_or_default().trim()
    }
}
