//! Figures that nobody measured, for the tests of what is done with figures.

use crate::cell::{Peer, Unit};
use crate::measure::{Figure, Outcome};
use crate::peers::Standing;
use crate::probe::Extras;

/// The smallest run took a nanosecond less than the median, the largest one more, and two processors were busy.
pub fn figure(name: &'static str, standing: Standing, median: f64) -> Figure {
    Figure {
        peer: Peer::sound(name).standing(standing),
        runs: 9,
        median,
        min: median - 1.0,
        max: median + 1.0,
        cpu: median * 2.0,
        extras: Extras::default(),
    }
}

pub fn outcome(cell: &str, figures: impl IntoIterator<Item = Figure>) -> Outcome {
    Outcome {
        cell: cell.to_owned(),
        unit: Unit::Message,
        messages: 1000,
        repetitions: 9,
        absent: Vec::new(),
        figures: figures.into_iter().collect(),
    }
}
