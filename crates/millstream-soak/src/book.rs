//! The book in which every value of a run stands, and the law that it must keep: what was sent was received, returned or
//! dropped, exactly once.

use crate::counts::Counts;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex, PoisonError};

// One word for each value, so that a step costs one atomic addition.
const SENT: u32 = 1;
const RETURNED: u32 = 1 << 1;
const RECEIVED: u32 = 1 << 4;
const MADE: u32 = 1 << 12;
const DROPPED: u32 = 1 << 22;

/// See the [module](self).
#[derive(Debug)]
pub struct Book {
    entries: Box<[AtomicU32]>,
    next: AtomicUsize,
    /// How many values exist now, and how many there were at most.
    live: AtomicUsize,
    most: AtomicUsize,
    /// Whether the values are cloned on purpose, and so may be received more than once.
    is_shared: bool,
    /// The first things that were wrong.
    wrong: Mutex<Vec<String>>,
    pub counts: Arc<Counts>,
}

/// What may have become of values that were sent and not received.
#[derive(Clone, Copy, Debug)]
pub enum Loss {
    /// There are none: the channel keeps its values, and somebody received to the end.
    None,
    /// As many as the channel says that it has dropped, by its policy.
    Policy(u64),
    /// Any number, since receivers have left, or a panic ended a stage; they must have been dropped all the same.
    Left,
}

/// The sums of a run.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sums {
    pub made: usize,
    pub sent: usize,
    pub returned: usize,
    pub received: usize,
    /// Sent, and dropped inside.
    pub lost: usize,
    /// Cancelled while they were being sent, and not received.
    pub in_doubt: usize,
}

impl Book {
    /// A book for up to `values` values.
    pub fn new(values: usize, is_shared: bool, counts: Arc<Counts>) -> Arc<Self> {
        Arc::new(Book {
            entries: (0..values).map(|_| AtomicU32::new(0)).collect(),
            next: AtomicUsize::new(0),
            live: AtomicUsize::new(0),
            most: AtomicUsize::new(0),
            is_shared,
            wrong: Mutex::default(),
            counts,
        })
    }

    pub fn enter(&self) -> u32 {
        let id = self.next.fetch_add(1, SeqCst);
        self.entries[id].fetch_add(MADE, SeqCst);
        self.born();
        u32::try_from(id).expect("a run is small")
    }

    fn born(&self) {
        let live = self.live.fetch_add(1, SeqCst) + 1;
        self.most.fetch_max(live, SeqCst);
    }

    pub fn copied(&self, id: u32) {
        self.entries[id as usize].fetch_add(MADE, SeqCst);
        self.born();
    }

    pub fn dropped(&self, id: u32) {
        let before = self.entries[id as usize].fetch_add(DROPPED, SeqCst);
        self.live.fetch_sub(1, SeqCst);
        if before / DROPPED >= before % DROPPED / MADE {
            self.wrong(format!(
                "value {id} was dropped more often than it was made"
            ));
        }
    }

    /// A send has said that it was sent.
    pub fn sent(&self, id: u32) {
        self.counts.sent();
        self.entries[id as usize].fetch_or(SENT, SeqCst);
    }

    /// A send has given it back.
    pub fn returned(&self, id: u32) {
        let before = self.entries[id as usize].fetch_or(RETURNED, SeqCst);
        if before % MADE / RECEIVED > 0 {
            self.wrong(format!("value {id} was received and given back"));
        }
    }

    pub fn received(&self, id: u32) {
        self.counts.received();
        let before = self.entries[id as usize].fetch_add(RECEIVED, SeqCst);
        if !self.is_shared && before % MADE / RECEIVED > 0 {
            self.wrong(format!("value {id} was received twice"));
        }
        if before & RETURNED != 0 {
            self.wrong(format!("value {id} was given back and received"));
        }
    }

    pub fn wrong(&self, what: String) {
        let mut wrong = self.wrong.lock().unwrap_or_else(PoisonError::into_inner);
        if wrong.len() < 10 {
            wrong.push(what);
        }
    }

    pub fn live(&self) -> usize {
        self.live.load(SeqCst)
    }

    /// The most values that existed at a time.
    pub fn most(&self) -> usize {
        self.most.load(SeqCst)
    }

    /// How often a value was received.
    pub fn times_received(&self, id: u32) -> u32 {
        self.entries[id as usize].load(SeqCst) % MADE / RECEIVED
    }

    /// Which values exist, and what has become of them, for whoever looks for the reason.
    pub fn alive(&self) -> String {
        let mut all = Vec::new();
        for (id, entry) in self.entries.iter().enumerate() {
            let entry = entry.load(SeqCst);
            if entry % DROPPED / MADE > entry / DROPPED {
                let (sent, returned) = (entry & SENT != 0, entry & RETURNED != 0);
                let received = entry % MADE / RECEIVED;
                all.push(format!(
                    "value {id} (sent {sent}, returned {returned}, received {received})"
                ));
            }
        }
        all.join(", ")
    }

    /// Closes the book, when everything is over and nothing is inside any more.
    pub fn settle(&self, loss: Loss) -> Result<Sums, String> {
        let mut sums = Sums::default();
        for (id, entry) in self.entries.iter().take(self.next.load(SeqCst)).enumerate() {
            let entry = entry.load(SeqCst);
            let (made, gone) = (entry % DROPPED / MADE, entry / DROPPED);
            let received = (entry % MADE / RECEIVED) as usize;
            if made != gone {
                self.wrong(format!(
                    "value {id} was made {made} times and dropped {gone} times"
                ));
            }
            sums.made += 1;
            sums.received += usize::from(received > 0);
            sums.sent += usize::from(entry & SENT != 0);
            match (entry & SENT != 0, entry & RETURNED != 0, received > 0) {
                (true, true, _) => self.wrong(format!("value {id} was sent and given back")),
                (true, _, false) => {
                    sums.lost += 1;
                    if let Loss::None = loss {
                        self.wrong(format!("value {id} was sent and not received"));
                    }
                }
                (false, true, _) => sums.returned += 1,
                (false, false, false) => sums.in_doubt += 1,
                (_, _, true) => {}
            }
        }
        if let Loss::Policy(said) = loss {
            let said = usize::try_from(said).unwrap_or(usize::MAX);
            if said < sums.lost || said > sums.lost + sums.in_doubt {
                self.wrong(format!("the channel says that it dropped {said}, {sums:?}"));
            }
        }
        let wrong = self.wrong.lock().unwrap_or_else(PoisonError::into_inner);
        match wrong.is_empty() {
            true => Ok(sums),
            false => Err(format!("{}\n{sums:?}", wrong.join("\n"))),
        }
    }
}
