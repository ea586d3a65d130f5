//! The arms of a select as one typed list: no allocation, and every arm keeps its own types.

use super::arm::{Arm, Core};

/// Some arms that all yield `R` in the end.
pub trait Arms<R> {
    /// How many arms there are.
    fn len(&self) -> usize;

    /// Arm number `index`, counted in the order in which the arms were added.
    fn arm(&mut self, index: usize) -> &mut dyn Arm;

    /// Calls the closure of arm number `index` with its result.
    fn fire(&mut self, index: usize) -> R;
}

/// No arms.
#[derive(Debug)]
pub struct Nil;

/// The arms of `older`, and one more or several.
#[derive(Debug)]
pub struct Cons<L, A> {
    pub(super) older: L,
    pub(super) newest: A,
}

/// One arm and its closure.
pub struct One<C, F> {
    core: C,
    /// Taken when the arm fires.
    then: Option<F>,
}

impl<C, F> One<C, F> {
    #[inline(always)]
    pub(super) fn new(core: C, then: F) -> Self {
        One {
            core,
            then: Some(then),
        }
    }
}

impl<R> Arms<R> for Nil {
    fn len(&self) -> usize {
        0
    }

    fn arm(&mut self, _index: usize) -> &mut dyn Arm {
        unreachable!("there is no such arm")
    }

    fn fire(&mut self, _index: usize) -> R {
        unreachable!("there is no such arm")
    }
}

impl<R, L: Arms<R>, A: Arms<R>> Arms<R> for Cons<L, A> {
    #[inline]
    fn len(&self) -> usize {
        self.older.len() + self.newest.len()
    }

    #[inline]
    fn arm(&mut self, index: usize) -> &mut dyn Arm {
        match index.checked_sub(self.older.len()) {
            Some(index) => self.newest.arm(index),
            None => self.older.arm(index),
        }
    }

    #[inline]
    fn fire(&mut self, index: usize) -> R {
        match index.checked_sub(self.older.len()) {
            Some(index) => self.newest.fire(index),
            None => self.older.fire(index),
        }
    }
}

impl<R, C: Core, F: FnOnce(C::Output) -> R> Arms<R> for One<C, F> {
    #[inline]
    fn len(&self) -> usize {
        1
    }

    #[inline]
    fn arm(&mut self, _index: usize) -> &mut dyn Arm {
        &mut self.core
    }

    #[inline]
    fn fire(&mut self, _index: usize) -> R {
        let then = self.then.take().expect("a select fires once");
        then(self.core.take())
    }
}
