//! A cell: one named workload and the peers that run it.

use std::time::Duration;

use crate::peers::{Channel, Standing};

/// What one nanosecond figure is divided by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// One value that went from a sender to a receiver.
    Message,
    /// One value that went there and came back.
    RoundTrip,
}

impl Unit {
    pub fn name(self) -> &'static str {
        match self {
            Unit::Message => "message",
            Unit::RoundTrip => "round trip",
        }
    }
}

/// How many values arrived and what they add up to.
///
/// Every run sends the numbers `0..messages`, split among its producers, so that both are known beforehand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    count: usize,
    sum: usize,
}

impl Tally {
    /// What a run that loses and doubles nothing ends with.
    pub fn expected(messages: usize) -> Self {
        Tally {
            count: messages,
            sum: (0..messages).sum(),
        }
    }

    pub fn add(&mut self, value: usize) {
        self.count += 1;
        self.sum = self.sum.wrapping_add(value);
    }

    pub fn merge(&mut self, other: Tally) {
        self.count += other.count;
        self.sum = self.sum.wrapping_add(other.sum);
    }
}

/// The result of one run: how long it took and what arrived.
#[derive(Clone, Copy, Debug)]
pub struct Run {
    pub elapsed: Duration,
    pub received: Tally,
}

/// One peer's way through a cell.
pub struct Contender {
    pub peer: &'static str,
    pub package: &'static str,
    pub standing: Standing,
    run: Box<dyn Fn(usize) -> Run>,
}

/// One named workload and everybody who runs it.
pub struct Cell {
    pub name: String,
    pub unit: Unit,
    /// How many units one full-length run does; the same for every peer, because a backlog's length changes its cost.
    pub messages: usize,
    pub contenders: Vec<Contender>,
}

impl Cell {
    /// Runs one contender once and returns nanoseconds per unit.
    ///
    /// # Panics
    ///
    /// Panics when the values that arrived are not, by count and sum, the values that were sent: a figure of a channel that loses messages is worth nothing.
    pub fn measure(&self, contender: &Contender, messages: usize) -> f64 {
        let run = (contender.run)(messages);
        let expected = Tally::expected(messages);
        assert!(
            run.received == expected,
            "{} in {} delivered {} messages with the sum {}, not {} with the sum {}",
            contender.peer,
            self.name,
            run.received.count,
            run.received.sum,
            expected.count,
            expected.sum,
        );
        run.elapsed.as_nanos() as f64 / messages as f64
    }
}

/// What a cell file says of the cell that it enters a peer in.
pub struct Spec {
    pub name: String,
    pub unit: Unit,
    pub messages: usize,
}

/// All cells, in the order in which the first peer entered them.
#[derive(Default)]
pub struct Cells {
    list: Vec<Cell>,
}

impl Cells {
    /// Enters the peer `C` in the cell that `spec` names, which is made if no peer was entered in it before.
    ///
    /// # Panics
    ///
    /// Panics when the peer is in that cell already, or when two peers do not agree on what the cell is.
    pub fn enter<C: Channel>(&mut self, spec: Spec, run: impl Fn(usize) -> Run + 'static) {
        let position = self.list.iter().position(|cell| cell.name == spec.name);
        let position = position.unwrap_or_else(|| {
            self.list.push(Cell {
                name: spec.name.clone(),
                unit: spec.unit,
                messages: spec.messages,
                contenders: Vec::new(),
            });
            self.list.len() - 1
        });
        let cell = &mut self.list[position];
        assert!(
            cell.unit == spec.unit && cell.messages == spec.messages,
            "{} means two things",
            cell.name
        );
        assert!(
            cell.contenders.iter().all(|other| other.peer != C::NAME),
            "{} was entered twice in {}",
            C::NAME,
            cell.name
        );
        cell.contenders.push(Contender {
            peer: C::NAME,
            package: C::PACKAGE,
            standing: C::STANDING,
            run: Box::new(run),
        });
    }

    pub fn into_vec(self) -> Vec<Cell> {
        self.list
    }
}

/// How a cell's name spells a capacity.
pub fn capacity_name(capacity: Option<usize>) -> String {
    capacity.map_or_else(|| "unbounded".to_owned(), |n| n.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peers::mutex_vecdeque::MutexVecDeque;

    fn cell_that_receives(values: &'static [usize]) -> Cell {
        let mut cells = Cells::default();
        let spec = Spec {
            name: "made-up".to_owned(),
            unit: Unit::Message,
            messages: 3,
        };
        cells.enter::<MutexVecDeque>(spec, |_| {
            let mut received = Tally::default();
            values.iter().for_each(|&value| received.add(value));
            Run {
                elapsed: Duration::from_nanos(30),
                received,
            }
        });
        cells.into_vec().remove(0)
    }

    #[test]
    fn a_whole_run_is_divided_by_its_messages() {
        let cell = cell_that_receives(&[2, 0, 1]);
        assert_eq!(cell.measure(&cell.contenders[0], 3), 10.0);
    }

    #[test]
    #[should_panic(expected = "delivered 2 messages with the sum 3, not 3 with the sum 3")]
    fn a_lost_message_panics() {
        let cell = cell_that_receives(&[1, 2]);
        cell.measure(&cell.contenders[0], 3);
    }

    #[test]
    #[should_panic(expected = "delivered 3 messages with the sum 4, not 3 with the sum 3")]
    fn a_swapped_message_panics() {
        let cell = cell_that_receives(&[0, 2, 2]);
        cell.measure(&cell.contenders[0], 3);
    }

    #[test]
    #[should_panic(expected = "entered twice")]
    fn a_peer_enters_a_cell_once() {
        let mut cells = Cells::default();
        for _ in 0..2 {
            let spec = Spec {
                name: "made-up".to_owned(),
                unit: Unit::Message,
                messages: 1,
            };
            cells.enter::<MutexVecDeque>(spec, |messages| Run {
                elapsed: Duration::ZERO,
                received: Tally::expected(messages),
            });
        }
    }
}
