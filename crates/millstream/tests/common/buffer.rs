//! A first-in-first-out buffer that panics, waits or uses its own channel where a test plans it.

use super::{Ledger, Tracked};
use millstream::{Buffer, Receiver, Sender};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex};

/// Where the first caller stops until it is let through.
#[derive(Clone)]
pub struct Gate(Arc<(Mutex<Passage>, Condvar)>);

#[derive(PartialEq)]
enum Passage {
    Free,
    Reached,
    Open,
}

impl Gate {
    pub fn new() -> Self {
        Gate(Arc::new((Mutex::new(Passage::Free), Condvar::new())))
    }

    fn change(&self, from: Passage, to: Passage) {
        let (passage, changed) = &*self.0;
        let passage = passage.lock().unwrap();
        let mut passage = changed.wait_while(passage, |now| *now != from).unwrap();
        *passage = to;
        changed.notify_all();
    }

    /// Waits until somebody stands at the gate.
    pub fn reached(&self) {
        let (passage, changed) = &*self.0;
        let passage = passage.lock().unwrap();
        drop(
            changed
                .wait_while(passage, |now| *now == Passage::Free)
                .unwrap(),
        );
    }

    /// Lets everybody through.
    pub fn open(&self) {
        self.change(Passage::Reached, Passage::Open);
    }

    /// Stands at the gate, unless it was opened.
    pub fn pass(&self) {
        if *self.0 .0.lock().unwrap() == Passage::Open {
            return;
        }
        self.change(Passage::Free, Passage::Reached);
        let (passage, changed) = &*self.0;
        let passage = passage.lock().unwrap();
        drop(
            changed
                .wait_while(passage, |now| *now != Passage::Open)
                .unwrap(),
        );
    }
}

type Use = fn(&Sender<u32>, &Receiver<u32>);

/// What a buffer is to do beside its work. Calls are counted from 1.
#[derive(Default)]
pub struct Plan {
    pop_panics_at: Option<usize>,
    push_panics_at: Option<usize>,
    pop_gate: Option<Gate>,
    push_gate: Option<Gate>,
    reenters: Option<Use>,
    tracked: Option<Tracked>,
}

impl Plan {
    pub fn new() -> Self {
        Plan::default()
    }

    pub fn pop_panics_at(mut self, call: usize) -> Self {
        self.pop_panics_at = Some(call);
        self
    }

    pub fn push_panics_at(mut self, call: usize) -> Self {
        self.push_panics_at = Some(call);
        self
    }

    pub fn pop_waits_at(mut self, gate: Gate) -> Self {
        self.pop_gate = Some(gate);
        self
    }

    pub fn push_waits_at(mut self, gate: Gate) -> Self {
        self.push_gate = Some(gate);
        self
    }

    /// Popping does this to the channel itself.
    pub fn reenters(mut self, deed: Use) -> Self {
        self.reenters = Some(deed);
        self
    }

    /// The ledger gets a 0 when the buffer is dropped.
    pub fn tracked(mut self, ledger: &Ledger) -> Self {
        self.tracked = Some(ledger.make(0));
        self
    }

    pub fn channel(self, capacity: usize) -> (Sender<u32>, Receiver<u32>) {
        millstream::with_buffer(Planned {
            values: VecDeque::new(),
            capacity,
            pops: 0,
            pushes: 0,
            plan: self,
        })
    }
}

pub struct Planned {
    values: VecDeque<u32>,
    capacity: usize,
    pops: usize,
    pushes: usize,
    plan: Plan,
}

thread_local! {
    /// The channel that a buffer which uses its own channel serves.
    static OWN: RefCell<Option<(Sender<u32>, Receiver<u32>)>> = const { RefCell::new(None) };
}

impl Planned {
    /// Tells the buffers of this thread which channel is theirs.
    pub fn introduce(tx: &Sender<u32>, rx: &Receiver<u32>) {
        OWN.set(Some((tx.clone(), rx.clone())));
    }
}

impl Buffer<u32> for Planned {
    fn len(&self) -> usize {
        self.values.len()
    }

    fn is_full(&self) -> bool {
        self.values.len() >= self.capacity
    }

    fn push(&mut self, value: u32) -> Option<u32> {
        self.pushes += 1;
        if let Some(gate) = &self.plan.push_gate {
            gate.pass();
        }
        assert!(
            self.plan.push_panics_at != Some(self.pushes),
            "the buffer's own"
        );
        self.values.push_back(value);
        None
    }

    fn pop(&mut self) -> Option<u32> {
        self.pops += 1;
        if let Some(gate) = &self.plan.pop_gate {
            gate.pass();
        }
        assert!(
            self.plan.pop_panics_at != Some(self.pops),
            "the buffer's own"
        );
        if let Some(deed) = self.plan.reenters {
            let own = OWN.with_borrow(|own| own.clone());
            let (tx, rx) = own.expect("it was introduced to its channel");
            deed(&tx, &rx);
        }
        self.values.pop_front()
    }

    fn capacity(&self) -> Option<usize> {
        Some(self.capacity)
    }
}
