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
    fn mark(&mut self, figure: &Figure) -> String {
        let note = match figure.standing {
            Standing::Subject | Standing::Sound => return String::new(),
            Standing::Flawed(note) | Standing::Floor(note) => (figure.peer, note),
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
    let mut figures = outcome.figures.clone();
    figures.sort_by(|a, b| a.median.total_cmp(&b.median));
    let best_median = outcome.best_sound(|figure| figure.median);
    let best_min = outcome.best_sound(|figure| figure.min);
    let unit = outcome.unit.name();
    let mut text = String::new();
    writeln!(
        text,
        "{}: ns per {unit}, {} runs of {}",
        outcome.cell, outcome.repetitions, outcome.messages
    )
    .expect("a String takes it");
    writeln!(
        text,
        "  {:<24}{:>10}{:>12} .. {:<10}{:>8}{:>12}",
        "peer", "median", "min", "max", "ratio", "by minimum"
    )
    .expect("a String takes it");
    for figure in &figures {
        let name = format!("{}{}", figure.peer, footnotes.mark(figure));
        let by_median = ratio(figure.median, best_median);
        let by_min = ratio(figure.min, best_min);
        writeln!(
            text,
            "  {name:<24}{:>10.1}{:>12.1} .. {:<10.1}{by_median:>8}{by_min:>12}",
            figure.median, figure.min, figure.max
        )
        .expect("a String takes it");
    }
    text
}

fn ratio(ns: f64, best: Option<f64>) -> String {
    best.map_or_else(|| "-".to_owned(), |best| format!("{:.2}", ns / best))
}

/// Every figure as an object with `cell`, `peer`, `ns` (the median), `min` and `max`.
pub fn json(outcomes: &[Outcome]) -> Value {
    let objects = outcomes.iter().flat_map(|outcome| {
        outcome.figures.iter().map(|figure| {
            json!({
                "cell": outcome.cell,
                "peer": figure.peer,
                "ns": hundredths(figure.median),
                "min": hundredths(figure.min),
                "max": hundredths(figure.max),
            })
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

    fn outcome() -> Outcome {
        let figure = |peer, standing, median: f64| Figure {
            peer,
            standing,
            median,
            min: median - 1.0,
            max: median + 1.0,
        };
        Outcome {
            cell: "made-up/64".to_owned(),
            unit: Unit::RoundTrip,
            messages: 1000,
            repetitions: 7,
            figures: vec![
                figure("slow", Standing::Sound, 40.0),
                figure("loser", Standing::Flawed("loses values"), 10.0),
                figure("good", Standing::Sound, 20.004),
            ],
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
            Some("made-up/64: ns per round trip, 7 runs of 1000")
        );
        assert_eq!(
            rows[2],
            ["loser", "[1]", "10.0", "9.0", "..", "11.0", "0.50", "0.47"]
        );
        assert_eq!(
            rows[3],
            ["good", "20.0", "19.0", "..", "21.0", "1.00", "1.00"]
        );
        assert_eq!(
            rows[4],
            ["slow", "40.0", "39.0", "..", "41.0", "2.00", "2.05"]
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
        outcome.figures.retain(|figure| figure.peer == "loser");
        let text = table(&outcome, &mut Footnotes::default());
        assert!(text.trim_end().ends_with(" -           -"), "{text}");
    }

    #[test]
    fn json_has_one_object_for_each_figure() {
        let value = json(&[outcome()]);
        assert_eq!(value.as_array().map(Vec::len), Some(3));
        assert_eq!(
            value[2],
            json!({"cell": "made-up/64", "peer": "good", "ns": 20.0, "min": 19.0, "max": 21.0})
        );
    }
}
