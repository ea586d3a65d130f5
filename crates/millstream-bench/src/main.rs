//! Measures channels side by side, in one process and interleaved, so that their ratios can be trusted.

#![deny(unsafe_code)]

mod args;
mod bounds;
mod cell;
mod cells;
mod check;
mod counting;
#[cfg(test)]
mod coverage;
mod machine;
#[cfg(test)]
mod made_up;
mod measure;
mod output;
mod payload;
mod peers;
mod plot;
mod probe;
mod reasons;
mod report;
mod results;
mod tally;
mod watchdog;

use std::error::Error;
use std::ffi::OsStr;
use std::path::Path;
use std::process::{exit, ExitCode};
use std::time::Duration;

use args::Options;
use cell::Cell;
use check::Verdict;
use output::Output;
use reasons::Reasons;
use report::Footnotes;
use watchdog::Watchdog;

/// How the program ends when something went wrong; 1 is what a check came to.
const WRONG: u8 = 2;

/// Hundreds of times what the slowest run takes.
const OVERDUE: Duration = Duration::from_secs(120);

fn main() -> ExitCode {
    match run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("millstream-bench: {error}");
            ExitCode::from(WRONG)
        }
    }
}

fn run() -> Result<ExitCode, Box<dyn Error>> {
    let options = Options::parse(std::env::args_os().skip(1))
        .map_err(|error| format!("{error}; --help says what there is"))?;
    if options.help {
        print!("{}", args::HELP);
        return Ok(ExitCode::SUCCESS);
    }
    let cells = options.choose(cells::all())?;
    if options.list {
        list(&cells);
        return Ok(ExitCode::SUCCESS);
    }
    // Looked at and opened beforehand, so that a slip of the pen costs no measuring.
    if options.plot.is_some() {
        plot::any_of(cells.iter().map(|cell| cell.name.as_str()))?;
    }
    let json = options.json.as_deref().map(Output::open).transpose()?;
    let results = options.results.as_deref().map(Output::open).transpose()?;
    let plot = options.plot.as_deref().map(Output::open).transpose()?;

    let description = machine::description(&cells);
    println!("{description}");
    let watchdog = Watchdog::start(OVERDUE, |name| {
        eprintln!(
            "millstream-bench: {name} has not ended after {} s; giving up",
            OVERDUE.as_secs()
        );
        exit(WRONG.into());
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
    for error in bounds::errors(&outcomes) {
        println!("{error}");
    }
    let reasons = Reasons::committed();
    if options.results.is_some() || options.check {
        for remark in reasons.remarks(&outcomes) {
            println!("{remark}");
        }
    }
    if let Some(json) = json {
        let text = serde_json::to_string_pretty(&report::json(&outcomes))?;
        json.write(&format!("{text}\n"))?;
    }
    if let Some(results) = results {
        let picture = options.plot.as_deref().and_then(Path::file_name);
        let picture = picture.map(OsStr::to_string_lossy);
        let page = results::page(&outcomes, &description, picture.as_deref(), &reasons);
        results.write(&page)?;
    }
    if let Some(plot) = plot {
        plot.write(&plot::svg(&outcomes)?)?;
    }
    if options.check {
        let verdict = Verdict::of(&outcomes);
        print!("\n{}", verdict.text());
        if !verdict.is_clean() {
            return Ok(ExitCode::FAILURE);
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn list(cells: &[Cell]) {
    for cell in cells {
        let peers: Vec<&str> = cell
            .contenders
            .iter()
            .map(|other| other.peer.name)
            .collect();
        println!("{}: {}", cell.name, peers.join(" "));
    }
}
