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
    /// How much longer it waited than the other.
    nanos: u128,
    /// Whether it waited to send rather than to receive.
    is_to_send: bool,
    /// Whether the other hardly waited. Where both wait, they keep pace on the whole.
    is_clear: bool,
}

/// How many times as long as the other a stage has to wait for that to be clear.
const CLEAR: u128 = 10;
/// A wait is noise if it is shorter than the longest one by this factor.
const NOISE: u128 = 100;
/// Waiting to send tells more than waiting to receive, unless it is shorter by this factor.
const PREFERENCE: u128 = 10;

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

/// How long a stage waited for another.
#[derive(Clone, Copy, Debug, Default)]
struct Side {
    to_send: u128,
    to_receive: u128,
}

impl Side {
    fn sum(self) -> u128 {
        self.to_send + self.to_receive
    }
}

/// Who waited for whom, per pair of stages.
fn waits(channels: &[Channel]) -> Vec<Wait> {
    let mut sides: BTreeMap<(usize, usize), Side> = BTreeMap::new();
    let nanos = |time: Option<Duration>| time.unwrap_or_default().as_nanos();
    for channel in channels.iter().filter(|channel| channel.from != channel.to) {
        let (from, to, stats) = (channel.from, channel.to, &channel.snapshot.stats);
        sides.entry((from, to)).or_default().to_send += nanos(stats.send_blocked);
        sides.entry((to, from)).or_default().to_receive += nanos(stats.recv_blocked);
    }
    let wait = |((waiter, waited_for), side): (&(usize, usize), &Side)| {
        let other = sides
            .get(&(*waited_for, *waiter))
            .copied()
            .unwrap_or_default();
        (side.sum() > other.sum()).then(|| Wait {
            waiter: *waiter,
            waited_for: *waited_for,
            nanos: side.sum() - other.sum(),
            is_to_send: side.to_send > side.to_receive,
            is_clear: side.sum() / CLEAR >= other.sum(),
        })
    };
    sides.iter().filter_map(wait).collect()
}

/// Follows the waiting to where it ends; [`Table`](super::Table) tells the rule.
///
/// In a chain of stages the slowest one shows on both sides: the channels before it are full, those after it empty.
/// But its neighbours pass the waiting on to the ends of the chain, and there it may even look longer: four idle
/// threads at the end wait four seconds in a second. So no single figure tells. What tells is that the bottleneck is
/// waited for and does not wait. And a full channel tells more than an empty one, since only a slow stage fills the
/// channel before it, while one behind it that is empty may be so for want of anything to do.
fn bottleneck(waits: &[Wait]) -> Option<Bottleneck> {
    let mut clear: Vec<Wait> = waits.iter().copied().filter(|wait| wait.is_clear).collect();
    if clear.is_empty() {
        clear = waits.to_vec();
    }
    let longest = clear.iter().map(|wait| wait.nanos).max()?;
    clear.retain(|wait| wait.nanos >= longest / NOISE);

    let start = |is_to_send: bool| {
        let waits = clear
            .iter()
            .filter(move |wait| wait.is_to_send == is_to_send);
        first_longest(waits, |wait| wait.nanos)
    };
    let to_send = start(true).filter(|wait| wait.nanos >= longest / PREFERENCE);
    let mut path = vec![
        to_send
            .or_else(|| start(false))
            .or_else(|| start(true))?
            .waited_for,
    ];
    let stage = loop {
        let here = *path.last()?;
        let onward = clear.iter().filter(|wait| wait.waiter == here);
        let Some(next) = first_longest(onward, |wait| wait.nanos) else {
            break here;
        };
        if let Some(position) = path.iter().position(|stage| *stage == next.waited_for) {
            // A circle of stages that wait for each other: the one that keeps most and is kept least.
            break *first_longest(&path[position..], |stage| balance(&clear, **stage))?;
        }
        path.push(next.waited_for);
    };
    let waited: u128 = clear
        .iter()
        .filter(|wait| wait.waited_for == stage)
        .map(|wait| wait.nanos)
        .sum();
    Some(Bottleneck {
        stage,
        waited: Duration::from_nanos(u64::try_from(waited).unwrap_or(u64::MAX)),
    })
}

/// How much longer the others waited for a stage than it waited for them.
fn balance(waits: &[Wait], stage: usize) -> i128 {
    let signed = |wait: &Wait| i128::try_from(wait.nanos).unwrap_or(i128::MAX / 1_000_000);
    waits
        .iter()
        .map(|wait| match stage {
            stage if wait.waited_for == stage => signed(wait),
            stage if wait.waiter == stage => -signed(wait),
            _ => 0,
        })
        .sum()
}

/// The greatest, and of equals the first, so that the same figures always give the same picture.
fn first_longest<T: Copy, K: Ord>(
    items: impl IntoIterator<Item = T>,
    key: impl Fn(&T) -> K,
) -> Option<T> {
    items
        .into_iter()
        .reduce(|best, item| if key(&item) > key(&best) { item } else { best })
}

#[cfg(test)]
mod tests;
