//! What the main cells cannot fall below on the machine at hand, made of what was measured in the `limit` cells.

use crate::cells::limits::{ATOMIC, CACHE_LINE, TASK, TASK_TWO_WORKERS, THREAD};
use crate::measure::Outcome;

/// What a cell's unit needs at least.
pub struct Bound {
    pub cell: &'static str,
    /// How many times which limit.
    pub parts: &'static [(f64, &'static str)],
    pub why: &'static str,
}

/// Of the wake-ups half a round trip counts for one, of the cache lines too.
pub const BOUNDS: &[Bound] = &[
    Bound {
        cell: "try-pair/64",
        parts: &[(2.0, ATOMIC)],
        why: "each operation takes a lock, or a place in a ring, with one exchange",
    },
    Bound {
        cell: "ready-pair/64",
        parts: &[(2.0, ATOMIC)],
        why: "the same, with futures that are ready at once",
    },
    Bound {
        cell: "tokio-1t/1p1c/64",
        parts: &[(2.0, ATOMIC), (1.0 / 64.0, TASK)],
        why: "two exchanges, and a switch to and fro for each buffer full",
    },
    Bound {
        cell: "tokio-1t/1p1c/1",
        parts: &[(2.0, ATOMIC), (0.5, TASK)],
        why: "two exchanges, and one wake-up: both sides wake for every two messages at least",
    },
    Bound {
        cell: "tokio-1t/1p1c/0",
        parts: &[(2.0, ATOMIC), (0.5, TASK)],
        why: "two exchanges, and one wake-up",
    },
    Bound {
        cell: "ping-pong/1",
        parts: &[(4.0, ATOMIC), (1.0, TASK)],
        why: "two messages, and two wake-ups",
    },
    Bound {
        cell: "ping-pong-2w/1",
        parts: &[(4.0, ATOMIC), (1.0, TASK_TWO_WORKERS)],
        why: "two messages, and two wake-ups between workers",
    },
    Bound {
        cell: "threads/1p1c/64",
        parts: &[(2.0, ATOMIC), (0.5 / 64.0, CACHE_LINE)],
        why: "two exchanges, and the buffer's lines change hands once for each buffer full",
    },
    Bound {
        cell: "threads/1p1c/1",
        parts: &[(1.0, CACHE_LINE)],
        why: "the one place goes to the other processor and back",
    },
    Bound {
        cell: "threads/1p1c/0",
        parts: &[(1.0, CACHE_LINE)],
        why: "the offer goes to the other processor, its acceptance comes back",
    },
    Bound {
        cell: "ping-pong-threads/1",
        parts: &[(1.0, CACHE_LINE)],
        why: "two transfers, if nobody sleeps",
    },
    Bound {
        cell: "crowd/0",
        parts: &[(0.5, THREAD)],
        why: "with ten threads to a processor somebody sleeps for each message",
    },
];

impl Bound {
    /// The bound in nanoseconds, or `None` when a limit that it is made of was not measured.
    pub fn nanoseconds(&self, outcomes: &[Outcome]) -> Option<f64> {
        self.parts
            .iter()
            .map(|(times, limit)| {
                let outcome = outcomes.iter().find(|outcome| outcome.cell == *limit)?;
                // The least that was seen: whatever made it more is no limit.
                Some(times * outcome.figures.first()?.min)
            })
            .sum()
    }

    /// How it is put together, in words.
    pub fn formula(&self) -> String {
        let part = |(times, limit): &(f64, &str)| {
            if *times >= 1.0 {
                format!("{times} × `{limit}`")
            } else {
                format!("`{limit}` / {:.0}", 1.0 / times)
            }
        };
        self.parts.iter().map(part).collect::<Vec<_>>().join(" + ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cell::Cells;

    #[test]
    fn every_bound_is_of_a_cell_and_made_of_cells_that_exist() {
        let mut cells = Cells::default();
        crate::cells::enter_all(&mut cells);
        let cells = cells.into_vec();
        let exists = |name: &str| cells.iter().any(|cell| cell.name == name);
        for bound in BOUNDS {
            assert!(exists(bound.cell), "{}", bound.cell);
            assert!(bound.parts.iter().all(|(_, limit)| exists(limit)));
        }
    }

    #[test]
    fn a_formula_says_what_is_added_up() {
        let bound = Bound {
            cell: "a",
            parts: &[(2.0, "b"), (0.5, "c")],
            why: "so it is",
        };
        assert_eq!(bound.formula(), "2 × `b` + `c` / 2");
        assert_eq!(bound.nanoseconds(&[]), None);
    }
}
