//! A thread's looks at what it would otherwise wait for in line.

use crate::sync::{pause, Patience};
use std::time::Instant;

/// Six looks take some thousands of cycles, about what it takes to put a thread to sleep and to wake it.
type Eagerness = Patience<0, 6>;

/// The pause before the second look; each further one is twice as long, up to the longest.
const FIRST_PAUSE: u32 = 8;
const LONGEST_PAUSE: u32 = 64;

#[cfg(not(any(loom, shuttle)))]
mod learned {
    use super::Eagerness;
    use crate::sync::unmodelled::thread_local;
    use std::cell::Cell;

    thread_local! {
        static EAGERNESS: Cell<Eagerness> = const { Cell::new(Eagerness::new()) };
    }

    pub(super) fn get() -> Eagerness {
        EAGERNESS.get()
    }

    pub(super) fn set(eagerness: Eagerness) {
        EAGERNESS.set(eagerness);
    }
}

/// A model gains nothing from looking again, and what a thread has learned would outlive an execution.
#[cfg(any(loom, shuttle))]
mod learned {
    use super::Eagerness;

    pub(super) fn get() -> Eagerness {
        (0..4).fold(Eagerness::new(), |eagerness, _| eagerness.failed())
    }

    pub(super) fn set(_eagerness: Eagerness) {}
}

/// An iteration with one turn for each look, which is left as soon as a look finds what it is for.
///
/// Between two looks a moment passes: a peer that is at work fills or empties a buffer in less time than it takes to hand
/// over each of the values to a thread that waits for it. How often it pays to look again, the thread learns.
pub(crate) struct Looks {
    done: u32,
    /// How many there may be; not asked for before the first has failed.
    limit: Option<u32>,
    /// After this there is only the first.
    deadline: Option<Instant>,
}

impl Looks {
    pub(crate) fn until(deadline: Option<Instant>) -> Self {
        Looks {
            done: 0,
            limit: None,
            deadline,
        }
    }

    #[cold]
    fn again(&mut self) -> Option<()> {
        let limit = *self.limit.get_or_insert_with(|| 1 + learned::get().looks());
        if self.done == limit {
            learned::set(learned::get().failed());
            self.limit = None;
            return None;
        }
        if self.deadline.is_some_and(|end| end <= Instant::now()) {
            // It was left for another reason than that looking did not pay.
            self.limit = None;
            return None;
        }
        pause(LONGEST_PAUSE.min(FIRST_PAUSE << (self.done - 1)));
        self.done += 1;
        Some(())
    }
}

impl Iterator for Looks {
    type Item = ();

    #[inline]
    fn next(&mut self) -> Option<()> {
        if self.done > 0 {
            return self.again();
        }
        self.done = 1;
        Some(())
    }
}

impl Drop for Looks {
    #[inline]
    fn drop(&mut self) {
        // It was left early, after looks beyond the first: they have paid.
        if self.limit.is_some() {
            learned::set(learned::get().paid(self.done - 1));
        }
    }
}

#[cfg(all(test, not(any(loom, shuttle))))]
mod tests {
    use super::*;

    #[test]
    fn the_first_look_teaches_nothing() {
        learned::set(Eagerness::new().failed());
        assert_eq!(Looks::until(None).next(), Some(()));
        assert_eq!(learned::get(), Eagerness::new().failed());
    }

    #[test]
    fn after_the_deadline_there_is_one_look_which_teaches_nothing() {
        learned::set(Eagerness::new());
        assert_eq!(Looks::until(Some(Instant::now())).count(), 1);
        assert_eq!(learned::get(), Eagerness::new());
        let later = Instant::now() + std::time::Duration::from_secs(3600);
        assert_eq!(Looks::until(Some(later)).count(), 7);
    }

    #[test]
    fn looks_in_vain_become_fewer_and_those_that_pay_more() {
        learned::set(Eagerness::new());
        assert_eq!(Looks::until(None).count(), 7);
        assert_eq!(Looks::until(None).count(), 4);
        assert_eq!(Looks::until(None).count(), 2);
        assert_eq!(Looks::until(None).count(), 1, "and then it waits at once");
        learned::set(Eagerness::new().failed());
        let found = Looks::until(None).zip(1..).find(|(_, look)| *look == 4);
        assert!(found.is_some());
        assert_eq!(Looks::until(None).count(), 7);
    }
}
