//! How long a thread looks for what another is about to do, before it does what costs more than looking.

/// How often a thread looks next time: twice as often as was needed when that paid, half as often when it did not.
///
/// Looking is right while the other side is at work on another processor, and wasted when it sleeps or waits for this one.
/// Which of the two it is stays the same for long, so each thread learns it for itself; and since nothing can be learned
/// from not looking, it looks for longer again after a number of waits in vain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Patience<const LEAST: u32, const MOST: u32> {
    looks: u32,
    in_vain: u32,
}

impl<const LEAST: u32, const MOST: u32> Patience<LEAST, MOST> {
    /// Every so many waits in vain, a longer one is tried.
    const TRIED_AGAIN: u32 = 16;

    pub(crate) const fn new() -> Self {
        Patience {
            looks: MOST,
            in_vain: 0,
        }
    }

    /// How often to look this time.
    pub(crate) fn looks(self) -> u32 {
        match self.in_vain % Self::TRIED_AGAIN {
            0 if self.in_vain > 0 => self.looks.max(MOST / 2),
            _ => self.looks,
        }
    }

    /// It came at this look, the first being 1.
    pub(crate) fn paid(self, look: u32) -> Self {
        Patience {
            looks: self.looks.max(look.saturating_mul(2)).min(MOST),
            in_vain: 0,
        }
    }

    /// It did not come.
    pub(crate) fn failed(self) -> Self {
        Patience {
            looks: (self.looks / 2).max(LEAST),
            in_vain: self.in_vain.wrapping_add(1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Some = Patience<2, 64>;

    #[test]
    fn what_pays_is_done_for_longer_and_what_does_not_for_less() {
        let mut patience = Some::new();
        assert_eq!(patience.looks(), 64, "at first nothing is known");
        for expected in [32, 16, 8, 4, 2, 2] {
            patience = patience.failed();
            assert_eq!(patience.looks(), expected);
        }
        assert_eq!(patience.paid(1).looks(), 2);
        assert_eq!(patience.paid(2).looks(), 4);
        assert_eq!(patience.paid(60).looks(), 64);
        assert_eq!(Some::new().paid(3).looks(), 64, "never less for it");
    }

    #[test]
    fn a_thread_that_has_given_up_tries_again_now_and_then() {
        let mut patience = Some::new();
        let long: Vec<u32> = (0..100)
            .filter(|_| {
                patience = patience.failed();
                patience.looks() == 32
            })
            .collect();
        assert_eq!(long, [0, 15, 31, 47, 63, 79, 95]);
    }
}
