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
