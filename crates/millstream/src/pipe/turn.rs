//! Whose turn it is to take from the input: there is one handle on it, which goes round among the workers.

use crate::channel::{bounded, Receiver, Sender};
use crate::sync::Lock;
use std::mem;

/// The handle on the input, or what has become of it.
///
/// It is not handed from worker to worker in a line: whoever comes while it lies here takes it. A worker that was woken for
/// it needs microseconds to come, and the others would wait that long for each value.
///
/// | state | means | who moves it on |
/// |---|---|---|
/// | `Here` | the next worker may take it | [`Turns::look`] to `Away` |
/// | `Away` | a worker takes values | [`Turn::pass`] to `Here`, dropping the [`Turn`] to `Gone` |
/// | `Gone` | nothing more is taken | nobody |
pub(super) struct Turns<T> {
    place: Lock<Place<T>>,
    /// Rung when the handle has been put back, if anybody listens. One ring is kept for whoever is about to.
    bell: (Sender<()>, Receiver<()>),
}

struct Place<T> {
    state: State<T>,
    /// How many have gone to listen to the bell and not looked again since: at least as many as listen.
    listeners: usize,
}

enum State<T> {
    /// In a box, which is quicker to move than what was written into a moment ago.
    Here(Box<Receiver<T>>),
    Away,
    Gone,
}

impl<T> Turns<T> {
    pub(super) fn new(input: Receiver<T>) -> Self {
        Turns {
            place: Lock::new(Place {
                state: State::Here(Box::new(input)),
                listeners: 0,
            }),
            bell: bounded(1),
        }
    }

    /// Looks whether the handle is here; `has_listened` to the bell since the last look.
    pub(super) fn look(&self, has_listened: bool) -> Look<'_, T> {
        let mut place = self.place.lock();
        if has_listened {
            place.listeners -= 1;
        }
        match mem::replace(&mut place.state, State::Away) {
            State::Here(input) => Look::Mine(Turn {
                turns: self,
                input: Some(input),
            }),
            State::Away => {
                place.listeners += 1;
                Look::Listen
            }
            State::Gone => {
                place.state = State::Gone;
                Look::Over
            }
        }
    }

    /// Waits until another look pays. Another worker may have been quicker all the same.
    pub(super) async fn listen(&self) {
        // Closed or rung: either way the next look tells.
        let _ = self.bell.1.recv().await;
    }

    /// There are no more turns. Gives the input, to be dropped last, unless a worker has it, who lets go of it then.
    pub(super) fn end(&self) -> impl Sized {
        let last = mem::replace(&mut self.place.lock().state, State::Gone);
        self.bell.0.close();
        last
    }
}

/// What a worker sees that would like a turn.
pub(super) enum Look<'a, T> {
    Mine(Turn<'a, T>),
    /// It is not here; the worker is to [`listen`](Turns::listen).
    Listen,
    /// There are no more.
    Over,
}

/// The handle on the input in the hands of a worker. Dropping it lets go of the input.
pub(super) struct Turn<'a, T> {
    turns: &'a Turns<T>,
    input: Option<Box<Receiver<T>>>,
}

impl<T> Turn<'_, T> {
    /// The input.
    pub(super) fn input(&mut self) -> &mut Receiver<T> {
        self.input
            .as_mut()
            .expect("a turn has it until it is passed on")
    }

    /// Puts the input back for the next worker.
    pub(super) fn pass(mut self) {
        let mut input = self.input.take();
        let is_listened_to = {
            let mut place = self.turns.place.lock();
            if let State::Away = place.state {
                place.state = input.take().map_or(State::Gone, State::Here);
            }
            place.listeners > 0
        };
        // It is still here if the stage has ended meanwhile.
        drop(input);
        if is_listened_to {
            let _ = self.turns.bell.0.try_send(());
        }
    }
}

impl<T> Drop for Turn<'_, T> {
    fn drop(&mut self) {
        if let Some(input) = self.input.take() {
            drop(self.turns.end());
            drop(input);
        }
    }
}
