//! The state of the plain channel and its transitions, all of which run under its one lock.

use std::collections::VecDeque;
use std::mem::ManuallyDrop;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::Arc;
use std::task::Waker;

use millstream_testkit::peer::Policy;

use crate::flaw::Flaw;

/// Makes a promise's value into something that answers again and again.
pub type Promised<T> = Arc<dyn Fn() -> T + Send + Sync>;

pub struct State<T> {
    pub flaw: Flaw,
    pub policy: Policy,
    /// Whether the values have no size, for the one flaw that asks.
    pub sizeless: bool,
    pub queue: VecDeque<T>,
    /// Receives that were matched and have not taken their value, which is in the queue until then.
    pub matched: Vec<u64>,
    /// Slots that are reserved.
    pub permits: usize,
    pub senders: VecDeque<WaitingSend<T>>,
    pub receivers: VecDeque<(u64, Waker)>,
    /// Sends that were served and do not know yet; with the value if they were refused.
    pub served: Vec<(u64, Option<T>)>,
    next_id: u64,
    pub tx: usize,
    pub rx: usize,
    pub closed: bool,
    pub promise: Option<fn(T) -> Promised<T>>,
    pub promised: Option<Promised<T>>,
}

pub struct WaitingSend<T> {
    pub id: u64,
    pub value: T,
    pub waker: Waker,
    /// Only with [`Flaw::RoomGoesWithSend`]: it was told that there is room.
    pub offered: bool,
}

/// What is to run when the lock is released.
pub struct Later<T> {
    pub wakers: Vec<Waker>,
    pub values: Vec<T>,
    pub replaced: Option<Waker>,
}

impl<T> Later<T> {
    pub fn new() -> Self {
        Self {
            wakers: Vec::new(),
            values: Vec::new(),
            replaced: None,
        }
    }

    pub fn run(self, flaw: Flaw) {
        let Self {
            wakers,
            values,
            replaced,
        } = self;
        if flaw == Flaw::ValuesBeforeWakes {
            values.into_iter().for_each(drop);
            wakers.into_iter().for_each(Waker::wake);
            return;
        }
        for waker in wakers {
            if flaw == Flaw::WakesUnguarded {
                waker.wake();
            } else {
                quietly(|| waker.wake());
            }
        }
        if flaw == Flaw::ValuesLeakOnPanic {
            let mut values = ManuallyDrop::new(values);
            while let Some(value) = values.pop() {
                drop(value);
            }
        } else {
            for value in values {
                quietly(|| drop(value));
            }
        }
        drop(replaced);
    }
}

fn quietly(act: impl FnOnce()) {
    let _ = catch_unwind(AssertUnwindSafe(act));
}

impl<T> State<T> {
    pub fn new(flaw: Flaw, policy: Policy, sizeless: bool) -> Self {
        Self {
            flaw,
            policy,
            sizeless,
            queue: VecDeque::new(),
            matched: Vec::new(),
            permits: 0,
            senders: VecDeque::new(),
            receivers: VecDeque::new(),
            served: Vec::new(),
            next_id: 0,
            tx: 1,
            rx: 1,
            closed: false,
            promise: None,
            promised: None,
        }
    }

    pub fn has_room(&self) -> bool {
        let held = self.queue.len() - self.matched.len().min(self.queue.len()) + self.permits;
        match self.policy {
            Policy::Rendezvous => self.flaw == Flaw::RendezvousBuffers && held < 1,
            Policy::Bounded(n) | Policy::Dropping(n) | Policy::Sliding(n) => held < n,
            Policy::Unbounded => true,
        }
    }

    pub fn refuses_sends(&self) -> bool {
        self.flaw != Flaw::SendOverlooksClose && (self.closed || self.rx == 0)
    }

    pub fn is_finished(&self) -> bool {
        let left = match self.flaw {
            Flaw::ClosedOverlooksClaims => self.queue.len() - self.matched.len(),
            _ => self.queue.len(),
        };
        let closing = self.closed || self.tx == 0;
        closing && left == 0 && self.senders.is_empty() && self.permits == 0
    }

    /// Gives the value to the first waiting receive, or to the queue, or back.
    pub fn accept(&mut self, value: T, later: &mut Later<T>) -> Result<(), T> {
        if let Some(promise) = self.promise {
            self.promised.get_or_insert_with(|| promise(value));
            later
                .wakers
                .extend(self.receivers.drain(..).map(|(_, waker)| waker));
            return Ok(());
        }
        if self.flaw != Flaw::OneMatchAtATime || self.matched.is_empty() {
            if let Some((id, waker)) = self.receivers.pop_front() {
                self.queue.push_back(value);
                self.matched.push(id);
                later.wakers.push(waker);
                return Ok(());
            }
        }
        if !self.has_room() {
            match self.policy {
                Policy::Dropping(_) => {
                    later.values.push(value);
                    return Ok(());
                }
                Policy::Sliding(_) if self.queue.len() > self.matched.len() => {
                    later.values.extend(self.queue.pop_front());
                }
                _ => return Err(value),
            }
        }
        self.queue.push_back(value);
        Ok(())
    }

    /// The front of the queue, if it is not promised to others.
    pub fn take(&mut self, later: &mut Later<T>) -> Option<T> {
        if self.queue.len() <= self.matched.len() {
            let waits = matches!(self.flaw, Flaw::SendMustComeSecond | Flaw::RoomGoesWithSend);
            if waits && self.policy == Policy::Rendezvous {
                return None;
            }
            let send = self.senders.pop_front()?;
            self.queue.push_back(send.value);
            self.served.push((send.id, None));
            later.wakers.push(send.waker);
        }
        let value = self.queue.pop_front();
        self.refill(later);
        value
    }

    /// Serves waiting sends as long as there is room.
    pub fn refill(&mut self, later: &mut Later<T>) {
        if self.flaw == Flaw::RoomGoesWithSend {
            if let Some(send) = self.senders.front_mut().filter(|send| !send.offered) {
                send.offered = true;
                later.wakers.push(send.waker.clone());
            }
            return;
        }
        while !self.senders.is_empty() && (self.has_room() || !self.receivers.is_empty()) {
            let send = match self.flaw {
                Flaw::LastSendFirst => self.senders.pop_back(),
                _ => self.senders.pop_front(),
            };
            let Some(send) = send else { return };
            let refused = self.accept(send.value, later).err();
            self.served.push((send.id, refused));
            later.wakers.push(send.waker);
        }
    }

    /// A matched receive that will not take its value: the next in line gets the turn.
    pub fn pass_on(&mut self, later: &mut Later<T>) {
        match self.flaw {
            Flaw::ValueGoesWithReceive => later.values.extend(self.queue.pop_front()),
            Flaw::ReturnedValueGoesBack => self.queue.rotate_left(1),
            Flaw::TurnGoesWithReceive => return,
            _ => {}
        }
        while self.queue.len() > self.matched.len() {
            let Some((id, waker)) = self.receivers.pop_front() else {
                return;
            };
            self.matched.push(id);
            later.wakers.push(waker);
        }
    }

    /// Tells the waiting receives when there is nothing left to wait for.
    pub fn settle(&mut self, later: &mut Later<T>) {
        if !self.is_finished() || self.flaw == Flaw::CloseWakesNobody {
            return;
        }
        let count = if self.flaw == Flaw::CloseWakesOne {
            1
        } else {
            self.receivers.len()
        };
        let count = count.min(self.receivers.len());
        later
            .wakers
            .extend(self.receivers.drain(..count).map(|(_, waker)| waker));
    }

    pub fn new_id(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id
    }
}
