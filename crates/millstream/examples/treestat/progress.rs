//! The line on the terminal that shows how far the count is.

use crate::complain;
use crate::count::Counts;
use crate::problem::Problem;
use crate::report::grouped;
use indicatif::{HumanBytes, ProgressBar, ProgressStyle};

/// A line on standard error; where that is no terminal, nothing.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
}

impl Progress {
    pub fn new() -> Self {
        let style = ProgressStyle::with_template("{spinner} {elapsed} {msg}")
            .expect("a template that is fixed");
        Progress {
            bar: ProgressBar::new_spinner().with_style(style),
        }
    }

    pub fn is_shown(&self) -> bool {
        !self.bar.is_hidden()
    }

    pub fn show(&self, counts: &Counts) {
        let files = grouped(counts.files);
        let bytes = HumanBytes(counts.bytes);
        self.bar.set_message(format!("{files} files, {bytes}"));
        self.bar.tick();
    }

    /// Prints a line of its own for a problem.
    pub fn problem(&self, problem: &Problem) {
        self.bar.suspend(|| complain(problem));
    }
}

/// The line goes when the count is over.
impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
