//! The reasons why millstream is not first in some cells, written by people and kept in a file of their own, so that a new page of results repeats them.

use std::fmt::Write;

use toml::{Table, Value};

use crate::measure::Outcome;

const FILE: &str = include_str!("../../../bench/reasons.toml");

/// What is known of some cells.
struct Reason {
    cells: Vec<String>,
    why: String,
    /// What was built and measured to be faster there, with what came of it.
    tried: Vec<String>,
}

/// A reason for each of some cells.
pub struct Reasons(Vec<Reason>);

impl Reasons {
    /// # Panics
    ///
    /// Panics when the file that the program was built with is none of reasons, which a test would have found.
    pub fn committed() -> Self {
        Reasons::parse(FILE).expect("bench/reasons.toml holds reasons")
    }

    /// # Errors
    ///
    /// Fails on what is no TOML and no list of reasons, and on a cell with two of them.
    pub fn parse(text: &str) -> Result<Self, String> {
        let table: Table = toml::from_str(text).map_err(|error| error.to_string())?;
        let entries = table.get("reason").and_then(Value::as_array);
        let entries = entries.ok_or("there is no [[reason]]")?;
        let reasons = entries.iter().map(Reason::parse);
        let reasons: Vec<Reason> = reasons.collect::<Result<_, _>>()?;
        let mut cells: Vec<&String> = reasons.iter().flat_map(|reason| &reason.cells).collect();
        cells.sort_unstable();
        match cells.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => Err(format!("{} has two reasons", pair[0])),
            None => Ok(Reasons(reasons)),
        }
    }

    /// The reason for a cell and what was tried there, in words.
    pub fn of(&self, cell: &str) -> Option<String> {
        let about = |reason: &&Reason| reason.cells.iter().any(|other| other == cell);
        let reason = self.0.iter().find(about)?;
        let mut text = reason.why.clone();
        if !reason.tried.is_empty() {
            write!(text, ". Tried: {}", reason.tried.join("; ")).expect("a String takes it");
        }
        Some(text)
    }

    /// A line for each cell of a run that has a reason without need, or is in need of one.
    pub fn remarks(&self, outcomes: &[Outcome]) -> Vec<String> {
        let remark = |outcome: &Outcome| {
            outcome.subject()?;
            let cell = &outcome.cell;
            match (outcome.ahead(), self.of(cell)) {
                (None, Some(_)) => Some(format!(
                    "{cell} has a reason in bench/reasons.toml, and millstream is first there"
                )),
                (Some(_), None) => Some(format!("{cell} has no reason in bench/reasons.toml")),
                _ => None,
            }
        };
        outcomes.iter().filter_map(remark).collect()
    }
}

impl Reason {
    fn parse(entry: &Value) -> Result<Self, String> {
        let why = entry.get("why").and_then(Value::as_str);
        let why = why
            .ok_or_else(|| format!("no why in {entry:?}"))?
            .to_owned();
        let strings = |key: &str| {
            let list = entry.get(key).and_then(Value::as_array);
            let list = list.ok_or_else(|| format!("no list of {key} for {why:?}"))?;
            let strings = list.iter().map(|value| value.as_str().map(str::to_owned));
            let strings: Option<Vec<String>> = strings.collect();
            strings.ok_or_else(|| format!("the {key} for {why:?} are not all strings"))
        };
        Ok(Reason {
            cells: strings("cells")?,
            tried: strings("tried")?,
            why,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::made_up::{figure, outcome};
    use crate::peers::Standing;

    const TWO: &str = r#"
        # why
        [[reason]]
        cells = ["a/64", "a/1"]
        why = "one lock"
        tried = ["two locks (30 to 40)", "none (30 to 0, and wrong)"]

        [[reason]]
        cells = ["b"]
        why = "no idea"
        tried = []
    "#;

    #[test]
    fn a_reason_is_found_by_its_cell() {
        let reasons = Reasons::parse(TWO).expect("this parses");
        let words = "one lock. Tried: two locks (30 to 40); none (30 to 0, and wrong)";
        assert_eq!(reasons.of("a/1").as_deref(), Some(words));
        assert_eq!(reasons.of("b").as_deref(), Some("no idea"));
        assert_eq!(reasons.of("a"), None);
    }

    #[test]
    fn what_is_no_list_of_reasons_is_an_error() {
        let error = |text: &str| Reasons::parse(text).err().unwrap_or_default();
        assert_eq!(error("a = 3"), "there is no [[reason]]");
        assert!(error("[[reason]]\ncells = ['a']\ntried = []").starts_with("no why in"));
        assert!(error("[[reason]]\nwhy = 'x'\ntried = []").starts_with("no list of cells"));
        assert!(error("[[reason]]\nwhy = 'x'\ncells = ['a']").starts_with("no list of tried"));
        assert!(error("[[reason]]\nwhy = 'x'\ncells = [3]\ntried = []").ends_with("strings"));
        let twice = TWO.replace("\"b\"", "\"a/1\"");
        assert_eq!(error(&twice), "a/1 has two reasons");
    }

    #[test]
    fn a_run_tells_which_reasons_are_missing_and_which_are_not_needed() {
        let with = |cell: &str, rival, ours| {
            let ours = figure("millstream", Standing::Subject, ours);
            outcome(cell, [ours, figure("other", rival, 10.0)])
        };
        let reasons = Reasons::parse(TWO).expect("this parses");
        let remarks = reasons.remarks(&[
            with("a/64", Standing::Sound, 11.0),
            with("a/1", Standing::Flawed("loses"), 11.0),
            with("b", Standing::Sound, 10.0),
            with("c", Standing::Sound, 11.0),
            with("d", Standing::Sound, 10.0),
            with("e", Standing::Floor("none"), 11.0),
            outcome("f", [figure("other", Standing::Sound, 10.0)]),
        ]);
        assert_eq!(
            remarks,
            [
                "b has a reason in bench/reasons.toml, and millstream is first there",
                "c has no reason in bench/reasons.toml"
            ]
        );
    }

    #[test]
    fn every_committed_reason_is_of_cells_that_exist() {
        let cells = crate::cells::all();
        for name in Reasons::committed()
            .0
            .iter()
            .flat_map(|reason| &reason.cells)
        {
            assert!(cells.iter().any(|cell| &cell.name == name), "{name}");
        }
    }
}
