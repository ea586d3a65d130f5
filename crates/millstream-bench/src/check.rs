//! `--check`: the cells in which millstream is behind, and by how much.

use std::fmt::Write;

use crate::measure::{Figure, Outcome};
use crate::peers::Standing;

/// A ratio that the table prints as 1.01 or more: two digits are what repetitions can tell.
const BEHIND: f64 = 1.005;
/// How far a flawed peer may be ahead, because its speed is paid for with lost values or unsoundness.
const BEHIND_FLAWED: f64 = 1.10;
/// How many times the cost of the idle case a crowd of threads may cost.
const COLLAPSE: f64 = 3.0;

/// What a check came to.
#[derive(Debug, Default)]
pub struct Verdict {
    /// One line for each cell in which a sound peer is first.
    pub behind_sound: Vec<String>,
    /// One line for each cell in which a flawed peer is more than 10 % ahead.
    pub behind_flawed: Vec<String>,
    /// One line for each cell in which many threads cost too much.
    pub collapsed: Vec<String>,
    cells: usize,
}

impl Verdict {
    pub fn of(outcomes: &[Outcome]) -> Self {
        let mut verdict = Verdict::default();
        for outcome in outcomes {
            let Some(subject) = outcome.subject() else {
                continue;
            };
            verdict.cells += 1;
            if let Some(best) = outcome.fastest(|standing| standing == Standing::Sound) {
                if subject.median > best.median * BEHIND {
                    verdict.behind_sound.push(line(outcome, subject, best));
                }
            }
            let flawed = |standing| matches!(standing, Standing::Flawed(_));
            if let Some(best) = outcome.fastest(flawed) {
                if subject.median > best.median * BEHIND_FLAWED {
                    verdict.behind_flawed.push(line(outcome, subject, best));
                }
            }
            if let Some(idle) = subject.extras.idle {
                if subject.median > idle * COLLAPSE {
                    verdict.collapsed.push(format!(
                        "{}: {:.1}, idle {idle:.1}: {:.2} times",
                        outcome.cell,
                        subject.median,
                        subject.median / idle
                    ));
                }
            }
        }
        verdict
    }

    /// Whether millstream is behind no sound peer and collapses nowhere.
    pub fn is_clean(&self) -> bool {
        self.behind_sound.is_empty() && self.collapsed.is_empty()
    }

    pub fn text(&self) -> String {
        let mut text = String::new();
        let sections = [
            ("behind the best sound peer", &self.behind_sound),
            (
                "more than 10 % behind a peer that loses values or is unsound",
                &self.behind_flawed,
            ),
            (
                "more than 3 times the cost of the idle case",
                &self.collapsed,
            ),
        ];
        for (what, lines) in sections {
            writeln!(text, "{what}: {} of {} cells", lines.len(), self.cells)
                .expect("a String takes it");
            for line in lines {
                writeln!(text, "  {line}").expect("a String takes it");
            }
        }
        text
    }
}

fn line(outcome: &Outcome, subject: &Figure, best: &Figure) -> String {
    format!(
        "{}: {:.1}, {} {:.1}: {:.2} by median, {:.2} by minimum",
        outcome.cell,
        subject.median,
        best.peer.name,
        best.median,
        subject.median / best.median,
        subject.min / best.min
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::made_up::{figure, outcome};

    fn against(sound: f64, flawed: f64, ours: f64) -> Verdict {
        Verdict::of(&[outcome(
            "made-up",
            [
                figure("millstream", Standing::Subject, ours),
                figure("floor", Standing::Floor("no channel"), 1.0),
                figure("slow", Standing::Sound, sound * 2.0),
                figure("sound", Standing::Sound, sound),
                figure("flawed", Standing::Flawed("loses"), flawed),
            ],
        )])
    }

    #[test]
    fn first_among_the_sound_is_clean() {
        let verdict = against(100.0, 100.0, 100.4);
        assert!(verdict.is_clean() && verdict.behind_flawed.is_empty());
        let verdict = against(100.0, 95.0, 99.0);
        assert!(verdict.is_clean() && verdict.behind_flawed.is_empty());
    }

    #[test]
    fn a_sound_peer_that_is_ahead_is_named_with_both_ratios() {
        let verdict = against(51.0, 100.0, 101.0);
        assert!(!verdict.is_clean());
        assert_eq!(
            verdict.behind_sound,
            ["made-up: 101.0, sound 51.0: 1.98 by median, 2.00 by minimum"]
        );
        assert!(verdict
            .text()
            .contains("behind the best sound peer: 1 of 1 cells"));
    }

    #[test]
    fn a_flawed_peer_that_is_far_ahead_is_named_but_does_not_fail_the_check() {
        let verdict = against(100.0, 50.0, 60.0);
        assert!(verdict.is_clean());
        assert_eq!(verdict.behind_flawed.len(), 1);
    }

    #[test]
    fn a_crowd_that_costs_more_than_three_times_as_much_fails_the_check() {
        let with_idle = |idle| {
            let mut ours = figure("millstream", Standing::Subject, 31.0);
            ours.extras.idle = Some(idle);
            Verdict::of(&[outcome("made-up", [ours])])
        };
        assert!(with_idle(11.0).is_clean());
        assert_eq!(
            with_idle(10.0).collapsed,
            ["made-up: 31.0, idle 10.0: 3.10 times"]
        );
    }

    #[test]
    fn a_cell_without_millstream_is_not_counted() {
        let verdict = Verdict::of(&[outcome("made-up", [figure("sound", Standing::Sound, 1.0)])]);
        assert!(verdict.is_clean());
        assert!(verdict.text().contains("0 of 0 cells"));
    }
}
