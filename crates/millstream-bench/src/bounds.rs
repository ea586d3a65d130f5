//! What the main cells cannot fall below on the machine at hand, made of what was measured in the `limit` cells.
//!
//! A limit is a floor for every channel that promises what millstream does, whatever is inside it: what is here rests on those
//! promises and on counting, not on how the engine happens to work. Where no such floor can be shown, a cell has none.
//!
//! - *Exchanges.* A handle can be used by several threads at once, so nobody may take a value or a place that somebody else
//!   may be taking: each operation needs one atomic read-modify-write at least. Counted in the engine (the `lock` instructions
//!   that callgrind sees executed): exactly one for an operation that is ready; at capacity 0, six for two messages, because
//!   two operations of the four wait, and do it again.
//! - *Threads.* Two that run beside each other make their exchanges beside each other, so that a message costs one and not
//!   two. Exchanges of one side follow one another however many processors there are, because the values have an order.
//! - *Turns.* While its consumer does nothing, a producer can get rid of as many values as there is room for, one that a
//!   receiver in line was promised, and one that waits with the producer itself: the capacity and two. Then the other side
//!   must have its turn, and the producer another one, which is a round trip for capacity + 2 messages. Counted in the engine:
//!   1.0, 0.667 and 0.0303 polls of a task for a message at the capacities 0, 1 and 64, which are two for 2, 3 and 66.
//! - *A round trip of tasks* is two wake-ups and two polls. That of `limit/task` has six read-modify-writes, all of them
//!   tokio's. On two workers it may be had for as little, when both tasks happen to be on one: the smallest figures of
//!   `ping-pong-2w` are below those of `limit/task-2w`, which therefore is no limit.
//! - *A round trip of threads* moves a cache line to the other processor and back. Whoever spins with an exchange fetches the
//!   line to itself at once, where a load and then a store fetch it twice, and needs half the time. Threads that go to sleep,
//!   or share a processor, pay for switches, which are dearer.

use crate::cells::limits::{ATOMIC, CACHE_LINE, TASK};
use crate::measure::Outcome;

/// What a cell's unit needs at least.
pub struct Bound {
    pub cell: &'static str,
    /// How many times which limit.
    pub parts: &'static [(f64, &'static str)],
    pub why: &'static str,
}

const READY: &str = "each of the two operations takes a value or a place with one exchange";
const TURNS: &str = "two exchanges, and a round trip for what the channel and the two futures hold";
const THERE_AND_BACK: &str = "a line goes there and back for what the channel and the two hold";
const SIDES: &str = "the exchanges of both sides beside each other";

pub const BOUNDS: &[Bound] = &[
    Bound {
        cell: "try-pair/64",
        parts: &[(2.0, ATOMIC)],
        why: READY,
    },
    Bound {
        cell: "ready-pair/64",
        parts: &[(2.0, ATOMIC)],
        why: READY,
    },
    Bound {
        cell: "tokio-1t/1p1c/0",
        parts: &[(2.0, ATOMIC), (1.0 / 2.0, TASK)],
        why: TURNS,
    },
    Bound {
        cell: "tokio-1t/1p1c/1",
        parts: &[(2.0, ATOMIC), (1.0 / 3.0, TASK)],
        why: TURNS,
    },
    Bound {
        cell: "tokio-1t/1p1c/64",
        parts: &[(2.0, ATOMIC), (1.0 / 66.0, TASK)],
        why: TURNS,
    },
    Bound {
        cell: "tokio-1t/1p1c/unbounded",
        parts: &[(2.0, ATOMIC)],
        why: READY,
    },
    Bound {
        cell: "tokio-2w/1p1c/64",
        parts: &[(1.0, ATOMIC)],
        why: SIDES,
    },
    Bound {
        cell: "tokio-2w/4p4c/64",
        parts: &[(1.0, ATOMIC)],
        why: SIDES,
    },
    Bound {
        cell: "smol-2t/4p4c/64",
        parts: &[(1.0, ATOMIC)],
        why: SIDES,
    },
    Bound {
        cell: "ping-pong/0",
        parts: &[(4.0, ATOMIC), (1.0, TASK)],
        why: "two messages, and a round trip",
    },
    Bound {
        cell: "ping-pong/1",
        parts: &[(4.0, ATOMIC), (1.0, TASK)],
        why: "two messages, and a round trip",
    },
    Bound {
        cell: "ping-pong-2w/1",
        parts: &[(4.0, ATOMIC), (1.0, TASK)],
        why: "two messages, and a round trip with both tasks on one worker",
    },
    Bound {
        cell: "threads/1p1c/0",
        parts: &[(1.0 / 2.0, CACHE_LINE)],
        why: THERE_AND_BACK,
    },
    Bound {
        cell: "threads/1p1c/1",
        parts: &[(1.0 / 3.0, CACHE_LINE)],
        why: THERE_AND_BACK,
    },
    Bound {
        cell: "threads/1p1c/64",
        parts: &[(1.0 / 66.0, CACHE_LINE)],
        why: THERE_AND_BACK,
    },
    Bound {
        cell: "threads/1p1c/unbounded",
        parts: &[(1.0, ATOMIC)],
        why: SIDES,
    },
    Bound {
        cell: "threads/4p4c/64",
        parts: &[(1.0, ATOMIC)],
        why: SIDES,
    },
    Bound {
        cell: "crowd/64",
        parts: &[(1.0, ATOMIC)],
        why: SIDES,
    },
    Bound {
        cell: "ping-pong-threads/0",
        parts: &[(1.0, CACHE_LINE)],
        why: "there and back",
    },
    Bound {
        cell: "ping-pong-threads/1",
        parts: &[(1.0, CACHE_LINE)],
        why: "there and back",
    },
    Bound {
        cell: "select-sparse/tokio-1t",
        parts: &[(2.0, ATOMIC), (1.0, TASK)],
        why: "one message, and a round trip: the next one is sent when it has come",
    },
    Bound {
        cell: "select-sparse-set/tokio-1t",
        parts: &[(2.0, ATOMIC), (1.0, TASK)],
        why: "one message, and a round trip: the next one is sent when it has come",
    },
    Bound {
        cell: "select-ready/threads",
        parts: &[(1.0, ATOMIC)],
        why: "the arm that is chosen takes a value or a place with one exchange",
    },
    Bound {
        cell: "broadcast/tokio-1t",
        parts: &[(5.0, ATOMIC)],
        why: "one send and four receives with one exchange each",
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

    /// How far the crate under test is from it, unless the cell or a limit was not measured.
    pub fn distance(&self, outcomes: &[Outcome]) -> Option<Distance> {
        let outcome = outcomes.iter().find(|outcome| outcome.cell == self.cell)?;
        let subject = outcome.subject()?;
        Some(Distance {
            median: subject.median,
            least: subject.min,
            limit: self.nanoseconds(outcomes)?,
        })
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

/// A figure beside its limit, in nanoseconds.
pub struct Distance {
    pub median: f64,
    /// The shortest of the runs.
    pub least: f64,
    pub limit: f64,
}

impl Distance {
    /// Whether something was faster than the limit, which is the limit's error and not a merit.
    pub fn is_impossible(&self) -> bool {
        self.least < self.limit
    }
}

/// A line for each limit that cannot be right.
pub fn errors(outcomes: &[Outcome]) -> Vec<String> {
    let refuted = |bound: &Bound| {
        let distance = bound.distance(outcomes)?;
        distance.is_impossible().then(|| {
            format!(
                "the limit of {} is wrong: {:.1} by {}, and {:.1} was seen",
                bound.cell,
                distance.limit,
                bound.formula(),
                distance.least
            )
        })
    };
    BOUNDS.iter().filter_map(refuted).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::made_up::{figure, outcome};
    use crate::peers::Standing;

    #[test]
    fn every_bound_is_of_a_cell_and_made_of_cells_that_exist() {
        let cells = crate::cells::all();
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

    #[test]
    fn what_is_faster_than_its_limit_refutes_it() {
        let ours = |ns| outcome("try-pair/64", [figure("millstream", Standing::Subject, ns)]);
        let floor = figure("exchange", Standing::Floor("one"), 6.0);
        let limit = outcome(ATOMIC, [floor]);
        // The smallest runs took a nanosecond less than the medians: 5 for an exchange, of which there are two.
        assert_eq!(errors(&[ours(11.0), limit]), [""; 0]);
        let floor = figure("exchange", Standing::Floor("one"), 6.0);
        let limit = outcome(ATOMIC, [floor]);
        assert_eq!(
            errors(&[ours(10.9), limit]),
            ["the limit of try-pair/64 is wrong: 10.0 by 2 × `limit/atomic`, and 9.9 was seen"]
        );
    }
}
