//! What the two ends share: one value on its way in each direction, who waits, and how an end went.

use super::error::Ended;
use crate::sync::{Arc, Lock};
use std::task::Waker;

/// One direction. The numbers count the values that went it.
pub(super) struct Way<T> {
    /// The value that its sender waits with, until the other end takes it.
    offered: Option<(u64, T)>,
    /// The number of the latest value that was offered.
    last: u64,
    /// The number of the latest value that was taken.
    taken: u64,
    /// The number of the latest value that its receiver has moved on from.
    processed: u64,
}

impl<T> Way<T> {
    fn new() -> Self {
        Way {
            offered: None,
            last: 0,
            taken: 0,
            processed: 0,
        }
    }

    pub(super) fn has_offer(&self) -> bool {
        self.offered.is_some()
    }

    /// Puts a value where the other end can take it; there is none there.
    pub(super) fn offer(&mut self, value: T) -> u64 {
        debug_assert!(!self.has_offer());
        self.last += 1;
        self.offered = Some((self.last, value));
        self.last
    }

    pub(super) fn take(&mut self) -> Option<T> {
        let (number, value) = self.offered.take()?;
        self.taken = number;
        Some(value)
    }

    /// Takes back the value with this number, if the other end has not taken it.
    pub(super) fn withdraw(&mut self, number: u64) -> Option<T> {
        match &self.offered {
            Some((offered, _)) if *offered == number => self.offered.take().map(|(_, value)| value),
            _ => None,
        }
    }

    /// The receiving end moves on: what it has taken is dealt with. Whether that is news.
    pub(super) fn move_on(&mut self) -> bool {
        let news = self.processed != self.taken;
        self.processed = self.taken;
        news
    }

    pub(super) fn is_processed(&self, number: u64) -> bool {
        self.processed >= number
    }
}

/// What concerns one end and not a direction.
pub(super) struct Side {
    /// How it went, once it has.
    pub(super) ended: Option<Ended>,
    /// The task that waits at it: one, because an end is used from one task at a time.
    pub(super) waker: Option<Waker>,
}

/// Both ends; the left one sends `A`.
pub(super) struct Pair<A, B> {
    left: Side,
    right: Side,
    rightward: Way<A>,
    leftward: Way<B>,
}

/// The pair as one of its ends sees it.
pub(super) struct View<'a, S, R> {
    pub(super) me: &'a mut Side,
    pub(super) peer: &'a mut Side,
    pub(super) out: &'a mut Way<S>,
    pub(super) incoming: &'a mut Way<R>,
}

impl<S, R> View<'_, S, R> {
    /// What ends every look at the pair: leaves the waker here if this end waits, and takes the peer's if there is news.
    pub(super) fn settle(&mut self, waker: Waker, waits: bool, news: bool) -> After {
        let unneeded = if waits {
            [self.me.waker.replace(waker), None]
        } else {
            [self.me.waker.take(), Some(waker)]
        };
        After {
            wakes: if news { self.peer.waker.take() } else { None },
            unneeded,
        }
    }
}

/// What is left to do when the lock has been given back.
#[must_use]
pub(super) struct After {
    wakes: Option<Waker>,
    unneeded: [Option<Waker>; 2],
}

impl After {
    pub(super) fn fire(self) {
        drop(self.unneeded);
        wake(self.wakes);
    }
}

/// A share in the pair, and which end it is.
pub(super) enum Half<S, R> {
    Left(Arc<Lock<Pair<S, R>>>),
    Right(Arc<Lock<Pair<R, S>>>),
}

impl<S, R> Half<S, R> {
    pub(super) fn new_pair() -> (Half<S, R>, Half<R, S>) {
        let side = || Side {
            ended: None,
            waker: None,
        };
        let pair = Arc::new(Lock::new(Pair {
            left: side(),
            right: side(),
            rightward: Way::new(),
            leftward: Way::new(),
        }));
        (Half::Left(pair.clone()), Half::Right(pair))
    }

    /// Looks at the pair under its lock, where nothing of the user's may run: what is to be woken or dropped is returned.
    pub(super) fn with<X>(&self, look: impl FnOnce(View<'_, S, R>) -> X) -> X {
        match self {
            Half::Left(pair) => {
                let pair = &mut *pair.lock();
                look(View {
                    me: &mut pair.left,
                    peer: &mut pair.right,
                    out: &mut pair.rightward,
                    incoming: &mut pair.leftward,
                })
            }
            Half::Right(pair) => {
                let pair = &mut *pair.lock();
                look(View {
                    me: &mut pair.right,
                    peer: &mut pair.left,
                    out: &mut pair.leftward,
                    incoming: &mut pair.rightward,
                })
            }
        }
    }

    /// Gives up waiting: the waker goes with the operation.
    pub(super) fn stop_waiting(&self) {
        let waker = self.with(|view| view.me.waker.take());
        drop(waker);
    }

    /// The end goes, for this reason. What it has taken counts as dealt with only if it goes in good order.
    pub(super) fn end(&self, how: Ended) {
        let (peer, mine) = self.with(|view| {
            if view.me.ended.is_some() {
                return (None, None);
            }
            if matches!(how, Ended::Closed) {
                view.incoming.move_on();
            }
            view.me.ended = Some(match seeded!("vanished-peer-is-a-clean-end") {
                true => Ended::Closed,
                false => how,
            });
            (view.peer.waker.take(), view.me.waker.take())
        });
        wake(peer);
        drop(mine);
    }
}

fn wake(waker: Option<Waker>) {
    if let Some(waker) = waker {
        waker.wake();
    }
}
