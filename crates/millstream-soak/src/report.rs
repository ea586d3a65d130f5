//! What was run, how fast, and whether memory stayed flat.

use crate::counts::Counts;
use crate::kinds::Kind;
use crate::memory;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// How much more may be in use on average in the second half than in the first: room for tables of the runtimes and of
/// the system that grow to the largest topology they have seen.
const ALLOCATED: f64 = 256.0 * 1024.0;
const RESIDENT: f64 = 24.0 * 1024.0 * 1024.0;
/// How many samples are kept; of more, every second one is dropped.
const SAMPLES: usize = 4096;

pub struct Report {
    rows: Vec<Row>,
    /// Bytes allocated and resident after a run.
    samples: Vec<[f64; 2]>,
    stride: u64,
    runs: u64,
    notes: Vec<String>,
}

struct Row {
    name: &'static str,
    runs: u64,
    took: Duration,
    counts: Arc<Counts>,
}

impl Report {
    pub fn new(kinds: &[Kind]) -> Self {
        let row = |kind: &Kind| Row {
            name: kind.name,
            runs: 0,
            took: Duration::ZERO,
            counts: Arc::default(),
        };
        Report {
            rows: kinds.iter().map(row).collect(),
            samples: Vec::with_capacity(SAMPLES),
            stride: 1,
            runs: 0,
            notes: Vec::with_capacity(8),
        }
    }

    pub fn counts(&self, kind: usize) -> Arc<Counts> {
        self.rows[kind].counts.clone()
    }

    pub fn ran(&mut self, kind: usize, took: Duration) {
        let row = &mut self.rows[kind];
        row.runs += 1;
        row.took += took;
        self.runs += 1;
        if self.runs % self.stride == 0 {
            if self.samples.len() == SAMPLES {
                let mut keep = false;
                self.samples.retain(|_| {
                    keep = !keep;
                    keep
                });
                self.stride *= 2;
            }
            self.samples
                .push([memory::in_use() as f64, memory::resident() as f64]);
        }
    }

    pub fn note(&mut self, what: String) {
        self.notes.push(what);
    }

    /// The means over the second and the third third; in the first the runtimes grow to their size.
    fn means(&self) -> Option<[[f64; 2]; 2]> {
        let third = self.samples.len() / 3;
        let mean = |samples: &[[f64; 2]]| {
            [0, 1].map(|which| {
                samples.iter().map(|sample| sample[which]).sum::<f64>() / samples.len() as f64
            })
        };
        (third >= 30).then(|| {
            [
                mean(&self.samples[third..2 * third]),
                mean(&self.samples[2 * third..]),
            ]
        })
    }

    /// Whether the later runs needed no more than the earlier ones.
    pub fn memory_is_flat(&self) -> Result<(), String> {
        let Some([early, late]) = self.means() else {
            return Ok(());
        };
        for (which, bound, name) in [(0, ALLOCATED, "allocated"), (1, RESIDENT, "resident")] {
            if late[which] > early[which] + bound {
                let (early, late) = (early[which], late[which]);
                return Err(format!(
                    "memory grows: {early:.0} bytes {name}, later {late:.0}\n{self}"
                ));
            }
        }
        Ok(())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:<10} {:>8} {:>12} {:>11} {:>9} {:>9} {:>10}",
            "topology", "runs", "received", "cancelled", "panics", "µs a run", "ns a value"
        )?;
        let mut sums = [0; 4];
        for row in &self.rows {
            let [received, cancelled, panicked] = row.counts.read();
            let nanos = row.took.as_nanos();
            let each = |what: u64| nanos.checked_div(what.into()).unwrap_or_default();
            writeln!(
                f,
                "{:<10} {:>8} {received:>12} {cancelled:>11} {panicked:>9} {:>9} {:>10}",
                row.name,
                row.runs,
                each(row.runs) / 1000,
                each(received),
            )?;
            for (sum, part) in sums
                .iter_mut()
                .zip([row.runs, received, cancelled, panicked])
            {
                *sum += part;
            }
        }
        let [runs, received, cancelled, panicked] = sums;
        writeln!(
            f,
            "{:<10} {runs:>8} {received:>12} {cancelled:>11} {panicked:>9}",
            "all"
        )?;
        if let Some([early, late]) = self.means() {
            let kib = |bytes: f64| (bytes / 1024.0).round();
            writeln!(
                f,
                "memory, in KiB: {} allocated, later {}; {} resident, later {}",
                kib(early[0]),
                kib(late[0]),
                kib(early[1]),
                kib(late[1])
            )?;
        }
        for note in &self.notes {
            writeln!(f, "{note}")?;
        }
        Ok(())
    }
}
