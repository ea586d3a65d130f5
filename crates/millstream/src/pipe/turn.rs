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
/// | `Here` | the next worker may take it | [`Turns::next`] to `Away` |
/// | `Away` | a worker takes values | [`Turn::pass`] to `Here`, dropping the [`Turn`] to `Gone` |
/// | `Gone` | nothing more is taken | nobody |
pub(super) struct Turns<T> {
    input: Lock<State<T>>,
    /// Rung when the handle has been put back. One ring is kept for whoever is about to listen.
    bell: (Sender<()>, Receiver<()>),
}

enum State<T> {
    Here(Receiver<T>),
    Away,
    Gone,
}

impl<T> Turns<T> {
    pub(super) fn new(input: Receiver<T>) -> Self {
        Turns {
            input: Lock::new(State::Here(input)),
            bell: bounded(1),
        }
    }

    /// Waits for a turn; `None` if there are no more.
    pub(super) async fn next(&self) -> Option<Turn<'_, T>> {
        loop {
            {
                let mut state = self.input.lock();
                match mem::replace(&mut *state, State::Away) {
                    State::Here(input) => {
                        return Some(Turn {
                            turns: self,
                            input: Some(input),
                        })
                    }
                    State::Away => {}
                    State::Gone => {
                        *state = State::Gone;
                        return None;
                    }
                }
            }
            // Closed or rung: either way the next look tells. Another worker may have been quicker.
            let _ = self.bell.1.recv().await;
        }
    }

    /// There are no more turns. Gives the input, to be dropped last, unless a worker has it, who lets go of it then.
    pub(super) fn end(&self) -> impl Sized {
        let last = mem::replace(&mut *self.input.lock(), State::Gone);
        self.bell.0.close();
        last
    }
}

/// The handle on the input in the hands of a worker. Dropping it lets go of the input.
pub(super) struct Turn<'a, T> {
    turns: &'a Turns<T>,
    input: Option<Receiver<T>>,
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
        {
            let mut state = self.turns.input.lock();
            if let State::Away = *state {
                if let Some(input) = input.take() {
                    *state = State::Here(input);
                }
            }
        }
        // It is still here if the stage has ended meanwhile.
        drop(input);
        let _ = self.turns.bell.0.try_send(());
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
