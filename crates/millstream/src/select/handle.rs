//! The ways to name a channel's end in an arm: borrowed, owned, or not there.

use crate::channel::{Receiver, Sender};

/// A receiver for an arm: `&Receiver`, `Receiver`, or an `Option` of one, where `None` switches the arm off.
pub trait ReceiverRef {
    type Item;
    fn receiver(&self) -> Option<&Receiver<Self::Item>>;
}

/// A sender for an arm: `&Sender`, `Sender`, or an `Option` of one, where `None` switches the arm off.
pub trait SenderRef {
    type Item;
    fn sender(&self) -> Option<&Sender<Self::Item>>;
}

impl<T> ReceiverRef for Receiver<T> {
    type Item = T;

    fn receiver(&self) -> Option<&Receiver<T>> {
        Some(self)
    }
}

impl<H: ReceiverRef> ReceiverRef for Option<H> {
    type Item = H::Item;

    fn receiver(&self) -> Option<&Receiver<H::Item>> {
        self.as_ref()?.receiver()
    }
}

impl<H: ReceiverRef + ?Sized> ReceiverRef for &H {
    type Item = H::Item;

    fn receiver(&self) -> Option<&Receiver<H::Item>> {
        (**self).receiver()
    }
}

impl<T> SenderRef for Sender<T> {
    type Item = T;

    fn sender(&self) -> Option<&Sender<T>> {
        Some(self)
    }
}

impl<H: SenderRef> SenderRef for Option<H> {
    type Item = H::Item;

    fn sender(&self) -> Option<&Sender<H::Item>> {
        self.as_ref()?.sender()
    }
}

impl<H: SenderRef + ?Sized> SenderRef for &H {
    type Item = H::Item;

    fn sender(&self) -> Option<&Sender<H::Item>> {
        (**self).sender()
    }
}
