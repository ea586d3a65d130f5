//! Counts files, lines, words, bytes and identifiers in directory trees, per file type, and shows where its own time
//! went.
//!
//! ```text
//! cargo run --release --example treestat -- --graph pipeline.svg src
//! ```
//!
//! It is a pipeline of stages, each in a file of its own, joined by bounded channels:
//!
//! ```text
//!        files         chunks          counts         lane 0
//! walk --------> read ---------> count ---------> route --------> tally 0
//! thread         threads         threads          main  --------> tally 1    and so on
//!                                                        lane 1   tasks
//! ```
//!
//! What to look for: every channel has a bound, so memory does too, however large the tree is and whichever stage is
//! slow. Threads and tasks use the same channels. Problems travel down the pipeline as items. And nothing is ever told
//! to stop: when the walk is over, the channels close one after the other; after Ctrl-C the same happens from the other
//! end, because nobody receives any more.

mod args;
mod chunk;
mod count;
mod problem;
mod progress;
mod read;
mod report;
mod tally;
mod walk;

use args::{Args, Format, Picture, Request};
use count::Counts;
use millstream::observe::{Graph, Probe, Snapshot, Table};
use millstream::{bounded, named, pipe, runtime, select, Receiver};
use problem::Problem;
use progress::Progress;
use report::Report;
use std::io::{self, Write};
use std::panic::resume_unwind;
use std::process::{self, ExitCode};
use std::time::Duration;
use std::{fs, thread};
use tally::Tally;

/// Readers wait for the disk more than they work, so there may be more of them than the machine has cores.
const READERS: usize = 4;
/// How many tasks add up what was counted.
const LANES: usize = 4;

// Exit codes; the last two are what a shell reports of programs that a signal ended.
const UNREADABLE: u8 = 1;
const WRONG_USAGE: u8 = 2;
const INTERRUPTED: u8 = 130;
const BROKEN_PIPE: u8 = 141;

fn main() -> ExitCode {
    match args::parse(std::env::args_os().skip(1)) {
        Ok(Request::Count(args)) => run(args),
        Ok(Request::Help) => print(|out| writeln!(out, "{}", args::HELP)),
        Ok(Request::Version) => {
            print(|out| writeln!(out, "treestat {}", env!("CARGO_PKG_VERSION")))
        }
        Err(error) => {
            complain(format_args!("{error} (see treestat --help)"));
            Err(WRONG_USAGE)
        }
    }
    .map_or_else(ExitCode::from, |()| ExitCode::SUCCESS)
}

/// Counts, draws and prints. The error is the exit code.
fn run(args: Args) -> Result<(), u8> {
    let picture = args.picture.clone();
    // A probe looks at a channel and does not keep it open, so the figures can be had when all is over.
    let mut probes = Vec::new();
    let report = millstream::block_on(count_trees(args, interrupts(), &mut probes));
    let snapshots: Vec<Snapshot> = probes.iter().map(Probe::snapshot).collect();

    let drawn = picture.map_or(Ok(()), |picture| draw(&picture, &snapshots));
    print(|out| {
        report.write(out)?;
        writeln!(out, "\n{}", Table::new(snapshots))
    })?;
    if report.is_partial {
        Err(INTERRUPTED)
    } else if report.problems > 0 {
        Err(UNREADABLE)
    } else {
        drawn
    }
}

/// Runs the pipeline until everything is counted, or the user has had enough.
async fn count_trees(args: Args, interrupts: Receiver<()>, probes: &mut Vec<Probe>) -> Report {
    // The channels, in the order in which the work flows. Each has room enough that a stage which is late for a moment
    // does not stop its neighbours. Paths are small; chunks are up to a quarter of a megabyte, and what was counted of
    // one keeps it, so these bounds are what bounds the memory.
    let (found, files) = named("files").between("walk", "read").bounded(256);
    let (read, chunks) = named("chunks")
        .between("read", "count")
        .bounded(4 * args.threads);
    let (counted, counts) = named("counts").between("count", "route").bounded(32);
    // Without a name, and so in no picture: it carries nothing before the end.
    let (done, tallies) = bounded(LANES);
    probes.extend([files.probe(), chunks.probe(), counts.probe()]);

    // The stages. Each takes its ends of the channels with it, and closes them by letting go when it is done.
    // Files are very uneven and chunks are large, so that no thread should take more than one at a time.
    pipe::threads(READERS)
        .batch(1)
        .named("read")
        .flat_map_into(files, read, read::pieces);
    pipe::threads(args.threads)
        .batch(1)
        .named("count")
        .map_into(chunks, counted, |piece| piece.map(count::count));
    let mut lanes = Vec::new();
    for number in 0..LANES {
        let (lane, counts) = named(format!("lane {number}"))
            .between("route", format!("tally {number}"))
            .bounded(8);
        probes.push(lane.probe());
        runtime::spawn(tally::tally(counts, done.clone()));
        lanes.push(lane);
    }
    drop(done);
    let walker = thread::spawn(move || walk::walk(&args, &found));

    // The loop: whatever comes first. It never waits for anything else than these, and for room in a lane.
    let ticks = millstream::tick(Duration::from_millis(100));
    let progress = Progress::new();
    let mut sum = Counts::default();
    let mut problems = 0;
    let is_partial = loop {
        select! {
            item = counts.recv() => match item {
                Ok(Ok(counted)) => {
                    sum += counted.counts;
                    let lane = &lanes[tally::lane(&counted.file_type, LANES)];
                    lane.send(counted).await.expect("a tally receives until its lane is closed");
                }
                Ok(Err(problem)) => {
                    problems += 1;
                    progress.problem(&problem);
                }
                Err(_) => break false,
            },
            _ = interrupts.recv() => break true,
            _ = ticks.recv(), if progress.is_shown() => progress.show(&sum),
        }
    };
    drop(progress);
    // From here on nobody hears a Ctrl-C, so the next one kills.
    drop(interrupts);
    // Nobody receives any more: the stages stop, if they have not already.
    drop(counts);
    if !is_partial {
        // A walk that has panicked looks like one that is over.
        walker.join().unwrap_or_else(|panic| resume_unwind(panic));
    }

    // No more work for the tallies: each hands over what it has.
    drop(lanes);
    let mut tally = Tally::new();
    for _ in 0..LANES {
        let part = tallies.recv().await;
        tally.extend(part.expect("every tally hands over what it has"));
    }
    Report {
        tally,
        problems,
        is_partial,
    }
}

/// A channel that tells of Ctrl-C. One that nobody has heard, or would hear, ends the program at once.
///
/// It has no name, so that it is in no picture: that the loop waits for it all the time is nobody's fault.
fn interrupts() -> Receiver<()> {
    let (interrupt, interrupts) = bounded(1);
    let handler = move || {
        if interrupt.try_send(()).is_err() {
            process::exit(INTERRUPTED.into());
        }
    };
    ctrlc::set_handler(handler).expect("the system tells of Ctrl-C");
    interrupts
}

fn draw(picture: &Picture, snapshots: &[Snapshot]) -> Result<(), u8> {
    let graph = Graph::new(snapshots.iter().cloned());
    let text = match picture.format {
        Format::Svg => graph.to_svg(),
        Format::Mermaid => graph.to_mermaid(),
        Format::Dot => graph.to_dot(),
    };
    fs::write(&picture.file, text).map_err(|error| {
        complain(Problem::new(&picture.file, error));
        UNREADABLE
    })
}

/// Prints to standard output. That nobody reads it (`treestat | head`) ends the program quietly.
fn print(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), u8> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    write(&mut out).and_then(|()| out.flush()).map_err(|error| {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return BROKEN_PIPE;
        }
        complain(format_args!("standard output: {error}"));
        UNREADABLE
    })
}

/// Prints to standard error. If nobody reads that, the exit code still tells.
fn complain(message: impl std::fmt::Display) {
    let _ = writeln!(io::stderr(), "treestat: {message}");
}
