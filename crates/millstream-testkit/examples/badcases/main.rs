//! Prints which of the bugs that real channels had each channel has: one row a case, one column a channel.
//!
//! `cargo run -p millstream-testkit --example badcases` runs every case against every channel, each in a child process
//! of its own with a limit, so that a deadlock, an overflowing stack and a panic are cells of the table like others.
//! Words after `--` select the cases whose name contains one of them. The exit status is 1 when millstream has a bug.

mod child;
mod peers;
mod table;

use std::process::ExitCode;

use millstream_testkit::cases::{all, Case};
use millstream_testkit::family::Millstream;
use millstream_testkit::peer::Family;
use millstream_testkit::verdict::{Outcome, Verdict};

/// A channel with the cases asked of it.
struct Column {
    /// What stands above it.
    name: &'static str,
    /// Every case, with the family already filled in.
    cases: Vec<Question>,
}

/// A case about one channel, ready to be asked.
struct Question {
    /// `module::function`.
    name: &'static str,
    /// What a channel without the bug does.
    about: &'static str,
    /// Asks, in this process.
    ask: Box<dyn FnOnce() -> Outcome + Send>,
}

fn column<F: Family>(family: F) -> Column {
    let question = |case: Case<F>| Question {
        name: case.name,
        about: case.about,
        ask: Box::new(move || (case.run)(&family)),
    };
    Column {
        name: family.name(),
        cases: all::<F>().into_iter().map(question).collect(),
    }
}

/// The first column is the one that must be clean.
fn columns() -> Vec<Column> {
    vec![
        column(Millstream),
        column(peers::Flume),
        column(peers::Kanal),
        column(peers::Loole),
        column(peers::AsyncChannel),
        column(peers::Crossbeam),
        column(peers::TokioMpsc),
    ]
}

fn main() -> ExitCode {
    let columns = columns();
    let words: Vec<String> = std::env::args().skip(1).collect();
    if let [flag, case, column] = &words[..] {
        if flag == child::FLAG {
            child::answer(columns, case, column);
        }
    }
    let chosen =
        |name: &str| words.is_empty() || words.iter().any(|word| name.contains(word.as_str()));
    let rows: Vec<_> = columns[0]
        .cases
        .iter()
        .filter(|case| chosen(case.name))
        .map(|case| (case.name, case.about))
        .collect();
    let names: Vec<_> = columns.iter().map(|column| column.name).collect();
    let verdicts = child::ask_all(&rows, &names);
    table::print(&rows, &names, &verdicts);
    let clean = |row: &Vec<Verdict>| !matches!(row[0], Verdict::Failed(_));
    if verdicts.iter().all(clean) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
