//! What a report was measured on: machine, compiler and the versions of the peers.

use std::fmt::Write;
use std::fs;
use std::thread;

use crate::cell::Cell;
use crate::peers::Standing;

const LOCK_FILE: &str = include_str!("../../../Cargo.lock");

/// The lines that head a report.
pub fn description(cells: &[Cell]) -> String {
    let mut text = String::new();
    let cpu = cpu_model().unwrap_or_else(|| "unknown CPU".to_owned());
    let threads = thread::available_parallelism().map_or(0, usize::from);
    writeln!(
        text,
        "machine: {cpu}, {threads} hardware threads, {} {}",
        std::env::consts::OS,
        std::env::consts::ARCH
    )
    .expect("a String takes it");
    if let Some(load) = load_average() {
        writeln!(text, "load average before the first run: {load}").expect("a String takes it");
    }
    writeln!(text, "compiler: {}", env!("BENCH_RUSTC_VERSION")).expect("a String takes it");
    writeln!(text, "peers: {}", peers(cells).join(", ")).expect("a String takes it");
    if cfg!(debug_assertions) {
        writeln!(text, "THIS IS A DEBUG BUILD: its figures mean nothing")
            .expect("a String takes it");
    }
    text
}

fn peers(cells: &[Cell]) -> Vec<String> {
    let mut peers = Vec::new();
    for contender in cells.iter().flat_map(|cell| &cell.contenders) {
        if matches!(contender.peer.standing, Standing::Floor(_)) {
            continue;
        }
        let version = locked_version(LOCK_FILE, contender.peer.package);
        let peer = match version {
            Some(version) => format!("{} {version}", contender.peer.name),
            None => contender.peer.name.to_owned(),
        };
        if !peers.contains(&peer) {
            peers.push(peer);
        }
    }
    peers
}

/// The version that a lock file gives for a package, which is the one that was built.
fn locked_version<'a>(lock_file: &'a str, package: &str) -> Option<&'a str> {
    let mut lines = lock_file.lines();
    lines.find(|line| quoted(line, "name") == Some(package))?;
    lines.next().and_then(|line| quoted(line, "version"))
}

fn quoted<'a>(line: &'a str, key: &str) -> Option<&'a str> {
    let value = line.strip_prefix(key)?.strip_prefix(" = ")?;
    value.strip_prefix('"')?.strip_suffix('"')
}

fn cpu_model() -> Option<String> {
    let info = fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = info.lines().find(|line| line.starts_with("model name"))?;
    line.split_once(':')
        .map(|(_, model)| model.trim().to_owned())
}

fn load_average() -> Option<String> {
    let loads = fs::read_to_string("/proc/loadavg").ok()?;
    loads.split_whitespace().next().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_read_from_the_lock_file() {
        let lock_file = "[[package]]\nname = \"flume-like\"\nversion = \"3.0.0\"\n\n[[package]]\nname = \"flume\"\nversion = \"0.12.0\"\n";
        assert_eq!(locked_version(lock_file, "flume"), Some("0.12.0"));
        assert_eq!(locked_version(lock_file, "std"), None);
    }

    #[test]
    fn every_peer_has_a_version() {
        for cell in crate::cells::all() {
            for contender in cell.contenders {
                let found = locked_version(LOCK_FILE, contender.peer.package).is_some();
                assert!(
                    found || contender.peer.package == "std",
                    "{}",
                    contender.peer.name
                );
            }
        }
    }
}
