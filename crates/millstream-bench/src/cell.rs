//! A cell: one named workload and the peers that run it.

use std::time::Duration;

use cpu_time::ProcessTime;

use crate::peers::Standing;
use crate::probe::{Probe, Seen};
pub use crate::tally::Tally;

/// What one nanosecond figure is divided by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// One value that went from a sender to a receiver.
    Message,
    /// One value that went there and came back.
    RoundTrip,
    /// One item of a stream, or of a map's input.
    Item,
}

impl Unit {
    pub fn name(self) -> &'static str {
        match self {
            Unit::Message => "message",
            Unit::RoundTrip => "round trip",
            Unit::Item => "item",
        }
    }
}

/// Who runs in a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer {
    /// The peer's name in tables, files and on the command line; several channel types of one crate may share it.
    pub name: &'static str,
    /// The package whose version is reported.
    pub package: &'static str,
    pub standing: Standing,
}

impl Peer {
    /// A peer that keeps its promises and is named like its package.
    pub const fn sound(name: &'static str) -> Self {
        Peer::of(name, name)
    }

    /// A peer that keeps its promises and is one of several of its package.
    pub const fn of(package: &'static str, name: &'static str) -> Self {
        Peer {
            name,
            package,
            standing: Standing::Sound,
        }
    }

    /// The same peer with another standing.
    pub const fn standing(self, standing: Standing) -> Self {
        Peer { standing, ..self }
    }
}

/// The result of one run: how long it took and what arrived.
#[derive(Clone, Copy, Debug)]
pub struct Run {
    pub elapsed: Duration,
    pub received: Tally,
}

/// What one run of one contender cost, per unit.
#[derive(Clone, Debug)]
pub struct Sample {
    /// Wall time in nanoseconds.
    pub ns: f64,
    /// The processor time of all threads in nanoseconds, that of making and dropping what the run needs included.
    pub cpu: f64,
}

/// One peer's way through a cell.
pub struct Contender {
    pub peer: Peer,
    run: Box<dyn Fn(usize) -> Run>,
    look: Option<Box<dyn Fn(usize) -> Probe>>,
}

impl Contender {
    /// Has something measured beside the time, in runs of its own.
    pub fn probe(&mut self, look: impl Fn(usize) -> Probe + 'static) {
        self.look = Some(Box::new(look));
    }
}

/// One named workload and everybody who runs it.
pub struct Cell {
    pub name: String,
    pub unit: Unit,
    /// How many units one full-length run does; the same for every peer, because a backlog's length changes its cost.
    pub messages: usize,
    /// Whether a short run does as many units as a full one: their number is what the cell is about, or what starting costs is not.
    pub whole: bool,
    pub contenders: Vec<Contender>,
    /// Who could run here but does not, and why.
    pub absent: Vec<(Peer, &'static str)>,
}

impl Cell {
    /// Runs one contender once.
    ///
    /// # Panics
    ///
    /// Panics when the values that arrived are not, by count and sum, the values that were sent: a figure of a channel that loses messages is worth nothing.
    pub fn measure(&self, contender: &Contender, messages: usize) -> Sample {
        let cpu = ProcessTime::now();
        let run = (contender.run)(messages);
        let cpu = cpu.elapsed();
        self.check(contender, run.received, messages);
        Sample {
            ns: run.elapsed.as_nanos() as f64 / messages as f64,
            cpu: cpu.as_nanos() as f64 / messages as f64,
        }
    }

    /// Has one contender looked at once, if there is something to see.
    ///
    /// # Panics
    ///
    /// Panics when it does not deliver what was sent.
    pub fn look(&self, contender: &Contender, messages: usize) -> Option<Seen> {
        let probe = contender.look.as_ref()?(messages);
        self.check(contender, probe.received, messages);
        Some(probe.seen)
    }

    fn check(&self, contender: &Contender, received: Tally, messages: usize) {
        let expected = Tally::expected(messages);
        assert!(
            received == expected,
            "{} in {} delivered {} messages with the sum {}, not {} with the sum {}",
            contender.peer.name,
            self.name,
            received.count(),
            received.sum(),
            expected.count(),
            expected.sum(),
        );
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
    /// Enters a peer in the cell that `spec` names, which is made if no peer was entered in it before.
    ///
    /// # Panics
    ///
    /// Panics when the peer is in that cell already, or when two peers do not agree on what the cell is.
    pub fn enter(
        &mut self,
        spec: Spec,
        peer: Peer,
        run: impl Fn(usize) -> Run + 'static,
    ) -> &mut Contender {
        let position = self.list.iter().position(|cell| cell.name == spec.name);
        let position = position.unwrap_or_else(|| {
            self.list.push(Cell {
                name: spec.name.clone(),
                unit: spec.unit,
                messages: spec.messages,
                whole: false,
                contenders: Vec::new(),
                absent: Vec::new(),
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
            cell.contenders
                .iter()
                .all(|other| other.peer.name != peer.name),
            "{} was entered twice in {}",
            peer.name,
            cell.name
        );
        cell.contenders.push(Contender {
            peer,
            run: Box::new(run),
            look: None,
        });
        cell.contenders.last_mut().expect("one was pushed")
    }

    /// The same for a cell whose short runs do as much as its full ones.
    pub fn enter_whole(
        &mut self,
        spec: Spec,
        peer: Peer,
        run: impl Fn(usize) -> Run + 'static,
    ) -> &mut Contender {
        let name = spec.name.clone();
        self.enter(spec, peer, run);
        let cell = self.list.iter_mut().find(|cell| cell.name == name);
        let cell = cell.expect("it was just entered");
        cell.whole = true;
        cell.contenders.last_mut().expect("one was pushed")
    }

    /// Says of a cell that is there why a peer does not run in it, although it has the operations.
    ///
    /// # Panics
    ///
    /// Panics when there is no such cell yet.
    pub fn leave_out(&mut self, cell: &str, peer: Peer, why: &'static str) {
        let cell = self.list.iter_mut().find(|other| other.name == cell);
        cell.expect("the crate under test comes first")
            .absent
            .push((peer, why));
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

    const PEER: Peer = Peer::sound("made-up");

    fn cell_that_receives(values: &'static [usize]) -> Cell {
        let mut cells = Cells::default();
        let spec = Spec {
            name: "made-up".to_owned(),
            unit: Unit::Message,
            messages: 3,
        };
        cells.enter(spec, PEER, |_| {
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
        assert_eq!(cell.measure(&cell.contenders[0], 3).ns, 10.0);
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
            cells.enter(spec, PEER, |messages| Run {
                elapsed: Duration::ZERO,
                received: Tally::expected(messages),
            });
        }
    }
}
