//! What a channel has seen.

use crate::core::Core;
use millstream::ChannelState;
use pyo3::prelude::*;

/// A snapshot of a channel's counters.
#[pyclass(frozen, module = "millstream", get_all, eq)]
#[derive(PartialEq)]
pub(crate) struct Stats {
    /// The channel's name, if it was given one.
    name: Option<String>,
    /// Who waits now: "puts", "gets" or "nobody".
    state: &'static str,
    /// How many values could be got now.
    len: usize,
    /// How many values the channel keeps before puts wait; `None` for no limit.
    capacity: Option<usize>,
    /// Values that a get found in the channel.
    buffered: u64,
    /// Values that went to a get that waited.
    queued: u64,
    /// Values that a get took from a put that waited.
    immediate: u64,
    /// Values that the channel's policy dropped.
    dropped: u64,
    /// The most values that ever lay in the channel at once.
    high_water: usize,
    /// How long puts have waited in sum, in seconds; only in channels with a name.
    put_blocked: Option<f64>,
    /// How long gets have waited in sum, in seconds; only in channels with a name.
    get_blocked: Option<f64>,
    /// How many puts wait now.
    waiting_puts: usize,
    /// How many gets wait now.
    waiting_gets: usize,
    /// Whether the channel takes no more values.
    is_closed: bool,
}

impl Stats {
    pub(crate) fn new(stats: millstream::Stats, core: &Core) -> Self {
        let (waiting_puts, waiting_gets) = core.waiting();
        Stats {
            name: core.name.clone(),
            state: match stats.state {
                ChannelState::PendingSends => "puts",
                ChannelState::PendingRecvs => "gets",
                ChannelState::Fluent => "nobody",
            },
            len: stats.len,
            capacity: stats.capacity,
            buffered: stats.buffered,
            queued: stats.queued,
            immediate: stats.immediate,
            dropped: stats.dropped,
            high_water: stats.high_water,
            put_blocked: stats.send_blocked.map(|time| time.as_secs_f64()),
            get_blocked: stats.recv_blocked.map(|time| time.as_secs_f64()),
            waiting_puts,
            waiting_gets,
            is_closed: stats.is_closed,
        }
    }
}

#[pymethods]
impl Stats {
    /// How many values were handed out, however they went.
    #[getter]
    fn delivered(&self) -> u64 {
        self.buffered + self.queued + self.immediate
    }

    fn __repr__(slf: &Bound<'_, Self>) -> PyResult<String> {
        let shown = [
            "name",
            "len",
            "capacity",
            "delivered",
            "dropped",
            "high_water",
            "state",
            "is_closed",
        ];
        let shown = shown.iter().map(|name| -> PyResult<String> {
            let value = slf.as_any().getattr(*name)?.repr()?;
            Ok(format!("{name}={value}"))
        });
        let shown: Vec<_> = shown.collect::<PyResult<_>>()?;
        Ok(format!("Stats({})", shown.join(", ")))
    }
}
