//! What a channel has seen: counters that cost nothing beside the lock that is held anyway.

use super::shared::Shared;
use super::state::{Source, State};
use crate::sync::unmodelled::{AtomicU64, Ordering};
use crate::sync::Arc;
use std::time::Duration;

/// Which side waits for the other, at the moment of asking. Only live waiters count.
///
/// The three states are aiochan's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChannelState {
    /// Senders wait: the receiving side is the slow one.
    PendingSends,
    /// Receivers wait: the sending side is the slow one.
    PendingRecvs,
    /// Nobody waits.
    Fluent,
}

/// A snapshot of a channel's counters.
///
/// The counters are kept always; the two times only in channels that were made with a name
/// ([`named`](crate::named)), since taking the time costs more than a whole operation.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// The channel's name, if it was given one.
    pub name: Option<Arc<str>>,
    /// Who waits now.
    pub state: ChannelState,
    /// How many values could be received now.
    pub len: usize,
    /// How many values the channel keeps before senders wait; `None` for no limit.
    pub capacity: Option<usize>,
    /// Values that a receiver took out of the buffer, without waiting.
    pub buffered: u64,
    /// Values that went to a receiver that stood in line.
    pub queued: u64,
    /// Values that a receiver took directly from a sender that stood in line.
    pub immediate: u64,
    /// Values that the channel's policy dropped (`dropping`, `sliding`, a second value for a `promise`).
    pub dropped: u64,
    /// The most values that ever lay in the channel at once for anyone to take. Those that receivers were committed to
    /// take come on top of it while these are on their way.
    pub high_water: usize,
    /// How long senders have waited in sum, those that still wait included.
    pub send_blocked: Option<Duration>,
    /// How long receivers have waited in sum, those that still wait included.
    pub recv_blocked: Option<Duration>,
    /// Whether the channel takes no more values.
    pub is_closed: bool,
}

impl Stats {
    /// How many values were handed to receivers, however they went.
    pub fn delivered(&self) -> u64 {
        self.buffered + self.queued + self.immediate
    }
}

/// What a channel is called, and between which stages of a pipeline it lies.
#[derive(Debug)]
pub(crate) struct Label {
    pub(crate) name: Arc<str>,
    pub(crate) from: Option<Arc<str>>,
    pub(crate) to: Option<Arc<str>>,
    /// Tells channels of the same name apart, and orders them as they were made.
    pub(crate) serial: u64,
}

impl Label {
    pub(crate) fn new(name: Arc<str>, from: Option<Arc<str>>, to: Option<Arc<str>>) -> Arc<Self> {
        // A plain counter that no decision depends on, so not one that a model has to see.
        static SERIAL: AtomicU64 = AtomicU64::new(0);
        Arc::new(Label {
            name,
            from,
            to,
            serial: SERIAL.fetch_add(1, Ordering::Relaxed),
        })
    }
}

impl<T> State<T> {
    /// How many values it keeps before senders wait.
    pub(crate) fn capacity(&self) -> Option<usize> {
        match &self.source {
            Source::Home(_, shape) | Source::Out(_, shape) => shape.capacity,
            Source::Gone => Some(0),
            Source::None if self.maker.is_some() => Some(1),
            Source::None => Some(self.sequence.limits().capacity).filter(|n| *n != usize::MAX),
        }
    }

    fn channel_state(&self) -> ChannelState {
        if self.senders.live(None).next().is_some() {
            ChannelState::PendingSends
        } else if self.receivers.live(None).next().is_some() {
            ChannelState::PendingRecvs
        } else {
            ChannelState::Fluent
        }
    }
}

impl<T> Shared<T> {
    pub(crate) fn stats(&self) -> Stats {
        let state = self.state.lock();
        Stats {
            name: self.label.as_ref().map(|label| label.name.clone()),
            state: state.channel_state(),
            len: state.receivable(),
            capacity: state.capacity(),
            buffered: state.counts.buffered,
            queued: state.counts.queued,
            immediate: state.counts.immediate,
            dropped: state.counts.dropped,
            high_water: state.sequence.high_water(),
            send_blocked: state.senders.blocked(),
            recv_blocked: state.receivers.blocked(),
            is_closed: state.closed,
        }
    }
}
