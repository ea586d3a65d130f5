//! What the runs of one kind of topology add up to.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Counters that all who take part in a run share.
#[derive(Debug, Default)]
pub struct Counts {
    sent: AtomicU64,
    received: AtomicU64,
    cancelled: AtomicU64,
    panicked: AtomicU64,
}

impl Counts {
    pub fn sent(&self) {
        self.sent.fetch_add(1, Relaxed);
    }

    pub fn received(&self) {
        self.received.fetch_add(1, Relaxed);
    }

    /// A future was dropped before it was ready, or a time was up.
    pub fn cancelled(&self) {
        self.cancelled.fetch_add(1, Relaxed);
    }

    /// A panic was raised on purpose.
    pub fn panicked(&self) {
        self.panicked.fetch_add(1, Relaxed);
    }

    /// Received, cancelled and panicked.
    pub fn read(&self) -> [u64; 3] {
        [&self.received, &self.cancelled, &self.panicked].map(|count| count.load(Relaxed))
    }
}
