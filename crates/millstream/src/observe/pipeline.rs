//! The stages that channels lie between, and the one among them that the others wait for.

use super::Snapshot;
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

/// Snapshots put together: stages, the channels between them, and the bottleneck.
#[derive(Clone, Debug)]
pub(super) struct Pipeline {
    pub(super) stages: Vec<Stage>,
    pub(super) channels: Vec<Channel>,
    pub(super) bottleneck: Option<Bottleneck>,
}

/// What sends and receives: a node of the picture.
#[derive(Clone, Debug)]
pub(super) struct Stage {
    pub(super) name: String,
    /// Whether the author named it. The ends of a channel made without `between` are stages of their own.
    pub(super) is_told: bool,
}

/// A channel with the stages at its ends, as indexes.
#[derive(Clone, Debug)]
pub(super) struct Channel {
    pub(super) snapshot: Snapshot,
    pub(super) from: usize,
    pub(super) to: usize,
}

/// The stage that the others wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bottleneck {
    pub(super) stage: usize,
    /// How long the stages next to it waited for it, in sum, less what it waited for them.
    pub(super) waited: Duration,
}

/// One stage waited for another, all their channels taken together.
#[derive(Clone, Copy, Debug)]
struct Wait {
    waiter: usize,
    waited_for: usize,
    nanos: u128,
}

impl Pipeline {
    pub(super) fn new(snapshots: impl IntoIterator<Item = Snapshot>) -> Self {
        let mut stages = Vec::new();
        let mut told = HashMap::new();
        let mut stage = |name: Option<&str>, side: &str, channel: &str| {
            let Some(name) = name else {
                stages.push(Stage {
                    name: format!("{side} of {channel}"),
                    is_told: false,
                });
                return stages.len() - 1;
            };
            *told.entry(name.to_string()).or_insert_with(|| {
                stages.push(Stage {
                    name: name.to_string(),
                    is_told: true,
                });
                stages.len() - 1
            })
        };
        let channels: Vec<Channel> = snapshots
            .into_iter()
            .map(|snapshot| {
                let name = shown_name(&snapshot);
                Channel {
                    from: stage(snapshot.from.as_deref(), "senders", name),
                    to: stage(snapshot.to.as_deref(), "receivers", name),
                    snapshot,
                }
            })
            .collect();
        let bottleneck = bottleneck(&waits(&channels));
        Pipeline {
            stages,
            channels,
            bottleneck,
        }
    }

    pub(super) fn is_bottleneck(&self, stage: usize) -> bool {
        self.bottleneck.is_some_and(|found| found.stage == stage)
    }

    /// The name of the bottleneck, if anybody waited at all.
    pub(super) fn bottleneck_name(&self) -> Option<&str> {
        let found = self.bottleneck?;
        Some(&self.stages[found.stage].name)
    }
}

/// The channel's name; one that is only looked at through a probe may have none.
pub(super) fn shown_name(snapshot: &Snapshot) -> &str {
    match snapshot.name() {
        "" => "(unnamed)",
        name => name,
    }
}

/// Who waited for whom, per pair of stages. What two stages waited for each other is set off: a stage that was kept
/// waiting for 3 s and kept the other waiting for 1 s is owed 2 s.
fn waits(channels: &[Channel]) -> Vec<Wait> {
    // Keyed by the pair in order of index; positive where the first of the two waited longer.
    let mut pairs: BTreeMap<(usize, usize), i128> = BTreeMap::new();
    for channel in channels.iter().filter(|channel| channel.from != channel.to) {
        let stats = &channel.snapshot.stats;
        let nanos = |time: Option<Duration>| {
            i128::try_from(time.unwrap_or_default().as_nanos()).unwrap_or(i128::MAX / 4)
        };
        let sender_waited = nanos(stats.send_blocked) - nanos(stats.recv_blocked);
        if channel.from < channel.to {
            *pairs.entry((channel.from, channel.to)).or_default() += sender_waited;
        } else {
            *pairs.entry((channel.to, channel.from)).or_default() -= sender_waited;
        }
    }
    pairs
        .into_iter()
        .filter(|(_, nanos)| *nanos != 0)
        .map(|((first, second), nanos)| {
            let (waiter, waited_for) = if nanos > 0 { (first, second) } else { (second, first) };
            Wait {
                waiter,
                waited_for,
                nanos: nanos.unsigned_abs(),
            }
        })
        .collect()
}

/// Follows the waiting to where it ends.
///
/// In a chain of stages the slowest one shows on both sides: the channels before it are full, those after it empty.
/// But its neighbours pass the waiting on, to the ends of the chain, and there it may even look longer, since ten
/// threads that wait for one second waited for ten. So no single figure tells: what tells is that the bottleneck is
/// waited for and does not wait.
fn bottleneck(waits: &[Wait]) -> Option<Bottleneck> {
    let longest = waits.iter().map(|wait| wait.nanos).max()?;
    let counts = |wait: &&Wait| wait.nanos >= longest / 100;
    let waited_for = |stage: usize| -> u128 {
        let on_it = waits.iter().filter(|wait| wait.waited_for == stage);
        on_it.map(|wait| wait.nanos).sum()
    };
    let waited = |stage: usize| -> u128 {
        let by_it = waits.iter().filter(|wait| wait.waiter == stage);
        by_it.map(|wait| wait.nanos).sum()
    };
    // Of equals the first, so that the same figures always give the same picture.
    let first_max = |stages: &mut dyn Iterator<Item = usize>, of: &dyn Fn(usize) -> i128| {
        stages.fold(None, |best: Option<usize>, stage| match best {
            Some(best) if of(best) >= of(stage) => Some(best),
            _ => Some(stage),
        })
    };

    let signed = |nanos: u128| i128::try_from(nanos).unwrap_or(i128::MAX);
    let start = first_max(
        &mut waits.iter().map(|wait| wait.waited_for),
        &|stage| signed(waited_for(stage)),
    )?;
    let mut path = vec![start];
    let stage = loop {
        let here = *path.last()?;
        let onward = waits
            .iter()
            .filter(counts)
            .filter(|wait| wait.waiter == here)
            .fold(None, |best: Option<&Wait>, wait| match best {
                Some(best) if best.nanos >= wait.nanos => Some(best),
                _ => Some(wait),
            });
        let Some(next) = onward.map(|wait| wait.waited_for) else {
            break here;
        };
        if let Some(position) = path.iter().position(|stage| *stage == next) {
            // A circle of stages that wait for each other: the one that keeps most and is kept least.
            break first_max(&mut path[position..].iter().copied(), &|stage| {
                signed(waited_for(stage)) - signed(waited(stage))
            })?;
        }
        path.push(next);
    };
    let nanos = waited_for(stage);
    Some(Bottleneck {
        stage,
        waited: Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX)),
    })
}

#[cfg(test)]
mod tests;
