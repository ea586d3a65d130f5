//! The conservation law of a run: what was made, sent, received and dropped, and in which order it came.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::Arc;

/// Counts what became of the values of a run.
#[derive(Clone, Default)]
pub struct Ledger(Arc<Totals>);

#[derive(Default)]
struct Totals {
    made: AtomicUsize,
    sent: AtomicUsize,
    received: AtomicUsize,
    gone: AtomicUsize,
}

/// A value that knows who sent it, and when.
pub struct Token {
    pub producer: usize,
    pub number: usize,
    ledger: Ledger,
}

impl Ledger {
    pub fn token(&self, producer: usize, number: usize) -> Token {
        self.0.made.fetch_add(1, SeqCst);
        Token {
            producer,
            number,
            ledger: self.clone(),
        }
    }

    pub fn sent(&self) {
        self.0.sent.fetch_add(1, SeqCst);
    }

    pub fn received(&self, token: &Token) {
        assert!(Arc::ptr_eq(&token.ledger.0, &self.0), "a value of this run");
        self.0.received.fetch_add(1, SeqCst);
    }

    /// The sums at the end, when nothing is inside any more. `lost` says how many may have been dropped inside.
    pub fn settle(self, lost: usize) {
        let [made, sent, received, gone] =
            [&self.0.made, &self.0.sent, &self.0.received, &self.0.gone]
                .map(|count| count.load(SeqCst));
        assert_eq!(made, gone, "each value is dropped once");
        // A send that was given up may have been sent all the same, so that more may be received than known.
        assert!(received <= made, "{received} of {made}");
        assert!(sent <= received + lost, "{sent} sent, {received} received");
    }
}

impl Drop for Token {
    fn drop(&mut self) {
        self.ledger.0.gone.fetch_add(1, SeqCst);
    }
}

/// Checks that the values of one producer arrive in the order in which they were sent.
#[derive(Default)]
pub struct Order(HashMap<usize, usize>);

impl Order {
    pub fn check(&mut self, token: &Token) {
        let before = self.0.insert(token.producer, token.number);
        assert!(before < Some(token.number), "{before:?} came first");
    }
}
