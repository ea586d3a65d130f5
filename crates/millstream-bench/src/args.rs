//! The command line.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::PathBuf;

use lexopt::prelude::*;

use crate::cell::{Cell, Contender};
use crate::measure::Plan;
use crate::peers::Standing;

pub const HELP: &str = "\
Measures channels side by side, in nanoseconds.

Usage: millstream-bench [OPTIONS]

  --filter PART        only cells with PART in their names, or of that very name; repeatable
  --peer NAME          only this peer beside millstream; repeatable
  --quick              fewer and shorter runs, for a first look: every cell in under five minutes
  --repetitions N      how many runs of each peer in each cell
  --json FILE          write the figures to FILE as well
  --results FILE       write everything to FILE as a page, as in bench/RESULTS.md
  --plot FILE          draw the main cells to FILE, an SVG picture
  --check              say where millstream is behind; exit with 1 if behind a sound peer
  --list               print the cells and their peers, measure nothing
  --help               print this

For instance:

  millstream-bench --list --filter threads
  millstream-bench --quick --filter ping-pong/1 --filter tokio-1t --peer loole --peer kanal

Whatever goes wrong ends it with 2.
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
                    let repetitions = parser.value()?.string()?;
                    let number = repetitions.parse().ok().filter(|&number| number > 0);
                    options.repetitions = Some(number.ok_or_else(|| {
                        format!("--repetitions takes a number from 1 up, not {repetitions:?}")
                    })?);
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
            let names = cells.iter().flat_map(|cell| &cell.contenders);
            let names: BTreeSet<&str> = names.map(|contender| contender.peer.name).collect();
            if !names.contains(peer.as_str()) {
                let names: Vec<&str> = names.into_iter().collect();
                return Err(format!(
                    "there is no peer {peer:?}, but {}",
                    names.join(", ")
                ));
            }
        }
        let mut wanted = BTreeSet::new();
        for part in &self.filters {
            // A whole name is not taken for a part of others, which could not be left out otherwise.
            let names = || cells.iter().map(|cell| &cell.name);
            let is_whole = names().any(|name| name == part);
            let fits = |name: &&String| *name == part || !is_whole && name.contains(part);
            let fitting: Vec<String> = names().filter(fits).cloned().collect();
            if fitting.is_empty() {
                return Err(format!(
                    "no cell has {part:?} in its name; --list prints them all"
                ));
            }
            wanted.extend(fitting);
        }
        let mut chosen = cells;
        if !self.filters.is_empty() {
            chosen.retain(|cell| wanted.contains(&cell.name));
        }
        if !self.peers.is_empty() {
            let is_named =
                |contender: &Contender| self.peers.iter().any(|peer| peer == contender.peer.name);
            // In a cell that none of them runs in there is nothing to compare.
            chosen.retain(|cell| cell.contenders.iter().any(is_named));
            for cell in &mut chosen {
                cell.contenders.retain(|contender| {
                    contender.peer.standing == Standing::Subject || is_named(contender)
                });
            }
        }
        if chosen.is_empty() {
            return Err(format!(
                "no cell with {} in its name has {}; --list prints who runs where",
                self.filters.join(" or "),
                self.peers.join(" or ")
            ));
        }
        Ok(chosen)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cells;

    fn parse(args: &'static str) -> Result<Options, lexopt::Error> {
        Options::parse(args.split_whitespace())
    }

    fn chosen(args: &'static str) -> Result<Vec<Cell>, String> {
        parse(args).expect("these parse").choose(cells::all())
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
        let error = parse("--repetitions many")
            .err()
            .map(|error| error.to_string());
        let expected = "--repetitions takes a number from 1 up, not \"many\"";
        assert_eq!(error.as_deref(), Some(expected));
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
    fn a_whole_name_is_of_one_cell() {
        let names = |args| {
            let cells = chosen(args).expect("some are left");
            cells.into_iter().map(|cell| cell.name).collect::<Vec<_>>()
        };
        assert_eq!(
            names("--filter waiting-senders/10000"),
            ["waiting-senders/10000"]
        );
        let both = ["limit/task", "limit/task-2w"];
        assert_eq!(names("--filter limit/tas"), both);
        assert_eq!(names("--filter limit/task --filter task-2w"), both);
    }

    #[test]
    fn nothing_to_do_is_an_error() {
        let error = |args| chosen(args).err().unwrap_or_default();
        assert!(error("--peer flame").contains("\"flame\", but async-broadcast, "));
        let expected = "no cell has \"nowhere\" in its name; --list prints them all";
        assert_eq!(error("--filter ping-pong/0 --filter nowhere"), expected);
        assert_eq!(
            error("--filter ping-pong/0 --peer async-channel"),
            "no cell with ping-pong/0 in its name has async-channel; --list prints who runs where"
        );
    }
}
