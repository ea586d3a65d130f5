//! A small program of several processes, and the history that running it leaves.

use super::call::Call;
use super::perform::{Ends, Patience};
use super::steps::Concurrent;
use crate::linear::{is_linearizable, show, Entry};
use crate::spec::{Channel, Outcome, Policy, Value, World};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::Arc;

/// A clock that all processes share: it says of two moments which was first.
#[derive(Clone, Default)]
pub struct Clock(Arc<AtomicUsize>);

/// What each process does, over channels of these policies.
#[derive(Clone, Debug)]
pub struct Program {
    pub policies: Vec<Policy>,
    pub processes: Vec<Vec<Call>>,
}

pub type Record = Vec<Entry<Call, Outcome>>;

impl Program {
    /// Draws a program of two to four processes. In the end each gives its handles up, so that closing with the last
    /// sender and leaving with the last receiver are part of every history.
    pub fn draw(policies: &[Policy], draw: &mut impl FnMut(usize) -> usize) -> Self {
        let channels = policies.len();
        let count = 2 + draw(3);
        let mut value = 0;
        let processes = (0..count).map(|_| {
            let calls = 2 + draw(if count < 4 { 3 } else { 1 });
            let calls = (0..calls).map(|_| {
                value += 1;
                Call::draw(channels, value, draw)
            });
            let mut calls: Vec<_> = calls.collect();
            for channel in 0..channels {
                calls.push(Call::DropHandle(channel, draw(2) == 0));
            }
            calls
        });
        Program {
            policies: policies.to_vec(),
            processes: processes.collect(),
        }
    }

    /// Makes the channels: the handles of each process.
    pub fn ends(&self) -> Vec<Ends> {
        let channels = self.policies.iter().map(|policy| match policy {
            Policy::Waits(places) => millstream::bounded::<Value>(*places),
            Policy::DropsNewest(places) => millstream::dropping(*places),
            Policy::DropsOldest(places) => millstream::sliding(*places),
            Policy::Promise => millstream::promise(),
            Policy::Iterator | Policy::Custom(_) => {
                unreachable!("user code is not one step, and is specified for one process alone")
            }
        });
        let channels: Vec<_> = channels.collect();
        let own = |_| {
            let handles = channels.iter().cloned();
            Ends(handles.map(|(tx, rx)| (Some(tx), Some(rx))).collect())
        };
        (0..self.processes.len()).map(own).collect()
    }

    /// Runs one process. What it has not given up comes back, and goes after everything that is looked at.
    pub fn run(
        &self,
        process: usize,
        mut ends: Ends,
        clock: &Clock,
        patience: &mut impl Patience,
    ) -> (Record, Ends) {
        let calls = self.processes[process].iter();
        let record = calls.map(|call| {
            let called = clock.0.fetch_add(1, SeqCst);
            let outcome = ends.perform(call, patience);
            Entry {
                process,
                call: call.clone(),
                called,
                answered: Some((clock.0.fetch_add(1, SeqCst), outcome)),
            }
        });
        (record.collect(), ends)
    }

    /// What the channels are before anybody has done anything.
    fn beginning(&self) -> Concurrent {
        let channels = self.policies.iter().map(|policy| {
            let mut channel = Channel::new(*policy);
            channel.handles = [self.processes.len(); 2];
            channel
        });
        Concurrent::new(World::new(channels.collect()))
    }

    /// Fails unless the specification allows this history.
    pub fn check(&self, processes: Vec<(Record, Ends)>) {
        let records = processes.into_iter().map(|(record, _)| record);
        let history: Record = records.flatten().collect();
        assert!(
            is_linearizable(&self.beginning(), &history),
            "no order of steps explains this history over {:?}:\n{}",
            self.policies,
            show(&history)
        );
    }
}
