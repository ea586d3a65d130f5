//! Results put back into the order of their values, while the workers that make them go on.

use super::stage::{send_all, Outcome, Over};
use crate::channel::{bounded, Receiver, Sender};
use crate::sync::Lock;
use std::collections::VecDeque;
use std::mem;

/// The way out of an ordered stage.
///
/// Batches are numbered as they are taken. One of them is in front: its results go straight to the output. The others
/// leave theirs in their slot, and whoever finishes the batch in front sends what the next ones have left. A worker waits
/// only if the slot of its batch is full, and nobody sends results under the lock.
///
/// | slot of a batch | `in_front` | `outcome` | who sends its results |
/// |---|---|---|---|
/// | in front, being worked on | `true` | `None` | its worker |
/// | further back | `false` | either | its worker leaves them here |
/// | come to the front | `false` | either | whoever advances, until nothing is left here |
pub(super) struct Sequence<R> {
    output: Sender<R>,
    slots: Lock<Slots<R>>,
    /// One unit for each batch that may be taken; a unit comes back when a batch has left.
    places: (Sender<()>, Receiver<()>),
    /// How many results a slot keeps before its worker waits.
    room: usize,
}

struct Slots<R> {
    /// The number of the batch in front.
    front: u64,
    slots: VecDeque<Slot<R>>,
    /// Nothing more is to leave.
    over: bool,
}

struct Slot<R> {
    results: Vec<R>,
    outcome: Option<Outcome>,
    in_front: bool,
    /// Tells the worker that its batch is in front: by dropping it.
    told: Option<Sender<()>>,
}

/// What is to be done for the batch that has come to the front.
enum Front<R> {
    Send(Vec<R>),
    Finish(Outcome),
    /// Its worker has been told, or there is none.
    Passed(Option<Sender<()>>),
}

impl<R> Sequence<R> {
    /// Results in order into `output`, with at most `window` batches between being taken and having left.
    pub(super) fn new(output: Sender<R>, window: usize, room: usize) -> Self {
        let places = bounded(window);
        for _ in 0..window {
            // It was made for as many.
            let _ = places.0.try_send(());
        }
        Sequence {
            output,
            slots: Lock::new(Slots {
                front: 0,
                slots: VecDeque::with_capacity(window),
                over: false,
            }),
            places,
            room,
        }
    }

    /// Waits until one more batch may be taken; `false` if none may any more.
    pub(super) async fn place(&self) -> bool {
        self.places.1.recv().await.is_ok()
    }

    /// Makes a slot for a batch, behind all others, and returns its number.
    pub(super) fn open(&self) -> u64 {
        let mut slots = self.slots.lock();
        let in_front = slots.slots.is_empty();
        slots.slots.push_back(Slot {
            results: Vec::new(),
            outcome: None,
            in_front,
            told: None,
        });
        slots.front + slots.slots.len() as u64 - 1
    }

    /// Sends results of a batch, or leaves them for whoever brings the batch to the front.
    pub(super) async fn deliver(&self, number: u64, results: &mut Vec<R>) -> Result<(), Over> {
        loop {
            let mut told = None;
            {
                let mut slots = self.slots.lock();
                if slots.over {
                    return Err(Over);
                }
                let slot = slots.slot(number);
                if !slot.in_front {
                    if slot.results.is_empty() {
                        mem::swap(&mut slot.results, results);
                        return Ok(());
                    }
                    if slot.results.len() + results.len() <= self.room {
                        slot.results.append(results);
                        return Ok(());
                    }
                    let (tell, waits) = bounded(1);
                    slot.told = Some(tell);
                    told = Some(waits);
                }
            }
            match told {
                // The end of the channel is the message.
                Some(told) => drop(told.recv().await),
                None => return send_all(&self.output, results).await,
            }
        }
    }

    /// Says that a batch has delivered all its results, and how it ended. Gives that back if the batch is in front, to
    /// [`advance`](Self::advance) with.
    pub(super) fn finish(&self, number: u64, outcome: Outcome) -> Result<Option<Outcome>, Over> {
        let mut slots = self.slots.lock();
        if slots.over {
            return Err(Over);
        }
        let slot = slots.slot(number);
        if slot.in_front {
            return Ok(Some(outcome));
        }
        slot.outcome = Some(outcome);
        Ok(None)
    }

    /// Ends the batch in front, and sends what those behind it have left, up to the first that is still worked on.
    pub(super) async fn advance(&self, mut outcome: Outcome) -> Result<(), Over> {
        loop {
            match outcome {
                Outcome::Done => {}
                Outcome::Ended => return Err(Over),
                Outcome::Panicked(payload) => {
                    self.output.fail(payload);
                    return Err(Over);
                }
            }
            // Somebody must still be there to want what comes next.
            let left = self.slots.lock().pop();
            drop(left);
            let _ = self.places.0.try_send(());
            outcome = loop {
                let front = self.slots.lock().next();
                match front {
                    Front::Send(mut results) => send_all(&self.output, &mut results).await?,
                    Front::Finish(outcome) => break outcome,
                    Front::Passed(told) => {
                        drop(told);
                        return Ok(());
                    }
                }
            };
        }
    }

    /// Nothing more leaves and nothing more is taken. Gives the results that have not left, to be dropped last.
    pub(super) fn end(&self) -> impl Sized {
        let dropped = {
            let mut slots = self.slots.lock();
            slots.over = true;
            mem::take(&mut slots.slots)
        };
        self.places.0.close();
        drop(self.places.1.drain());
        dropped
    }
}

impl<R> Slots<R> {
    fn slot(&mut self, number: u64) -> &mut Slot<R> {
        let at = usize::try_from(number - self.front).expect("a window is counted in memory");
        &mut self.slots[at]
    }

    /// Takes the batch in front away.
    fn pop(&mut self) -> Option<Slot<R>> {
        self.front += 1;
        self.slots.pop_front()
    }

    /// What is to be done for the batch in front.
    fn next(&mut self) -> Front<R> {
        let Some(slot) = self.slots.front_mut() else {
            return Front::Passed(None);
        };
        if !slot.results.is_empty() {
            return Front::Send(mem::take(&mut slot.results));
        }
        match slot.outcome.take() {
            Some(outcome) => Front::Finish(outcome),
            None => {
                slot.in_front = true;
                Front::Passed(slot.told.take())
            }
        }
    }
}
