//! Arms whose number is known only when the program runs.

use super::arm::{Arm, Core};
use super::list::Arms;

/// Arms of one type under one closure, which is told the number of the winner.
pub struct Each<C, F> {
    cores: Vec<C>,
    /// Taken when an arm fires.
    then: Option<F>,
}

impl<C, F> Each<C, F> {
    pub(super) fn new(cores: impl Iterator<Item = C>, then: F) -> Self {
        Each {
            cores: cores.collect(),
            then: Some(then),
        }
    }
}

impl<R, C: Core, F: FnOnce(usize, C::Output) -> R> Arms<R> for Each<C, F> {
    fn len(&self) -> usize {
        self.cores.len()
    }

    fn arm(&mut self, index: usize) -> &mut dyn Arm {
        &mut self.cores[index]
    }

    fn fire(&mut self, index: usize) -> R {
        let then = self.then.take().expect("a select fires once");
        then(index, self.cores[index].take())
    }
}
