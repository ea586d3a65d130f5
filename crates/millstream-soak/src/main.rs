//! Millions of values through random topologies, in which everything goes wrong that can: what is left over, lost or
//! hanging afterwards is printed with the seed that repeats it.

mod args;
mod board;
mod book;
mod channels;
mod children;
mod counts;
mod cut;
mod dice;
mod hand;
mod kinds;
mod left;
mod memory;
mod message;
mod panics;
mod place;
mod receiving;
mod report;
mod run;
mod sending;
mod waker;
mod watchdog;

use args::Args;
use board::Board;
use kinds::Kind;
use left::Left;
use report::Report;
use run::Run;
use std::hash::{BuildHasher, RandomState};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};
use watchdog::Watchdog;

#[global_allocator]
static ALLOCATOR: memory::Counting = memory::Counting;

fn main() -> ExitCode {
    let args = match args::parse() {
        Ok(args) => args,
        Err(error) => {
            eprintln!("millstream-soak: {error}");
            return ExitCode::from(2);
        }
    };
    if args.help {
        println!("{}", args::HELP);
        return ExitCode::SUCCESS;
    }
    if let Some(child) = &args.child {
        return children::be(child, args.seed.unwrap_or_default());
    }
    match soak(&args) {
        Ok(report) => {
            println!("{report}");
            println!("PASSED");
            ExitCode::SUCCESS
        }
        Err(error) => {
            println!("FAILED: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Runs topologies until the time is up, or one has failed.
fn soak(args: &Args) -> Result<Report, String> {
    let kinds = chosen(args)?;
    let first = args
        .seed
        .unwrap_or_else(|| RandomState::new().hash_one("seed") >> 32);
    println!("seed {first}");
    let watchdog = Watchdog::start(Duration::from_secs(args.limit));
    let mut report = Report::new(&kinds);
    let before = warm_up();
    let end = Instant::now() + Duration::from_secs_f64(args.seconds);
    for seed in (first..).take(args.runs) {
        if Instant::now() > end {
            break;
        }
        let mut kind_dice = dice::Dice::new(seed);
        let number = draw(&kinds, &mut kind_dice);
        let kind = kinds[number];
        let board = Arc::new(Board::default());
        watchdog.watch(
            format!("--seed {seed} --runs 1 --only {}", kind.name),
            &board,
        );
        let started = Instant::now();
        let mut run = Run::new(seed, report.counts(number), board.clone());
        let ran = catch_unwind(AssertUnwindSafe(|| (kind.run)(&mut run)));
        let outcome = ran.unwrap_or_else(|panic| Err(panics::text_of(&*panic)));
        let outcome = outcome.and_then(|()| before.nothing_more(&run));
        drop(run);
        if let Err(wrong) = outcome {
            let repeat = format!("--seed {seed} --runs 1 --only {}", kind.name);
            return Err(format!("{wrong}\nrepeat with {repeat}\n{board}\n{report}"));
        }
        watchdog.rest();
        drop(board);
        report.ran(number, started.elapsed());
    }
    report.memory_is_flat()?;
    if args.only.is_none() {
        children::run_all(first, args.treestat.as_deref(), &mut report)?;
        before.nothing_more(&Run::new(0, Arc::default(), Arc::default()))?;
    }
    Ok(report)
}

fn chosen(args: &Args) -> Result<Vec<Kind>, String> {
    let is_wanted = |kind: &&Kind| args.only.as_ref().is_none_or(|name| name == kind.name);
    let kinds: Vec<_> = kinds::ALL.iter().filter(is_wanted).copied().collect();
    match kinds.is_empty() {
        true => Err("there is no such kind".to_string()),
        false => Ok(kinds),
    }
}

fn draw(kinds: &[Kind], dice: &mut dice::Dice) -> usize {
    let sum = kinds.iter().map(|kind| kind.weight).sum();
    let mut ticket = dice.below(sum);
    kinds
        .iter()
        .position(|kind| {
            let is_drawn = ticket < kind.weight;
            ticket = ticket.wrapping_sub(kind.weight);
            is_drawn
        })
        .expect("the ticket is below the sum")
}

/// Starts every runtime, with its timer: what they keep from then on belongs to them.
fn warm_up() -> Left {
    let tasks = Arc::default();
    for place in place::Place::ALL {
        let _entered = place.runtime(&tasks).enter();
        let ticks: Vec<_> = (0..64)
            .map(|_| millstream::after(Duration::from_millis(30)))
            .collect();
        for tick in ticks {
            tick.recv_blocking().expect("a timer comes");
        }
    }
    // A folder that is read is a file descriptor, while it is read.
    Left::now()
}
