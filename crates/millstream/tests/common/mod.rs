//! What the specification tests share: polling by hand, wakers that count, payloads that tell when they go.

#![allow(dead_code, unused_imports)] // Every test file uses a part of it.

mod bell;
pub mod buffer;
mod hooks;
mod payload;
pub mod waiter;
mod watchdog;

pub use bell::{now, Bell};
pub use hooks::{Hook, Hooks};
pub use payload::{Bomb, Ledger, Tracked};
pub use watchdog::{panic_text, within};

use millstream::{ChannelState, Receiver, Sender};

/// Nobody stands in line, nobody holds a handle but the test, and this many values are there.
#[track_caller]
pub fn assert_no_trace<T>((tx, rx): &(Sender<T>, Receiver<T>), len: usize) {
    assert_eq!(tx.stats().state, ChannelState::Fluent);
    assert_eq!((tx.sender_count(), tx.receiver_count()), (1, 1));
    assert_eq!(rx.len(), len);
}

/// Drops a value of any type, those for which that does nothing included.
pub fn ignore<T>(_value: T) {}
