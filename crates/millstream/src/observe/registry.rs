//! The named channels of this process, as long as they live, and probes that outlive them.

use crate::channel::{named_channels, Observed, Receiver, Sender, Stats};
use crate::sync::Arc;
use std::fmt;

/// How one named channel stands, and where in a pipeline it lies.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Snapshot {
    /// The channel's counters.
    pub stats: Stats,
    /// The stage that sends, if the channel was told with [`between`](crate::Builder::between).
    pub from: Option<Arc<str>>,
    /// The stage that receives, if the channel was told.
    pub to: Option<Arc<str>>,
}

impl Snapshot {
    /// The channel's name.
    pub fn name(&self) -> &str {
        self.stats.name.as_deref().unwrap_or_default()
    }
}

fn look_at(channel: &dyn Observed) -> Snapshot {
    let label = channel.label();
    Snapshot {
        stats: channel.stats(),
        from: label.and_then(|label| label.from.clone()),
        to: label.and_then(|label| label.to.clone()),
    }
}

/// How every named channel that has a handle left stands now, in the order in which they were made.
///
/// # Examples
///
/// ```
/// let (tx, _rx) = millstream::named("registry-example").bounded(4);
/// tx.try_send(1).unwrap();
/// let shown = millstream::observe::snapshot();
/// let mine = shown.iter().find(|channel| channel.name() == "registry-example").unwrap();
/// assert_eq!(mine.stats.len, 1);
/// ```
pub fn snapshot() -> Vec<Snapshot> {
    named_channels()
        .iter()
        .map(|channel| look_at(&**channel))
        .collect()
}

/// A handle that only looks: it keeps the counters readable after every sender and receiver is gone, and does
/// not keep the channel open.
///
/// # Examples
///
/// ```
/// let (tx, rx) = millstream::named("work").bounded(4);
/// let probe = rx.probe();
/// tx.try_send(1).unwrap();
/// rx.try_recv().unwrap();
/// drop((tx, rx));
/// assert_eq!(probe.snapshot().stats.delivered(), 1);
/// ```
#[derive(Clone)]
pub struct Probe {
    channel: Arc<dyn Observed>,
}

impl Probe {
    /// How the channel stands now.
    pub fn snapshot(&self) -> Snapshot {
        look_at(&*self.channel)
    }
}

impl fmt::Debug for Probe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Probe").field(&self.snapshot()).finish()
    }
}

impl<T: Send + 'static> Sender<T> {
    /// A handle that only looks at the channel; see [`Probe`].
    pub fn probe(&self) -> Probe {
        Probe {
            channel: self.shared.clone(),
        }
    }
}

impl<T: Send + 'static> Receiver<T> {
    /// A handle that only looks at the channel; see [`Probe`].
    pub fn probe(&self) -> Probe {
        Probe {
            channel: self.shared.clone(),
        }
    }
}
