//! Looking at a channel's values without taking them, and bringing one back: for bindings to other languages.

use super::receiver::Receiver;
use super::shared::Shared;
use super::state::State;
use super::weak::WeakReceiver;
use crate::wait::Wakes;

impl<T> Receiver<T> {
    /// Puts a value that was received back to the front, where the next receiver finds it: whatever the capacity, and
    /// whether or not the channel is closed.
    ///
    /// For whoever took a value and cannot use it after all. Prefer a [`claim`](Receiver::claim), which takes nothing
    /// before its holder is ready, and of which nobody sees an end in between. Whoever was told that the channel is
    /// closed and drained is not told otherwise. Into a buffer of the user's own the value does not go: it lies in
    /// front of it. A promise drops it, since it still has its own.
    ///
    /// # Examples
    ///
    /// ```
    /// let (tx, rx) = millstream::bounded(2);
    /// tx.try_send(1).unwrap();
    /// tx.try_send(2).unwrap();
    /// let first = rx.try_recv().unwrap();
    /// rx.put_back(first);
    /// assert_eq!(rx.drain().collect::<Vec<_>>(), [1, 2]);
    /// ```
    pub fn put_back(&self, value: T) {
        if self.shared.is_promise {
            return drop(value);
        }
        let mut wakes = Wakes::new();
        let mut state = self.shared.state.lock();
        state.sequence.return_to_front(value);
        state.hand_out(&mut wakes);
        drop(state);
        wakes.fire();
    }
}

impl<T> WeakReceiver<T> {
    /// Shows every value that lies in the channel to `each`, then those of senders that wait, oldest first.
    ///
    /// This is for a garbage collector that has to know what the channel refers to, and for a snapshot: `each` runs
    /// under the channel's lock, so it may do nothing but count or copy references; it must not come back to this or
    /// any channel, free anything or run code of the user's. What is in a buffer of the user's own is not shown.
    /// `None` if the lock was taken and the caller is not `patient`.
    #[doc(hidden)]
    pub fn visit<R>(
        &self,
        patient: bool,
        mut each: impl FnMut(&T) -> Result<(), R>,
    ) -> Option<Result<(), R>> {
        let shared: &Shared<T> = self.shared();
        let state = match patient {
            true => shared.state.lock(),
            false => shared.state.try_lock()?,
        };
        let shown = state.values().try_for_each(&mut each);
        Some(shown)
    }

    /// Ends the channel as the last receiver does when it goes: values and waiting senders' values are dropped. For a
    /// garbage collector that has found a channel to be reachable from nothing but what is in it.
    #[doc(hidden)]
    pub fn collect(&self) {
        let mut wakes = Wakes::new();
        let leftovers = self.shared().state.lock().abandon(&mut wakes);
        wakes.fire();
        leftovers.discard();
    }

    /// How many sending and how many receiving operations stand in line.
    #[doc(hidden)]
    pub fn waiting(&self) -> (usize, usize) {
        let state = self.shared().state.lock();
        (
            state.senders.live(None).count(),
            state.receivers.live(None).count(),
        )
    }
}

impl<T> State<T> {
    fn values(&self) -> impl Iterator<Item = &T> {
        let promised = self.promise.as_ref().map(|value| value.look());
        let waiting = self.senders.payloads().filter_map(Option::as_ref);
        promised
            .into_iter()
            .chain(self.sequence.values())
            .chain(waiting)
    }
}
