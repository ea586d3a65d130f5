//! The plain channel: one `std` mutex over everything, slow and simple, with the places where a flaw can be put in.

use std::mem::forget;
use std::sync::{Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};
use std::thread;

use millstream_testkit::payload::BIG;
use millstream_testkit::peer::{Missing, Policy, Received, Refused, Sent};

use crate::flaw::Flaw;
use crate::state::{Later, State, WaitingSend};

pub struct Channel<T> {
    pub flaw: Flaw,
    state: Mutex<State<T>>,
}

/// As many bytes as 128 large values have, boxed as a block of a linked queue is; but it has to get there.
#[inline(never)]
fn block_on_stack() {
    let block = [0_u8; 128 * BIG];
    // An optimised build must not make it on the heap.
    std::hint::black_box(&block);
    drop(Box::new(block));
}

impl<T> Channel<T> {
    pub fn new(flaw: Flaw, policy: Policy, sizeless: bool) -> Self {
        if flaw == Flaw::BlockOnStack {
            block_on_stack();
        }
        Self {
            flaw,
            state: Mutex::new(State::new(flaw, policy, sizeless)),
        }
    }

    /// Poison is not forgiven: whoever panics under the lock has broken the channel.
    pub fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().expect("nobody panics under the lock")
    }

    /// Runs `act` under the lock, and what it leaves for later after that.
    fn with<R>(&self, act: impl FnOnce(&mut State<T>, &mut Later<T>) -> R) -> R {
        let mut later = Later::new();
        let mut state = self.lock();
        let result = act(&mut state, &mut later);
        match self.flaw {
            Flaw::WakesUnderLock => later.wakers.drain(..).for_each(Waker::wake),
            Flaw::ValuesUnderLock => later.values.clear(),
            Flaw::ReplacesUnderLock | Flaw::DropsWakerUnderLock => later.replaced = None,
            _ => {}
        }
        if self.flaw == Flaw::EmptyWhenContended {
            // What takes long under the lock is seen by the other side more often.
            thread::yield_now();
        }
        drop(state);
        later.run(self.flaw);
        result
    }

    pub fn try_send(&self, value: T) -> Result<(), Refused<T>> {
        if self.flaw == Flaw::SendChecksFirst {
            if self.lock().refuses_sends() {
                return Err(Refused::Closed(Some(value)));
            }
            thread::yield_now();
        }
        self.with(|state, later| {
            if self.flaw != Flaw::SendChecksFirst && state.refuses_sends() {
                return Err(Refused::Closed(Some(value)));
            }
            state
                .accept(value, later)
                .map_err(|value| Refused::Full(Some(value)))
        })
    }

    pub fn try_recv(&self) -> Received<T> {
        if self.flaw == Flaw::EmptyWhenContended && self.state.try_lock().is_err() {
            return Err(Missing::Empty);
        }
        let taken = self.with(|state, later| {
            if state.promised.is_some() {
                let promised = match self.flaw {
                    Flaw::CloneTakesValueOut => state.promised.take(),
                    _ => state.promised.clone(),
                };
                return Err(promised);
            }
            state.take(later).ok_or(None)
        });
        match taken {
            Ok(value) => Ok(value),
            Err(Some(promised)) => {
                let value = promised();
                self.lock().promised = Some(promised);
                Ok(value)
            }
            Err(None) => {
                if self.flaw == Flaw::ClosedLookedUpLater {
                    thread::yield_now();
                    let closed = self.lock().tx == 0;
                    return Err(if closed {
                        Missing::Closed
                    } else {
                        Missing::Empty
                    });
                }
                // Between the two locks the last value and the close may have come: look again, under one.
                self.with(|state, later| match state.take(later) {
                    Some(value) => Ok(value),
                    None if state.is_finished() => Err(Missing::Closed),
                    None => Err(Missing::Empty),
                })
            }
        }
    }

    /// One poll of a send. `value` is there until the channel has it, `id` while it waits.
    pub fn poll_send(
        &self,
        value: &mut Option<T>,
        id: &mut Option<u64>,
        cx: &mut Context<'_>,
    ) -> Poll<Sent<T>> {
        let mut fresh = self.fresh_waker(cx);
        if id.is_none() && self.flaw == Flaw::RegistersLater {
            match value.take().map(|value| self.try_send(value)) {
                Some(Err(Refused::Full(back))) => *value = back,
                Some(Err(Refused::Closed(back))) => return Poll::Ready(Err(back)),
                _ => return Poll::Ready(Ok(())),
            }
            thread::yield_now();
        }
        self.with(|state, later| {
            if let Some(known) = *id {
                if let Some(at) = state.served.iter().position(|(id, _)| *id == known) {
                    *id = None;
                    let (_, refused) = state.served.swap_remove(at);
                    return Poll::Ready(refused.map_or(Ok(()), |value| Err(Some(value))));
                }
                let has_room = state.has_room() || !state.receivers.is_empty();
                let at = state.senders.iter().position(|send| send.id == known);
                if let Some(at) = at {
                    if state.senders[at].offered && has_room {
                        // Only with the flaw: an offer is taken up by the poll.
                        let send = state.senders.remove(at);
                        *id = None;
                        let value = send.map(|send| send.value);
                        let refused = value.and_then(|value| state.accept(value, later).err());
                        return Poll::Ready(refused.map_or(Ok(()), |value| Err(Some(value))));
                    }
                    self.replace(&mut state.senders[at].waker, &mut fresh, cx, later);
                }
                return Poll::Pending;
            }
            let Some(sending) = value.take() else {
                return Poll::Ready(Err(None));
            };
            if state.refuses_sends() {
                return Poll::Ready(Err(Some(sending)));
            }
            let sending = if self.flaw == Flaw::RegistersLater {
                sending
            } else {
                match state.accept(sending, later) {
                    Ok(()) => return Poll::Ready(Ok(())),
                    Err(back) => back,
                }
            };
            let new = state.new_id();
            *id = Some(new);
            let waker = self.waker(&mut fresh, cx);
            state.senders.push_back(WaitingSend {
                id: new,
                value: sending,
                waker,
                offered: false,
            });
            Poll::Pending
        })
    }

    /// One poll of a receive. `id` is there while it waits.
    pub fn poll_recv(&self, id: &mut Option<u64>, cx: &mut Context<'_>) -> Poll<Received<T>> {
        let mut fresh = self.fresh_waker(cx);
        if id.is_none() && (self.flaw == Flaw::RegistersLater || self.lock().promise.is_some()) {
            match self.try_recv() {
                Err(Missing::Empty) => thread::yield_now(),
                ready => return Poll::Ready(ready),
            }
        }
        if self.flaw == Flaw::PollWakesItself {
            cx.waker().wake_by_ref();
        }
        self.with(|state, later| {
            if let Some(known) = *id {
                if let Some(at) = state.matched.iter().position(|id| *id == known) {
                    *id = None;
                    state.matched.swap_remove(at);
                    let value = state.queue.pop_front().ok_or(Missing::Closed);
                    state.refill(later);
                    state.settle(later);
                    return Poll::Ready(value);
                }
                let at = state.receivers.iter().position(|(id, _)| *id == known);
                if let Some(at) = at {
                    self.replace(&mut state.receivers[at].1, &mut fresh, cx, later);
                    return Poll::Pending;
                }
                // It was taken out of line to look again.
                *id = None;
            }
            if self.flaw != Flaw::RegistersLater {
                if let Some(value) = state.take(later) {
                    return Poll::Ready(Ok(value));
                }
            }
            if state.is_finished() {
                return Poll::Ready(Err(Missing::Closed));
            }
            let new = state.new_id();
            *id = Some(new);
            let waker = self.waker(&mut fresh, cx);
            state.receivers.push_back((new, waker));
            if self.flaw == Flaw::RoomGoesWithSend {
                state.refill(later);
            }
            Poll::Pending
        })
    }

    /// A clone made before the lock is taken, unless that is the flaw.
    fn fresh_waker(&self, cx: &Context<'_>) -> Option<Waker> {
        (self.flaw != Flaw::ClonesUnderLock).then(|| cx.waker().clone())
    }

    fn waker(&self, fresh: &mut Option<Waker>, cx: &Context<'_>) -> Waker {
        fresh.take().unwrap_or_else(|| cx.waker().clone())
    }

    fn replace(
        &self,
        old: &mut Waker,
        fresh: &mut Option<Waker>,
        cx: &Context<'_>,
        later: &mut Later<T>,
    ) {
        while self.flaw == Flaw::AsksForTheWaker && !old.will_wake(cx.waker()) {
            *old = cx.waker().clone();
        }
        if !old.will_wake(cx.waker()) && self.flaw != Flaw::FirstWakerStays {
            later.replaced = Some(std::mem::replace(old, self.waker(fresh, cx)));
        }
    }

    /// A waiting send is given up.
    pub fn drop_send(&self, id: u64) {
        if self.flaw == Flaw::DroppedSendStays {
            return;
        }
        self.with(|state, later| {
            if let Some(at) = state.served.iter().position(|(served, _)| *served == id) {
                later.values.extend(state.served.swap_remove(at).1);
            }
            if let Some(at) = state.senders.iter().position(|send| send.id == id) {
                if let Some(send) = state.senders.remove(at) {
                    later.values.push(send.value);
                    later.replaced = Some(send.waker);
                }
            }
            state.settle(later);
        });
    }

    /// A waiting receive is given up.
    pub fn drop_recv(&self, id: u64) {
        if self.flaw == Flaw::DroppedReceiveStays {
            return;
        }
        self.with(|state, later| {
            if let Some(at) = state.matched.iter().position(|matched| *matched == id) {
                state.matched.swap_remove(at);
                state.pass_on(later);
            }
            if let Some(at) = state
                .receivers
                .iter()
                .position(|(waiting, _)| *waiting == id)
            {
                later.replaced = state.receivers.remove(at).map(|(_, waker)| waker);
            }
            state.settle(later);
        });
    }

    pub fn reserve(&self) -> bool {
        self.with(|state, _| {
            let granted = state.has_room() && !state.refuses_sends();
            state.permits += usize::from(granted);
            granted
        })
    }

    /// A permit ends, with a value or without.
    pub fn redeem(&self, value: Option<T>) -> Sent<T> {
        self.with(|state, later| {
            state.permits -= 1;
            let refused = match value {
                Some(value) if state.rx == 0 => Some(value),
                Some(value) => state.accept(value, later).err(),
                None => None,
            };
            state.refill(later);
            if self.flaw != Flaw::PermitDropWakesNobody {
                state.settle(later);
            }
            refused.map_or(Ok(()), |value| Err(Some(value)))
        })
    }

    pub fn close(&self) {
        self.with(|state, later| {
            state.closed = true;
            state.settle(later);
        });
    }

    pub fn drop_sender(&self) {
        self.with(|state, later| {
            state.tx -= 1;
            state.settle(later);
        });
    }

    pub fn drop_receiver(&self) {
        self.with(|state, later| {
            state.rx -= 1;
            if state.rx > 0 {
                return;
            }
            if self.flaw != Flaw::ValuesKept {
                later.values.extend(state.queue.drain(..));
                state.matched.clear();
                if self.flaw == Flaw::SizelessForgotten && state.sizeless {
                    later.values.drain(..).for_each(forget);
                }
            }
            let count = if self.flaw == Flaw::CloseWakesOne {
                1
            } else {
                state.senders.len()
            };
            let count = count.min(state.senders.len());
            for send in state.senders.drain(..count).collect::<Vec<_>>() {
                state.served.push((send.id, Some(send.value)));
                later.wakers.push(send.waker);
            }
        });
    }
}
