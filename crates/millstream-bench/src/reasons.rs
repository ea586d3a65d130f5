//! The reasons why millstream is not first in some cells, written by people and kept in a file of their own, so that a new page of results repeats them.

use std::collections::BTreeMap;

const FILE: &str = include_str!("../../../bench/reasons.toml");

/// A reason for each of some cells.
pub struct Reasons(BTreeMap<String, String>);

impl Reasons {
    /// # Panics
    ///
    /// Panics when the file that the program was built with is not a table of strings, which a test would have found.
    pub fn committed() -> Self {
        Reasons::parse(FILE).expect("bench/reasons.toml has a string for each cell")
    }

    pub fn parse(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text).map(Reasons)
    }

    pub fn of(&self, cell: &str) -> Option<&str> {
        self.0.get(cell).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cell::Cells;

    #[test]
    fn a_reason_is_found_by_its_cell() {
        let reasons = Reasons::parse("# why\n\"threads/4p4c/64\" = \"one lock\"\n");
        let reasons = reasons.expect("this parses");
        assert_eq!(reasons.of("threads/4p4c/64"), Some("one lock"));
        assert_eq!(reasons.of("threads/4p4c/1"), None);
        assert!(Reasons::parse("\"threads/4p4c/64\" = 3").is_err());
    }

    #[test]
    fn every_committed_reason_is_of_a_cell_that_exists() {
        let mut cells = Cells::default();
        crate::cells::enter_all(&mut cells);
        let cells = cells.into_vec();
        for name in Reasons::committed().0.keys() {
            assert!(cells.iter().any(|cell| &cell.name == name), "{name}");
        }
    }
}
