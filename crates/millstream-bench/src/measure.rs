//! How a cell is measured: a warm-up round, then rounds in which every contender runs once and another one starts each time.

use crate::cell::{Cell, Contender, Unit};
use crate::peers::Standing;
use crate::watchdog::Watchdog;

/// How often and how long each contender runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    pub repetitions: usize,
    /// What the cell's full number of messages is divided by.
    pub shorter_by: usize,
}

impl Plan {
    pub const FULL: Plan = Plan {
        repetitions: 9,
        shorter_by: 1,
    };
    pub const QUICK: Plan = Plan {
        repetitions: 5,
        shorter_by: 5,
    };
}

/// What a cell came to.
#[derive(Debug)]
pub struct Outcome {
    pub cell: String,
    pub unit: Unit,
    pub messages: usize,
    pub repetitions: usize,
    pub figures: Vec<Figure>,
}

/// What one peer came to in one cell, in nanoseconds per unit.
#[derive(Clone, Debug)]
pub struct Figure {
    pub peer: &'static str,
    pub standing: Standing,
    pub median: f64,
    pub min: f64,
    pub max: f64,
}

/// Measures a cell.
///
/// # Panics
///
/// Panics when a contender does not deliver what was sent (see [`Cell::measure`]).
pub fn measure(cell: &Cell, plan: Plan, watchdog: &Watchdog) -> Outcome {
    let messages = (cell.messages / plan.shorter_by).max(1);
    let run = |contender: &Contender| {
        let _watched = watchdog.watch(format!("{} in {}", contender.peer, cell.name));
        cell.measure(contender, messages)
    };
    for contender in &cell.contenders {
        run(contender);
    }
    let mut samples = vec![Vec::with_capacity(plan.repetitions); cell.contenders.len()];
    for round in 0..plan.repetitions {
        for index in rotated(cell.contenders.len(), round) {
            samples[index].push(run(&cell.contenders[index]));
        }
    }
    let figures = cell.contenders.iter().zip(samples);
    Outcome {
        cell: cell.name.clone(),
        unit: cell.unit,
        messages,
        repetitions: plan.repetitions,
        figures: figures
            .map(|(contender, samples)| Figure::of(contender, samples))
            .collect(),
    }
}

/// The order of a round: everyone once, starting one further than the round before.
fn rotated(count: usize, round: usize) -> impl Iterator<Item = usize> {
    (0..count).map(move |offset| (round + offset) % count)
}

impl Figure {
    fn of(contender: &Contender, mut samples: Vec<f64>) -> Self {
        samples.sort_by(f64::total_cmp);
        Figure {
            peer: contender.peer,
            standing: contender.standing,
            median: median(&samples),
            min: samples[0],
            max: samples[samples.len() - 1],
        }
    }
}

/// The middle of sorted samples, or the mean of the two that share it.
fn median(sorted: &[f64]) -> f64 {
    let middle = sorted.len() / 2;
    if sorted.len() % 2 == 1 {
        sorted[middle]
    } else {
        (sorted[middle - 1] + sorted[middle]) / 2.0
    }
}

impl Outcome {
    /// The smallest statistic (the median, say) among the sound peers: neither the crate under test, nor a floor, nor a peer that buys speed with lost values.
    pub fn best_sound(&self, statistic: impl Fn(&Figure) -> f64) -> Option<f64> {
        self.figures
            .iter()
            .filter(|figure| figure.standing == Standing::Sound)
            .map(statistic)
            .min_by(f64::total_cmp)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::rc::Rc;
    use std::time::Duration;

    use super::*;
    use crate::cell::{Cells, Run, Spec, Tally};
    use crate::peers::Channel;

    /// A peer that is only a name.
    struct Named<const WHICH: char>;

    impl<const WHICH: char> Channel for Named<WHICH> {
        const NAME: &'static str = match WHICH {
            'a' => "a",
            'b' => "b",
            _ => "c",
        };
        type Sender = ();
        type Receiver = ();

        fn new(_: Option<usize>) -> Option<((), ())> {
            Some(((), ()))
        }
    }

    fn enter<const WHICH: char>(cells: &mut Cells, log: &Rc<RefCell<String>>) {
        let spec = Spec {
            name: "made-up".to_owned(),
            unit: Unit::Message,
            messages: 10,
        };
        let log = Rc::clone(log);
        cells.enter::<Named<WHICH>>(spec, move |messages| {
            log.borrow_mut().push(WHICH);
            // Each run takes 1 ns a message longer than the run before it, whoever had that.
            let taken = log.borrow().len() * messages;
            Run {
                elapsed: Duration::from_nanos(taken as u64),
                received: Tally::expected(messages),
            }
        });
    }

    #[test]
    fn rounds_interleave_with_a_rotating_start_after_a_warm_up() {
        let log = Rc::new(RefCell::new(String::new()));
        let mut cells = Cells::default();
        enter::<'a'>(&mut cells, &log);
        enter::<'b'>(&mut cells, &log);
        enter::<'c'>(&mut cells, &log);
        let cell = cells.into_vec().remove(0);
        let plan = Plan {
            repetitions: 4,
            shorter_by: 2,
        };
        let watchdog = Watchdog::start(Duration::from_secs(60), |_| ());
        let outcome = measure(&cell, plan, &watchdog);

        assert_eq!(
            *log.borrow(),
            "abc".to_owned() + "abc" + "bca" + "cab" + "abc"
        );
        assert_eq!(outcome.messages, 5);
        // Runs 4, 9, 11 and 13 were a's; 1 was its warm-up.
        let a = &outcome.figures[0];
        assert_eq!((a.peer, a.min, a.median, a.max), ("a", 4.0, 10.0, 13.0));
    }

    #[test]
    fn the_median_of_an_odd_number_is_the_one_in_the_middle() {
        assert_eq!(median(&[1.0, 2.0, 90.0]), 2.0);
        assert_eq!(median(&[1.0, 2.0, 4.0, 90.0]), 3.0);
    }

    #[test]
    fn only_sound_peers_set_the_measure() {
        let figure = |standing, median| Figure {
            peer: "made-up",
            standing,
            median,
            min: median,
            max: median,
        };
        let mut outcome = Outcome {
            cell: "made-up".to_owned(),
            unit: Unit::Message,
            messages: 1,
            repetitions: 1,
            figures: vec![
                figure(Standing::Subject, 1.0),
                figure(Standing::Flawed("loses"), 2.0),
                figure(Standing::Floor("no channel"), 3.0),
            ],
        };
        assert_eq!(outcome.best_sound(|figure| figure.median), None);
        outcome.figures.push(figure(Standing::Sound, 5.0));
        outcome.figures.push(figure(Standing::Sound, 4.0));
        assert_eq!(outcome.best_sound(|figure| figure.median), Some(4.0));
    }
}
