//! Measures channels side by side, in one process and interleaved, so that their ratios can be trusted.

#![forbid(unsafe_code)]

mod args;
mod cell;
mod cells;
mod machine;
mod measure;
mod peers;
mod report;
mod watchdog;

use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::process::{exit, ExitCode};
use std::time::Duration;

use args::Options;
use cell::{Cell, Cells};
use report::Footnotes;
use watchdog::Watchdog;

/// Hundreds of times what the slowest run takes.
const OVERDUE: Duration = Duration::from_secs(120);

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("millstream-bench: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let options = Options::parse(std::env::args_os().skip(1))?;
    if options.help {
        print!("{}", args::HELP);
        return Ok(());
    }
    let mut cells = Cells::default();
    peers::enter_all(&mut cells);
    let cells = options.choose(cells.into_vec())?;
    if options.list {
        list(&cells);
        return Ok(());
    }
    // Opened beforehand, so that a wrong path costs no measuring.
    let json = options.json.as_ref().map(File::create).transpose()?;

    println!("{}", machine::description(&cells));
    let watchdog = Watchdog::start(OVERDUE, |name| {
        eprintln!(
            "millstream-bench: {name} has not ended after {} s; giving up",
            OVERDUE.as_secs()
        );
        exit(1);
    });
    let plan = options.plan();
    let mut footnotes = Footnotes::default();
    let mut outcomes = Vec::new();
    for cell in &cells {
        let outcome = measure::measure(cell, plan, &watchdog);
        println!("{}", report::table(&outcome, &mut footnotes));
        outcomes.push(outcome);
    }
    println!("ratio: median over the best median among the sound peers in the same cell");
    println!("by minimum: the same with minima, which a loaded machine disturbs least");
    print!("{}", footnotes.text());
    if let Some(file) = json {
        let mut file = BufWriter::new(file);
        serde_json::to_writer_pretty(&mut file, &report::json(&outcomes))?;
        writeln!(file)?;
        file.flush()?;
    }
    Ok(())
}

fn list(cells: &[Cell]) {
    for cell in cells {
        let peers: Vec<&str> = cell.contenders.iter().map(|other| other.peer).collect();
        println!("{}: {}", cell.name, peers.join(" "));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Enough for every producer to fill a buffer of 64 many times and to wait.
    const MESSAGES: usize = 2_000;

    #[test]
    fn every_peer_delivers_everything_in_every_cell() {
        let mut cells = Cells::default();
        peers::enter_all(&mut cells);
        for cell in cells.into_vec() {
            for contender in &cell.contenders {
                let ns = cell.measure(contender, MESSAGES);
                assert!(ns > 0.0, "{} in {} took no time", contender.peer, cell.name);
            }
        }
    }

    #[test]
    fn every_cell_has_the_peers_that_can_run_it() {
        let mut cells = Cells::default();
        peers::enter_all(&mut cells);
        let cells = cells.into_vec();
        let peers_of = |name: &str| -> Vec<&str> {
            let cell = cells.iter().find(|cell| cell.name == name);
            let cell = cell.unwrap_or_else(|| panic!("there is no cell {name}"));
            cell.contenders.iter().map(|other| other.peer).collect()
        };
        let asynchronous = [
            "millstream",
            "flume",
            "kanal",
            "loole",
            "async-channel",
            "tokio-mpsc",
        ];
        for cell in ["ready-pair/64", "ready-pair/unbounded", "ping-pong/1"] {
            assert_eq!(peers_of(cell), asynchronous, "{cell}");
        }
        for shape in ["tokio-1t/1p1c", "tokio-2w/1p1c"] {
            for capacity in ["1", "64", "unbounded"] {
                assert_eq!(peers_of(&format!("{shape}/{capacity}")), asynchronous);
            }
            assert_eq!(peers_of(&format!("{shape}/0")), asynchronous[..4]);
        }
        assert_eq!(peers_of("ping-pong/0"), asynchronous[..4]);
        assert_eq!(peers_of("tokio-2w/4p4c/0"), asynchronous[..4]);
        let threads = [
            "millstream",
            "flume",
            "kanal",
            "loole",
            "async-channel",
            "crossbeam-channel",
            "tokio-mpsc",
        ];
        for capacity in ["1", "64", "unbounded"] {
            assert_eq!(
                peers_of(&format!("tokio-2w/4p4c/{capacity}")),
                asynchronous[..5]
            );
            assert_eq!(peers_of(&format!("threads/1p1c/{capacity}")), threads);
            assert_eq!(peers_of(&format!("threads/4p4c/{capacity}")), threads[..6]);
        }
        for shape in ["threads/1p1c/0", "threads/4p4c/0"] {
            assert_eq!(
                peers_of(shape),
                ["millstream", "flume", "kanal", "loole", "crossbeam-channel"]
            );
        }
        for cell in ["try-pair/64", "try-pair/unbounded"] {
            assert_eq!(peers_of(cell)[..7], threads);
            assert_eq!(peers_of(cell)[7..], ["mutex-vecdeque"]);
        }
    }
}
