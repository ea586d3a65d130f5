//! What is in the documents.

use super::super::testing::Shown;
use super::*;
use crate::observe::Snapshot;

/// The elements of a document, checked to be well formed as far as these documents go.
fn texts(svg: &str) -> Vec<String> {
    assert!(
        svg.starts_with("<svg ") && svg.ends_with("</svg>\n"),
        "{svg}"
    );
    let mut texts = Vec::new();
    for line in svg.lines() {
        assert_eq!(
            line.matches('<').count(),
            line.matches('>').count(),
            "{line}"
        );
        assert_eq!(line.matches('"').count() % 2, 0, "{line}");
        if let Some((_, rest)) = line.split_once("<text ") {
            let (_, text) = rest.split_once('>').expect("a start tag");
            texts.push(
                text.strip_suffix("</text>")
                    .expect("an end tag")
                    .to_string(),
            );
        }
    }
    texts
}

fn svg(snapshots: impl IntoIterator<Item = Snapshot>) -> String {
    Graph::new(snapshots).to_svg()
}

#[test]
fn no_channels_make_an_empty_document() {
    assert_eq!(texts(&svg([])), Vec::<String>::new());
    assert!(svg([]).contains("width=\"20\" height=\"20\""));
}

#[test]
fn stages_channels_and_figures_are_all_there() {
    let shown = svg([
        Shown::between("files", "walk", "read").waited(0, 12).done(),
        Shown::between("chunks", "read", "count").done(),
    ]);
    let texts = texts(&shown);
    let expected = [
        "walk",
        "(bottleneck)",
        "read",
        "count",
        "files",
        "0 delivered",
        "peak 0 of 8",
        "receivers waited 12.0 ms",
        "chunks",
        "0 delivered",
        "peak 0 of 8",
    ];
    assert_eq!(texts, expected);
    assert_eq!(shown.matches("<path ").count(), 4, "two links a channel");
    assert_eq!(shown.matches("<polygon ").count(), 2, "one head a channel");
    assert_eq!(shown.matches(BOTTLENECK_FILL).count(), 1);
}

#[test]
fn names_are_text() {
    let nasty = "<a & \"b\"> \u{1b}\u{ffff}</text>";
    let texts = texts(&svg([Shown::between(nasty, "x", "y").done()]));
    assert_eq!(
        texts[2],
        "&lt;a &amp; \"b\"&gt; \\u{1b}\u{fffd}&lt;/text&gt;"
    );
}

#[test]
fn circles_and_parallel_channels_are_drawn() {
    let channels = [("a", "b"), ("b", "c"), ("c", "a"), ("a", "b"), ("b", "b")];
    let channels = channels.map(|(from, to)| Shown::between("c", from, to).done());
    let shown = svg(channels);
    assert_eq!(shown.matches("<path ").count(), 10);
    assert_eq!(shown.matches("<polygon ").count(), 5);
    assert!(!shown.contains("NaN") && !shown.contains("inf"), "{shown}");
}

#[test]
fn the_same_channels_make_the_same_picture() {
    let channels = || {
        let lanes = (0..5).flat_map(|lane| {
            let tally = format!("tally {lane}");
            [
                Shown::between(&format!("lane {lane}"), "route", &tally).done(),
                Shown::between("totals", &tally, "report").done(),
            ]
        });
        lanes.collect::<Vec<_>>()
    };
    assert_eq!(svg(channels()), svg(channels()));
}

#[test]
fn an_arrow_points_at_the_stage_that_receives() {
    // The second channel closes a circle, so the layout turns it round.
    let shown = svg([
        Shown::between("there", "a", "b").done(),
        Shown::between("back", "b", "a").done(),
    ]);
    let numbers = |line: &str, name: &str| -> f64 {
        let (_, rest) = line.split_once(&format!(" {name}=\"")).expect(name);
        rest.split('"')
            .next()
            .and_then(|number| number.parse().ok())
            .expect("a number")
    };
    let boxes: Vec<(f64, f64)> = shown
        .lines()
        .filter(|line| line.starts_with("<rect"))
        .skip(1)
        .map(|line| {
            (
                numbers(line, "y"),
                numbers(line, "y") + numbers(line, "height"),
            )
        })
        .collect();
    let tips: Vec<f64> = shown
        .lines()
        .filter_map(|line| line.strip_prefix("<polygon points=\""))
        .map(|points| {
            points
                .split([',', ' '])
                .nth(1)
                .and_then(|y| y.parse().ok())
                .expect("a number")
        })
        .collect();
    let touches =
        |tip: f64, stage: (f64, f64)| (tip - stage.0).abs() < 1.0 || (tip - stage.1).abs() < 1.0;
    assert_eq!(tips.len(), 2);
    assert!(touches(tips[0], boxes[1]), "there: {tips:?} {boxes:?}");
    assert!(touches(tips[1], boxes[0]), "back: {tips:?} {boxes:?}");
}
