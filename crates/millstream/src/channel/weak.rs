//! Handles that do not keep a channel open.

use super::receiver::Receiver;
use super::sender::Sender;
use super::shared::Shared;
use crate::sync::Arc;
use std::fmt;

/// A sender that does not keep the channel open; made by [`Sender::downgrade`].
pub struct WeakSender<T> {
    shared: Arc<Shared<T>>,
}

/// A receiver that does not keep the channel open; made by [`Receiver::downgrade`].
pub struct WeakReceiver<T> {
    shared: Arc<Shared<T>>,
}

impl<T> WeakSender<T> {
    pub(super) fn new(shared: Arc<Shared<T>>) -> Self {
        WeakSender { shared }
    }

    /// A sender again, unless the last one is gone. An explicit `close` does not matter: the handle then says
    /// so when it is used.
    pub fn upgrade(&self) -> Option<Sender<T>> {
        Shared::<T>::upgrade(&self.shared.senders).then(|| Sender::new(self.shared.clone()))
    }
}

impl<T> WeakReceiver<T> {
    pub(super) fn new(shared: Arc<Shared<T>>) -> Self {
        WeakReceiver { shared }
    }

    pub(super) fn shared(&self) -> &Shared<T> {
        &self.shared
    }

    /// A receiver again, unless the last one is gone.
    pub fn upgrade(&self) -> Option<Receiver<T>> {
        Shared::<T>::upgrade(&self.shared.receivers).then(|| Receiver::new(self.shared.clone()))
    }
}

impl<T> Clone for WeakSender<T> {
    fn clone(&self) -> Self {
        WeakSender::new(self.shared.clone())
    }
}

impl<T> Clone for WeakReceiver<T> {
    fn clone(&self) -> Self {
        WeakReceiver::new(self.shared.clone())
    }
}

impl<T> fmt::Debug for WeakSender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WeakSender(..)")
    }
}

impl<T> fmt::Debug for WeakReceiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WeakReceiver(..)")
    }
}
