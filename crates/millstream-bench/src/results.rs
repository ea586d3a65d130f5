//! `--results`: a whole run as a page, with everything that is needed to read it.

use std::fmt::Write;

use crate::bounds::BOUNDS;
use crate::measure::{Figure, Outcome};
use crate::peers::Standing;
use crate::reasons::Reasons;
use crate::report::{by_median, columns, heading, name, ratio, Footnotes};

/// What the page says where the file of reasons says nothing.
const NO_REASON: &str = "no reason is known yet";

/// The page; `picture` is the file name of the plot, if one was drawn beside it.
pub fn page(
    outcomes: &[Outcome],
    description: &str,
    picture: Option<&str>,
    reasons: &Reasons,
) -> String {
    let mut page = String::from(
        "# Results\n\nWritten by `cargo run --release -p millstream-bench -- --results bench/RESULTS.md --plot bench/results.svg`; \
         `bench/README.md` says what the cells are and how they are measured. Reasons are kept in `bench/reasons.toml`.\n\n",
    );
    for line in description.lines() {
        writeln!(page, "- {line}").expect("a String takes it");
    }
    if let Some(picture) = picture {
        write!(
            page,
            "\n![The main cells: median, smallest and largest figure of each peer]({picture})\n"
        )
        .expect("a String takes it");
    }
    let mut footnotes = Footnotes::default();
    not_first(&mut page, outcomes, reasons, &mut footnotes);
    limits(&mut page, outcomes);
    page.push_str(
        "\n## All cells\n\nIn nanoseconds per unit. The ratio is the median over the best median among the sound peers of the cell; \
         *by minimum* is the same of the minima; *processor* is the processor time of all threads. `-` means that there is none.\n",
    );
    for outcome in outcomes {
        table(&mut page, outcome, &mut footnotes);
    }
    page.push_str("\n## Marks\n\n");
    for line in footnotes.text().lines() {
        writeln!(page, "- {line}").expect("a String takes it");
    }
    page
}

/// One line for each cell in which somebody else is first.
fn not_first(
    page: &mut String,
    outcomes: &[Outcome],
    reasons: &Reasons,
    footnotes: &mut Footnotes,
) {
    page.push_str("\n## Where millstream is not first\n\n");
    let mut compared = 0;
    let mut behind = 0;
    for outcome in outcomes {
        let Some(subject) = outcome.subject() else {
            continue;
        };
        compared += usize::from(outcome.rival().is_some());
        let Some(first) = outcome.ahead() else {
            continue;
        };
        behind += 1;
        write!(
            page,
            "- `{}`: {:.1}, {}{} {:.1} ({:.2} times)",
            outcome.cell,
            subject.median,
            first.peer.name,
            footnotes.mark(first),
            first.median,
            subject.median / first.median
        )
        .expect("a String takes it");
        if first.peer.standing != Standing::Sound {
            page.push_str(&among_sound(outcome, subject));
        }
        let reason = reasons.of(&outcome.cell);
        let reason = reason.as_deref().unwrap_or(NO_REASON);
        writeln!(page, ": {reason}.").expect("a String takes it");
    }
    if behind > 0 {
        page.push('\n');
    }
    writeln!(
        page,
        "That is {behind} of {compared} cells; in the others it is first."
    )
    .expect("a String takes it");
}

fn among_sound(outcome: &Outcome, subject: &Figure) -> String {
    match outcome.fastest(|standing| standing == Standing::Sound) {
        None => ", alone among the sound".to_owned(),
        Some(best) if subject.median <= best.median => ", first among the sound".to_owned(),
        Some(best) => format!(
            "; among the sound {} {:.1} ({:.2} times)",
            best.peer.name,
            best.median,
            subject.median / best.median
        ),
    }
}

/// How far the main cells are from what the machine can do.
fn limits(page: &mut String, outcomes: &[Outcome]) {
    let mut rows = String::new();
    for bound in BOUNDS {
        let Some(distance) = bound.distance(outcomes) else {
            continue;
        };
        let times = if distance.is_impossible() {
            format!("**the limit is wrong**: {:.1} was seen", distance.least)
        } else {
            format!("{:.2}", distance.median / distance.limit)
        };
        writeln!(
            rows,
            "| `{}` | {:.1} | {:.1} | {times} | {}: {} |",
            bound.cell,
            distance.median,
            distance.limit,
            bound.formula(),
            bound.why
        )
        .expect("a String takes it");
    }
    if !rows.is_empty() {
        page.push_str(
            "\n## How far the limit is\n\nThe `limit` cells measure what an atomic exchange, the transfer of a cache line, and the wake-up of a task \
             and of a thread cost here. No channel with millstream's promises can do without the following, which `crates/millstream-bench/src/bounds.rs` \
             gives the grounds for; the least that was measured counts. If even one run was faster, the limit is in error, and said to be.\n\n\
             | cell | millstream | limit | times | made of |\n|---|---|---|---|---|\n",
        );
        page.push_str(&rows);
    }
}

fn table(page: &mut String, outcome: &Outcome, footnotes: &mut Footnotes) {
    let extra = columns(outcome);
    write!(
        page,
        "\n### {}\n\n| peer | median | min | max | ratio | by minimum | processor |",
        heading(outcome)
    )
    .expect("a String takes it");
    for column in &extra {
        write!(page, " {} |", column.name).expect("a String takes it");
    }
    page.push_str("\n|---|");
    page.push_str(&"---:|".repeat(6 + extra.len()));
    page.push('\n');
    let best_median = outcome.best_sound(|figure| figure.median);
    let best_min = outcome.best_sound(|figure| figure.min);
    for figure in by_median(outcome) {
        let peer = if figure.peer.standing == Standing::Subject {
            format!("**{}**", figure.peer.name)
        } else {
            name(outcome, figure, footnotes)
        };
        write!(
            page,
            "| {peer} | {:.1} | {:.1} | {:.1} | {} | {} | {:.1} |",
            figure.median,
            figure.min,
            figure.max,
            ratio(figure.median, best_median),
            ratio(figure.min, best_min),
            figure.cpu
        )
        .expect("a String takes it");
        for column in &extra {
            write!(page, " {} |", (column.value)(figure)).expect("a String takes it");
        }
        page.push('\n');
    }
    for (peer, why) in &outcome.absent {
        write!(page, "\n{} is not here: {why}.\n", peer.name).expect("a String takes it");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::made_up::{self, figure};

    fn outcome(cell: &str, figures: &[(&'static str, Standing, f64)]) -> Outcome {
        let figures = figures.iter();
        made_up::outcome(
            cell,
            figures.map(|&(name, standing, median)| figure(name, standing, median)),
        )
    }

    const OURS: (&str, Standing, f64) = ("millstream", Standing::Subject, 20.0);
    const FLAW: Standing = Standing::Flawed("loses values");

    fn page_of(outcomes: &[Outcome]) -> String {
        let reasons = Reasons::parse(
            "[[reason]]\ncells = ['behind']\nwhy = 'one lock for both sides'\ntried = []",
        );
        page(
            outcomes,
            "machine: a\ncompiler: b",
            Some("plot.svg"),
            &reasons.expect("it parses"),
        )
    }

    #[test]
    fn the_page_names_machine_and_picture_and_has_a_table_for_each_cell() {
        let page = page_of(&[outcome("first", &[OURS, ("slow", Standing::Sound, 30.0)])]);
        assert!(page.contains("- machine: a\n- compiler: b\n"));
        assert!(page.contains("](plot.svg)"));
        assert!(page.contains("\n### first: ns per message, 9 runs of 1000\n"));
        assert!(page.contains("\n| **millstream** | 20.0 | 19.0 | 21.0 | 0.67 | 0.66 | 40.0 |\n"));
        assert!(page.contains("\n| slow | 30.0 | 29.0 | 31.0 | 1.00 | 1.00 | 60.0 |\n"));
        assert!(page.contains("That is 0 of 1 cells"));
    }

    #[test]
    fn each_cell_where_it_is_not_first_has_a_line_with_its_reason() {
        let page = page_of(&[
            outcome("behind", &[OURS, ("fast", Standing::Sound, 10.0)]),
            outcome("unknown", &[OURS, ("fast", Standing::Sound, 16.0)]),
            outcome(
                "paid for",
                &[OURS, ("loser", FLAW, 8.0), ("slow", Standing::Sound, 30.0)],
            ),
            outcome(
                "both",
                &[OURS, ("loser", FLAW, 8.0), ("fast", Standing::Sound, 16.0)],
            ),
            outcome("floor", &[OURS, ("bound", Standing::Floor("less"), 1.0)]),
            outcome("first", &[OURS, ("slow", Standing::Sound, 30.0)]),
        ]);
        let lines: Vec<&str> = page
            .lines()
            .filter(|line| line.starts_with("- `"))
            .collect();
        assert_eq!(
            lines,
            [
                "- `behind`: 20.0, fast 10.0 (2.00 times): one lock for both sides.",
                "- `unknown`: 20.0, fast 16.0 (1.25 times): no reason is known yet.",
                "- `paid for`: 20.0, loser [1] 8.0 (2.50 times), first among the sound: no reason is known yet.",
                "- `both`: 20.0, loser [1] 8.0 (2.50 times); among the sound fast 16.0 (1.25 times): no reason is known yet.",
            ]
        );
        assert!(page.contains("That is 4 of 5 cells"));
        assert!(page.contains("\n- [1] loser: loses values\n"));
    }

    #[test]
    fn the_distance_to_the_limit_is_worked_out() {
        let limit = |cell, ns| outcome(cell, &[("limit", Standing::Floor("no less"), ns)]);
        let page = page_of(&[outcome("try-pair/64", &[OURS]), limit("limit/atomic", 6.0)]);
        assert!(page.contains("| `try-pair/64` | 20.0 | 10.0 | 2.00 | 2 × `limit/atomic`: "));
        assert!(!page.contains("| `ready-pair/64` |"));
    }

    #[test]
    fn a_figure_below_its_limit_is_an_error_in_the_limit() {
        let limit = |ns| outcome("limit/atomic", &[("limit", Standing::Floor("no less"), ns)]);
        // Our smallest run took 19: a limit of 2 × 9.5 is reached, and one of 2 × 9.6 was wrong.
        let page = page_of(&[outcome("try-pair/64", &[OURS]), limit(10.5)]);
        assert!(page.contains("| `try-pair/64` | 20.0 | 19.0 | 1.05 | "));
        assert!(!page.contains("the limit is wrong"));
        let page = page_of(&[outcome("try-pair/64", &[OURS]), limit(10.6)]);
        assert!(page
            .contains("| `try-pair/64` | 20.0 | 19.2 | **the limit is wrong**: 19.0 was seen | "));
    }
}
