//! The command line.

use lexopt::prelude::*;
use std::path::PathBuf;

pub const HELP: &str = "\
Millions of values through random topologies, in which everything goes wrong that can.

Usage: millstream-soak [OPTIONS] [SECONDS]

SECONDS is how long new topologies are begun (default: 60).

Options:
      --seed <N>         The seed of the first topology, from which the others count up (default: drawn, and printed);
                         a failure prints the arguments that run its topology again
      --runs <N>         End after so many topologies
      --only <KIND>      Only topologies of this kind
      --limit <SECONDS>  How long one topology may take before it counts as hanging (default: 60)
      --treestat <FILE>  The example program whose output meets a full disk
  -h, --help             Print this help";

/// What the user asks for.
#[derive(Debug)]
pub struct Args {
    pub seconds: f64,
    pub seed: Option<u64>,
    pub runs: usize,
    pub only: Option<String>,
    pub limit: u64,
    pub treestat: Option<PathBuf>,
    pub help: bool,
    /// Which child this process is, if it is one.
    pub child: Option<String>,
}

pub fn parse() -> Result<Args, lexopt::Error> {
    let mut args = lexopt::Parser::from_env();
    let mut wanted = Args {
        seconds: 60.0,
        seed: None,
        runs: usize::MAX,
        only: None,
        limit: 60,
        treestat: None,
        help: false,
        child: None,
    };
    while let Some(argument) = args.next()? {
        match argument {
            Long("seed") => wanted.seed = Some(args.value()?.parse()?),
            Long("runs") => wanted.runs = args.value()?.parse()?,
            Long("only") => wanted.only = Some(args.value()?.string()?),
            Long("limit") => wanted.limit = args.value()?.parse()?,
            Long("treestat") => wanted.treestat = Some(args.value()?.into()),
            Long("child") => wanted.child = Some(args.value()?.string()?),
            Short('h') | Long("help") => wanted.help = true,
            Value(seconds) => wanted.seconds = seconds.parse()?,
            other => return Err(other.unexpected()),
        }
    }
    Ok(wanted)
}
