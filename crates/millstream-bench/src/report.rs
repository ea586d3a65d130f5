//! What is printed and written: a table per cell, footnotes, and a JSON array.

use std::fmt::Write;

use serde_json::{json, Value};

use crate::measure::{Figure, Outcome};
use crate::peers::Standing;

/// Footnotes in the order in which they were first needed; their numbers hold for a whole report.
#[derive(Default)]
pub struct Footnotes {
    notes: Vec<(&'static str, &'static str)>,
}

impl Footnotes {
    /// The mark behind a peer's name: empty if there is nothing to say of it.
    pub fn mark(&mut self, figure: &Figure) -> String {
        let note = match figure.peer.standing {
            Standing::Subject | Standing::Sound => return String::new(),
            // What is wrong with a crate holds for all that it has in the table.
            Standing::Flawed(note) => (figure.peer.package, note),
            Standing::Floor(note) => (figure.peer.name, note),
        };
        let known = self.notes.iter().position(|other| *other == note);
        let index = known.unwrap_or_else(|| {
            self.notes.push(note);
            self.notes.len() - 1
        });
        format!(" [{}]", index + 1)
    }

    pub fn text(&self) -> String {
        let mut text = String::new();
        for (index, (peer, note)) in self.notes.iter().enumerate() {
            writeln!(text, "[{}] {peer}: {note}", index + 1).expect("a String takes it");
        }
        text
    }
}

/// One cell as a table, the fastest peer first.
pub fn table(outcome: &Outcome, footnotes: &mut Footnotes) -> String {
    let best_median = outcome.best_sound(|figure| figure.median);
    let best_min = outcome.best_sound(|figure| figure.min);
    let mut text = String::new();
    writeln!(text, "{}", heading(outcome)).expect("a String takes it");
    write!(
        text,
        "  {:<24}{:>10}{:>12} .. {:<10}{:>8}{:>12}{:>11}",
        "peer", "median", "min", "max", "ratio", "by minimum", "processor"
    )
    .expect("a String takes it");
    for column in columns(outcome) {
        write!(text, "{:>11}", column.name).expect("a String takes it");
    }
    text.push('\n');
    for figure in by_median(outcome) {
        let name = name(outcome, figure, footnotes);
        write!(
            text,
            "  {name:<24}{:>10.1}{:>12.1} .. {:<10.1}{:>8}{:>12}{:>11.1}",
            figure.median,
            figure.min,
            figure.max,
            ratio(figure.median, best_median),
            ratio(figure.min, best_min),
            figure.cpu
        )
        .expect("a String takes it");
        for column in columns(outcome) {
            write!(text, "{:>11}", (column.value)(figure)).expect("a String takes it");
        }
        text.push('\n');
    }
    for (peer, why) in &outcome.absent {
        writeln!(text, "  {} is not here: {why}", peer.name).expect("a String takes it");
    }
    text
}

/// A peer's name with its mark, and with the number of its runs where that is not everybody's.
pub fn name(outcome: &Outcome, figure: &Figure, footnotes: &mut Footnotes) -> String {
    let mark = footnotes.mark(figure);
    if figure.runs == outcome.repetitions {
        format!("{}{mark}", figure.peer.name)
    } else {
        format!("{}{mark} (1 run)", figure.peer.name)
    }
}

/// What a cell's table is headed by.
pub fn heading(outcome: &Outcome) -> String {
    format!(
        "{}: ns per {}, {} runs of {}",
        outcome.cell,
        outcome.unit.name(),
        outcome.repetitions,
        outcome.messages
    )
}

/// A cell's figures, the fastest peer first.
pub fn by_median(outcome: &Outcome) -> Vec<&Figure> {
    let mut figures: Vec<&Figure> = outcome.figures.iter().collect();
    figures.sort_by(|a, b| a.median.total_cmp(&b.median));
    figures
}

pub fn ratio(ns: f64, best: Option<f64>) -> String {
    best.map_or_else(|| "-".to_owned(), |best| format!("{:.2}", ns / best))
}

/// A column that only some cells have.
pub struct Column {
    pub name: &'static str,
    pub value: fn(&Figure) -> String,
}

/// The columns that a cell has beyond those of all cells.
pub fn columns(outcome: &Outcome) -> Vec<Column> {
    let column = |name, value| Column { name, value };
    let any = |has: fn(&Figure) -> bool| outcome.figures.iter().any(has);
    let mut columns = Vec::new();
    if any(|figure| figure.extras.latency.is_some()) {
        columns.extend([
            column("p50", |figure| {
                whole(figure.extras.latency.map(|latency| latency.p50))
            }),
            column("p99", |figure| {
                whole(figure.extras.latency.map(|latency| latency.p99))
            }),
            column("p99.9", |figure| {
                whole(figure.extras.latency.map(|latency| latency.p999))
            }),
        ]);
    }
    if any(|figure| figure.extras.bytes.is_some()) {
        columns.push(column("bytes", |figure| whole(figure.extras.bytes)));
    }
    if any(|figure| figure.extras.idle.is_some()) {
        columns.push(column("idle", |figure| whole(figure.extras.idle)));
        columns.push(column("of idle", |figure| {
            ratio(figure.median, figure.extras.idle)
        }));
    }
    columns
}

fn whole(value: Option<f64>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{value:.0}"))
}

/// Every figure as an object with `cell`, `peer`, `ns` (the median), `min`, `max`, `cpu` (the median of the processor time), and what the cell has beside them: `p50`, `p99`, `p999`, `bytes`, `idle`.
pub fn json(outcomes: &[Outcome]) -> Value {
    let objects = outcomes.iter().flat_map(|outcome| {
        outcome.figures.iter().map(|figure| {
            let mut object = json!({
                "cell": outcome.cell,
                "peer": figure.peer.name,
                "ns": hundredths(figure.median),
                "min": hundredths(figure.min),
                "max": hundredths(figure.max),
                "cpu": hundredths(figure.cpu),
            });
            let extras = figure.extras;
            let seen = [
                ("p50", extras.latency.map(|latency| latency.p50)),
                ("p99", extras.latency.map(|latency| latency.p99)),
                ("p999", extras.latency.map(|latency| latency.p999)),
                ("bytes", extras.bytes),
                ("idle", extras.idle),
            ];
            for (name, value) in seen {
                if let Some(value) = value {
                    object[name] = json!(hundredths(value));
                }
            }
            object
        })
    });
    Value::Array(objects.collect())
}

/// Rounds to what a clock can tell.
fn hundredths(ns: f64) -> f64 {
    (ns * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cell::Unit;
    use crate::made_up::{self, figure};
    use crate::probe::{Extras, Percentiles};

    fn outcome() -> Outcome {
        let figures = [
            figure("slow", Standing::Sound, 40.0),
            figure("loser", Standing::Flawed("loses values"), 10.0),
            figure("good", Standing::Sound, 20.004),
        ];
        Outcome {
            unit: Unit::RoundTrip,
            ..made_up::outcome("made-up/64", figures)
        }
    }

    #[test]
    fn the_table_sorts_marks_and_compares_with_the_best_sound_peer() {
        let mut footnotes = Footnotes::default();
        let text = table(&outcome(), &mut footnotes);
        let rows: Vec<Vec<&str>> = text
            .lines()
            .map(|line| line.split_whitespace().collect())
            .collect();
        assert_eq!(
            text.lines().next(),
            Some("made-up/64: ns per round trip, 9 runs of 1000")
        );
        assert_eq!(
            rows[2],
            ["loser", "[1]", "10.0", "9.0", "..", "11.0", "0.50", "0.47", "20.0"]
        );
        assert_eq!(
            rows[3],
            ["good", "20.0", "19.0", "..", "21.0", "1.00", "1.00", "40.0"]
        );
        assert_eq!(
            rows[4],
            ["slow", "40.0", "39.0", "..", "41.0", "2.00", "2.05", "80.0"]
        );
        assert_eq!(footnotes.text(), "[1] loser: loses values\n");
    }

    #[test]
    fn a_footnote_keeps_its_number_through_all_tables() {
        let mut footnotes = Footnotes::default();
        table(&outcome(), &mut footnotes);
        table(&outcome(), &mut footnotes);
        assert_eq!(footnotes.text().lines().count(), 1);
    }

    #[test]
    fn without_a_sound_peer_there_is_no_ratio() {
        let mut outcome = outcome();
        outcome.figures.retain(|figure| figure.peer.name == "loser");
        let text = table(&outcome, &mut Footnotes::default());
        assert!(text.contains(" -           -       20.0"), "{text}");
    }

    #[test]
    fn json_has_one_object_for_each_figure() {
        let value = json(&[outcome()]);
        assert_eq!(value.as_array().map(Vec::len), Some(3));
        assert_eq!(
            value[2],
            json!({"cell": "made-up/64", "peer": "good", "ns": 20.0, "min": 19.0, "max": 21.0, "cpu": 40.01})
        );
    }

    #[test]
    fn what_a_cell_has_beside_the_time_gets_its_columns_and_names() {
        let mut outcome = outcome();
        outcome.figures[1].runs = 1;
        outcome.figures[2].extras = Extras {
            latency: Some(Percentiles {
                p50: 19.0,
                p99: 25.4,
                p999: 90.0,
            }),
            bytes: Some(128.25),
            idle: Some(5.0),
        };
        let text = table(&outcome, &mut Footnotes::default());
        let rows: Vec<Vec<&str>> = text
            .lines()
            .map(|line| line.split_whitespace().collect())
            .collect();
        let end = |row: &[&str], length: usize| row[row.len() - length..].join(" ");
        assert_eq!(end(&rows[1], 7), "p50 p99 p99.9 bytes idle of idle");
        assert_eq!(end(&rows[3], 6), "19 25 90 128 5 4.00");
        assert_eq!(end(&rows[4], 6), "- - - - - -");

        assert_eq!(rows[2][..4], ["loser", "[1]", "(1", "run)"]);

        let value = json(&[outcome]);
        assert_eq!(
            (&value[2]["p999"], &value[2]["bytes"]),
            (&json!(90.0), &json!(128.25))
        );
        assert_eq!(
            (&value[2]["idle"], value[1].get("idle")),
            (&json!(5.0), None)
        );
    }
}
