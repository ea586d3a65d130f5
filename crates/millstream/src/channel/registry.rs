//! The channels of this process that have a name, as long as they live.

use super::shared::Shared;
use super::stats::{Label, Stats};
use crate::sync::unmodelled::{Mutex, MutexGuard, PoisonError};
use crate::sync::{Arc, Weak};

/// A channel seen without its type.
pub(crate) trait Observed: Send + Sync {
    fn stats(&self) -> Stats;

    /// Its name and stages, if it was given any.
    fn label(&self) -> Option<&Arc<Label>>;
}

impl<T: Send> Observed for Shared<T> {
    fn stats(&self) -> Stats {
        Shared::stats(self)
    }

    fn label(&self) -> Option<&Arc<Label>> {
        self.label.as_ref()
    }
}

/// Only weak handles, so the list keeps nothing alive.
static NAMED: Mutex<Vec<Weak<dyn Observed>>> = Mutex::new(Vec::new());

fn named() -> MutexGuard<'static, Vec<Weak<dyn Observed>>> {
    NAMED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Puts a channel on the list.
pub(super) fn register<T: Send + 'static>(shared: &Arc<Shared<T>>) {
    let channel: Weak<Shared<T>> = Arc::downgrade(shared);
    let mut list = named();
    // Each registration pays for the removal of the dead, so the list stays as long as the living.
    list.retain(|channel| channel.strong_count() > 0);
    list.push(channel);
}

/// The named channels that have a handle left, in the order in which they were made.
///
/// They are upgraded under the list's lock and let go of by the caller after it: the last handle of a channel may be
/// dropped there, and with it a buffer of the user's.
pub(crate) fn named_channels() -> Vec<Arc<dyn Observed>> {
    let mut living: Vec<_> = named().iter().filter_map(Weak::upgrade).collect();
    living.sort_by_key(|channel| channel.label().map(|label| label.serial));
    living
}
