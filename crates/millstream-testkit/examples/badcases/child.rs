//! One process per question, as many at a time as the machine has room for.

use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use millstream_testkit::process;
use millstream_testkit::verdict::Verdict;
use millstream_testkit::watchdog::guarded;

use crate::Column;

/// What the parent says first to its child; the case and the column follow.
pub const FLAG: &str = "--answer";

/// How long the child's own watchdog waits. Every case is done in a fraction of it.
const LIMIT: Duration = Duration::from_secs(5);

/// How long the parent waits for a child whose watchdog is stuck too.
const PATIENCE: Duration = Duration::from_secs(15);

/// In the child: asks one case of one column, and prints the verdict.
pub fn answer(columns: Vec<Column>, case: &str, column: &str) -> ! {
    let question = columns
        .into_iter()
        .filter(|candidate| candidate.name == column)
        .flat_map(|column| column.cases)
        .find(|question| question.name == case);
    process::answer(&match question {
        Some(question) => guarded(question.name, LIMIT, question.ask),
        None => Verdict::Failed(format!("there is no case {case} or no channel {column}")),
    })
}

/// In the parent: one verdict for every row and column, in that order.
pub fn ask_all(rows: &[(&str, &str)], columns: &[&str]) -> Vec<Vec<Verdict>> {
    let answers = Mutex::new(vec![vec![None; columns.len()]; rows.len()]);
    let next = AtomicUsize::new(0);
    let width = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..width {
            scope.spawn(|| loop {
                let turn = next.fetch_add(1, SeqCst);
                let (row, column) = (turn / columns.len(), turn % columns.len());
                if row >= rows.len() {
                    return;
                }
                let verdict = ask(rows[row].0, columns[column]);
                answers.lock().expect("no asker panics with the lock")[row][column] = Some(verdict);
            });
        }
    });
    let answers = answers.into_inner().expect("no asker panics with the lock");
    let filled = |row: Vec<Option<Verdict>>| row.into_iter().flatten().collect();
    answers.into_iter().map(filled).collect()
}

fn ask(case: &str, column: &str) -> Verdict {
    match std::env::current_exe() {
        Ok(this) => process::ask(Command::new(this).args([FLAG, case, column]), PATIENCE),
        Err(error) => Verdict::Failed(format!("could not be asked: {error}")),
    }
}
