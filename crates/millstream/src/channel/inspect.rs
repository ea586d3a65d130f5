//! Looking at a channel's values without taking them, and bringing one back: for bindings to other languages.

use super::receiver::Receiver;
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
    /// Shows `each` every value that could be received, in the order in which it would be: what lies in the channel,
    /// claimed values included, then what senders in line wait to send.
    ///
    /// `each` runs under the channel's lock, so it may do nothing but copy references; it must not come back to this or
    /// any channel, free anything or run code of the user's. What is in a buffer of the user's own is not shown.
    #[doc(hidden)]
    pub fn snapshot(&self, each: impl FnMut(&T)) {
        let state = self.shared().state.lock();
        let waiting = state.senders.live(None).filter_map(Option::as_ref);
        state.stored().chain(waiting).for_each(each);
    }

    /// Shows `each` every value that the channel holds, in no order: also those that were refused to senders who have not
    /// come back for them. `None` if the lock is taken.
    ///
    /// This is for a garbage collector that has to know what the channel refers to, and must not wait. `each` is bound as
    /// for [`snapshot`](Self::snapshot).
    #[doc(hidden)]
    pub fn trace<E>(&self, each: impl FnMut(&T) -> Result<(), E>) -> Option<Result<(), E>> {
        let state = self.shared().state.try_lock()?;
        let waiting = state.senders.payloads().filter_map(Option::as_ref);
        let traced = state.stored().chain(waiting).try_for_each(each);
        Some(traced)
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
    /// The promise's value, and those at hand from the front.
    fn stored(&self) -> impl Iterator<Item = &T> {
        let promised = self.promise.as_ref().map(|value| value.look());
        promised.into_iter().chain(self.sequence.values())
    }
}
