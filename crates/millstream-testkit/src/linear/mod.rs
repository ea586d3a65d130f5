//! Whether a history of concurrent operations could have come from a sequential specification.
//!
//! The search is that of Wing and Gong with Lowe's memory of what was tried before, and with one thing added that
//! channels need: an operation may take several steps. A receive that waits joins a line in one step and takes its
//! value in another, and other operations see that it stands there in between; no order of whole operations says what
//! two channels do that only meet. So the specification says, for each operation, which steps it can take next, and
//! the history holds if the steps of all of them can be put into one order in which every operation takes its steps
//! between its call and its answer and answers what it was seen to answer.

use std::collections::HashSet;
use std::fmt::Debug;
use std::hash::Hash;

/// A sequential specification: a state, and the steps that operations can take from there.
pub trait Specification: Clone + Eq + Hash {
    /// What is asked of it.
    type Call;
    /// What it answers.
    type Answer: PartialEq;

    /// Every step that operation number `id` could take now. None if it has to wait for others.
    fn steps(&self, id: usize, call: &Self::Call) -> Vec<Next<Self, Self::Answer>>;
}

/// One step of an operation.
#[derive(Clone, Debug)]
pub struct Next<S, A> {
    /// The state after it.
    pub state: S,
    /// The answer, if it was the last.
    pub answer: Option<A>,
}

/// One operation of a history.
#[derive(Clone, Debug)]
pub struct Entry<C, A> {
    /// Who did it, for whoever reads the history.
    pub process: usize,
    /// What was asked.
    pub call: C,
    /// When, on a clock that all processes share.
    pub called: usize,
    /// What was answered and when; `None` for an operation that has not come to an end.
    pub answered: Option<(usize, A)>,
}

/// Whether `history` could have come from `specification`.
///
/// # Panics
///
/// If there are more than 64 operations: this is for small histories.
pub fn is_linearizable<S: Specification>(
    specification: &S,
    history: &[Entry<S::Call, S::Answer>],
) -> bool {
    assert!(history.len() <= 64, "at most 64 operations");
    let before = history.iter().map(|entry| earlier(history, entry));
    let mut search = Search {
        history,
        before: before.collect(),
        tried: HashSet::new(),
    };
    search.reaches_the_end(specification, 0)
}

/// Which operations had answered before `entry` was called, as a set of bits.
fn earlier<C, A>(history: &[Entry<C, A>], entry: &Entry<C, A>) -> u64 {
    let others = history.iter().enumerate();
    let answered_before = others.filter(|(_, other)| {
        let answered = other.answered.as_ref();
        answered.is_some_and(|(at, _)| *at < entry.called)
    });
    answered_before.fold(0, |set, (number, _)| set | 1 << number)
}

struct Search<'a, S: Specification> {
    history: &'a [Entry<S::Call, S::Answer>],
    before: Vec<u64>,
    /// States with the operations that were over by then, from where the end was not reached.
    tried: HashSet<(u64, S)>,
}

impl<S: Specification> Search<'_, S> {
    fn reaches_the_end(&mut self, state: &S, over: u64) -> bool {
        let history = self.history;
        let is_over = |number: usize| over & 1 << number != 0;
        let answered = |number: usize| history[number].answered.is_some();
        if (0..history.len()).all(|number| is_over(number) || !answered(number)) {
            return true;
        }
        if !self.tried.insert((over, state.clone())) {
            return false;
        }
        for (number, entry) in history.iter().enumerate() {
            let may_act = !is_over(number) && self.before[number] & !over == 0;
            if !may_act {
                continue;
            }
            for next in state.steps(number, &entry.call) {
                let seen = entry.answered.as_ref().map(|(_, answer)| answer);
                let over = match (&next.answer, seen) {
                    (None, _) => over,
                    (Some(answer), Some(seen)) if answer != seen => continue,
                    (Some(_), _) => over | 1 << number,
                };
                if self.reaches_the_end(&next.state, over) {
                    return true;
                }
            }
        }
        false
    }
}

/// The history as lines of text, in the order of the calls.
pub fn show<C: Debug, A: Debug>(history: &[Entry<C, A>]) -> String {
    let mut lines: Vec<_> = history.iter().collect();
    lines.sort_by_key(|entry| entry.called);
    let line = |entry: &&Entry<C, A>| {
        let (process, call, called) = (entry.process, &entry.call, entry.called);
        match &entry.answered {
            Some((at, answer)) => {
                format!(
                    "  {called:>3} to {at:>3}, process {process}: {call:?} answers {answer:?}\n"
                )
            }
            None => format!("  {called:>3} on, process {process}: {call:?} has not answered\n"),
        }
    };
    lines.iter().map(line).collect()
}

#[cfg(test)]
mod tests;
