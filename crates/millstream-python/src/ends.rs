//! The ends of a channel that one Python object, and the operations made from it, have in hand.

use crate::busy::Busy;
use crate::drive;
use crate::fork::Process;
use crate::value::Value;
use millstream::{Receiver, Sender};
use pyo3::prelude::*;
use std::mem;

/// One end of a channel or both. An operation keeps them alive while it waits, whatever becomes of the object that it
/// was made from.
pub(crate) struct Ends {
    sender: Option<Sender<Value>>,
    receiver: Option<Receiver<Value>>,
    process: Process,
    /// Of a channel over a buffer written in Python.
    busy: Option<Busy>,
}

impl Ends {
    pub(crate) fn new(
        sender: Option<Sender<Value>>,
        receiver: Option<Receiver<Value>>,
        busy: Option<Busy>,
    ) -> Self {
        Ends {
            sender,
            receiver,
            process: Process::current(),
            busy,
        }
    }

    /// The sending end; only objects that have one make operations that ask.
    pub(crate) fn sender(&self) -> &Sender<Value> {
        self.sender.as_ref().expect("made with a sending end")
    }

    /// The receiving end; only objects that have one make operations that ask.
    pub(crate) fn receiver(&self) -> &Receiver<Value> {
        self.receiver.as_ref().expect("made with a receiving end")
    }

    /// Runs an operation of the engine that answers at once, but may run the user's buffer.
    #[inline(always)]
    pub(crate) fn engine<R: Send>(&self, run: impl FnOnce(&Self) -> R + Send) -> PyResult<R> {
        match &self.busy {
            // Nothing of the user's is run.
            None => Ok(run(self)),
            Some(busy) => busy.engine(|| drive::catch(|| run(self)))?,
        }
    }

    pub(crate) fn busy(&self) -> Option<Busy> {
        self.busy.clone()
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

impl Drop for Ends {
    /// What a forked child has of the channel is left alone.
    fn drop(&mut self) {
        if self.process.is_gone() {
            mem::forget((self.sender.take(), self.receiver.take()));
        }
    }
}
