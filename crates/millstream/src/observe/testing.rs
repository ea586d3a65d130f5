//! Snapshots with figures of a test's own choice.

use super::Snapshot;
use std::time::Duration;

/// A snapshot in the making; it starts as a channel on which nothing happened.
#[derive(Clone)]
pub(super) struct Shown(Snapshot);

impl Shown {
    pub(super) fn named(name: &str) -> Self {
        let (_tx, rx) = crate::named(name).bounded::<u8>(8);
        Self::open(rx.probe().snapshot())
    }

    pub(super) fn between(name: &str, from: &str, to: &str) -> Self {
        let (_tx, rx) = crate::named(name).between(from, to).bounded::<u8>(8);
        Self::open(rx.probe().snapshot())
    }

    fn open(mut snapshot: Snapshot) -> Self {
        snapshot.stats.is_closed = false;
        Shown(snapshot)
    }

    /// Times in milliseconds: of the senders, of the receivers.
    pub(super) fn waited(mut self, senders: u64, receivers: u64) -> Self {
        self.0.stats.send_blocked = Some(Duration::from_millis(senders));
        self.0.stats.recv_blocked = Some(Duration::from_millis(receivers));
        self
    }

    pub(super) fn delivered(mut self, buffered: u64, queued: u64, immediate: u64) -> Self {
        let stats = &mut self.0.stats;
        (stats.buffered, stats.queued, stats.immediate) = (buffered, queued, immediate);
        self
    }

    pub(super) fn dropped(mut self, dropped: u64) -> Self {
        self.0.stats.dropped = dropped;
        self
    }

    pub(super) fn peak(mut self, high_water: usize, capacity: usize) -> Self {
        self.0.stats.high_water = high_water;
        self.0.stats.capacity = Some(capacity);
        self
    }

    pub(super) fn done(self) -> Snapshot {
        self.0
    }
}
