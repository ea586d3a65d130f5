//! The named channels of this process, as long as they live, and probes that outlive them.

use crate::channel::{Receiver, Sender, Shared, Stats};
use crate::sync::{Arc, Weak};
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A channel seen without its type.
pub(crate) trait Observed: Send + Sync {
    fn snapshot(&self) -> Snapshot;
}

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
    /// Orders channels as they were made.
    serial: u64,
}

impl Snapshot {
    /// The channel's name.
    pub fn name(&self) -> &str {
        self.stats.name.as_deref().unwrap_or_default()
    }
}

impl<T: Send> Observed for Shared<T> {
    fn snapshot(&self) -> Snapshot {
        let label = self.label.as_ref();
        Snapshot {
            stats: self.stats(),
            from: label.and_then(|label| label.from.clone()),
            to: label.and_then(|label| label.to.clone()),
            serial: label.map_or(0, |label| label.serial),
        }
    }
}

/// The channels that have a name. Only a list of weak handles, so it keeps nothing alive; making and listing
/// named channels is rare, so a plain mutex does, and no model needs to see it.
static NAMED: Mutex<Vec<Weak<dyn Observed>>> = Mutex::new(Vec::new());

fn named() -> MutexGuard<'static, Vec<Weak<dyn Observed>>> {
    NAMED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Puts a channel on the list.
pub(crate) fn register<T: Send + 'static>(shared: &Arc<Shared<T>>) {
    let weak: Weak<Shared<T>> = Arc::downgrade(shared);
    let mut list = named();
    // Each registration pays for the removal of the dead, so the list stays as long as the living.
    list.retain(|channel| channel.strong_count() > 0);
    list.push(weak);
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
    // Upgraded under the list's lock, looked at and let go of after it: the last handle may be dropped here,
    // and with it a buffer of the user's.
    let living: Vec<_> = named().iter().filter_map(Weak::upgrade).collect();
    let mut shown: Vec<_> = living.iter().map(|channel| channel.snapshot()).collect();
    shown.sort_by_key(|channel| channel.serial);
    shown
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
        self.channel.snapshot()
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
