//! How a cell is measured: a warm-up round, then rounds in which every contender runs once and another one starts each time.

use std::time::Duration;

use crate::cell::{Cell, Contender, Peer, Sample, Unit};
use crate::peers::Standing;
use crate::probe::{Extras, Seen};
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

/// Whose warm-up takes longer than this is measured by that one run and not looked at: no number of rounds makes that a close race.
const SLOW: Duration = Duration::from_secs(2);

/// How often each contender is looked at beside the timed rounds.
const LOOKS: usize = 3;

/// What a cell came to.
#[derive(Debug)]
pub struct Outcome {
    pub cell: String,
    pub unit: Unit,
    pub messages: usize,
    pub repetitions: usize,
    pub figures: Vec<Figure>,
    pub absent: Vec<(Peer, &'static str)>,
}

/// What one peer came to in one cell, in nanoseconds per unit.
#[derive(Clone, Debug)]
pub struct Figure {
    pub peer: Peer,
    /// How many runs the figure is of.
    pub runs: usize,
    pub median: f64,
    pub min: f64,
    pub max: f64,
    /// The median of the processor time of all threads together.
    pub cpu: f64,
    pub extras: Extras,
}

/// Measures a cell.
///
/// # Panics
///
/// Panics when a contender does not deliver what was sent (see [`Cell::measure`]).
pub fn measure(cell: &Cell, plan: Plan, watchdog: &Watchdog) -> Outcome {
    let messages = if cell.whole {
        cell.messages
    } else {
        (cell.messages / plan.shorter_by).max(1)
    };
    let run = |contender: &Contender| {
        let _watched = watchdog.watch(format!("{} in {}", contender.peer.name, cell.name));
        cell.measure(contender, messages)
    };
    let warm_up: Vec<Sample> = cell.contenders.iter().map(run).collect();
    let slow = |index: usize| warm_up[index].ns * messages as f64 > SLOW.as_nanos() as f64;
    let mut samples = vec![Vec::with_capacity(plan.repetitions); cell.contenders.len()];
    for round in 0..plan.repetitions {
        for index in rotated(cell.contenders.len(), round).filter(|&index| !slow(index)) {
            samples[index].push(run(&cell.contenders[index]));
        }
    }
    for index in (0..samples.len()).filter(|&index| slow(index)) {
        samples[index].push(warm_up[index].clone());
    }
    let mut looks: Vec<Vec<Seen>> = cell.contenders.iter().map(|_| Vec::new()).collect();
    for round in 0..LOOKS.min(plan.repetitions) {
        for index in rotated(cell.contenders.len(), round).filter(|&index| !slow(index)) {
            let contender = &cell.contenders[index];
            let _watched = watchdog.watch(format!("{} in {}", contender.peer.name, cell.name));
            looks[index].extend(cell.look(contender, messages));
        }
    }
    let figures = cell.contenders.iter().zip(samples).zip(looks);
    Outcome {
        cell: cell.name.clone(),
        unit: cell.unit,
        messages,
        repetitions: plan.repetitions,
        absent: cell.absent.clone(),
        figures: figures
            .map(|((contender, samples), looks)| {
                let extras = Extras::of(looks, messages);
                Figure::of(contender.peer, &samples, extras)
            })
            .collect(),
    }
}

/// The order of a round: everyone once, starting one further than the round before.
fn rotated(count: usize, round: usize) -> impl Iterator<Item = usize> {
    (0..count).map(move |offset| (round + offset) % count)
}

impl Figure {
    fn of(peer: Peer, samples: &[Sample], extras: Extras) -> Self {
        let sorted = |statistic: fn(&Sample) -> f64| {
            let mut sorted: Vec<f64> = samples.iter().map(statistic).collect();
            sorted.sort_by(f64::total_cmp);
            sorted
        };
        let wall = sorted(|sample| sample.ns);
        Figure {
            peer,
            runs: samples.len(),
            median: median(&wall),
            min: wall[0],
            max: wall[wall.len() - 1],
            cpu: median(&sorted(|sample| sample.cpu)),
            extras,
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
    /// The figure of the crate under test.
    pub fn subject(&self) -> Option<&Figure> {
        self.figures
            .iter()
            .find(|figure| figure.peer.standing == Standing::Subject)
    }

    /// The fastest, by median, of those whose standing is asked for.
    pub fn fastest(&self, standing: impl Fn(Standing) -> bool) -> Option<&Figure> {
        self.figures
            .iter()
            .filter(|figure| standing(figure.peer.standing))
            .min_by(|a, b| a.median.total_cmp(&b.median))
    }

    /// The fastest, by median, of all that the crate under test is compared with, sound or not.
    pub fn rival(&self) -> Option<&Figure> {
        self.fastest(|standing| matches!(standing, Standing::Sound | Standing::Flawed(_)))
    }

    /// The same if it is faster than the crate under test.
    pub fn ahead(&self) -> Option<&Figure> {
        let subject = self.subject()?;
        self.rival().filter(|rival| rival.median < subject.median)
    }

    /// The smallest statistic (the median, say) among the sound peers: neither the crate under test, nor a floor, nor a peer that buys speed with lost values.
    pub fn best_sound(&self, statistic: impl Fn(&Figure) -> f64) -> Option<f64> {
        self.figures
            .iter()
            .filter(|figure| figure.peer.standing == Standing::Sound)
            .map(statistic)
            .min_by(f64::total_cmp)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::rc::Rc;

    use super::*;
    use crate::cell::{Cells, Run, Spec, Tally};
    use crate::made_up::{figure, outcome};

    fn enter(cells: &mut Cells, name: &'static str, log: &Rc<RefCell<String>>) {
        let spec = Spec {
            name: "made-up".to_owned(),
            unit: Unit::Message,
            messages: 10,
        };
        let log = Rc::clone(log);
        cells.enter(spec, Peer::sound(name), move |messages| {
            log.borrow_mut().push_str(name);
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
        enter(&mut cells, "a", &log);
        enter(&mut cells, "b", &log);
        enter(&mut cells, "c", &log);
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
        assert_eq!((a.peer.name, a.min), ("a", 4.0));
        assert_eq!((a.median, a.max), (10.0, 13.0));
    }

    #[test]
    fn who_takes_seconds_runs_once() {
        let runs = Rc::new(RefCell::new(0));
        let mut cells = Cells::default();
        let spec = Spec {
            name: "made-up".to_owned(),
            unit: Unit::Message,
            messages: 10,
        };
        let counted = Rc::clone(&runs);
        cells.enter(spec, Peer::sound("slow"), move |messages| {
            *counted.borrow_mut() += 1;
            Run {
                elapsed: SLOW + Duration::from_nanos(10),
                received: Tally::expected(messages),
            }
        });
        let watchdog = Watchdog::start(Duration::from_secs(60), |_| ());
        let outcome = measure(&cells.into_vec()[0], Plan::FULL, &watchdog);
        assert_eq!((*runs.borrow(), outcome.figures[0].runs), (1, 1));
        assert_eq!(outcome.figures[0].median, 200_000_001.0);
    }

    #[test]
    fn the_median_of_an_odd_number_is_the_one_in_the_middle() {
        assert_eq!(median(&[1.0, 2.0, 90.0]), 2.0);
        assert_eq!(median(&[1.0, 2.0, 4.0, 90.0]), 3.0);
    }

    #[test]
    fn only_sound_peers_set_the_measure() {
        let mut outcome = outcome(
            "made-up",
            [
                figure("ours", Standing::Subject, 1.0),
                figure("loser", Standing::Flawed("loses"), 2.0),
                figure("floor", Standing::Floor("no channel"), 3.0),
            ],
        );
        assert_eq!(outcome.best_sound(|figure| figure.median), None);
        outcome.figures.push(figure("slow", Standing::Sound, 5.0));
        outcome.figures.push(figure("quick", Standing::Sound, 4.0));
        assert_eq!(outcome.best_sound(|figure| figure.median), Some(4.0));
    }
}
