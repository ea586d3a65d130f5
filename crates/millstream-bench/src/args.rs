//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;

use lexopt::prelude::*;

use crate::cell::{Cell, Contender};
use crate::measure::Plan;
use crate::peers::Standing;

pub const HELP: &str = "\
Measures channels side by side.

Usage: millstream-bench [OPTIONS]

  --filter SUBSTR      only cells whose name contains SUBSTR; repeatable, any of them will do
  --peer NAME          only this peer beside millstream; repeatable
  --quick              fewer and shorter runs, for a first look
  --repetitions N      how many runs of each peer in each cell
  --json FILE          write the figures to FILE as well
  --results FILE       write everything to FILE as a page, as in bench/RESULTS.md
  --plot FILE          draw the main cells to FILE, an SVG picture
  --check              say where millstream is behind; exit with 1 if behind a sound peer
  --list               print the cells and their peers, measure nothing
  --help               print this
";

/// What the command line asks for.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Options {
    pub filters: Vec<String>,
    pub peers: Vec<String>,
    pub quick: bool,
    pub repetitions: Option<usize>,
    pub json: Option<PathBuf>,
    pub results: Option<PathBuf>,
    pub plot: Option<PathBuf>,
    pub check: bool,
    pub list: bool,
    pub help: bool,
}

impl Options {
    /// Reads the arguments that follow the program's name.
    ///
    /// # Errors
    ///
    /// Fails on an unknown option, on a value that is missing or no number, and on no repetitions.
    pub fn parse<A: Into<OsString>>(
        args: impl IntoIterator<Item = A, IntoIter: 'static>,
    ) -> Result<Self, lexopt::Error> {
        let mut options = Options::default();
        let mut parser = lexopt::Parser::from_args(args);
        while let Some(arg) = parser.next()? {
            match arg {
                Long("filter") => options.filters.push(parser.value()?.string()?),
                Long("peer") => options.peers.push(parser.value()?.string()?),
                Long("quick") => options.quick = true,
                Long("repetitions") => {
                    let repetitions = parser.value()?.parse()?;
                    if repetitions == 0 {
                        return Err("--repetitions must be at least 1".into());
                    }
                    options.repetitions = Some(repetitions);
                }
                Long("json") => options.json = Some(parser.value()?.into()),
                Long("results") => options.results = Some(parser.value()?.into()),
                Long("plot") => options.plot = Some(parser.value()?.into()),
                Long("check") => options.check = true,
                Long("list") => options.list = true,
                Short('h') | Long("help") => options.help = true,
                _ => return Err(arg.unexpected()),
            }
        }
        Ok(options)
    }

    pub fn plan(&self) -> Plan {
        let plan = if self.quick { Plan::QUICK } else { Plan::FULL };
        Plan {
            repetitions: self.repetitions.unwrap_or(plan.repetitions),
            ..plan
        }
    }

    /// Keeps the cells and peers that were asked for; the crate under test is always one of them.
    ///
    /// # Errors
    ///
    /// Fails on a peer that does not exist and when nothing is left, so that a slip of the pen is not an empty report.
    pub fn choose(&self, cells: Vec<Cell>) -> Result<Vec<Cell>, String> {
        for peer in &self.peers {
            let known = |cell: &Cell| cell.contenders.iter().any(|other| other.peer.name == peer);
            if !cells.iter().any(known) {
                return Err(format!("there is no peer {peer:?}; --list prints them all"));
            }
        }
        let mut chosen = cells;
        if !self.filters.is_empty() {
            chosen.retain(|cell| self.filters.iter().any(|part| cell.name.contains(part)));
        }
        if !self.peers.is_empty() {
            for cell in &mut chosen {
                cell.contenders.retain(|contender| {
                    contender.peer.standing == Standing::Subject
                        || self.peers.iter().any(|peer| peer == contender.peer.name)
                });
            }
            // In a cell that none of them runs in there is nothing to compare.
            let others =
                |contender: &Contender| self.peers.iter().any(|peer| peer == contender.peer.name);
            chosen.retain(|cell| cell.contenders.iter().any(others));
        }
        if chosen.is_empty() {
            return Err("no cell is left; --list prints them all".to_owned());
        }
        Ok(chosen)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cell::Cells;
    use crate::cells;

    fn parse(args: &'static str) -> Result<Options, lexopt::Error> {
        Options::parse(args.split_whitespace())
    }

    fn chosen(args: &'static str) -> Result<Vec<Cell>, String> {
        let mut cells = Cells::default();
        cells::enter_all(&mut cells);
        parse(args).expect("these parse").choose(cells.into_vec())
    }

    #[test]
    fn every_option_is_read() {
        let options = parse("--filter a --filter=b --peer x --peer y --quick --repetitions 3 --json f --results g --plot h --check --list --help");
        let expected = Options {
            filters: vec!["a".to_owned(), "b".to_owned()],
            peers: vec!["x".to_owned(), "y".to_owned()],
            quick: true,
            repetitions: Some(3),
            json: Some(PathBuf::from("f")),
            results: Some(PathBuf::from("g")),
            plot: Some(PathBuf::from("h")),
            check: true,
            list: true,
            help: true,
        };
        assert_eq!(options.expect("this parses"), expected);
    }

    #[test]
    fn what_is_not_understood_is_an_error() {
        assert!(parse("--peers x").is_err());
        assert!(parse("--peer").is_err());
        assert!(parse("stray").is_err());
        assert!(parse("--repetitions 0").is_err());
    }

    #[test]
    fn quick_is_shorter_and_full_has_at_least_seven_repetitions() {
        assert_eq!(parse("--quick").expect("this parses").plan(), Plan::QUICK);
        let full = parse("").expect("this parses").plan();
        assert!(full.repetitions >= 7 && full.shorter_by == 1);
        let more = parse("--quick --repetitions 21")
            .expect("this parses")
            .plan();
        assert_eq!(
            (more.repetitions, more.shorter_by),
            (21, Plan::QUICK.shorter_by)
        );
    }

    #[test]
    fn filters_and_peers_narrow_the_run() {
        let cells =
            chosen("--filter try-pair --filter ping-pong/0 --peer loole --peer crossbeam-channel");
        let cells = cells.expect("some are left");
        let names: Vec<(&str, Vec<&str>)> = cells
            .iter()
            .map(|cell| {
                let peers = cell.contenders.iter().map(|contender| contender.peer.name);
                (cell.name.as_str(), peers.collect())
            })
            .collect();
        assert_eq!(
            names,
            [
                (
                    "try-pair/64",
                    vec!["millstream", "loole", "crossbeam-channel"]
                ),
                (
                    "try-pair/unbounded",
                    vec!["millstream", "loole", "crossbeam-channel"]
                ),
                ("ping-pong/0", vec!["millstream", "loole"]),
            ]
        );
    }

    #[test]
    fn nothing_to_do_is_an_error() {
        assert!(chosen("--peer flame").is_err());
        assert!(chosen("--filter nowhere").is_err());
        assert!(chosen("--filter ping-pong/0 --peer async-channel").is_err());
    }
}
