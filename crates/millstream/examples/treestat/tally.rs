//! The last stage: adds up what was counted, per file type.

use crate::count::{Counted, Counts};
use crate::read::FileType;
use millstream::{Receiver, Sender};
use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, HashMap};
use std::hash::{Hash, Hasher};

/// What was counted of each file type.
pub type Tally = BTreeMap<FileType, Totals>;

/// What was counted of one file type.
#[derive(Debug, Default)]
pub struct Totals {
    pub counts: Counts,
    /// Every identifier and how often it was found. This grows with the tree's vocabulary, and nothing else here grows.
    pub identifiers: HashMap<Box<str>, u64>,
}

impl Totals {
    pub fn add(&mut self, counted: &Counted) {
        self.counts += counted.counts;
        for (name, times) in counted.identifiers.iter() {
            match self.identifiers.get_mut(name) {
                Some(sum) => *sum += times,
                None => {
                    self.identifiers.insert(name.into(), times);
                }
            }
        }
    }

    /// The most frequent identifiers, those of equal frequency in the order of the alphabet.
    pub fn most_frequent(&self, limit: usize) -> Vec<(&str, u64)> {
        let mut all: Vec<_> = self
            .identifiers
            .iter()
            .map(|(name, times)| (&**name, *times))
            .collect();
        let by_rank = |a: &(&str, u64), b: &(&str, u64)| b.1.cmp(&a.1).then(a.0.cmp(b.0));
        if all.len() > limit {
            all.select_nth_unstable_by(limit, by_rank);
            all.truncate(limit);
        }
        all.sort_unstable_by(by_rank);
        all
    }
}

/// Which of `lanes` adds up a file type. All of one type go to one lane, so that no two tallies share anything.
pub fn lane(file_type: &FileType, lanes: usize) -> usize {
    let mut hasher = DefaultHasher::new();
    file_type.hash(&mut hasher);
    (hasher.finish() % lanes as u64) as usize
}

/// Adds up what comes out of a lane until it closes, then hands on the sums.
pub async fn tally(lane: Receiver<Counted>, tallies: Sender<Tally>) {
    let mut tally = Tally::new();
    while let Ok(counted) = lane.recv().await {
        tally
            .entry(counted.file_type.clone())
            .or_default()
            .add(&counted);
    }
    // Nobody waits for the sums only if the program is ending anyway.
    let _ = tallies.send(tally).await;
}
