//! `--plot`: the main cells as a picture, one panel each: a dot at the median and a line from the smallest to the largest figure, on a logarithmic scale.

use plotters::coord::Shift;
use plotters::prelude::*;

use crate::measure::Outcome;
use crate::peers::Standing;
use crate::report::by_median;

/// What is drawn, as far as it was measured.
pub const MAIN: [&str; 12] = [
    "tokio-1t/1p1c/0",
    "tokio-1t/1p1c/64",
    "tokio-1t/1p1c/unbounded",
    "tokio-2w/1p1c/64",
    "tokio-2w/4p4c/64",
    "smol-2t/4p4c/64",
    "threads/1p1c/0",
    "threads/1p1c/64",
    "threads/4p4c/64",
    "ping-pong/1",
    "ping-pong-threads/1",
    "crowd/64",
];

const COLUMNS: usize = 3;
const PANEL: (u32, u32) = (420, 340);
/// How many of a cell's peers have room.
const ROWS: usize = 14;
const OURS: RGBColor = RGBColor(200, 60, 30);
const SOUND: RGBColor = RGBColor(40, 80, 160);
const OTHERS: RGBColor = RGBColor(150, 150, 150);

/// # Errors
///
/// Fails when none of these cells would be drawn.
pub fn any_of<'a>(mut cells: impl Iterator<Item = &'a str>) -> Result<(), String> {
    if cells.any(|cell| MAIN.contains(&cell)) {
        Ok(())
    } else {
        Err(format!(
            "the plot has none of these cells, but {}",
            MAIN.join(", ")
        ))
    }
}

/// The picture as SVG text.
///
/// # Errors
///
/// Fails when nothing of what would be drawn was measured, and when drawing fails.
pub fn svg(outcomes: &[Outcome]) -> Result<String, String> {
    let chosen: Vec<&Outcome> = MAIN
        .iter()
        .filter_map(|name| outcomes.iter().find(|outcome| outcome.cell == *name))
        .collect();
    any_of(chosen.iter().map(|outcome| outcome.cell.as_str()))?;
    let mut text = String::new();
    draw(&mut text, &chosen).map_err(|error| format!("the plot cannot be drawn: {error}"))?;
    Ok(text)
}

type Drawn = Result<(), Box<dyn std::error::Error>>;
type Panel<'a> = DrawingArea<SVGBackend<'a>, Shift>;

fn draw(text: &mut String, outcomes: &[&Outcome]) -> Drawn {
    let columns = COLUMNS.min(outcomes.len());
    let rows = outcomes.len().div_ceil(columns);
    let size = (PANEL.0 * columns as u32, PANEL.1 * rows as u32 + 30);
    let picture = SVGBackend::with_string(text, size).into_drawing_area();
    picture.fill(&WHITE)?;
    let picture = picture.titled(
        "nanoseconds per message or round trip, logarithmic: millstream red, sound peers blue, flawed ones grey",
        ("sans-serif", 15),
    )?;
    for (outcome, panel) in outcomes.iter().zip(picture.split_evenly((rows, columns))) {
        draw_cell(outcome, &panel)?;
    }
    picture.present()?;
    Ok(())
}

fn draw_cell(outcome: &Outcome, panel: &Panel<'_>) -> Drawn {
    let mut figures = by_median(outcome);
    // The slowest make room, but never the one that all of this is about.
    while figures.len() > ROWS {
        let last = figures
            .iter()
            .rposition(|figure| figure.peer.standing != Standing::Subject);
        figures.remove(last.expect("one of so many is not the subject"));
    }
    let low = figures
        .iter()
        .map(|figure| figure.min)
        .fold(f64::MAX, f64::min);
    let high = figures.iter().map(|figure| figure.max).fold(0.0, f64::max);
    let count = figures.len() as f64;
    let mut chart = ChartBuilder::on(panel)
        .caption(&outcome.cell, ("sans-serif", 15))
        .margin(8)
        .x_label_area_size(22)
        .y_label_area_size(120)
        .build_cartesian_2d((low.max(0.1) * 0.9..high * 1.1).log_scale(), 0.0..count)?;
    chart
        .configure_mesh()
        .disable_y_mesh()
        .disable_y_axis()
        .x_labels(6)
        .x_label_formatter(&|ns| format!("{ns:.0}"))
        .draw()?;
    for (row, figure) in figures.iter().enumerate() {
        let height = count - row as f64 - 0.5;
        let color = match figure.peer.standing {
            Standing::Subject => OURS,
            Standing::Sound => SOUND,
            Standing::Flawed(_) | Standing::Floor(_) => OTHERS,
        };
        chart.draw_series([PathElement::new(
            vec![(figure.min.max(0.1), height), (figure.max, height)],
            color,
        )])?;
        chart.draw_series([Circle::new((figure.median, height), 4, color.filled())])?;
        let (_, y) = chart.backend_coord(&(figure.median, height));
        let (_, top) = panel.get_base_pixel();
        let label = TextStyle::from(("sans-serif", 12).into_font()).color(&color);
        panel.draw_text(
            &format!("{} {:.0}", figure.peer.name, figure.median),
            &label,
            (8, y - top - 6),
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cell::Peer;
    use crate::made_up::{self, figure};
    use crate::measure::Figure;

    fn outcome(cell: &str, peers: usize) -> Outcome {
        const NAMES: [&str; 16] = [
            "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p",
        ];
        let figures = NAMES[..peers].iter().enumerate();
        let mut outcome = made_up::outcome(
            cell,
            figures.map(|(number, name)| Figure {
                min: 50.0,
                max: 1000.0,
                ..figure(name, Standing::Sound, 100.0 + number as f64)
            }),
        );
        let last = outcome.figures.last_mut().expect("there are some");
        last.peer = Peer::sound("millstream").standing(Standing::Subject);
        outcome
    }

    #[test]
    fn each_main_cell_that_was_measured_gets_a_panel_with_its_peers() {
        let svg = svg(&[outcome(MAIN[3], 2), outcome("else", 2), outcome(MAIN[0], 3)]);
        let svg = svg.expect("this can be drawn");
        assert!(svg.starts_with("<svg ") && svg.trim_end().ends_with("</svg>"));
        assert!(svg.contains(MAIN[0]) && svg.contains(MAIN[3]));
        assert!(!svg.contains("else"));
        assert_eq!(svg.matches("<circle ").count(), 5);
    }

    #[test]
    fn the_slowest_make_room_but_not_millstream() {
        let svg = svg(&[outcome(MAIN[0], 16)]).expect("this can be drawn");
        assert_eq!(svg.matches("<circle ").count(), ROWS);
        assert!(svg.contains("millstream 115"));
    }

    #[test]
    fn nothing_to_draw_is_an_error() {
        assert!(svg(&[outcome("else", 1)]).is_err());
    }
}
