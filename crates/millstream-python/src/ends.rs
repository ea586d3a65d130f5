//! The ends of a channel that one Python object, and the operations made from it, have in hand.

use crate::value::Value;
use millstream::{Receiver, Sender};

/// One end of a channel or both. An operation keeps them alive while it waits, whatever becomes of the object that it
/// was made from.
pub(crate) struct Ends {
    sender: Option<Sender<Value>>,
    receiver: Option<Receiver<Value>>,
}

impl Ends {
    pub(crate) fn new(sender: Option<Sender<Value>>, receiver: Option<Receiver<Value>>) -> Self {
        Ends { sender, receiver }
    }

    /// The sending end; only objects that have one make operations that ask.
    pub(crate) fn sender(&self) -> &Sender<Value> {
        self.sender.as_ref().expect("made with a sending end")
    }

    /// The receiving end; only objects that have one make operations that ask.
    pub(crate) fn receiver(&self) -> &Receiver<Value> {
        self.receiver.as_ref().expect("made with a receiving end")
    }

    /// The same question to whichever end there is.
    pub(crate) fn ask<R>(
        &self,
        sender: impl FnOnce(&Sender<Value>) -> R,
        receiver: impl FnOnce(&Receiver<Value>) -> R,
    ) -> R {
        match (&self.sender, &self.receiver) {
            (Some(end), _) => sender(end),
            (None, Some(end)) => receiver(end),
            (None, None) => unreachable!("a handle has one end at least"),
        }
    }
}
