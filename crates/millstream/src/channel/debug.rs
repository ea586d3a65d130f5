//! What `{:?}` shows of a channel: its name and how it stands.

use super::receiver::Receiver;
use super::sender::Sender;
use super::shared::Shared;
use std::fmt;

impl<T> Shared<T> {
    fn show(&self, handle: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stats = self.stats();
        let mut shown = f.debug_struct(handle);
        if let Some(name) = &stats.name {
            shown.field("name", name);
        }
        shown.field("len", &stats.len);
        match stats.capacity {
            Some(capacity) => shown.field("capacity", &capacity),
            None => shown.field("capacity", &format_args!("unbounded")),
        };
        shown
            .field("state", &stats.state)
            .field("is_closed", &stats.is_closed)
            .finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shared.show("Sender", f)
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shared.show("Receiver", f)
    }
}
